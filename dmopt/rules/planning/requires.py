"""Requires: a site is open only with another site, or with infrastructure.

    (site_first)             open[s,t] <= open[s',t]              for all t     sites
    (infrastructure_first)   open[s,t] <= sum_l steps[i,l,t]      for all t     steps

    s    site                    the site, where the rule covers it
    s'   needs_site              the other site, wherever it is; blank: none
    i    needs_infrastructure    the infrastructure; blank: none
    l    its locations that reach s, or stand at s where it is a site's own

In the region or outside, as they are named. Needs that no site or step can ever
meet keep s shut. Steps count from the period they are built for, ready or not.
Planning practice; form ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import pandas as pd
from pydantic import BaseModel, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.checks.reach import reaches
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT
from dmopt.rules.where import Where


class Requires(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "requires"

    site: str
    """Id of the site that needs something else to be open."""
    needs_site: str = ""
    """Id of the site that must be open with it; blank: none."""
    needs_infrastructure: str = ""
    """Id of the infrastructure that must stand within its reach; blank: none."""

    @model_validator(mode="after")
    def _needs_something(self) -> "Requires":
        if not self.needs_site and not self.needs_infrastructure:
            raise ValueError("needs_site or needs_infrastructure must be given")
        if self.needs_site == self.site:
            raise ValueError(f"needs_site = {self.site} is the site itself")
        return self

    def sentence(self) -> str:
        site = [f"{self.needs_site} is open"] if self.needs_site else []
        name = self.needs_infrastructure
        means = [f"{name} stands within its reach"] if name else []
        return f"{self.site} is open only where {' and '.join([*site, *means])}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield "sites", "site", self.site
        if self.needs_site:
            yield "sites", "site", self.needs_site
        if self.needs_infrastructure:
            yield "infrastructure", "infrastructure", self.needs_infrastructure

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m = b.model()
        if self.site not in m.S or self.site not in where.sites:
            return
        if self.needs_site:

            @b.Constraint([(self.site, self.needs_site, t) for t in where.periods])
            def site_first(b, s, other, t):
                there = m.open[other, t] if other in m.S else 0
                return m.open[s, t] - there <= 0

        if self.needs_infrastructure:
            needed = self.needs_infrastructure
            places = instance.locations
            reach = [l for s, i, l in m.SIL if (s, i) == (self.site, needed)]
            if instance.infrastructure.reach[needed] == "site":
                own = (places.infrastructure == needed) & (places.site == self.site)
                reach = list(places.location[own])

            @b.Constraint([(self.site, needed, t) for t in where.periods])
            def infrastructure_first(b, s, i, t):
                return m.open[s, t] - sum(m.steps[i, l, t] for l in reach) <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        if self.site not in where.sites:
            return
        opened = plan.tables["opened"]
        here, other = (
            set(opened.period[opened.site == s]) for s in (self.site, self.needs_site)
        )
        if self.needs_site:
            for t in where.periods:
                if t in here and t not in other:
                    label = (self.site, self.needs_site, t)
                    yield Violation("site_first", label, 1, "sites missing")
        if self.needs_infrastructure:
            served = self._served(instance, plan)
            for t in where.periods:
                if t in here and t not in served:
                    label = (self.site, self.needs_infrastructure, t)
                    yield Violation("infrastructure_first", label, 1, "steps missing")

    def _served(self, instance: Instance, plan: Plan) -> set[str]:
        """Periods in which a step of what is needed reaches the site."""
        ledger, name = Ledger(instance, plan), self.needs_infrastructure
        steps = ledger.steps
        steps = steps[steps.index.get_level_values("infrastructure") == name]
        if instance.infrastructure.reach[name] == "site":
            near = (ledger.locations.site.reindex(steps.index) == self.site).to_numpy()
        else:
            near = reaches(
                ledger,
                pd.MultiIndex.from_tuples(
                    [(self.site, *each) for each in steps.index],
                    names=["site", *steps.index.names],
                ),
            )
        stands = (steps[near] >= 1).any(axis=0)
        return set(stands.index[stands])
