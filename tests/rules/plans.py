"""Plans of the line by hand: who bakes, and who brings how much to whom."""

from typing import Any

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan, make_plan

Row = dict[str, Any]


def standing(site: str, technology: str = "oven", modules: int = 1) -> Row:
    """Modules bought for the only year."""
    return {
        "site": site,
        "technology": technology,
        "period": "y",
        "modules": modules,
        "bought": modules,
        "sold": 0,
        "moved_in": 0,
        "moved_out": 0,
    }


def flow(
    origin: str,
    destination: str,
    quantity: float,
    commodity: str = "bread",
    mode: str = "van",
) -> Row:
    return {
        "origin": origin,
        "destination": destination,
        "commodity": commodity,
        "mode": mode,
        "period": "y",
        "quantity_per_yr": quantity,
    }


def baked(instance: Instance, ovens: str, opened: str = "", **tables: Any) -> Plan:
    """Ovens at these sites (one letter each); the first of them bakes for both towns.

    opened: sites open without an oven. tables: rows more, by table.
    """
    first = ovens[:1]
    rows: dict[str, list[Row]] = {
        "opened": [{"site": s, "period": "y"} for s in ovens + opened],
        "modules": [standing(s) for s in ovens],
        "activity": [
            {"site": s, "recipe": "bake", "period": "y", "quantity_per_yr": 100}
            for s in first
        ],
        "flows": [
            flow(s, z, t) for s in first for z, t in (("west", 60), ("east", 40))
        ],
    }
    for name, more in tables.items():
        rows[name] = [*rows.get(name, []), *more]
    return make_plan(instance, rows)
