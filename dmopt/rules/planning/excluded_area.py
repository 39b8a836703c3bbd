"""Excluded area: no site opens on a flood plain, in a conservation area and the like.

    (shut)   open[s,t] <= 0      for all s inside, t      sites

    s       covered sites, in the region and outside, whose point lies in the outline
            of one of the areas or on its edge
    kinds   kinds   kinds of areas that are excluded, separated by ','
    areas   areas   areas that are excluded besides, separated by ','

`reasons` says of every such site which areas they are and why. Areas without an
outline exclude nothing. An existing site inside has to close in the first period; with
a committed one inside there is no plan, unless the rule is soft.
Planning practice; form ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import pandas as pd
import shapely
from pydantic import BaseModel, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Names
from dmopt.rules.where import Where


class ExcludedArea(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "excluded_area"

    kinds: Names = ()
    """Kinds of areas in which no site may open, such as flood plains, separated by
    commas."""
    areas: Names = ()
    """Ids of further areas in which no site may open, separated by commas."""

    @model_validator(mode="after")
    def _names_something(self) -> "ExcludedArea":
        if not self.kinds and not self.areas:
            raise ValueError("kinds or areas must be given")
        return self

    def sentence(self) -> str:
        kinds = [f"an area of kind {' or '.join(self.kinds)}"] if self.kinds else []
        what = " or ".join([*kinds, *self.areas])
        return f"No site in {what} is open."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for name in self.kinds:
            yield "areas", "kind", name
        for area in self.areas:
            yield "areas", "area", area

    def reasons(self, instance: Instance, where: Where) -> dict[str, str]:
        """Site inside -> the areas that exclude it and why, for display: "Flood plain
        of the Tame (flood): may flood once in 100 years"."""
        sites = instance.sites.loc[where.sites]
        points = shapely.points(sites.x.to_numpy(float), sites.y.to_numpy(float))
        found: dict[str, list[str]] = {}
        for area, row in self._excluded(instance).iterrows():
            reason = f": {row.reason}" if row.reason else ""
            text = f"{row['name'] or area} ({row.kind}){reason}"
            shapely.prepare(row.geometry)
            for s in sites.index[shapely.intersects(row.geometry, points)]:
                found.setdefault(s, []).append(text)
        return {s: "; ".join(found[s]) for s in sites.index if s in found}

    def _excluded(self, instance: Instance) -> pd.DataFrame:
        table = instance.areas
        named = table.kind.isin(self.kinds) | table.index.isin(self.areas)
        return table[named & table.geometry.notna()]

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m = b.model()
        inside = [s for s in self.reasons(instance, where) if s in m.S]

        @b.Constraint([(s, t) for s in inside for t in where.periods])
        def shut(b, s, t):
            return m.open[s, t] <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        opened = plan.tables["opened"].drop_duplicates()
        opened = opened[
            opened.site.isin(where.sites) & opened.period.isin(where.periods)
        ].join(instance.sites[["x", "y"]], on="site")
        shapes = [
            row.geometry
            for area, row in instance.areas.iterrows()
            if (row.kind in self.kinds or area in self.areas) and row.geometry
        ]
        for s, t, x, y in opened.itertuples(index=False, name=None):
            point = shapely.Point(x, y)
            if any(shape.covers(point) for shape in shapes):
                yield Violation("shut", (s, t), 1, "sites in an excluded area")
