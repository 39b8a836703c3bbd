"""Small random instances in which every feature of the model can occur.

Hypothesis draws which features are on and how large things are, so that a failure
shrinks to the features that matter; the figures come from a seeded generator.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Shape:
    """Sizes and features of a random instance."""

    seed: int
    zones: int
    sites: int
    periods: int
    discounted: bool = False
    must_meet: bool = False
    echelons: bool = False
    by_product: bool = False
    status: bool = False
    shared: bool = False
    own: bool = False
    prerequisite: bool = False
    apart: bool = False
    setup: bool = False
    move: bool = False
    budget: bool = False
    two_modes: bool = False
    table: bool = False
    single: bool = False
    count: bool = False
    import_gate: bool = False
    part_lost: bool = False
    stock: bool = False
    back: bool = False
    learning: bool = False


FEATURES = tuple(
    name for name, kind in Shape.__annotations__.items() if kind in (bool, "bool")
)


def shapes(
    most_zones: int = 5, most_sites: int = 4, most_periods: int = 3
) -> st.SearchStrategy:
    """Strategy for shapes; every feature on or off."""
    return st.builds(
        Shape,
        seed=st.integers(0, 2**20),
        zones=st.integers(1, most_zones),
        sites=st.integers(1, most_sites),
        periods=st.integers(1, most_periods),
        **{name: st.booleans() for name in FEATURES},
    )


def random_instance(shape: Shape) -> Instance:
    """The instance of a shape: the same shape gives the same instance."""
    r = np.random.default_rng(shape.seed)
    periods = [str(2027 + 4 * n) for n in range(shape.periods)]
    tables = {
        "periods": _periods(shape, r, periods),
        "zones": _zones(shape, r),
        "commodities": _commodities(shape),
        "demand": _demand(shape, r, periods),
        "sites": _sites(shape, r, periods),
        "technologies": _technologies(shape, r),
        "recipes": _recipes(shape, r),
        "recipe_items": _recipe_items(shape),
        **_services(shape, r),
        **_infrastructure(shape, r),
        "suppliers": [{"supplier": "mill", "x": 410e3, "y": 300e3}],
        "supplies": _supplies(shape, r, periods),
        "modes": _modes(shape, r),
        "lanes": _lanes(shape),
        "rules": _rules(shape),
    }
    if shape.learning:
        tables["module_prices"] = _module_prices(r, tables["technologies"])
    if shape.back:
        tables |= _returns(shape, r, tables)
    if shape.stock and shape.periods > 1:
        tables["stocks"] = _stocks(shape, r)
    if shape.status:
        tables["standing_modules"] = _standing(tables["sites"])
    if shape.table:
        tables["distances"] = _distances(tables, r)
    settings = {
        "name": "random",
        "crs": "EPSG:27700",
        "distance": "table" if shape.table else "projected",
        "money": "discounted" if shape.discounted else "annualised",
        "discount_rate": float(r.choice([0.0, 0.05, 0.1])),
        "decision_year": 2026.0 if shape.setup else None,
    }
    return make_instance(settings, tables)


def _point(r: np.random.Generator) -> dict[str, float]:
    return {"x": float(r.integers(400e3, 430e3)), "y": float(r.integers(280e3, 310e3))}


def _periods(shape: Shape, r: np.random.Generator, names: list[str]) -> Rows:
    rows = []
    for name in names:
        row = {
            "period": name,
            "start_year": int(name),
            "years": 4.0,
            "emission_price_per_t": float(r.integers(0, 200)),
        }
        if shape.budget:
            row["capital_budget"] = float(r.integers(50e3, 900e3))
            row["public_budget"] = float(r.integers(0, 300e3))
        rows.append(row)
    return rows


def _zones(shape: Shape, r: np.random.Generator) -> Rows:
    return [
        {
            "zone": f"z{n}",
            "population": 100.0 * (n + 1),
            "district": "AB"[n % 2],
            **_point(r),
        }
        for n in range(shape.zones)
    ]


def _commodities(shape: Shape) -> Rows:
    unmet = {} if shape.must_meet else {"unmet_price": 4.0}
    rows = [
        {
            "commodity": "bread",
            "t_per_unit": 0.001,
            "units_per_drop": 50,
            "price": 1.5,
            **unmet,
        },
        {
            "commodity": "cake",
            "t_per_unit": 0.0005,
            "units_per_drop": 5,
            "price": 6.0,
            "unmet_price": 9.0,
            "max_delivery_h": 1.0,
        },
        {"commodity": "flour", "t_per_unit": 1.0, "price": 400.0},
    ]
    if shape.echelons:
        rows.append({"commodity": "dough", "t_per_unit": 0.0011, "price": 0.4})
    if shape.by_product:
        rows.append({"commodity": "crumbs", "t_per_unit": 1.0, "disposal_cost": 30.0})
    return rows


def _demand(shape: Shape, r: np.random.Generator, periods: list[str]) -> Rows:
    rows = [
        {
            "zone": f"z{n}",
            "commodity": c,
            "quantity_per_yr": float(r.integers(low, high)),
        }
        for n in range(shape.zones)
        for c, low, high in (("bread", 0, 60e3), ("cake", 0, 8e3))
        if r.random() < 0.8
    ]
    if len(periods) > 1 and rows:
        own = dict(rows[0], period=periods[-1])
        rows.append(dict(own, quantity_per_yr=own["quantity_per_yr"] * 1.5))
    return rows or [{"zone": "z0", "commodity": "bread", "quantity_per_yr": 20e3}]


def _sites(shape: Shape, r: np.random.Generator, periods: list[str]) -> Rows:
    rows: Rows = [
        {
            "site": f"s{n}",
            "class": "unit",
            "district": "AB"[n % 2],
            "opening_cost": float(r.integers(0, 80e3)),
            "fixed_cost_per_yr": float(r.integers(0, 6e3)),
            "closing_cost": float(r.integers(0, 9e3)),
            "public_share": 0.3,
            **_point(r),
        }
        for n in range(shape.sites)
    ]
    if shape.part_lost:
        own = np.random.default_rng(shape.seed)  # the other figures stay as they are
        for row in rows:
            row["availability"] = float(own.choice([0.0, 0.5, 0.9, 1.0]))
    if shape.status:
        for row, status in zip(
            rows[1:], ("existing", "committed", "excluded"), strict=False
        ):
            row["status"] = status
            if status == "committed":
                row["opens"] = periods[-1]
    rows.append(
        {"site": "far", "class": "plant", "in_region": False, "x": 500e3, "y": 350e3}
    )
    return rows


def _standing(sites: Rows) -> Rows:
    return [
        {"site": row["site"], "technology": "oven", "modules": 1}
        for row in sites
        if row.get("status") in ("existing", "committed")
    ]


def _technologies(shape: Shape, r: np.random.Generator) -> Rows:
    setup = {"setup_yr": float(r.choice([0.5, 1.5, 5.0]))} if shape.setup else {}
    move = {"move_cost": float(r.integers(100, 9e3))} if shape.move else {}
    rows = [
        {
            "technology": "oven",
            "capacity_per_yr": float(r.integers(20e3, 90e3)),
            "least_use": float(r.choice([0.0, 0.4])),
            "availability": 0.9,
            "capital_cost": float(r.integers(20e3, 120e3)),
            "life_yr": 12.0,
            "fixed_cost_per_yr": 1e3,
            "resale_share": 0.3,
            "max_modules": 2,
            "public_share": 0.2,
            "jobs_per_module": 3,
            "site_classes": "unit",
            **setup,
            **move,
        },
        {
            "technology": "line",
            "capacity_per_yr": float(r.integers(100e3, 300e3)),
            "least_use": float(r.choice([0.0, 0.5])),
            "capital_cost": float(r.integers(90e3, 400e3)),
            "max_modules": 1,
            **move,
        },
    ]
    if shape.echelons:
        rows.append(
            {
                "technology": "mixer",
                "capacity_per_yr": 200e3,
                "capital_cost": 20e3,
                "max_modules": 2,
                "site_classes": "unit",
            }
        )
    return rows


def _recipes(shape: Shape, r: np.random.Generator) -> Rows:
    rows = [
        {
            "recipe": "oven bread",
            "technology": "oven",
            "stock_days": 1,
            "variable_cost": 0.4,
            "emissions_kg": 0.05,
        },
        {
            "recipe": "oven cake",
            "technology": "oven",
            "capacity_use": 3.0,
            "variable_cost": 1.0,
        },
        {
            "recipe": "line bread",
            "technology": "line",
            "stock_days": 9,
            "variable_cost": float(r.uniform(0.05, 0.4)),
        },
    ]
    if shape.echelons:
        rows.append({"recipe": "mix", "technology": "mixer", "variable_cost": 0.02})
    return rows


def _recipe_items(shape: Shape) -> Rows:
    items = [
        ("oven bread", "bread", 1.0),
        ("oven cake", "cake", 1.0),
        ("oven cake", "flour", -0.0002),
        ("line bread", "bread", 1.0),
        ("line bread", "flour", -0.0006),
    ]
    if shape.echelons:
        items += [
            ("oven bread", "dough", -1.0),
            ("mix", "dough", 1.0),
            ("mix", "flour", -0.0006),
        ]
    else:
        items.append(("oven bread", "flour", -0.0006))
    if shape.by_product:
        items += [("oven bread", "crumbs", 0.00002), ("line bread", "crumbs", 0.00001)]
    return [
        dict(zip(("recipe", "commodity", "quantity"), item, strict=True))
        for item in items
    ]


def _services(shape: Shape, r: np.random.Generator) -> dict[str, Rows]:
    """Energy is only paid; power, licence limited if infrastructure can add them."""
    services: Rows = [
        {
            "service": "kwh",
            "kind": "energy",
            "price": 0.2,
            "emissions_kg": 0.2,
            "limited": False,
        }
    ]
    needs: Rows = []
    if shape.own:
        services.append({"service": "kw", "kind": "power", "price": 5.0})
        needs += [
            {"technology": "oven", "service": "kw", "per_module": 40.0},
            {"technology": "line", "service": "kw", "per_module": 150.0},
        ]
    if shape.shared:
        services += [
            {"service": "licence", "kind": "licence"},
            {"service": "crew", "kind": "skills"},
        ]
        needs += [
            {"technology": "oven", "service": "licence", "per_module": 1.0},
            {"technology": "oven", "service": "crew", "per_module": 3.0},
        ]
    inside = [f"s{n}" for n in range(shape.sites)]
    base = [
        {"site": s, "service": q, "base": float(b)}
        for q, on, b in (
            ("kw", shape.own, r.integers(0, 60)),
            ("crew", shape.shared, 2),
        )
        if on
        for s in inside
    ]
    if shape.own:
        base.append({"site": "far", "service": "kw", "base": 1e4, "price": 2.0})
    return {
        "services": services,
        "technology_needs": needs,
        "recipe_needs": [
            {"recipe": "oven bread", "service": "kwh", "per_unit": 0.8},
            {"recipe": "line bread", "service": "kwh", "per_unit": 0.4},
        ],
        "site_services": base,
    }


def _infrastructure(shape: Shape, r: np.random.Generator) -> dict[str, Rows]:
    rows, services, locations, prerequisites = [], [], [], []
    sites = [f"s{n}" for n in range(shape.sites)]
    setup = {"setup_yr": 1.0} if shape.setup else {}
    if shape.own:
        rows.append(
            {
                "infrastructure": "grid",
                "reach": "site",
                "capital_cost": 20e3,
                "fixed_cost_per_yr": 300,
                **setup,
            }
        )
        services.append({"infrastructure": "grid", "service": "kw", "per_step": 90.0})
        locations += [
            {"infrastructure": "grid", "location": s, "site": s, "max_steps": 3}
            for s in sites
        ]
    if shape.shared:
        rows += [
            {
                "infrastructure": "control",
                "reach": "radius",
                "radius_km": 14.0,
                "capital_cost": 15e3,
                "max_users": 2,
                "connection_cost": 900.0,
                "fee_per_yr": 100.0,
                "least_km": 12.0 if shape.apart else 0.0,
                **setup,
            },
            {
                "infrastructure": "school",
                "reach": "district",
                "capital_cost": 9e3,
                "public_share": 0.8,
                "jobs_per_step": 1,
            },
        ]
        services += [
            {"infrastructure": "control", "service": "licence"},
            {
                "infrastructure": "school",
                "service": "crew",
                "per_step": float(r.integers(2, 12)),
            },
        ]
        locations += [
            {
                "infrastructure": "control",
                "location": f"c{n}",
                **_point(r),
                "max_steps": 2,
            }
            for n in range(2)
        ]
        locations += [
            {
                "infrastructure": "school",
                "location": d,
                "district": d,
                "max_steps": 2,
                "existing_steps": int(d == "B"),
            }
            for d in "AB"
        ]
    if shape.shared and shape.prerequisite:
        rows.append(
            {
                "infrastructure": "platform",
                "reach": "region",
                "capital_cost": 30e3,
                "fixed_cost_per_yr": 500,
            }
        )
        locations.append({"infrastructure": "platform", "location": "one"})
        prerequisites.append({"infrastructure": "control", "requires": "platform"})
    return {
        "infrastructure": rows,
        "infrastructure_services": services,
        "locations": locations,
        "prerequisites": prerequisites,
    }


def _supplies(shape: Shape, r: np.random.Generator, periods: list[str]) -> Rows:
    rows: Rows = [
        {
            "supplier": "mill",
            "commodity": "flour",
            "price": 350.0,
            "emissions_kg": 400.0,
            "max_per_yr": float(r.integers(20, 400)),
        }
    ]
    if len(periods) > 1:
        rows.append(dict(rows[0], period=periods[0], price=300.0))
    if shape.import_gate:
        rows.append({"supplier": "mill", "commodity": "cake", "price": 7.0})
    return rows


def _modes(shape: Shape, r: np.random.Generator) -> Rows:
    rows = [
        {
            "mode": "van",
            "cost_per_tkm": 0.2,
            "cost_per_km": 0.4,
            "cost_per_drop": 1.2,
            "payload_t": 0.8,
            "drops_per_trip": 20,
            "speed_kmh": 30.0,
            "handling_h": 0.1,
            "kg_per_tkm": 0.6,
        },
        {
            "mode": "truck",
            "cost_per_tkm": 0.15,
            "speed_kmh": 55.0,
            "kg_per_km": 0.8,
            "payload_t": 10.0,
        },
    ]
    if shape.two_modes:
        rows.append(
            {
                "mode": "bike",
                "cost_per_drop": 0.9,
                "cost_per_tkm": 3.0,
                "speed_kmh": 15.0,
                "max_km": float(r.integers(3, 12)),
                "kg_per_drop": 0.001,
            }
        )
    return rows


def _lanes(shape: Shape) -> Rows:
    lanes = [
        ("bread", "van", "site_inside", "zone"),
        ("cake", "van", "site_inside", "zone"),
        ("bread", "truck", "site_outside", "zone"),
        ("flour", "truck", "supplier", "site"),
    ]
    if shape.two_modes:
        lanes.append(("bread", "bike", "site_inside", "zone"))
    if shape.echelons:
        lanes.append(("dough", "van", "site_inside", "site"))
    if shape.import_gate:
        lanes.append(("cake", "van", "supplier", "zone"))
    return [
        dict(zip(("commodity", "mode", "origin", "destination"), lane, strict=True))
        for lane in lanes
    ]


def _stocks(shape: Shape, r: np.random.Generator) -> Rows:
    held: Rows = [
        {
            "commodity": "bread",
            "holding_cost_per_yr": float(r.choice([0.0, 0.02, 0.2])),
            "loss_per_yr": float(r.choice([0.0, 0.1])),
            "shelf_periods": float(r.integers(1, 3)),
        },
        {"commodity": "flour", "holding_cost_per_yr": 9.0, "max_units": 60.0},
    ]
    if shape.echelons:
        held.append({"commodity": "dough", "site": "s0", "shelf_periods": 1})
    return held


def _module_prices(r: np.random.Generator, technologies: Rows) -> Rows:
    rows = []
    for technology in technologies[:2]:
        price, bought = technology["capital_cost"], 0
        for _ in range(int(r.integers(1, 3))):
            price, bought = price * r.uniform(0.5, 1.0), bought + int(r.integers(1, 3))
            name = technology["technology"]
            rows.append({"technology": name, "bought": bought, "capital_cost": price})
    return rows


def _returns(
    shape: Shape, r: np.random.Generator, tables: dict[str, Rows]
) -> dict[str, Rows]:
    """Old bread comes back, and a drying oven makes flour of it."""
    old = {"commodity": "old", "t_per_unit": 0.001}
    dry = {
        "technology": "dryer",
        "capacity_per_yr": 60e3,
        "capital_cost": 2e3,
        "site_classes": "unit",
    }
    again = {"recipe": "oven again", "technology": "oven", "variable_cost": 0.1}
    limit = {"max_per_yr": float(r.integers(0, 60e3))} if r.random() < 0.5 else {}
    lag = int(r.integers(0, min(2, shape.periods)))
    return {
        "commodities": [*tables["commodities"], old],
        "technologies": [*tables["technologies"], dry],
        "recipes": [
            *tables["recipes"],
            again,
            {"recipe": "dry", "technology": "dryer", "variable_cost": 0.01},
        ],
        "recipe_items": [
            *tables["recipe_items"],
            {"recipe": "oven again", "commodity": "bread", "quantity": 1.0},
            {"recipe": "oven again", "commodity": "old", "quantity": -1.5},
            {"recipe": "dry", "commodity": "flour", "quantity": 0.0007},
            {"recipe": "dry", "commodity": "old", "quantity": -1.0},
        ],
        "lanes": [
            *tables["lanes"],
            {
                "commodity": "old",
                "mode": "van",
                "origin": "zone",
                "destination": "site",
            },
        ],
        "returns": [
            {
                "commodity": c,
                "returns_as": "old",
                "quantity": float(r.uniform(0.2, 0.9)),
                "lag_periods": lag,
            }
            for c in ("bread", "cake")
            if any(row["commodity"] == c for row in tables["demand"])
        ],
        "disposals": [
            {"commodity": "old", "zone_cost": float(r.choice([0.0, 0.3])), **limit}
        ],
    }


def _rules(shape: Shape) -> Rows:
    rules = []
    if shape.single:
        rules.append(
            {
                "id": "one source",
                "rule": "single_sourcing",
                "parameters": "commodities=bread",
            }
        )
    if shape.count:
        rules.append({"id": "few", "rule": "site_count", "parameters": "most=2"})
    return rules


def _distances(tables: dict[str, Rows], r: np.random.Generator) -> Rows:
    zones, sites, suppliers = (
        [(row[kind], row["x"], row["y"]) for row in tables[table]]
        for kind, table in (
            ("zone", "zones"),
            ("site", "sites"),
            ("supplier", "suppliers"),
        )
    )
    rows = []
    origins = [*sites, *suppliers, *(zones if "returns" in tables else ())]
    for a, ax, ay in origins:
        for b, bx, by in [*zones, *sites]:
            km = float(np.hypot(ax - bx, ay - by)) / 1000
            if a != b and r.random() < 0.9:
                timed = {"minutes": km * 1.5} if r.random() < 0.5 else {}
                rows.append({"origin": a, "destination": b, "km": km, **timed})
    return rows
