"""The chart of a plan for several worlds: what it costs in each."""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dmopt.maps.furniture import draw_title
from dmopt.maps.palette import INK, PAPER
from dmopt.maps.static import DPI
from dmopt.studies.worlds.found import WorldsPlan

LONGEST = 20
"""Characters of a world's name."""
PLAN, ALONE, MEAN = "#0072B2", "#E69F00", "#D55E00"


def draw_worlds(found: WorldsPlan, path: str | Path) -> None:
    """The chart as a PNG."""
    plot_worlds(found).savefig(path, format="png")


def plot_worlds(found: WorldsPlan) -> Figure:
    """Cost of a plan for several worlds in each of them, the dearest first.

    Beside it, between what the best made for that world alone lies; the line is the
    mean of all. Raises ValueError where there is no plan.
    """
    if not found.each:
        raise ValueError("there is no plan to draw")
    figure = Figure(figsize=(8.3, 5.2), dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    axes = figure.add_axes((0.1, 0.2, 0.86, 0.66))
    each = sorted(found.each, key=lambda one: -one.cost)
    million = 1e6 if max(one.cost for one in each) >= 1e6 else 1
    place = np.arange(len(each))
    cost = np.array([one.cost for one in each]) / million
    axes.plot(place, cost, "o", color=PLAN, label="the plan, in each world", zorder=4)
    spans = [
        (at, one.alone.bound, one.alone.cost)
        for at, one in enumerate(each)
        if one.alone is not None
        and one.alone.bound is not None
        and one.alone.cost is not None
    ]
    if spans:
        at, low, high = (np.array(part, float) for part in zip(*spans, strict=True))
        label = "made for that world alone: between bound and plan found"
        axes.vlines(at, low / million, high / million, color=ALONE, linewidth=3)
        axes.plot(at, high / million, "_", color=ALONE, markersize=9, label=label)
    mean = found.expected
    if mean is not None:
        axes.axhline(
            mean / million, color=MEAN, linestyle="--", linewidth=1, label="mean of all"
        )
    settings = found.instance.settings
    paid = "present value" if settings.money == "discounted" else "a year"
    unit = f"{settings.currency}{' million' if million > 1 else ''}"
    axes.set_ylabel(f"cost, {unit} {paid}", fontsize=9, color=INK)
    names = [_short(one.world.name) for one in each]
    small = max(4.0, min(8.0, 300 / len(names)))
    axes.set_xticks(place, names, rotation=60, ha="right", fontsize=small)
    for label_of in axes.get_xticklabels():
        label_of.set_parse_math(False)
    axes.tick_params(axis="y", labelsize=7.5)
    axes.grid(axis="y", color="#DDE2E6", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    title = f"One plan in {len(each)} worlds"
    draw_title(figure, found.instance.name, title, 0.92)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
