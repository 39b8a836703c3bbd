"""What makes a drawing a map: scale bar, north arrow, title, badge, credit line."""

import re
import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from dmopt.maps.labels import Room
from dmopt.maps.palette import INK, PAPER, QUIET
from dmopt.runs.words import quantity

BADGE_COLOURS = {"proven": "#00664A", "feasible": "#9A5B00"}
BADGE_OTHER = "#4A525A"
CREDIT_WIDTH = 200


def draw_scale(axes: Axes, km_per_unit: float, room: Room) -> None:
    """A bar of a round number of km, lower left, about a fifth of the map wide."""
    west, east = axes.get_xlim()
    km = round_down((east - west) * km_per_unit / 5)
    share = km / km_per_unit / (east - west)
    start, level = 0.025, 0.035
    for begin, colour in ((0.0, INK), (0.5, "white")):
        axes.add_line(
            Line2D(
                [start + begin * share, start + (begin + 0.5) * share],
                [level, level],
                transform=axes.transAxes,
                color=colour,
                linewidth=3.2,
                zorder=10,
                solid_capstyle="butt",
            )
        )
    axes.add_line(
        Line2D(
            start + share * np.array([0, 0, 1, 1, 0]),
            level + 0.0042 * np.array([-1, 1, 1, -1, -1]),
            transform=axes.transAxes,
            color=INK,
            linewidth=0.6,
            zorder=11,
        )
    )
    for place, words in (
        (0.0, "0"),
        (0.5, quantity(km / 2)),
        (1.0, f"{quantity(km)} km"),
    ):
        text = axes.annotate(
            words,
            (start + place * share, level),
            (0, 3.5),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=7,
            color=INK,
            zorder=11,
        )
        room.taken.append(text.get_window_extent().padded(4))
    corners = axes.transAxes.transform(
        [(start, level - 0.01), (start + share, level + 0.02)]
    )
    room.keep_box(*corners.ravel())


def round_down(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above the value."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(
        max(step for step in (1, 2, 5) if step * power <= value * 1.0001) * power
    )


def draw_north(axes: Axes, room: Room) -> None:
    """An arrow to the north, upper right."""
    axes.annotate(
        "",
        (0.965, 0.965),
        (0, -24),
        xycoords="axes fraction",
        textcoords="offset points",
        zorder=10,
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.2, "mutation_scale": 11},
    )
    text = axes.annotate(
        "N",
        (0.965, 0.965),
        (0, -24),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=8.5,
        fontweight="bold",
        color=INK,
        zorder=10,
    )
    low = text.get_window_extent().padded(4)
    top = axes.transAxes.transform((0.965, 0.975))[1]
    room.keep_box(low.x0, low.y0, low.x1, top)


def draw_title(figure: Figure, title: str, subtitle: str, widest: float) -> None:
    """Title and subtitle, upper left, no wider than a share of the figure."""
    left, top = 0.03, 0.962
    for words, size, level, weight, colour in (
        (title, 16.0, top, "bold", INK),
        (subtitle, 9.5, top - 0.047, "normal", QUIET),
    ):
        text = figure.text(
            left,
            level,
            words,
            fontsize=size,
            fontweight=weight,
            color=colour,
            va="top",
            parse_math=False,
        )
        _shrink(figure, text, widest)


def draw_badge(figure: Figure, words: str, cost: str, left: float) -> None:
    """How far the plan is proven, and its cost, above the legend."""
    kind = re.match("[a-z]*", words)
    colour = BADGE_COLOURS.get(kind[0] if kind else "", BADGE_OTHER)
    written = figure.text(
        left + 0.006,
        0.958,
        words,
        va="top",
        fontsize=10,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": "none"},
    )
    amount = figure.text(
        left, 0.912, cost, va="top", fontsize=11, fontweight="bold", color=INK
    )
    for text in (written, amount):
        _shrink(figure, text, 0.97 - left)


def draw_credit(figure: Figure, credit: str) -> None:
    """Where the data are from, below the map."""
    lines = textwrap.fill(" ".join(credit.split()), CREDIT_WIDTH)
    text = figure.text(
        0.03, 0.046, lines, fontsize=6.5, color=QUIET, va="top", parse_math=False
    )
    _shrink(figure, text, 0.94)
    figure.set_facecolor(PAPER)


def _shrink(figure: Figure, text: Text, widest: float) -> None:
    """Smaller letters for a text wider than a share of the figure."""
    wide = text.get_window_extent().width
    allowed = widest * figure.bbox.width
    if wide > allowed:
        text.set_fontsize(float(text.get_fontsize()) * allowed / wide)
