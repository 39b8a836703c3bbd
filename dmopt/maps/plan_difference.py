"""The map of a difference of two plans: sites kept, changed, added and dropped."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from dmopt.maps.backdrop import Backdrop, backdrop, mark, name_districts
from dmopt.maps.palette import FAMILY_COLOURS, QUIET
from dmopt.studies.plan_difference import PlanDifference

ORANGE, BLUE = FAMILY_COLOURS[:2]
LOOKS = {
    "kept": ("o", "#C9CFD4", 9.0, "in both plans"),
    "changed": ("D", "#E69F00", 9.0, "in both, with other modules"),
    "added": ("^", BLUE, 11.0, "only in {other}"),
    "dropped": ("X", ORANGE, 11.0, "only in {one}"),
}
"""Mark, colour, size in points, and meaning: told apart by shape, hue and grey."""


def draw_difference(found: PlanDifference, path: str | Path) -> None:
    """Sites of both plans on one map, as PNG."""
    instance = found.one.plan.instance
    title = f"From {found.one.name} to {found.other.name}: sites that are not the same"
    drawn = backdrop(instance, instance.name, title)
    sites = _placed(drawn, found.tables["sites"])
    here = sites[~sites.away]
    for what, (shape, colour, size, _) in LOOKS.items():
        for _, row in here[here.change == what].iterrows():
            drawn.axes.add_line(mark(shape, colour, size, row.x, row.y))
            drawn.room.keep_clear(row.x, row.y, size / 2)
    # what differs is named first: it gets the room there is
    for what in ("added", "dropped", "changed", "kept"):
        for _, row in here[here.change == what].iterrows():
            drawn.name(row["name"] or row.site, row.x, row.y, LOOKS[what][2])
    name_districts(drawn)
    drawn.legend(_parts(found, sites))
    drawn.figure.savefig(path, format="png")


def _placed(drawn: Backdrop, sites: pd.DataFrame) -> pd.DataFrame:
    """Sites on the map's grid, and whether they lie off it."""
    grid = drawn.ground.on_grid(sites.x.to_numpy(float), sites.y.to_numpy(float))
    west, east = drawn.axes.get_xlim()
    south, north = drawn.axes.get_ylim()
    x, y = grid.T
    inside = (west <= x) & (x <= east) & (south <= y) & (y <= north)
    return sites.assign(x=x, y=y, away=~np.asarray(inside, bool))


def _parts(
    found: PlanDifference, sites: pd.DataFrame
) -> list[tuple[str, list[tuple[Artist, str]]]]:
    counts = sites.change.value_counts()
    names = {"one": found.one.name, "other": found.other.name}
    marks: list[tuple[Artist, str]] = [
        (
            mark(shape, colour, size),
            f"{says.format(**names)}: {counts.get(what, 0)}",
        )
        for what, (shape, colour, size, says) in LOOKS.items()
    ]
    away: list[tuple[Artist, str]] = [
        (mark(*LOOKS[what][:3]), name or site)
        for site, name, what in sites[sites.away][
            ["site", "name", "change"]
        ].itertuples(index=False, name=None)
    ]
    costs = [
        (Line2D([], [], linestyle="", color=QUIET), line) for line in _figures(found)
    ]
    return [("Sites", marks), ("Sites off the map", away), ("Cost", list(costs))]


def _figures(found: PlanDifference) -> list[str]:
    from dmopt.runs.words import badge, money

    return [
        f"{side.name}: {money(side.result.cost or 0.0, side.plan.instance.settings)}, "
        f"{badge(side.result)}"
        for side in (found.one, found.other)
    ]
