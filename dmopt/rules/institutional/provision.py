"""Which infrastructure of a kind provides what technologies need: for rows of rules.

    regulated   technologies that need a service that infrastructure of the kind offers
    providers   infrastructure of the kind that offers a service they need

A need or an offer is one that is listed; a need of 0 units is none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dmopt.data.instance import Instance

Places = dict[str, list[tuple[str, str]]]
"""site -> (infrastructure, location) of each provider it has or is in reach of."""


@dataclass(frozen=True)
class Provision:
    """Technologies that need the kind, and its providers: own ones and shared."""

    regulated: frozenset[str]
    own: Places
    shared: Places


def provision(
    m: Any, instance: Instance, kind: str, technologies: Iterable[str]
) -> Provision:
    """Who provides a kind of infrastructure to whom, in the decision layer `m`."""
    table, services = instance.infrastructure, instance.infrastructure_services
    of_kind = services[services.infrastructure.isin(table.index[table.kind == kind])]
    offered = set(of_kind.service)
    needed = {k: _needs(instance, k) & offered for k in technologies}
    wanted = set().union(*needed.values())
    providers = set(of_kind.infrastructure[of_kind.service.isin(wanted)])
    own: Places = {}
    for i, l, s in instance.locations[
        ["infrastructure", "location", "site"]
    ].to_numpy():
        if i in providers and table.reach[i] == "site":
            own.setdefault(s, []).append((i, l))
    shared: Places = {}
    for s, i, l in m.SIL:
        if i in providers:
            shared.setdefault(s, []).append((i, l))
    return Provision(frozenset(k for k in needed if needed[k]), own, shared)


def _needs(instance: Instance, k: str) -> set[str]:
    """Services that a module of k, or a recipe it can run, needs."""
    modules, running = instance.technology_needs, instance.recipe_needs
    standing = modules.service[(modules.technology == k) & (modules.per_module > 0)]
    recipes = instance.recipes.index[instance.recipes.technology == k]
    made = running.service[running.recipe.isin(recipes) & (running.per_unit > 0)]
    return {*standing, *made}
