"""A plan as the page shows it: figures, and what stands and flows on the map."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from dmopt.data.instance import Instance
from dmopt.maps.layers import infrastructure_layer
from dmopt.plan import views
from dmopt.plan.called import COSTS, INDICATORS, Called
from dmopt.plan.costs import cost_table, weights
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.runs.plain import plain
from dmopt.runs.words import badge, significant
from dmopt.solving.result import Result
from dmopt.web.geojson import collection
from dmopt.web.words import spoken

DIGITS = 3
"""Significant digits that figures are shown with."""


def result_of(result: Result, messages: list[str]) -> dict[str, Any]:
    """What a solve found, in figures; nothing of a plan where there is none."""
    plan = result.plan
    return plain(
        {
            "status": result.status,
            "cost": result.cost,
            "bound": result.bound,
            "gap": result.gap,
            "verified": result.verified,
            "badge": badge(result),
            "costs": [] if plan is None else costs_of(plan),
            "indicators": [] if plan is None else indicators_of(plan),
            "sites_open": [] if plan is None else open_sites(plan),
            "messages": [*messages, *_outcome(result)],
            "proof": result.proof,
            "seconds": result.seconds,
            "path": f"{result.path}: {result.why_path}",
        }
    )


def _outcome(result: Result) -> list[str]:
    """In plain words what is not said by a plan and its bound."""
    if result.status == "infeasible":
        return ["No plan can keep all rules and limits: proven."]
    return []


def costs_of(plan: Plan) -> list[dict[str, Any]]:
    """Kinds of cost of the whole plan; they add up to its cost."""
    table = cost_table(plan)
    weight = pd.Series(weights(plan.instance), plan.instance.periods.index)
    money = table.cost_per_yr * table.period.map(weight).astype(float)
    kinds = money.groupby(table.kind, sort=False).sum()
    return [
        {"kind": kind, "label": COSTS.get(str(kind), str(kind)), "value": float(value)}
        for kind, value in kinds.items()
        if abs(value) > 0
    ]


def indicators_of(plan: Plan) -> list[dict[str, Any]]:
    """Indicators over all periods; shares in per cent."""
    table = indicators(plan)
    whole = table[table.period == ALL].set_index("indicator")
    order = [*INDICATORS, *(name for name in whole.index if name not in INDICATORS)]
    found = []
    for name in order:
        if name not in whole.index:
            continue
        called = INDICATORS.get(name, Called(spoken(name).capitalize()))
        value, unit = float(whole.value[name]), str(whole.unit[name])
        share = unit == "share"
        found.append(
            {
                "name": name,
                "label": called.label,
                "value": 100 * value if share else value,
                "unit": "%" if share else unit,
                "digits": DIGITS,
                "better": called.better,
            }
        )
    return found


def open_sites(plan: Plan) -> list[str]:
    """Sites open in some period, in the order of the instance."""
    opened = set(plan.tables["opened"].site)
    return [str(site) for site in plan.instance.sites.index if site in opened]


def plan_map(plan: Plan) -> dict[str, dict[str, Any]]:
    """Period -> what stands and flows in it, as the page's map takes it."""
    sites, flows, zones = views.sites(plan), views.flows(plan), views.zones(plan)
    shared = infrastructure_layer(plan)
    modules = plan.tables["modules"]
    found = {}
    for period in plan.instance.periods.index:
        found[str(period)] = {
            "period": str(period),
            "sites": _sites(plan.instance, _of(sites, period), _of(modules, period)),
            "infrastructure": _infrastructure(_of(shared, period)),
            "flows": _flows(_of(flows, period)),
            "access": _access(_of(zones, period)),
        }
    return found


def _of(table: Any, period: str) -> Any:
    return table[table.period == period]


def _sites(
    instance: Instance, sites: pd.DataFrame, modules: pd.DataFrame
) -> dict[str, Any]:
    labels = instance.technologies.name
    standing: dict[str, list[dict[str, Any]]] = {}
    for site, technology, count in modules[
        ["site", "technology", "modules"]
    ].itertuples(index=False, name=None):
        if count > 0:
            standing.setdefault(site, []).append(
                {
                    "technology": technology,
                    "label": labels[technology] or technology,
                    "count": int(count),
                }
            )
    return {
        site: plain(
            {
                "open": bool(is_open),
                "modules": standing.get(site, []),
                "use": use,
                "made": made,
            }
        )
        for site, is_open, use, made in zip(
            sites.site, sites.open, sites.utilisation, sites.made, strict=True
        )
    }


def _infrastructure(layer: gpd.GeoDataFrame) -> dict[str, Any]:
    points = _degrees(layer)
    columns = [
        "infrastructure",
        "location",
        "name",
        "kind",
        "reach",
        "district",
        "steps",
        "users",
        "utilisation",
    ]
    rows = layer[columns].rename(columns={"location": "id", "utilisation": "use"})
    return collection(points, _records(rows))


def _flows(layer: gpd.GeoDataFrame) -> dict[str, Any]:
    """Lines; share: of what the destination gets of the product."""
    by = [layer.destination, layer.commodity]
    total = layer.groupby(by).quantity_per_yr.transform("sum")
    rows = pd.DataFrame(
        {
            "from": layer.origin,
            "to": layer.destination,
            "product": layer.commodity,
            "mode": layer["mode"],
            "t_per_yr": layer.t_per_yr,
            "quantity": layer.quantity_per_yr,
            "share": layer.quantity_per_yr / total.where(total > 0),
            "km": layer.km,
        }
    )
    for name in ("t_per_yr", "quantity", "share", "km"):
        rows[name] = [significant(float(value), 5) for value in rows[name]]
    return collection(_degrees(layer), _records(rows))


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


def _degrees(layer: gpd.GeoDataFrame) -> np.ndarray:
    shapes = layer.geometry.to_crs("EPSG:4326").to_numpy(object)
    shapes[shapely.is_empty(shapes)] = None
    return np.asarray(shapes)


def _access(zones: pd.DataFrame) -> dict[str, float | None]:
    km = dict(zip(zones.zone, zones.nearest_km, strict=True))
    found: dict[str, float | None] = plain(
        {zone: significant(float(value), 4) for zone, value in km.items()}
    )
    return found
