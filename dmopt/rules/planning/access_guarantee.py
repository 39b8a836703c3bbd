"""Access guarantee: a share of people has a working site within reach.

    (access)   sum_n people[n,g] covered[n,t] >= share sum_n people[n,g]
                                                         for all g, t       people
    (reached)  covered[n,t] <= sum_{s near n} works[s,t]   for all n, t

    g         the whole region, a district or a decile   per          region, district,
                                                                      decile
    n         zones of g that have the same near sites
    near      travel from site to zone of at most        within_km    km
              or, instead, of at most                    within_min   minutes
              minutes are km at                          speed_kmh    km/h, where
                                                                      none are listed
    share     share of people                            share        share
    covered   0..1                                       b.means.covered[n, t]
    works     a site of the region is open with modules  b.means.works[s, t]
              that make a product covered

Any site in the region serves, also one outside the districts covered: the rule is
about people. People outside the districts, and those in zones without a district or
decile where rows are per district or decile, are in no row. What is delivered does
not matter. A rule about products of which there are none asks nothing.
Planning practice (accessibility planning; deciles of an index of deprivation); form
of the rows ours, after the maximal covering problem (Church and ReVelle 1974).
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.nearness import nearest_km
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.near import near_sets
from dmopt.rules.parameters import STRICT, Amount, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure, percent
from dmopt.rules.working import add_working

Speed = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class AccessGuarantee(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "access_guarantee"

    share: Share = looser("down", to=0.0)
    """Least share of people who must have a working site within reach."""
    within_km: Amount | None = looser("up", to=2_000, default=None)
    """Longest way from home to a site; give this or the minutes, not both."""
    within_min: Amount | None = looser("up", to=1_440, default=None)
    """Longest time from home to a site; give this or the km, not both."""
    speed_kmh: Speed = 30.0
    """Speed that turns km into minutes where the data list no travel times."""
    per: Literal["region", "district", "decile"] = "region"
    """Of whom the share is: all people, those of each district, or of each tenth by
    deprivation."""

    @model_validator(mode="after")
    def _one_reach(self) -> "AccessGuarantee":
        if (self.within_km is None) == (self.within_min is None):
            raise ValueError("give within_km or within_min, one of them")
        return self

    def sentence(self) -> str:
        group = {
            "region": "the region",
            "district": "each district",
            "decile": "each decile of deprivation",
        }[self.per]
        way = (
            f"{figure(self.within_km)} km"
            if self.within_km is not None
            else f"{figure(self.within_min or 0.0)} minutes"
        )
        return (
            f"At least {percent(self.share)} of people in {group} live within {way} "
            "of a working site in the region."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        if not len(where.products):
            return
        sites = instance.sites.index[instance.sites.in_region]
        works = add_working(b, sites, where.technologies, where.periods)
        sets = near_sets(instance, where.zones, self._fits)
        table = instance.zones.loc[where.zones]
        living = pd.DataFrame(
            {
                "group": self._groups(table),
                "set": sets.set_of,
                "people": table.population.to_numpy(float),
            }
        )
        living = living[(living.people > 0) & (living.group != "")]
        alike = living.groupby(["group", "set"], sort=False).people.sum().reset_index()
        people = living.groupby("group", sort=False).people.sum()
        near = dict(enumerate(sets.sites[n] for n in alike.set))
        keys = [(n, t) for n in near for t in where.periods]
        b.means.covered = pyo.Var(pyo.Set(initialize=keys, dimen=2), bounds=(0, 1))
        # A row needs a variable, also where no site is near.
        b.means.nobody = pyo.Var(bounds=(0, 0))

        @b.means.Constraint(keys)
        def reached(block, n, t):
            there = [works[s, t] for s in near[n] if (s, t) in works]
            return block.covered[n, t] <= sum(there) + block.nobody

        each = dict(list(alike.groupby("group", sort=False).people))

        @b.Constraint([(g, t) for g in people.index for t in where.periods])
        def access(b, g, t):
            covered = sum(
                number * b.means.covered[n, t] for n, number in each[g].items()
            )
            return covered >= self.share * people[g]

    def _fits(self, km: np.ndarray, minutes: np.ndarray) -> np.ndarray:
        if self.within_km is not None:
            return km <= self.within_km
        driving = np.where(np.isnan(minutes), km / self.speed_kmh * 60, minutes)
        return driving <= self.within_min

    def _groups(self, zones: pd.DataFrame) -> list[str]:
        """Row of each zone, "" if it is in none."""
        if self.per == "region":
            return ["region"] * len(zones)
        if self.per == "district":
            return list(zones.district)
        return ["" if np.isnan(d) else f"{d:g}" for d in zones.deprivation_decile]

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        if where.products.empty:
            return
        zones = instance.zones[instance.zones.index.isin(where.zones)]
        zones = zones[zones.population > 0]
        rows = {"region": zones.index}
        if self.per == "district":
            names = zones.district[zones.district != ""]
            rows = {d: zones.index[zones.district == d] for d in names.unique()}
        elif self.per == "decile":
            deciles = zones.deprivation_decile
            known = deciles.dropna().unique()
            rows = {f"{d:g}": zones.index[deciles == d] for d in known}
        modules, opened = plan.tables["modules"], plan.tables["opened"]
        standing = modules[modules.technology.isin(where.technologies)]
        standing = standing[standing.modules > 0].merge(opened, on=["site", "period"])
        inside = instance.sites.index[instance.sites.in_region]
        for t in where.periods:
            sites = pd.Index(standing.site[standing.period == t].unique())
            reached = self._reached(instance, sites.intersection(inside))
            for place, members in rows.items():
                people = zones.population[members]
                there = people[members.isin(reached)].sum()
                excess = over(self.share * people.sum(), there)
                if excess > 0:
                    yield Violation("access", (place, t), excess, "people out of reach")

    def _reached(self, instance: Instance, sites: pd.Index) -> pd.Index:
        """Zones that one of the sites is near."""
        if self.within_min is None:
            km = nearest_km(instance, sites)
            return instance.zones.index[km <= self.within_km]
        if instance.settings.distance == "table":
            ways = instance.distances[instance.distances.origin.isin(sites)]
            listed = ways.minutes.fillna(ways.km / self.speed_kmh * 60)
            return pd.Index(ways.destination[listed <= self.within_min])
        minutes = nearest_km(instance, sites) / self.speed_kmh * 60
        return instance.zones.index[minutes <= self.within_min]
