"""What rows about connections are made of: who needs one, and who has one.

Needs: m.steps, m.uses, m.SIL.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope

Count = Callable[[str, str], Any]


def offered(scope: Scope, kinds: Iterable[str]) -> set[str]:
    """Services that infrastructure of these kinds offers."""
    kind, chosen = scope.instance.infrastructure.kind, set(kinds)
    return {
        q
        for i, by in scope.offers.items()
        for q, units in by.items()
        if kind[i] in chosen and units != 0
    }


def needing(
    scope: Scope, technologies: Iterable[str], services: set[str]
) -> dict[str, dict[str, float]]:
    """Technologies whose modules need some of these services -> how much of each."""
    found = {}
    for k in technologies:
        needs = {
            q: units
            for q, units in scope.per_module.get(k, {}).items()
            if q in services and units > 0
        }
        if needs:
            found[k] = needs
    return found


def connections(m: Any, instance: Instance, kind: str) -> Count:
    """A function of (s, t): how many connections of a kind s has, an expression.

    Uses of shared infrastructure and steps of its own.
    """
    table = instance.infrastructure
    own, shared = defaultdict(list), defaultdict(list)
    places = instance.locations
    for i, l, s in zip(
        places.infrastructure, places.location, places.site, strict=True
    ):
        if table.reach[i] == "site" and table.kind[i] == kind:
            own[s].append((i, l))
    for s, i, l in m.SIL:
        if table.kind[i] == kind:
            shared[s].append((s, i, l))

    def count(s: str, t: str) -> Any:
        has = sum(m.steps[i, l, t] for i, l in own[s])
        return has + sum(m.uses[key, t] for key in shared[s])

    return count
