"""Back-up cover: several working sites are near everybody who wants something.

    (cover)   sum_{s: km[s,z] <= R} works[s,t] >= nu[z]    for all z, t      sites

    z        covered zones that want a covered product in t
    s        sites in the region, wherever the rule holds: who is near counts
    works    1 where s is open and has modules of a technology that makes a covered
             product (dmopt/rules/working.py)
    km       travel km from the site to the zone
    nu[z]    sites near each zone                    sites        sites
             at most as many as are near and could hold such modules, where only what
             can be had is asked                     attainable   yes or no
    R        way that counts as near                 within_km    km

Zones with the same sites near them share one row, named after the first of them:
excluded sites apart, whether they can hold such modules or not. A zone with too few
sites near it makes the rule infeasible, unless only what can be had is asked.
Leaves open: whether the site that stands in has capacity, and for which product.
Source: rule R1.3 of dimension D1 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.ability import ability
from dmopt.data.distances import travel
from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.near import near_sets
from dmopt.rules.parameters import STRICT, Amount, Count, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure
from dmopt.rules.working import add_working


class BackupCover(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "backup_cover"

    sites: Count = looser("down", to=0, unit="sites")
    """Working sites that every zone must have near it."""
    within_km: Amount = looser("up", to=2_000)
    """Longest way from a site to a zone that counts as near."""
    attainable: bool = False
    """Yes: a zone that can never have so many sites near it is asked for all it can
    have. No: there is no plan then."""

    def sentence(self) -> str:
        few = ", or all that could be" if self.attainable else ""
        return (
            f"Every zone has at least {self.sites} working sites within "
            f"{figure(self.within_km)} km{few}."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        wants = instance.demand_by_period
        wants = wants[
            wants.zone.isin(where.zones)
            & wants.commodity.isin(where.products)
            & wants.period.isin(where.periods)
        ]
        zones = instance.zones.index[instance.zones.index.isin(wants.zone)]
        near = near_sets(instance, zones, lambda km, _: km <= self.within_km)
        rows: dict[tuple[str, str], list[str]] = {}
        for t, some in wants.groupby("period"):
            present = np.flatnonzero(zones.isin(some.zone))
            sets, first = np.unique(near.set_of[present], return_index=True)
            for n, z in zip(sets, present[first], strict=True):
                rows[str(zones[z]), str(t)] = near.sites[n]
        inside = instance.sites.index[instance.sites.in_region]
        works = add_working(b, inside, where.technologies, where.periods)
        # A row needs a variable, also where no site is near.
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint(list(rows))
        def cover(b, z, t):
            there = [works[s, t] for s in rows[z, t] if (s, t) in works]
            asked = min(self.sites, len(there)) if self.attainable else self.sites
            return b.nobody + sum(there) >= asked

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        sites = instance.sites.query("in_region and status != 'excluded'").index
        zones, names = where.zones, where.zones.tolist()
        pairs = pd.MultiIndex.from_product([zones, sites], names=["zone", "site"])
        km, _ = travel(
            instance,
            pairs.get_level_values("site").to_numpy(),
            pairs.get_level_values("zone").to_numpy(),
        )
        near = km.reshape(len(zones), len(sites)) <= self.within_km
        modules = plan.tables["modules"]
        modules = modules[
            (modules.modules > 0) & modules.technology.isin(where.technologies)
        ]
        working = modules.merge(plan.tables["opened"], on=["site", "period"])
        could = ability(instance).most[where.technologies].sum(axis=1) > 0
        most = (near & could.reindex(sites, fill_value=False).to_numpy()).sum(axis=1)
        asked = np.minimum(self.sites, most) if self.attainable else self.sites
        demand = instance.demand_by_period
        demand = demand[demand.commodity.isin(where.products)]
        for t in where.periods:
            at_work = sites.isin(working.site[working.period == t])
            wants = zones.isin(demand.zone[demand.period == t])
            count = (near & at_work).sum(axis=1)
            seen = set()
            short = asked - count
            for z in np.flatnonzero(wants & (short > 0)):
                if near[z].tobytes() not in seen:
                    seen.add(near[z].tobytes())
                    where_short = (names[z], t)
                    yield Violation(
                        "cover", where_short, float(short[z]), "working sites"
                    )
