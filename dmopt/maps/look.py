"""What all panels of one map share: colours, sizes, classes, widths."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.maps.classes import Classes, make_classes
from dmopt.maps.excluded import excluded
from dmopt.maps.ground import Ground
from dmopt.maps.palette import SHADES, families, family_colours, size_ranks
from dmopt.maps.shades import Shade, Shading, shading
from dmopt.maps.streams import streams
from dmopt.plan.plan import Plan

WIDEST, FINEST = 6.0, 0.35
SMALLEST_SITE, LARGEST_SITE = 8.0, 15.0


@dataclass(frozen=True)
class Look:
    """One map of a plan.

    shadings, streams: by period.  classes: of the shading, for all periods.
    shades: colour of each class.  family_colours: colour of each technology family.
    technologies: index technology; columns family, size_class, rank.
    most: largest local stream of all periods (0: none).
    excluded: sites that may never open, as in `excluded.excluded`.
    zoom: size of marks and lines, less than 1 where panels are small.
    """

    plan: Plan
    ground: Ground
    shadings: dict[str, Shading]
    streams: dict[str, pd.DataFrame]
    classes: Classes
    shades: tuple[str, ...]
    family_colours: dict[str, str]
    technologies: pd.DataFrame
    most: float
    excluded: pd.DataFrame
    zoom: float

    def width(self, amount: float) -> float:
        """Line width of a stream, points, proportional to its amount."""
        return self.zoom * min(max(FINEST, WIDEST * amount / self.most), WIDEST)

    def diameter(self, rank: int) -> float:
        """Diameter of a site's mark, points, by the rank of its size class."""
        ranks = self.technologies["rank"].max()
        share = rank / ranks if ranks else 0.3
        return self.zoom * (SMALLEST_SITE + share * (LARGEST_SITE - SMALLEST_SITE))

    def shut(self, period: str) -> pd.Index:
        """Sites in the region that are not open in a period."""
        sites, opened = self.plan.instance.sites.index, self.plan.tables["opened"]
        ids = sites.difference(opened.site[opened.period == period].tolist())
        return ids[~self.ground.far(ids)]

    def standing(self, period: str) -> pd.DataFrame:
        """Modules standing in a period: columns site, family, modules, rank."""
        rows = self.plan.tables["modules"]
        rows = rows[(rows.period == period) & (rows.modules > 0)]
        kinds = self.technologies.loc[rows.technology]
        return rows[["site", "modules"]].assign(
            family=kinds.family.to_numpy(), rank=kinds["rank"].to_numpy()
        )


def make_look(plan: Plan, ground: Ground, periods: Sequence[str], shade: Shade) -> Look:
    """Colours, sizes, classes and widths for the panels of these periods."""
    technologies = plan.instance.technologies
    shadings = {period: shading(plan, ground, period, shade) for period in periods}
    moved = {period: streams(plan, ground, period) for period in periods}
    classes = make_classes(np.concatenate([s.values for s in shadings.values()]))
    count = len(classes.limits) - 1
    shades = SHADES[shade]
    chosen = np.linspace(0, len(shades) - 1, count).round().astype(int)
    local = pd.concat(list(moved.values())).query("not far").amount
    return Look(
        plan=plan,
        ground=ground,
        shadings=shadings,
        streams=moved,
        classes=classes,
        shades=tuple(shades[place] for place in chosen),
        family_colours=family_colours(technologies),
        technologies=size_ranks(technologies).assign(family=families(technologies)),
        most=float(local.max()) if len(local) else 0.0,
        excluded=excluded(plan.instance),
        zoom=len(periods) ** -0.25,
    )
