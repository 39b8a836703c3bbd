"""An instance as the page shows it: what it is about, its rules, its map.

Computed once when an instance is taken in, and kept as files beside it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dmopt.data.instance import Instance
from dmopt.explaining.why import exclusions
from dmopt.models import MODELS, read_model, with_model
from dmopt.rules.catalogue import catalogue, dimension_of, make_rules, status_of
from dmopt.rules.edit import rule_rows, with_rule_rows
from dmopt.rules.parameters import meanings
from dmopt.rules.rule import Rule
from dmopt.runs.plain import plain
from dmopt.runs.words import significant
from dmopt.studies.knobs import knobs
from dmopt.web.geojson import DEGREES, collection
from dmopt.web.words import KNOWN_UNITS, money_words, spoken

FINEST = 1_500
"""Parts of the map's longer side that an outline tells apart."""


def facts(instance: Instance) -> dict[str, Any]:
    """What the page says of an instance (answers.InstanceDetail, but id)."""
    settings, periods = instance.settings, instance.periods
    goods = instance.commodities
    wanted = instance.demand_by_period
    last = wanted[wanted.period == periods.index[-1]]
    per_year = last.groupby("commodity").quantity_per_yr.sum()
    return plain(
        {
            "name": instance.name,
            "description": settings.description,
            "zones": len(instance.zones),
            "sites": len(instance.sites),
            "currency": settings.currency,
            "credit": settings.credit,
            "licence": settings.licence,
            "money_words": money_words(settings),
            "periods": [{"id": t, "name": t} for t in periods.index],
            "products": [
                {
                    "id": c,
                    "name": goods.name[c] or c,
                    "unit": goods.unit[c],
                    "demand_per_yr": float(per_year.get(c, 0.0)),
                }
                for c in goods.index[goods.index.isin(instance.demand.commodity)]
            ],
            "models": [
                {
                    "name": model.name,
                    "label": model.label,
                    "sentence": model.about,
                    "status": model.status,
                }
                for model in map(read_model, MODELS)
            ],
            "dimensions": [
                {"key": key, **{n: about[n] for n in ("label", "lens", "status")}}
                for key, about in catalogue()["dimensions"].items()
            ],
            "budgets": {
                "capital": _limits(periods.capital_budget),
                "public": _limits(periods.public_budget),
            },
            "knobs": [
                {
                    "key": knob.key,
                    "label": knob.label,
                    "unit": knob.unit,
                    "now": knob.now,
                    "low": knob.low,
                    "high": knob.high,
                    "step": knob.step,
                }
                for knob in knobs(instance)
            ],
        }
    )


def _limits(budget: pd.Series) -> dict[str, float | None]:
    """Period -> budget; None where there is no limit."""
    return {str(t): None if np.isnan(v) else float(v) for t, v in budget.items()}


def rules_of(instance: Instance, model: str | None) -> list[dict[str, Any]]:
    """The rules of an instance under a model, those switched off too."""
    own = set(instance.rules.index)
    given = instance if model is None else with_model(instance, read_model(model))
    rows = rule_rows(given)
    is_on = {str(row["id"]): bool(row["on"]) for row in rows}
    all_on = with_rule_rows(given, [row | {"on": True} for row in rows])
    return [
        _rule(rule, is_on[rule.id], "instance" if rule.id in own else "model")
        for rule in make_rules(all_on)
    ]


def _rule(rule: Rule, on: bool, origin: str) -> dict[str, Any]:
    about = rule.about
    named = [about.get(part, "") for part in ("source", "author", "dated", "clause")]
    return plain(
        {
            "id": rule.id,
            "kind": rule.kind.name,
            "dimension": dimension_of(rule.kind.name),
            "label": catalogue()["rules"].get(rule.kind.name, {}).get("label", ""),
            "sentence": rule.kind.sentence(),
            "on": on,
            "hard": rule.soft_price is None,
            "soft_price": rule.soft_price,
            "status": status_of(rule),
            "source": ", ".join(part for part in named if part),
            "owner": about.get("owner", ""),
            "note": about.get("note", ""),
            "parameters": list(_parameters(rule)),
            "from": origin,
        }
    )


def _parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    """Parameters as the page edits them: value as it is written after ID.NAME=."""
    means = meanings(type(rule.kind))
    schema = type(rule.kind).model_json_schema()  # type: ignore[attr-defined]
    for name, declared in schema.get("properties", {}).items():
        value = getattr(rule.kind, name)
        kinds = declared.get("anyOf", [declared])
        main = next((each for each in kinds if each.get("type") != "null"), declared)
        if "$ref" in main:
            main = schema["$defs"][main["$ref"].rpartition("/")[2]]
        kind = _kind(main)
        # pydantic writes limits behind a validator by their own names
        low = main.get("minimum", main.get("ge"))
        high = main.get("maximum", main.get("le"))
        share = kind == "number" and high == 1
        unit = str(declared.get("unit") or _unit(name))
        yield {
            "name": name,
            "meaning": spoken(name),
            "about": means[name],
            "unit": "share" if share else "" if unit == "%" else unit,
            "value": _written(value),
            "low": low,
            "high": high,
            "choices": main.get("enum"),
            "kind": kind,
        }


def _kind(declared: dict[str, Any]) -> str:
    if "enum" in declared or "const" in declared:
        return "choice"
    known = {"number": "number", "integer": "integer", "boolean": "flag"}
    return known.get(str(declared.get("type")), "text")


def _unit(name: str) -> str:
    return KNOWN_UNITS.get(name.rsplit("_", 1)[-1], "")


def _written(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return (
        value if value is None or isinstance(value, bool | int | float) else str(value)
    )


def map_of(instance: Instance) -> dict[str, Any]:
    """Zones and sites as GeoJSON in degrees, rounded, outlines simplified."""
    outlines = instance.zones_geo.geometry.to_crs("EPSG:4326").to_numpy(object)
    places = instance.places
    inside = places[(places.kind == "zone") | (places.in_region.astype(bool))]
    west, south = inside.lon.min(), inside.lat.min()
    east, north = inside.lon.max(), inside.lat.max()
    area = shapely.get_dimensions(outlines) == 2
    if area.any():
        bounds = shapely.total_bounds(outlines[area])
        west, south = min(west, bounds[0]), min(south, bounds[1])
        east, north = max(east, bounds[2]), max(north, bounds[3])
        finest = max(east - west, north - south) / FINEST
        outlines[area] = _simple(outlines[area], finest)
    return {
        "bounds": [round(float(v), DEGREES) for v in (west, south, east, north)],
        "zones": collection(outlines, _zone_properties(instance)),
        "sites": collection(
            shapely.points(*_degrees(instance, "site")), _site_properties(instance)
        ),
    }


def _degrees(instance: Instance, kind: str) -> tuple[np.ndarray, np.ndarray]:
    rows = instance.places[instance.places.kind == kind]
    return rows.lon.to_numpy(), rows.lat.to_numpy()


def _simple(shapes: np.ndarray, finest: float) -> np.ndarray:
    """Outlines with fewer corners; what neighbours share stays shared, where the
    outlines are neighbours proper."""
    if shapely.coverage_is_valid(shapes):
        return np.asarray(shapely.coverage_simplify(shapes, finest))
    return np.asarray(shapely.simplify(shapes, finest, preserve_topology=True))


def _zone_properties(instance: Instance) -> list[dict[str, Any]]:
    wanted = instance.demand_by_period
    last = wanted[wanted.period == instance.periods.index[-1]]
    demand: dict[str, dict[str, float]] = {}
    for zone, product, quantity in last[
        ["zone", "commodity", "quantity_per_yr"]
    ].itertuples(index=False, name=None):
        demand.setdefault(zone, {})[product] = significant(float(quantity), 6)
    zones = instance.zones
    return [
        {
            "id": zone,
            "name": name or zone,
            "district": district,
            "population": population,
            "decile": decile,
            "demand": demand.get(zone, {}),
        }
        for zone, name, district, population, decile in zip(
            zones.index,
            zones.name,
            zones.district,
            zones.population,
            zones.deprivation_decile,
            strict=True,
        )
    ]


def _site_properties(instance: Instance) -> list[dict[str, Any]]:
    reasons = exclusions(instance)
    sites = instance.sites
    return [
        {
            "id": site,
            "name": row["name"] or site,
            "class": row["class"],
            "district": row["district"],
            "status": row["status"],
            "in_region": bool(row["in_region"]),
            "reason": "; ".join(reasons.get(site, [])) or row["reason"],
        }
        for site, row in zip(sites.index, sites.to_dict("records"), strict=True)
    ]
