"""The chart of a frontier: what each figure costs at least, and what that rests on."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dmopt.maps.furniture import draw_title
from dmopt.maps.palette import INK, PAPER, QUIET
from dmopt.maps.static import DPI
from dmopt.studies.frontier.frontier import Frontier
from dmopt.studies.frontier.search import Point

PROVEN, UNPROVEN, DOMINATED = "#0072B2", "#D55E00", "#999999"
MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


def draw_frontier(found: Frontier, path: str | Path) -> None:
    """Cost over the first objective; with two, a line for each figure of the second.

    The band under a line is what bounds leave open.
    """
    figure = Figure(figsize=(8.3, 5.2), dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    axes = figure.add_axes((0.1, 0.13, 0.62, 0.74))
    settings = found.instance.settings
    million = 1e6 if max((p.cost or 0.0 for p in found.points), default=0) >= 1e6 else 1
    lines: dict[float, list[Point]] = {}
    for point in found.points:
        lines.setdefault(point.figures[-1] if _is_double(found) else 0.0, []).append(
            point
        )
    shades = np.linspace(0.4, 1.0, len(lines)) if len(lines) > 1 else [1.0]
    for (second, points), shade, mark in zip(
        lines.items(), shades, MARKS * len(lines), strict=False
    ):
        label = _label(found, second) if _is_double(found) else None
        _draw_line(axes, points, million, shade, mark, label)
    first = found.objectives[0]
    paid = "present value" if settings.money == "discounted" else "a year"
    unit = f"{settings.currency}{' million' if million > 1 else ''}"
    axes.set_xlabel(f"{_says(first.name)}, {first.unit}", fontsize=9, color=INK)
    axes.set_ylabel(f"cost, {unit} {paid}", fontsize=9, color=INK)
    if first.less_is_better:
        axes.invert_xaxis()
    axes.tick_params(labelsize=7.5)
    axes.grid(color="#DDE2E6", linewidth=0.6)
    _legend(axes, found)
    names = " and ".join(_says(each.name) for each in found.objectives)
    draw_title(figure, found.instance.name, f"Cost against {names}", 0.9)
    figure.savefig(path, format="png")


def _is_double(found: Frontier) -> bool:
    return len(found.objectives) > 1


def _draw_line(
    axes: Axes,
    points: list[Point],
    million: float,
    shade: float,
    mark: str,
    label: str | None,
) -> None:
    there = [p for p in points if p.cost is not None]
    at = np.array([p.figures[0] for p in there])
    cost = np.array([p.cost for p in there], float) / million
    bound = np.array([p.bound for p in there]) / million
    axes.plot(at, cost, color=PROVEN, alpha=shade, linewidth=1.2, label=label,
              marker=mark if label else None, ms=5)  # fmt: skip
    axes.fill_between(at, bound, cost, color=PROVEN, alpha=0.15, linewidth=0)
    for p, x, y in zip(there, at, cost, strict=True):
        colour = PROVEN if p.status == "proven" else UNPROVEN
        colour = DOMINATED if p.dominated else colour
        axes.plot(
            x, y, mark, ms=5, color=colour, markeredgecolor=INK, markeredgewidth=0.5
        )


def _label(found: Frontier, second: float) -> str:
    return f"{second:.3g} {found.objectives[1].unit}"


def _legend(axes: Axes, found: Frontier) -> None:
    kinds = {
        "proven within the gap asked": (PROVEN, "proven"),
        "not proven within it": (UNPROVEN, "unproven"),
    }
    shown = {p.status for p in found.points}
    for text, (colour, status) in kinds.items():
        if status in shown:
            axes.plot([], [], "o", color=colour, markeredgecolor=INK, label=text)
    if any(p.dominated for p in found.points):
        axes.plot([], [], "o", color=DOMINATED, label="a tighter step costs no more")
    axes.fill_between([], [], [], color=PROVEN, alpha=0.15, label="left open by bounds")
    legend = axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        frameon=False,
        fontsize=7.5,
        title=_says(found.objectives[1].name) if _is_double(found) else None,
        title_fontsize=8,
    )
    for entry in legend.get_texts():
        entry.set_color(INK)
    missing = sum(p.cost is None for p in found.points)
    if missing:
        axes.text(
            1.02, 0.05, f"{missing} of {len(found.points)} points\nhave no plan",
            transform=axes.transAxes, fontsize=7.5, color=QUIET,
        )  # fmt: skip


def _says(name: str) -> str:
    return name.replace("_", " ")
