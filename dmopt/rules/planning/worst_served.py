"""Worst-served limit: nobody is farther than so much from a working site.

    (served)   sum_{s near z} works[s,t] >= 1   for all z with people, all t     sites

    near    travel from site to zone of at most         within_km   km
    works   a site of the region is open with modules   b.means.works[s, t]
            that make a product covered

Any site in the region serves, also one outside the districts covered: the rule is
about people. Zones that have the same near sites, of those that are not excluded, are
one row, named by the first of them in the instance's order; a row of zones with no
site near cannot be kept. What is delivered does not matter. A rule about products of
which there are none asks nothing.
Planning practice; form of the rows ours, after the set covering problem (Toregas,
Swain, ReVelle and Bergman 1971).
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.distances import travel
from dmopt.data.instance import Instance
from dmopt.plan.nearness import nearest_km
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.near import near_sets
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure
from dmopt.rules.working import add_working


class WorstServed(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "worst_served"

    within_km: Amount = looser("up", to=2_000)
    """Longest way that anyone may have from home to a working site."""

    def sentence(self) -> str:
        return (
            f"Everyone lives within {figure(self.within_km)} km of a working site in "
            "the region."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        if not len(where.products):
            return
        inside = instance.sites.index[instance.sites.in_region]
        works = add_working(b, inside, where.technologies, where.periods)
        zones = where.zones[instance.zones.population[where.zones] > 0]
        sets = near_sets(instance, zones, lambda km, _: km <= self.within_km)
        _, first = np.unique(sets.set_of, return_index=True)
        near = dict(zip(zones[first], sets.sites, strict=True))
        # A row needs a variable, also where no site is near.
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint([(z, t) for z in near for t in where.periods])
        def served(b, z, t):
            there = [works[s, t] for s in near[z] if (s, t) in works]
            return b.nobody + sum(there) >= 1

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        if where.products.empty:
            return
        living = instance.zones.population > 0
        living &= instance.zones.index.isin(where.zones)
        sites = instance.sites[instance.sites.in_region]
        modules, opened = plan.tables["modules"], plan.tables["opened"]
        standing = modules[modules.technology.isin(where.technologies)]
        standing = standing[standing.modules > 0].merge(opened, on=["site", "period"])
        standing = standing[standing.site.isin(sites.index)]
        possible = sites.index[sites.status != "excluded"]
        for t in where.periods:
            there = pd.Index(standing.site[standing.period == t].unique())
            km = nearest_km(instance, there)
            left = instance.zones.index[living & ~(km <= self.within_km)]
            for z in self._firsts(instance, left, possible):
                yield Violation("served", (z, t), 1.0, "sites short within reach")

    def _firsts(
        self, instance: Instance, zones: pd.Index, sites: pd.Index
    ) -> list[str]:
        """The first of the zones for each different group of sites within reach."""
        reach = np.ones((len(zones), len(sites) + 1), bool)
        for n, s in enumerate(sites):
            km, _ = travel(instance, np.full(len(zones), s, object), zones.to_numpy())
            reach[:, n] = km <= self.within_km
        return list(zones[~pd.DataFrame(reach).duplicated()])
