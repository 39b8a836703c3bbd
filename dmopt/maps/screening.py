"""The chart of a screening: how far each figure changes the sites, and the cost."""

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dmopt.maps.furniture import draw_credit, draw_title
from dmopt.maps.palette import INK, PAPER, QUIET
from dmopt.maps.static import A4_LANDSCAPE, DPI
from dmopt.studies.screen.screen import Screening
from dmopt.studies.screen.words import span

PARTS = {
    "had_to_change": ("had to change (proven)", "#0072B2", ""),
    "left_open": ("left open by the gaps", "#E69F00", "///"),
    "could_stay": ("could have stayed within the gap", "#D9DDE1", ""),
}
"""Column -> label, colour (Okabe and Ito 2008; told apart in grey too), hatch."""
COST = "#6B757E"
MOST_FIGURES = 20
LETTERS = 44
"""Characters of a line of a label."""


def draw_screening(found: Screening, path: str | Path) -> None:
    """Two rows of bars, a figure each, what matters most on top: the mean share of
    sites that change in a step, by what is shown of the change; and mu* of cost, with a
    line of sigma either way."""
    figure = Figure(figsize=A4_LANDSCAPE, dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    shown = found.table.head(MOST_FIGURES)[::-1]
    level = np.arange(len(shown))
    sites = figure.add_axes((0.27, 0.19, 0.35, 0.67))
    cost = figure.add_axes((0.66, 0.19, 0.3, 0.67), sharey=sites)
    begin = np.zeros(len(shown))
    for column, (label, colour, hatch) in PARTS.items():
        share = 100 * shown[column].fillna(0.0).to_numpy()
        sites.barh(
            level, share, left=begin, color=colour, hatch=hatch, edgecolor=PAPER,
            label=label,
        )  # fmt: skip
        begin = begin + share
    _name(sites, found)
    sites.set_xlim(0, max(10.0, 1.08 * begin.max()))
    sites.set_xlabel("sites that change in a step, mean, %", fontsize=8, color=INK)
    sites.legend(
        loc="upper left", bbox_to_anchor=(-0.02, -0.09), ncols=3, frameon=False,
        fontsize=7.5,
    )  # fmt: skip
    _draw_cost(cost, found, level)
    for axes in (sites, cost):
        axes.tick_params(axis="x", labelsize=7.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="x", color="#DDE2E6", linewidth=0.6)
        axes.set_axisbelow(True)
    title = "Which uncertain figures change the recommended sites"
    if len(found.known) < found.planned:
        title += f" (stopped after {len(found.known)} of {found.planned} points)"
    draw_title(figure, found.instance.name, title, 0.94)
    draw_credit(figure, found.instance.settings.credit)
    figure.savefig(path, format="png")


def _name(axes: Axes, found: Screening) -> None:
    """Names and ranges of figures beside their bars."""
    given = {each.figure: each for each in found.given}
    shown = [given[name] for name in found.table.figure.head(MOST_FIGURES)[::-1]]
    names = [f"{textwrap.fill(each.label, LETTERS)}\n{span(each)}" for each in shown]
    axes.set_yticks(range(len(names)), names, fontsize=7, color=INK)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)


def _draw_cost(axes: Axes, found: Screening, level: np.ndarray) -> None:
    shown = found.table.head(MOST_FIGURES)[::-1]
    settings = found.instance.settings
    star = shown.cost_mu_star.fillna(0.0).to_numpy()
    million = 1e6 if star.max(initial=0.0) >= 1e6 else 1.0
    axes.barh(
        level, star / million, color=COST, edgecolor=PAPER, height=0.45,
        xerr=shown.cost_sigma.fillna(0.0).to_numpy() / million,
        error_kw={"ecolor": INK, "elinewidth": 0.9},
    )  # fmt: skip
    axes.tick_params(axis="y", labelleft=False)
    axes.set_xlim(left=0)
    paid = "present value" if settings.money == "discounted" else "a year"
    unit = f"{settings.currency}{' million' if million > 1 else ''} {paid}"
    axes.set_xlabel(
        f"mean change in cost over the range, line: its spread, {unit}",
        fontsize=8,
        color=INK,
    )
    if found.table.cost_mu_star.isna().all():
        axes.text(
            0.5, 0.5, "no trajectory is whole", transform=axes.transAxes,
            ha="center", fontsize=8, color=QUIET,
        )  # fmt: skip
