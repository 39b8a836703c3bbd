"""Sites apart: sites keep a distance from one another.

    (apart)   works[s,t] + works[s',t] <= 1      for all pairs s, s' nearer than R, t
                                                                              sites

    s, s'     covered sites in the region, of these classes
    works     a module of a covered technology stands there, whole (working.py)
    R         km         km, straight
    classes   classes    classes of site, separated by ','; blank: all

A pair of committed sites nearer than that leaves no plan, unless the rule is soft.
Planning practice; form ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel
from scipy.spatial import KDTree

from dmopt.data.distances import EARTH_KM, straight_km
from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, Names, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure
from dmopt.rules.working import add_working


class SitesApart(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "sites_apart"

    km: Amount = looser("down", to=0)
    """Least distance between two sites that both work."""
    classes: Names = ()
    """Classes of sites that must keep the distance, separated by commas; blank: all
    classes."""

    def sentence(self) -> str:
        kind = f" of class {' or '.join(self.classes)}" if self.classes else ""
        return (
            f"No two sites{kind} in the region that work are nearer than "
            f"{figure(self.km)} km to each other."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for name in self.classes:
            yield "sites", "class", name

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        sites = instance.sites.loc[where.sites]
        fits = sites["class"].isin(self.classes) | (not self.classes)
        placed = {s for s, k in b.model().SK if k in where.technologies}
        counted = sites.index[sites.in_region & fits & sites.index.isin(placed)]
        pairs = _pairs(instance, counted, self.km)
        close = dict.fromkeys(s for pair in pairs for s in pair)
        works = add_working(b, close, where.technologies, where.periods, exact=True)

        @b.Constraint([(*pair, t) for pair in pairs for t in where.periods])
        def apart(b, s, other, t):
            return works[s, t] + works[other, t] <= 1

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        sites = instance.sites
        counted = sites.in_region & sites.index.isin(where.sites)
        if self.classes:
            counted &= sites["class"].isin(self.classes)
        rows = plan.tables["modules"].query("modules > 0")
        rows = rows[rows.technology.isin(where.technologies)]
        rows = rows.merge(plan.tables["opened"], on=["site", "period"])
        for t in where.periods:
            there = counted & sites.index.isin(rows.site[rows.period == t])
            names = sites.index[there]
            places = instance.places.loc[names]
            for n, s in enumerate(names):
                here = places.iloc[[n] * (len(names) - n - 1)]
                km = straight_km(instance, here, places.iloc[n + 1 :])
                for other in names[n + 1 :][km < self.km]:
                    yield Violation("apart", (s, other, t), 1, "sites too near")


def _pairs(instance: Instance, sites: pd.Index, km: float) -> list[tuple[str, str]]:
    """Pairs of sites nearer than `km`, straight, in the order of the sites."""
    places = instance.places.loc[sites]
    if not len(places):
        return []
    if instance.settings.distance == "projected":
        points, radius = places[["x", "y"]].to_numpy(float) / 1000, km
    else:
        lon, lat = np.radians(places.lon.to_numpy()), np.radians(places.lat.to_numpy())
        points = EARTH_KM * np.column_stack(
            [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
        )
        radius = 2 * EARTH_KM * np.sin(min(km / EARTH_KM, np.pi) / 2)
    # A little farther, then measured as everywhere else.
    pairs = KDTree(points).query_pairs(radius + 1e-3, output_type="ndarray")
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    first, second = pairs[:, 0], pairs[:, 1]
    near = straight_km(instance, places.iloc[first], places.iloc[second]) < km
    return list(zip(sites[first[near]], sites[second[near]], strict=True))
