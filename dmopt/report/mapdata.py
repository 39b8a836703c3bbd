"""What the interactive map draws, as plain values: degrees, few decimals, no styles.

zones      GeoJSON: name n, district d, people p; class of demand and of way in each
           period, q0, w0, q1 ..., and the figures behind them, Q0, W0
flows      GeoJSON lines: period t, width w, far f (0 or 1), words s
sites      lon, lat, name, district, one state for each period: open, colours and
           shares of its disc, diameter, words
marks      infrastructure: lon, lat, shape, place p of so many, period, words
labels     districts: lon, lat, name
"""

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from dmopt.maps.excluded import excluded
from dmopt.maps.ground import Ground, lay_out, located
from dmopt.maps.look import Look, make_look
from dmopt.maps.palette import (
    FLOW,
    FROM_AFAR,
    INK,
    NO_VALUE,
    infrastructure_marks,
)
from dmopt.maps.shades import weight_unit
from dmopt.plan import views
from dmopt.plan.plan import Plan
from dmopt.report.shapes import SHAPES
from dmopt.report.table import NONE, figure
from dmopt.runs.words import quantity

DECIMALS = 5
"""Of a degree: about a metre."""
FINENESS = 2500
"""Outlines are simplified to this part of the region's width."""
WIDEST_PIXELS, AFAR_PIXELS = 8.0, 4.0
SITE_PIXELS = 1.5
"""Pixels for a point of a site's mark on the printed map."""


def map_data(plan: Plan) -> dict[str, Any]:
    """All layers, and the colours and classes that the legend shows too."""
    ground, periods = lay_out(plan.instance), list(plan.instance.periods.index)
    looks = {s: make_look(plan, ground, periods, s) for s in ("demand", "access")}
    first = looks["demand"]
    return {
        "periods": [str(period) for period in periods],
        "outlines": ground.has_outlines,
        "bounds": _bounds(ground),
        "shades": {name: _shade(look, periods) for name, look in looks.items()},
        "none": NO_VALUE,
        "ink": INK,
        "flow": FLOW,
        "afar": FROM_AFAR,
        "shapes": SHAPES,
        "families": first.family_colours,
        "infrastructure": _kinds(plan),
        "zones": _zones(plan, ground, looks, periods),
        "flows": _flows(first, periods),
        "sites": _sites(plan, first, periods),
        "marks": list(_marks(plan, ground, periods)),
        "labels": _labels(ground),
    }


def _degrees(ground: Ground, x: Any, y: Any) -> np.ndarray:
    """Points of the map's grid, (n,) and (n,), as degrees (n, 2), rounded."""
    change = Transformer.from_crs(ground.crs, "EPSG:4326", always_xy=True)
    both = change.transform(np.asarray(x, float), np.asarray(y, float))
    return np.round(np.column_stack(both), DECIMALS)


def _bounds(ground: Ground) -> list[list[float]]:
    """South-west and north-east corner of the region."""
    west, south, east, north = ground.region
    corners = _degrees(ground, [west, east, west, east], [south, south, north, north])
    return [corners.min(axis=0).tolist(), corners.max(axis=0).tolist()]


def _shade(look: Look, periods: list[str]) -> dict[str, Any]:
    title = look.shadings[periods[0]].title.replace("\n", " ")
    return {"title": title, "colours": look.shades, "labels": look.classes.labels()}


def _kinds(plan: Plan) -> list[dict[str, str]]:
    """Infrastructure that stands somewhere: name and shape."""
    table = plan.instance.infrastructure
    standing = set(plan.tables["infrastructure"].infrastructure)
    return [
        {"name": table.name[key] or key, "shape": shape}
        for key, (shape, _) in infrastructure_marks(table).items()
        if key in standing
    ]


def _zones(
    plan: Plan, ground: Ground, looks: dict[str, Look], periods: list[str]
) -> dict[str, Any]:
    zones = plan.instance.zones
    properties = [
        {"n": name or key, "d": district, "p": int(people)}
        for key, name, district, people in zip(
            zones.index, zones.name, zones.district, zones.population, strict=True
        )
    ]
    for letter, look in (("q", looks["demand"]), ("w", looks["access"])):
        for number, period in enumerate(periods):
            values = look.shadings[period].values
            classes = look.classes.of(values)
            for each, value, place in zip(properties, values, classes, strict=True):
                each[f"{letter}{number}"] = int(place)
                each[f"{letter.upper()}{number}"] = figure(float(value))
    shapes = _outlines(ground)
    return _collection(zip(shapes, properties, strict=True))


def _outlines(ground: Ground) -> list[dict[str, Any]]:
    """Zones as GeoJSON geometries; shared borders stay shared when simplified."""
    shapes = ground.zones.geometry.to_numpy()
    if ground.has_outlines:
        west, south, east, north = ground.region
        tolerance = max(east - west, north - south) / FINENESS
        areas = shapely.area(shapes) > 0
        simple = shapely.coverage_simplify(shapes[areas], tolerance)
        shapes = shapes.copy()
        # an outline smaller than the tolerance may vanish: it keeps its own
        shapes[areas] = np.where(shapely.is_empty(simple), shapes[areas], simple)
    change = Transformer.from_crs(ground.crs, "EPSG:4326", always_xy=True)

    def moved(points: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(change.transform(*points.T)), DECIMALS)

    return [_plain_geometry(shape) for shape in shapely.transform(shapes, moved)]


def _plain_geometry(shape: shapely.Geometry) -> dict[str, Any]:
    found: dict[str, Any] = shapely.geometry.mapping(shape)
    return {"type": found["type"], "coordinates": found["coordinates"]}


def _collection(features: Any) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": shape, "properties": properties}
            for shape, properties in features
        ],
    }


def _flows(look: Look, periods: list[str]) -> dict[str, Any]:
    """Flows as the printed map adds them up; what comes from afar is one line for each
    origin, to the middle of what it brings. Widths in pixels."""
    features, unit = [], weight_unit(look.plan)
    most = look.most or 1.0
    names = _site_names(look.plan)
    for number, period in enumerate(periods):
        rows = pd.concat([_near(look.streams[period]), _afar(look.streams[period])])
        starts = _degrees(look.ground, rows.x0, rows.y0)
        ends = _degrees(look.ground, rows.x1, rows.y1)
        table = rows[["origin", "amount", "km", "far"]].to_dict("records")
        for start, end, row in zip(starts, ends, table, strict=True):
            line = {"type": "LineString", "coordinates": [start.tolist(), end.tolist()]}
            says = (
                f"{names.get(row['origin'], row['origin'])}: "
                f"{quantity(row['amount'])} {unit} a year, {quantity(row['km'])} km"
            )
            wide = AFAR_PIXELS if row["far"] else WIDEST_PIXELS
            width = round(max(0.6, wide * min(1.0, row["amount"] / most)), 2)
            about = {"t": number, "w": width, "f": int(row["far"]), "s": says}
            features.append((line, about))
    return _collection(features)


def _near(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows.far].sort_values("amount", ascending=False)


def _afar(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each origin off the map: ends and km are means by amount."""
    far = rows[rows.far]
    ends = ["x1", "y1", "km"]
    weighted = far.assign(**{name: far[name] * far.amount for name in ends})
    sums = weighted.groupby("origin", sort=False)[["amount", *ends]].sum()
    sums[ends] = sums[ends].div(sums.amount, axis=0)
    starts = far.groupby("origin", sort=False)[["x0", "y0"]].first()
    return sums.join(starts).assign(far=True).reset_index()


def _site_names(plan: Plan) -> dict[str, str]:
    names = pd.concat([plan.instance.sites.name, plan.instance.suppliers.name])
    return {str(key): str(name or key) for key, name in names.items()}


def _sites(plan: Plan, look: Look, periods: list[str]) -> list[dict[str, Any]]:
    """Every site with its state in each period."""
    rows = pd.DataFrame(views.sites(plan).drop(columns="geometry"))
    degrees = plan.instance.places[["lon", "lat"]].round(DECIMALS)
    places = dict(zip(degrees.index, degrees.to_numpy().tolist(), strict=True))
    discs = {period: _discs(look, period) for period in periods}
    found = []
    for site, states in rows.groupby("site", sort=False):
        first = states.iloc[0]
        found.append(
            {
                "n": first["name"] or site,
                "d": first.district,
                "at": places[site],
                "states": [
                    _state(row, discs[row["period"]].get(str(site), []), look)
                    for row in states.to_dict("records")
                ],
            }
        )
    return found + _kept_out(plan, {str(site) for site in rows.site}, places)


def _kept_out(
    plan: Plan, shown: set[str], places: Mapping[str, list[float]]
) -> list[dict[str, Any]]:
    """Sites excluded by their status, which is why they have no state in the plan."""
    sites, why = plan.instance.sites, excluded(plan.instance).reason
    return [
        {
            "n": sites.name[site] or site,
            "d": sites.district[site],
            "at": places[site],
            "states": [{"o": 0, "c": [], "r": 0, "s": [f"excluded: {why[site]}"]}]
            * len(plan.instance.periods),
        }
        for site in map(str, why.index)
        if site not in shown
    ]


def _discs(look: Look, period: str) -> dict[str, list[tuple[str, int, int]]]:
    """Site -> (family, modules, rank) of what stands there."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    rows = look.standing(period)[["site", "family", "modules", "rank"]]
    for site, family, modules, rank in rows.itertuples(index=False, name=None):
        found.setdefault(site, []).append((family, modules, rank))
    return found


def _state(
    row: Mapping[Hashable, Any], standing: list[tuple[str, int, int]], look: Look
) -> dict[str, Any]:
    total = sum(modules for _, modules, _ in standing)
    rank = max((rank for *_, rank in standing), default=0)
    use = row["utilisation"]
    used = NONE if math.isnan(use) else f"{quantity(100 * use)} %"
    return {
        "o": int(row["open"]),
        "c": [[look.family_colours[f], round(m / total, 4)] for f, m, _ in standing],
        "r": round(SITE_PIXELS * look.diameter(rank) / look.zoom),
        "s": [
            row["technologies"] or "no modules",
            f"makes {row['made'] or 'nothing'} a year",
            f"{used} of its capacity is used",
        ]
        if row["open"]
        else ["not open under this plan"],
    }


def _marks(plan: Plan, ground: Ground, periods: list[str]) -> Iterator[dict[str, Any]]:
    """Infrastructure at its place; those of one place stand beside each other."""
    table = plan.instance.infrastructure
    shapes = infrastructure_marks(table)
    for number, period in enumerate(periods):
        rows = located(plan, ground, period).dropna(subset=["x", "y"])
        for (x, y), group in rows.groupby(["x", "y"], sort=False):
            at = _degrees(ground, [x], [y])[0].tolist()
            kinds = group.groupby("infrastructure", sort=False).steps.sum()
            for place, (key, steps) in enumerate(kinds.items()):
                name = table.name[str(key)] or str(key)
                yield {
                    "t": number,
                    "at": at,
                    "m": shapes[str(key)][0],
                    "p": place,
                    "of": len(kinds),
                    "s": f"{name}, {steps} step{'s' if steps != 1 else ''}",
                }


def _labels(ground: Ground) -> list[dict[str, Any]]:
    middles = ground.middles
    at = _degrees(ground, middles.x, middles.y)
    return [
        {"at": each.tolist(), "n": str(name)}
        for each, name in zip(at, middles.index, strict=True)
    ]
