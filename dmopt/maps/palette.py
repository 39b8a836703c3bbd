"""Colours and marks, safe for colour-blind readers; shared by all maps.

Families: Okabe and Ito (2008), "Color Universal Design". Shades run from light to
dark in one hue, so that they also print in grey.
"""

import pandas as pd

FAMILY_COLOURS = (
    "#D55E00",
    "#0072B2",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#F0E442",
    "#6A3D9A",
    "#000000",
)

SHADES = {
    "demand": ("#F1F4F6", "#DAE2E8", "#BDCAD4", "#9BAEBD", "#768EA2"),
    "access": ("#FBF5E9", "#F3E3C3", "#E6CA98", "#CFA96D", "#AD8549"),
}
NO_VALUE = "#FFFFFF"

INK = "#22282E"
QUIET = "#6B757E"
PAPER = "#FCFCFA"
FLOW = "#34434F"
FROM_AFAR = "#8C2D19"

MARKS = (
    ("s", "square"),
    ("^", "triangle"),
    ("D", "diamond"),
    ("p", "pentagon"),
    ("h", "hexagon"),
    ("*", "star"),
    ("v", "triangle"),
    ("P", "cross_fill"),
    ("8", "octagon"),
    ("X", "cross2"),
)
"""Marks of infrastructure: name in matplotlib, name in QGIS."""


def families(technologies: pd.DataFrame) -> pd.Series:
    """Family of each technology: its `family`, else its name, else its id."""
    named = technologies.family.where(technologies.family != "", technologies.name)
    return named.where(named != "", technologies.index.to_series()).rename("family")


def family_colours(technologies: pd.DataFrame) -> dict[str, str]:
    """A colour for each family, in the order in which families appear."""
    names = families(technologies).drop_duplicates()
    return {
        name: FAMILY_COLOURS[place % len(FAMILY_COLOURS)]
        for place, name in enumerate(names)
    }


def size_ranks(technologies: pd.DataFrame) -> pd.DataFrame:
    """Size class of each technology and its rank, 0 the smallest.

    Classes are ordered by the mean capital of a module. A technology without a
    class counts as "module". Index technology; columns size_class, rank.
    """
    size = technologies.size_class.where(technologies.size_class != "", "module")
    order = technologies.capital_cost.groupby(size).mean().sort_values().index
    return pd.DataFrame({"size_class": size, "rank": order.get_indexer(pd.Index(size))})


def infrastructure_marks(infrastructure: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Marks (matplotlib, QGIS) of each infrastructure, by id."""
    return {
        name: MARKS[place % len(MARKS)]
        for place, name in enumerate(infrastructure.index)
    }
