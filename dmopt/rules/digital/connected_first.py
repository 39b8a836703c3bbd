"""Connected before open: digital modules stand only where there is a connection.

    (connected)   modules[s,k,t] <= most[s,k] (sum own steps[i,l,t] + sum uses[s,i,l,t])
                                             for all s, k, t             modules

    k      covered technologies whose modules need a service that infrastructure of
           the kind offers, or those named     technologies   ids; blank: by need
    i      infrastructure of the kind: own is of reach `site` at s, the rest shared
                                               kind
    most   most modules of k at s              bounds of m.modules
    s      covered sites in the region, but for k those whose base is enough for one
           module of k of each such service that it needs

A named technology that needs no such service is connected through infrastructure only.
Modules that stand already, or are committed, need a connection as well.
Source: rule R6.1 of dimension D6 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.digital import facts
from dmopt.rules.parameters import STRICT, Names
from dmopt.rules.where import Where

BY = ["site", "technology", "period"]


class ConnectedFirst(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "connected_first"

    kind: str = "data"
    """Kind of infrastructure that a connection is, such as data."""
    technologies: Names = ()
    """Technologies that need a connection, separated by commas; blank: those that need
    a service of this kind."""

    def sentence(self) -> str:
        what = ", ".join(self.technologies) or f"technologies that need {self.kind}"
        return (
            f"Modules of {what} stand in the region only at sites with a {self.kind} "
            "connection."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        if "kind" in self.model_fields_set and self.kind != "data":
            yield "infrastructure", "kind", self.kind
        for k in self.technologies:
            yield "technologies", "technology", k

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        from dmopt.formulation.scope import Scope  # late: checking needs no model
        from dmopt.rules.digital.rows import connections, needing, offered

        m, scope, inside = b.model(), Scope(instance), instance.sites.in_region
        needs = needing(scope, where.technologies, offered(scope, [self.kind]))
        named = [k for k in self.technologies if k in where.technologies]
        digital = set(named if self.technologies else needs)
        sites = {s for s in where.sites if inside[s]}

        def has_it(s: str, k: str) -> bool:
            asked = needs.get(k, {}).items()
            enough = [scope.base.get((s, q), 0.0) >= units for q, units in asked]
            return bool(enough) and all(enough)

        places = [
            (s, k) for s, k in m.SK if s in sites and k in digital and not has_it(s, k)
        ]
        count = connections(m, instance, self.kind)

        @b.Constraint(places, list(where.periods))
        def connected(b, s, k, t):
            most = m.modules[s, k, t].ub
            return m.modules[s, k, t] - most * count(s, t) <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        table = instance.infrastructure
        services = facts.offered_services(
            instance, table.index[table.kind == self.kind]
        )
        needs = instance.technology_needs.query("per_module > 0")
        needs = needs[needs.service.isin(services)]
        digital = pd.Index(self.technologies or needs.technology.unique())
        digital = digital[digital.isin(where.technologies)]
        modules = facts.standing(instance, plan, digital, where.sites)
        modules = modules[modules.period.isin(where.periods)]
        there = facts.connected(instance, plan, self.kind)
        lacking = ~pd.MultiIndex.from_frame(modules[["site", "period"]]).isin(there)
        enough = _served(instance, needs)
        lacking &= ~pd.MultiIndex.from_frame(modules[BY[:2]]).isin(enough)
        excess = over(modules.modules * lacking, 0.0)
        yield from broken("connected", modules[BY], excess, "modules not connected")


def _served(instance: Instance, needs: pd.DataFrame) -> pd.MultiIndex:
    """(site, technology) where the base is enough for one module of each service."""
    base = instance.site_services.pivot(index="site", columns="service", values="base")
    base = base.reindex(index=instance.sites.index, columns=instance.services.index)
    found = [
        (s, k)
        for k, some in needs.groupby("technology")
        for s in base.index[
            (base[some.service].fillna(0.0) >= some.per_module.to_numpy()).all(axis=1)
        ]
    ]
    return pd.MultiIndex.from_tuples(found, names=["site", "technology"])
