"""What a solve gave back: for people a short table, for programs one object."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from dmopt.cli.speech import count
from dmopt.data.instance import Instance, Settings
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.runs.words import badge, money, quantity
from dmopt.solving.result import Result

MOST_NAMES = 6
KEY_INDICATORS = {
    "jobs": "jobs in the region",
    "emissions_t": "emissions",
    "people_10km": "people within 10 km",
    "local_share": "made in the region",
    "unmet_share": "demand not met",
}
"""Indicators shown, in this order, and what they are called here."""


def as_object(instance: Instance, result: Result, folder: Path) -> dict[str, Any]:
    """What `--json` prints; None where there is none, money in full."""
    return {
        "instance": instance.name,
        "model": "rules" if len(instance.rules) else "free",
        "path": result.path,
        "status": result.status,
        "cost": result.cost,
        "bound": result.bound,
        "gap": result.gap,
        "proof": result.proof,
        "seconds": result.seconds,
        "build_seconds": result.build_seconds,
        "peak_mb": result.peak_mb,
        "run": str(folder),
        "verified": result.verified,
    }


def show(console: Console, instance: Instance, result: Result, folder: Path) -> None:
    """The result on a few lines."""
    table = Table(show_header=False, box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, text in _lines(instance, result, folder):
        table.add_row(name, text)
    console.print(instance.name, style="bold")
    console.print(table)


def _lines(
    instance: Instance, result: Result, folder: Path
) -> Iterator[tuple[str, str]]:
    yield from key_lines(result, instance.settings)
    yield "solved", f"in {result.seconds:.1f} s, {result.path} path: {result.why_path}"
    yield "run", f"{folder}"
    if result.plan is not None:
        for name, what in (("map.png", "map"), ("plan.gpkg", "QGIS")):
            path = folder / name
            yield what, f"{path}" if path.exists() else "left out, see plan.json"
        yield "tables", f"{folder / 'tables'}"


def key_lines(result: Result, settings: Settings) -> Iterator[tuple[str, str]]:
    """What is known of a result: how firm it is, what it costs and brings."""
    yield "result", badge(result)
    if result.cost is not None:
        yield "cost", money(result.cost, settings)
    if result.bound is not None and result.gap:
        yield "no plan costs less", money(result.bound, settings)
    if result.proof:
        yield "how that is known", result.proof
    if result.plan is not None:
        yield "sites open", _open_sites(result.plan)
        yield from _brings(result.plan)


def _open_sites(plan: Plan) -> str:
    """How many in the region and outside, and the names of the first few."""
    sites = plan.tables["opened"].site.unique()
    inside = plan.instance.sites.in_region.reindex(sites).to_numpy(bool)
    names = [*sites[inside], *sites[~inside]]
    if not names:
        return "none"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    outside = f" and {(~inside).sum()} outside" if (~inside).any() else ""
    listed = ", ".join(names[:MOST_NAMES])
    return f"{count(int(inside.sum()), 'site')} in the region{outside}: {listed}{more}"


def _brings(plan: Plan) -> Iterator[tuple[str, str]]:
    """Key indicators over all periods; what cannot be told is left out."""
    table = indicators(plan)
    values = table[table.period == ALL].set_index("indicator")
    for indicator, name in KEY_INDICATORS.items():
        value, unit = values.value[indicator], values.unit[indicator]
        if math.isnan(value):
            continue
        if unit == "share":
            yield name, f"{100 * value:.3g} %"
        else:
            yield name, f"{quantity(value)} {unit}".rstrip()
