"""Pictures of studies: maps of several plans side by side, charts."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dmopt.data.instance import Instance
from dmopt.explaining.firm import NOT_TRIED, Firmness
from dmopt.maps.furniture import draw_credit, draw_title
from dmopt.maps.ground import lay_out
from dmopt.maps.legend import KEY_FIGURES, parts_of, stack
from dmopt.maps.look import make_look
from dmopt.maps.palette import FAMILY_COLOURS, INK, PAPER, QUIET
from dmopt.maps.static import A4_LANDSCAPE, DPI, plot
from dmopt.plan.plan import Plan
from dmopt.runs.study import write_study
from dmopt.runs.words import badge, money
from dmopt.solving.result import Result
from dmopt.studies.breakeven import Breakeven
from dmopt.studies.compare import Comparison

MAPS_WIDE = 0.79
"""Share of the picture's width that maps take; the legend has the rest."""
MOST_DOWN = 3
"""Rows of maps on a page; with more the picture is higher, and no map smaller."""
FIRM_COLOURS = {
    "always": "#0B3C5D",
    "often": "#328CC1",
    "rarely": "#E8B04A",
    "never": "#FFFFFF",
    NOT_TRIED: "#BDBDBD",
}
"""Dark to light, told apart in grey too."""


def draw_comparison(found: Comparison, path: str | Path) -> None:
    """Maps of all models with a plan in one picture, the first period of each."""
    shown = [(e.label, e.result) for e in found.entries if e.result.plan is not None]
    title = "Ways to produce, compared: same demand, sites, costs and factors"
    draw_plans(found.instance, shown, title, path)


def draw_plans(
    instance: Instance,
    shown: Sequence[tuple[str, Result]],
    title: str,
    path: str | Path,
    period: str | None = None,
) -> None:
    """Maps of plans side by side, each with its label, cost and badge, one legend.

    shown: labels and results, each with a plan. period: the first, unless given.
    """
    period = period or str(instance.periods.index[0])
    across = min(3, max(1, len(shown)))
    down = max(1, math.ceil(len(shown) / across))
    wide, high = A4_LANDSCAPE
    figure = Figure(figsize=(wide, high * max(1.0, down / MOST_DOWN)), dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    for number, (label, result) in enumerate(shown):
        _draw_plan(figure, label, result, period, number, across, down)
    if shown:
        _draw_legend(figure, [result.plan for _, result in shown], period)
    draw_title(figure, instance.name, title, 0.94)
    draw_credit(figure, instance.settings.credit)
    figure.savefig(path, format="png")


def _draw_legend(figure: Figure, plans: Sequence[Plan | None], period: str) -> None:
    """One legend for all: that of the plan with the most kinds of things in it."""

    def kinds(plan: Plan) -> int:
        tables = plan.tables
        return len(
            {*tables["modules"].technology, *tables["infrastructure"].infrastructure}
        )

    plan = max((plan for plan in plans if plan is not None), key=kinds)
    look = make_look(plan, lay_out(plan.instance), [period], "demand")
    left = 0.02 + MAPS_WIDE + 0.01
    axes = figure.add_axes((left, 0.05, 0.99 - left, 0.80))
    axes.set_axis_off()
    parts = [p for p in parts_of(look, [period], 0) if not p[0].startswith(KEY_FIGURES)]
    stack(axes, parts)


def _draw_plan(
    figure: Figure,
    label: str,
    result: Result,
    period: str,
    number: int,
    across: int,
    down: int,
) -> None:
    wide, high = MAPS_WIDE / across, 0.82 / down
    left = 0.02 + (number % across) * wide
    bottom = 0.05 + (down - 1 - number // across) * high
    axes = figure.add_axes((left, bottom, wide - 0.01, high - 0.05))
    plan = result.plan
    assert plan is not None and result.cost is not None
    plot(plan, ax=axes, period=period)
    cost = money(result.cost, plan.instance.settings)
    axes.set_title(f"{label}: {cost}", fontsize=9, color=INK, loc="left", pad=12)
    axes.annotate(
        badge(result),
        (0, 1),
        (0, 2),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7,
        color=QUIET,
    )


def write_firmness(found: Firmness, folder: str | Path) -> None:
    """A study's folder with the table and the map of how firm sites are."""
    instance = found.plans[0].instance
    about = {"within": found.within, "plans": len(found.plans), "method": found.method}
    write_study(
        instance,
        folder,
        about,
        {"firm": found.table},
        {"firm.png": lambda path: draw_firmness(found, path)},
    )


def draw_firmness(found: Firmness, path: str | Path) -> None:
    """Sites coloured by how often they work in near-optimal plans."""
    instance = found.plans[0].instance
    ground = lay_out(instance)
    figure = Figure(figsize=A4_LANDSCAPE, dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    axes = figure.add_axes((0.03, 0.06, 0.72, 0.82))
    ground.zones.plot(ax=axes, color="#EEF1F3", edgecolor="#FFFFFF", linewidth=0.4)
    if len(ground.districts):
        ground.districts.boundary.plot(ax=axes, color=QUIET, linewidth=0.8)
    points = _sites_on(instance, ground.crs, found.table)
    for word, colour in FIRM_COLOURS.items():
        some = points[points.firm == word]
        axes.scatter(
            some.x,
            some.y,
            s=[90 if proven else 55 for proven in some.proven],
            color=colour,
            edgecolor=INK,
            linewidth=[2.0 if proven else 0.7 for proven in some.proven],
            zorder=5,
        )
        told = some[some.firm.isin(("always", "often"))][["site", "x", "y"]]
        for site, x, y in told.itertuples(index=False, name=None):
            axes.annotate(
                site,
                (x, y),
                (5, 4),
                textcoords="offset points",
                fontsize=6,
                color=INK,
                zorder=6,
            )
    axes.set_aspect("equal")
    axes.set_axis_off()
    _firm_legend(figure, found)
    title = (
        f"How firm: sites in {len(found.plans)} plans within "
        f"{100 * found.within:g} % of the plan at hand"
    )
    draw_title(figure, instance.name, title, 0.7)
    draw_credit(figure, instance.settings.credit)
    figure.savefig(path, format="png")


def _sites_on(instance: Instance, crs: object, table: pd.DataFrame) -> pd.DataFrame:
    import geopandas as gpd

    sites = instance.sites.loc[table.site]
    points = gpd.GeoSeries.from_xy(sites.x, sites.y, crs=instance.settings.crs)
    on = points.to_crs(crs)
    return table.assign(x=on.x.to_numpy(), y=on.y.to_numpy())


def _firm_legend(figure: Figure, found: Firmness) -> None:
    counts = found.table.firm.value_counts()
    says = {
        "always": "in every plan found",
        "often": "in half of them or more",
        "rarely": "in fewer than half",
        "never": "in none",
        NOT_TRIED: "the time ran out",
    }
    marks = [
        Line2D(
            [], [], marker="o", linestyle="", color=colour, markeredgecolor=INK, ms=8
        )
        for colour in FIRM_COLOURS.values()
    ]
    names = [f"{w}: {says[w]} ({counts.get(w, 0)})" for w in FIRM_COLOURS]
    marks.append(
        Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            color="white",
            markeredgecolor=INK,
            markeredgewidth=2.0,
            ms=9,
        )
    )
    names.append("thick rim: proven for every such plan")
    axes = figure.add_axes((0.76, 0.06, 0.23, 0.82))
    axes.set_axis_off()
    axes.legend(
        marks, names, loc="upper left", frameon=False, fontsize=7.5, labelspacing=0.8
    )
    text = (
        f"{found.method}:\n{found.searched} of {found.of} sites.\n"
        "A plan that was not found\nmay still exist."
    )
    axes.text(0, 0.55, text, fontsize=7, color=QUIET, va="top")


def draw_breakeven(instance: Instance, found: Breakeven, path: str | Path) -> None:
    """Cost of each model over what was varied; where the winner changes is shaded."""
    figure = Figure(figsize=(8.3, 5.2), dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    axes = figure.add_axes((0.1, 0.13, 0.66, 0.74))
    million = 1e6 if found.table.cost.max() >= 1e6 else 1.0
    styles: Sequence[str] = ("-", "--", "-.", ":")
    for number, (model, rows) in enumerate(found.table.groupby("model", sort=False)):
        rows = rows.sort_values("value")
        colour = FAMILY_COLOURS[number % len(FAMILY_COLOURS)]
        axes.plot(
            rows.value,
            rows.cost / million,
            styles[number % 4],
            color=colour,
            marker="o",
            ms=3.5,
            label=_in_legend(str(model), rows),
        )
        axes.fill_between(
            rows.value.to_numpy(float),
            rows.bound.to_numpy(float) / million,
            rows.cost.to_numpy(float) / million,
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
    for change in found.changes:
        axes.axvspan(change.low, change.high, color="#B9C2CA", alpha=0.5, zorder=0)
    if found.unit == "times today":
        axes.set_xscale("log", base=2)
        ticks = np.unique(found.table.value)
        axes.set_xticks(
            ticks, [f"{tick:.3g}" for tick in ticks], fontsize=7, rotation=45
        )
    unit = f"{instance.settings.currency}{' million' if million > 1 else ''}"
    over = found.over.replace("_", " ")
    axes.set_xlabel(f"{over}, {found.unit}", fontsize=9, color=INK)
    discounted = instance.settings.money == "discounted"
    paid = "present value" if discounted else "a year"
    axes.set_ylabel(f"cost, {unit} {paid}", fontsize=9, color=INK)
    axes.tick_params(labelsize=7.5)
    axes.grid(color="#DDE2E6", linewidth=0.6)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        frameon=False,
        fontsize=8,
        title="model (band: up to its bound)",
        title_fontsize=7,
    )
    draw_title(figure, instance.name, f"Where the winning model changes: {over}", 0.9)
    figure.savefig(path, format="png")


def _in_legend(model: str, rows: pd.DataFrame) -> str:
    """A model without a plan has no line: the legend says so."""
    name, missing = model.replace("_", "-"), int(rows.cost.isna().sum())
    if not missing:
        return name
    values = "any value" if missing == len(rows) else f"{missing} of {len(rows)} values"
    return f"{name} (no plan at\n{values})"
