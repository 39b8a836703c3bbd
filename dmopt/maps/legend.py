"""The legend beside a map: a column of small legends that just fits."""

import textwrap
from collections.abc import Sequence

import matplotlib.patches as patches
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from dmopt.maps.figures import key_figures
from dmopt.maps.furniture import round_down
from dmopt.maps.ground import located
from dmopt.maps.lines import STYLES
from dmopt.maps.look import Look
from dmopt.maps.marks import MARK_POINTS
from dmopt.maps.palette import (
    FLOW,
    FROM_AFAR,
    INK,
    NO_VALUE,
    QUIET,
    infrastructure_marks,
)
from dmopt.maps.shades import weight_unit
from dmopt.runs.words import quantity

Part = tuple[str, list[tuple[Artist, str]]]
LONGEST = 33
KEY_FIGURES = "Key figures"
MOST_RULES = 4
"""Rules that keep sites shut which the legend names."""
SIZES = (8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)


def draw_legend(
    axes: Axes, look: Look, periods: Sequence[str], left_out: int = 0
) -> None:
    """All parts in one column, in the largest letters with which they fit.

    left_out: flows from afar that the map has no room for.
    """
    axes.set_axis_off()
    stack(axes, parts_of(look, periods, left_out))


def stack(axes: Axes, parts: list[Part]) -> None:
    """Parts that are not empty in one column, in the largest letters that fit."""
    parts = [part for part in parts if part[1]]
    for size in SIZES:
        if _stack(axes, parts, size):
            return
        if size != SIZES[-1]:
            for legend in list(axes.artists):
                legend.remove()


def _stack(axes: Axes, parts: list[Part], size: float) -> bool:
    """Draw the parts downwards from the top; whether they fit."""
    frame, top = axes.get_window_extent(), 1.0
    for title, entries in parts:
        bare = title.startswith(KEY_FIGURES)
        legend = Legend(
            axes,
            [mark for mark, _ in entries],
            [_shown(words) for _, words in entries],
            title=title,
            loc="upper left",
            bbox_to_anchor=(0.0, top),
            frameon=False,
            fontsize=size,
            title_fontproperties={"size": size, "weight": "bold"},
            alignment="left",
            borderaxespad=0,
            borderpad=0,
            labelspacing=0.45,
            handlelength=0.0 if bare else 2.0,
            handletextpad=0.0 if bare else 0.7,
            labelcolor=INK,
        )
        for text in [*legend.get_texts(), legend.get_title()]:
            text.set_parse_math(False)
        axes.add_artist(legend)
        extent = legend.get_window_extent()
        if extent.x1 > frame.x1 + 1 or extent.y0 < frame.y0 - 1:
            return False
        top = (extent.y0 - size * 1.15 * axes.figure.dpi / 72 - frame.y0) / frame.height
    return True


def parts_of(look: Look, periods: Sequence[str], left_out: int) -> list[Part]:
    """Titles and entries of the legend: only what is on the map."""
    alone = len(periods) == 1
    figures = key_figures(look.plan, periods[0] if alone else None)
    several = "" if alone else ", all periods"
    return [
        ("Open sites, by what they do", _family_entries(look, periods)),
        ("Size of the largest module", _size_entries(look, periods)),
        ("Other sites", _shut_entries(look, periods)),
        ("Infrastructure", _infrastructure_entries(look, periods)),
        (f"Flows, {weight_unit(look.plan)} a year", _flow_entries(look, left_out)),
        (look.shadings[periods[0]].title, _shade_entries(look)),
        (KEY_FIGURES + several, [(_line(0.0), words) for words in figures]),
    ]


def _family_entries(look: Look, periods: Sequence[str]) -> list[tuple[Artist, str]]:
    standing = [look.standing(period) for period in periods]
    here = {family for rows in standing for family in rows.family}
    opened = look.plan.tables["opened"]
    empty = [
        set(opened.site[opened.period == period]) - set(rows.site)
        for period, rows in zip(periods, standing, strict=True)
    ]
    entries: list[tuple[Artist, str]] = [
        (_dot(colour, 9, INK), family)
        for family, colour in look.family_colours.items()
        if family in here
    ]
    if any(empty):
        entries.append((_dot("white", 9, INK), "no modules"))
    return entries


def _size_entries(look: Look, periods: Sequence[str]) -> list[tuple[Artist, str]]:
    here = {rank for period in periods for rank in look.standing(period)["rank"]}
    classes = look.technologies.drop_duplicates("rank").set_index("rank").size_class
    if len(here) < 2:
        return []
    return [
        (_dot("#C9CFD4", look.diameter(rank), INK), classes[rank])
        for rank in sorted(here)
    ]


def _shut_entries(look: Look, periods: Sequence[str]) -> list[tuple[Artist, str]]:
    shut = {site for period in periods for site in look.shut(period)}
    by = look.excluded.excluded_by[look.excluded.index.isin(shut)]
    entries: list[tuple[Artist, str]] = []
    if shut - set(by.index):
        entries.append((_dot("white", 3.2, QUIET), "candidate, not open"))
    if (by == "").any():
        entries.append((_cross(4.0, QUIET, 1.0), "excluded"))
    rules = by[by != ""].str.split("; ").explode().value_counts(sort=False)
    for rule, count in rules.head(MOST_RULES).items():
        entries.append((_cross(5.0, INK, 1.3), f"shut by rule {rule}: {_sites(count)}"))
    if len(rules) > MOST_RULES:
        entries.append(
            (_cross(5.0, INK, 1.3), f"and by {len(rules) - MOST_RULES} more")
        )
    return entries


def _sites(count: int) -> str:
    return f"{count} site{'s' if count != 1 else ''}"


def _infrastructure_entries(
    look: Look, periods: Sequence[str]
) -> list[tuple[Artist, str]]:
    """One entry for each infrastructure that stands; words where it has no place."""
    table = look.plan.instance.infrastructure
    marks = infrastructure_marks(table)
    standing = pd.concat(
        [located(look.plan, look.ground, period) for period in periods]
    )
    placed = standing.x.notna().groupby(standing.infrastructure).any()
    entries: list[tuple[Artist, str]] = []
    for key, name in zip(table.index, table.name, strict=True):
        if key in placed.index:
            mark = marks[key][0] if placed[key] else "None"
            words = (name or key) + ("" if placed[key] else " (whole region)")
            entries.append((_shape(mark), words))
    return entries


def _flow_entries(look: Look, left_out: int) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    if look.most > 0:
        largest = round_down(look.most)
        entries += [
            (_line(look.width(amount)), quantity(amount))
            for amount in (largest, largest / 2, largest / 10)
        ]
    local = [rows[~rows.far] for rows in look.streams.values()]
    if any((rows.kind == "site").any() for rows in local):
        entries.append((_line(1.2, STYLES["site"]), "between sites, from suppliers"))
    if any(rows.far.any() for rows in look.streams.values()):
        words = "from afar" + (f" ({left_out} more not drawn)" if left_out else "")
        arrow = Line2D([], [], color=FROM_AFAR, linewidth=1.8, marker=">", markersize=5)
        entries.append((arrow, words))
    return entries


def _shade_entries(look: Look) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = [
        (_patch(colour), words)
        for colour, words in zip(look.shades, look.classes.labels(), strict=True)
    ]
    found = [look.classes.of(shading.values) for shading in look.shadings.values()]
    if any((classes < 0).any() for classes in found):
        entries.append((_patch(NO_VALUE), "none in reach"))
    return entries


def _shown(words: str) -> str:
    """Words on lines that fit; matplotlib leaves entries out whose words begin with
    an underscore."""
    lines = textwrap.fill(words, LONGEST)
    return f" {lines}" if lines.startswith("_") else lines


def _dot(colour: str, points: float, rim: str) -> Line2D:
    return Line2D(
        [],
        [],
        marker="o",
        markersize=points,
        markerfacecolor=colour,
        markeredgecolor=rim,
        markeredgewidth=0.8,
        linestyle="none",
    )


def _cross(points: float, colour: str, width: float) -> Line2D:
    return Line2D(
        [],
        [],
        marker="x",
        markersize=points,
        markeredgewidth=width,
        color=colour,
        linestyle="none",
    )


def _shape(mark: str) -> Line2D:
    return Line2D(
        [],
        [],
        marker=mark,
        markersize=MARK_POINTS,
        markerfacecolor="white",
        markeredgecolor=INK,
        linestyle="none",
    )


def _line(width: float, style: LineStyleType = "solid") -> Line2D:
    return Line2D(
        [],
        [],
        color=FLOW,
        alpha=0.6,
        linewidth=width,
        linestyle=style,
        solid_capstyle="butt",
    )


def _patch(colour: str) -> patches.Patch:
    return patches.Patch(facecolor=colour, edgecolor="#B8C0C6", linewidth=0.5)
