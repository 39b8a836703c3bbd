"""Pictures of a stress test: the worst losses as bars, and sites by the harm of losing
them."""

import textwrap
from itertools import pairwise
from pathlib import Path

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dmopt.maps.backdrop import Backdrop, backdrop, mark, name_districts
from dmopt.maps.furniture import draw_credit, draw_title
from dmopt.maps.ground import located
from dmopt.maps.palette import INK, PAPER, QUIET
from dmopt.maps.static import A4_LANDSCAPE, DPI
from dmopt.rules.words import percent
from dmopt.studies.stress.study import Case, StressTest
from dmopt.studies.stress.words import lost_in_words

MOST_BARS = 15
STEPS = (0.001, 0.02, 0.05, 0.1, 0.25)
"""Shares of demand lost at which a darker class of harm begins."""
SHADES = ("#FFFFFF", "#FBE3C0", "#F2B872", "#DD8034", "#A94A14", "#5E1F07")
"""Light to dark in one hue, told apart in grey too; white: nobody loses anything."""
BAR, BAR_PAIR = "#A94A14", "#328CC1"
SITE_POINTS = 11.0


def draw_bars(found: StressTest, least: float, path: str | Path) -> None:
    """Share of demand lost in the worst cases; the line is what is asked to stay."""
    figure = Figure(figsize=A4_LANDSCAPE, dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    instance, worst = found.plan.instance, list(found.cases[:MOST_BARS])[::-1]
    axes = figure.add_axes((0.4, 0.12, 0.55, 0.74))
    lost = [100 * found.harm(case) for case in worst]
    colours = [BAR if len(case.losses) == 1 else BAR_PAIR for case in worst]
    hatches = ["" if len(case.losses) == 1 else "//" for case in worst]
    bars = axes.barh(
        range(len(worst)), lost, color=colours, edgecolor=PAPER, hatch=hatches
    )
    names = [textwrap.fill(lost_in_words(case, instance), 52) for case in worst]
    axes.set_yticks(range(len(worst)), names, fontsize=7.5, color=INK)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    words = [f"{each:.1f} %" for each in lost]
    for text in axes.bar_label(bars, words, padding=3, fontsize=7.5, zorder=5):
        text.set_path_effects([effects.withStroke(linewidth=2.2, foreground=PAPER)])
    asked = 100 * (found.base.served.share - least)
    if asked > 0:
        axes.axvline(asked, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
        axes.annotate(
            f" {percent(least)} still served",
            (asked, 1.0),
            xycoords=("data", "axes fraction"),
            va="bottom",
            fontsize=7.5,
            color=INK,
        )
    # less than nothing is lost where a loss gives back more than it takes
    axes.set_xlim(1.12 * min([0.0, *lost]), 1.12 * max([1.0, *lost, asked]))
    axes.set_xlabel("share of demand not served for the loss, by value, %", fontsize=8)
    axes.tick_params(axis="x", labelsize=7.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#DDE2E6", linewidth=0.6)
    axes.set_axisbelow(True)
    title = (
        f"What hurts most to lose: the worst {len(worst)} of {len(found.cases)} tried"
    )
    if any(len(case.losses) > 1 for case in worst):
        title += " (hatched: pairs)"
    draw_title(figure, instance.name, title, 0.94)
    draw_credit(figure, instance.settings.credit)
    figure.savefig(path, format="png")


def draw_harm(found: StressTest, path: str | Path) -> None:
    """The plan's sites and shared infrastructure by the harm of losing each alone."""
    alone = {c.losses[0]: c for c in found.cases if len(c.losses) == 1}
    sites = {e.of[0]: c for e, c in alone.items() if e.kind == "site"}
    places = {e.of: c for e, c in alone.items() if e.kind == "infrastructure"}
    title = "Sites by the share of demand that is lost with each of them"
    drawn = backdrop(found.plan.instance, found.plan.instance.name, title)
    far = _draw_sites(drawn, found, sites)
    if places:
        _draw_places(drawn, found, places)
    name_districts(drawn)
    drawn.legend(_parts(found, far, bool(places)))
    drawn.figure.savefig(path, format="png")


def _draw_sites(
    drawn: Backdrop, found: StressTest, sites: dict[str, Case]
) -> list[tuple[str, Case]]:
    """Discs and names of sites on the map; gives those too far away for it."""
    ids = pd.Index(list(sites))
    away = drawn.ground.far(ids)
    at = drawn.ground.points.loc[ids[~away]]
    harm = pd.Series([found.harm(sites[s]) for s in at.index], at.index, dtype=float)
    names = found.plan.instance.sites.name
    worst = at.loc[harm.sort_values(ascending=False).index]
    for site, x, y in worst.itertuples():
        colour = _colour(harm[site])
        drawn.axes.add_line(mark("o", colour, SITE_POINTS, x, y))
        drawn.room.keep_clear(x, y, SITE_POINTS / 2)
    for site, x, y in worst.itertuples():
        drawn.name(names[site] or site, x, y, SITE_POINTS)
    return [(s, sites[s]) for s in ids[away]]


def _draw_places(
    drawn: Backdrop, found: StressTest, places: dict[tuple[str, ...], Case]
) -> None:
    """Squares, the worst of each place, under the sites; of infrastructure whose loss
    was tried."""
    rows = [
        located(found.plan, drawn.ground, period)
        for period in found.plan.instance.periods.index
    ]
    at = pd.concat(rows).dropna(subset=["x", "y"])
    at = at.drop_duplicates(["infrastructure", "location"])
    keys = list(zip(at.infrastructure, at.location, strict=True))
    at = at[np.array([key in places for key in keys], bool)]
    at = at.assign(harm=[found.harm(places[key]) for key in keys if key in places])
    at = at.sort_values("harm", ascending=False).drop_duplicates(["x", "y"])
    for x, y, harm in at[["x", "y", "harm"]].itertuples(index=False, name=None):
        square = mark("s", _colour(harm), SITE_POINTS + 6, x, y)
        square.set_zorder(4)
        drawn.axes.add_line(square)


def _shade(found: StressTest, case: Case) -> str:
    return _colour(found.harm(case))


def _colour(harm: float) -> str:
    return SHADES[sum(harm >= step for step in STEPS)]


def _parts(
    found: StressTest, far: list[tuple[str, Case]], places: bool
) -> list[tuple[str, list[tuple[Artist, str]]]]:
    """The legend: classes of harm, shapes, and sites off the map."""
    ends = [*(f"{100 * step:g} %" for step in STEPS)]
    says = [
        f"less than {ends[0]}",
        *(f"{low} to {high}" for low, high in pairwise(ends)),
        f"{ends[-1]} or more",
    ]
    classes: list[tuple[Artist, str]] = [
        (mark("o", colour, 8), word) for colour, word in zip(SHADES, says, strict=True)
    ]
    shapes: list[tuple[Artist, str]] = [(mark("o", QUIET, 8), "site")]
    if places:
        shapes.append((mark("s", QUIET, 8), "infrastructure, the worst at its place"))
    names = found.plan.instance.sites.name
    away: list[tuple[Artist, str]] = [
        (
            mark("o", _shade(found, case), 8),
            f"{names[site] or site}: {percent(found.harm(case))}",
        )
        for site, case in far
    ]
    return [
        ("Demand lost, by value", classes),
        ("What is lost", shapes),
        ("Sites off the map", away),
    ]
