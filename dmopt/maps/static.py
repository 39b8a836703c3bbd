"""A map of a plan to print: one panel for each period, legend beside them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dmopt.maps.furniture import draw_badge, draw_credit, draw_title
from dmopt.maps.ground import lay_out
from dmopt.maps.legend import draw_legend
from dmopt.maps.look import make_look
from dmopt.maps.panel import draw_panel
from dmopt.maps.shades import Shade
from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.runs.words import badge, money
from dmopt.solving.result import Result

A4_LANDSCAPE = (11.69, 8.27)
DPI = 180
LEFT, BOTTOM, MAP_WIDTH, MAP_HEIGHT = 0.03, 0.055, 0.735, 0.825
GAP = 0.012


def plot(
    plan: Plan,
    *,
    period: str | None = None,
    result: Result | None = None,
    ax: Axes | None = None,
    shade: Shade = "demand",
    path: str | Path | None = None,
    credit: str | None = None,
) -> Figure:
    """Draw a plan; A4 landscape. Gives the matplotlib Figure.

    period: the one to draw; None: all, a panel each (with `ax`: the first).
    result: what the plan came from, for the badge and the cost; without it the
        badge says "not proven" and the cost is that of the plan.
    ax: draw only the map, on these axes of a figure of yours.
    shade: zones by what they want ("demand") or by the way to the nearest open
        site in the region ("access").
    path: also write the map there as PNG.
    credit: credit line; None: the instance's.
    Raises ValueError where there is no such period.
    """
    periods = list(plan.instance.periods.index)
    if period is not None and period not in periods:
        raise ValueError(f"no period {period!r}; there are {', '.join(periods)}")
    shown = [period] if period is not None else periods[: 1 if ax else None]
    look = make_look(plan, lay_out(plan.instance), shown, shade)
    if ax is not None:
        draw_panel(ax, look, shown[0])
        figure = cast(Figure, ax.get_figure(root=True))
    else:
        figure = Figure(figsize=A4_LANDSCAPE, dpi=DPI)
        FigureCanvasAgg(figure)
        panels = _panels(figure, len(shown), look.ground.bounds)
        left_out = [
            draw_panel(axes, look, each, each if len(shown) > 1 else "")
            for axes, each in zip(panels, shown, strict=True)
        ]
        draw_legend(figure.add_axes(_beside()), look, shown, max(left_out))
        _write_about(figure, plan, shown, result, credit)
    if path is not None:
        figure.savefig(path, format="png")
    return figure


def write_map(
    plan: Plan,
    path: str | Path,
    *,
    result: Result | None = None,
    shade: Shade = "demand",
) -> Path:
    """Write the map of all periods of a plan as PNG."""
    plot(plan, result=result, shade=shade, path=path)
    return Path(path)


def _panels(figure: Figure, count: int, bounds: np.ndarray) -> list[Axes]:
    """Axes for so many panels, in the rows that show the region largest."""
    region = np.maximum(bounds[2:] - bounds[:2], 1e-9)
    region = np.maximum(region, region.max() / 3)

    def scale(across: int) -> float:
        each = np.array(_panel_size(count, across)) * A4_LANDSCAPE
        return float((each / region).min())

    across = max(range(1, count + 1), key=scale)
    down = math.ceil(count / across)
    wide, high = _panel_size(count, across)
    return [
        figure.add_axes(
            (
                LEFT + place % across * (wide + GAP),
                BOTTOM + (down - 1 - place // across) * (high + GAP),
                wide,
                high,
            )
        )
        for place in range(count)
    ]


def _panel_size(count: int, across: int) -> tuple[float, float]:
    """Width and height of each panel, shares of the figure."""
    down = math.ceil(count / across)
    wide = (MAP_WIDTH - GAP * (across - 1)) / across
    return wide, (MAP_HEIGHT - GAP * (down - 1)) / down


def _beside() -> tuple[float, float, float, float]:
    """Left, bottom, width and height of the legend's column."""
    left = LEFT + MAP_WIDTH + 0.018
    return left, BOTTOM, 0.985 - left, MAP_HEIGHT - 0.012


def _write_about(
    figure: Figure,
    plan: Plan,
    shown: Sequence[str],
    result: Result | None,
    credit: str | None,
) -> None:
    """Title, badge and cost, credit line."""
    instance = plan.instance
    cost = result.cost if result is not None else None
    cost = total_cost(plan) if cost is None else cost
    draw_title(figure, instance.name, _subtitle(plan, shown), 0.66)
    draw_badge(figure, badge(result), money(cost, instance.settings), _beside()[0])
    draw_credit(figure, instance.settings.credit if credit is None else credit)


def _subtitle(plan: Plan, shown: Sequence[str]) -> str:
    """Period and how many sites are open in the region."""
    opened = plan.tables["opened"]
    inside = plan.instance.sites.in_region.reindex(opened.site).to_numpy(bool)
    sites = opened[inside].groupby("period").size()
    parts = []
    for period in shown:
        count = int(sites.get(period, 0))
        parts.append(
            f"{period}: {count} site{'s' if count != 1 else ''} open in the region"
        )
    return "Plan for " + "; ".join(parts)
