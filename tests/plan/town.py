"""A hand-made town over two periods that uses every part of the mathematics.

Everything lies on one line; the number is the km along it:

    west 0  bakery 1  mixer 2  lab 3  annex 8  hub 9  east 10  mill 20  plant 100

Straight km in the CRS, no detour. Two periods of five years. Until told otherwise the
rate is 0, so that the annuity of capital C with life n is C / n.
"""

from typing import Any

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from dmopt.plan.plan import COLUMNS, Plan, make_plan

P1, P2 = "early", "late"

SETTINGS: dict[str, Any] = {
    "name": "Line town",
    "crs": "EPSG:27700",
    "currency": "GBP",
    "discount_rate": 0.0,
    "holding_rate": 0.1,
    "distance": "projected",
    "detour": 1.0,
}

# fmt: off
# each table: its columns in words, then its rows; None is a blank cell
TABLES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "periods": (
        "period start_year years emission_price_per_t capital_budget public_budget",
        [(P1, 2030, 5, 100, 3290, 600), (P2, 2035, 5, 200, None, None)],
    ),
    "zones": (
        "zone district population x y",
        [("west", "north", 1000, 0, 0), ("east", "south", 3000, 10_000, 0)],
    ),
    "commodities": (
        "commodity unit t_per_unit units_per_drop price unmet_price disposal_cost "
        "max_delivery_h",
        [
            ("bread", "loaf", 0.001, 10, 2, 5, None, 2),
            ("dough", "piece", 0.001, 100, 1, None, None, None),
            ("flour", "t", 1, 1, 400, None, None, None),
            ("crumbs", "kg", 0.001, 1, 0, None, 0.1, None),
        ],
    ),
    "demand": (
        "zone commodity period quantity_per_yr",
        [
            ("west", "bread", None, 1000),
            ("east", "bread", None, 2000),
            ("east", "bread", P2, 3000),
        ],
    ),
    "sites": (
        "site class district in_region status x y opening_cost life_yr closing_cost "
        "fixed_cost_per_yr public_share opens",
        [
            ("bakery", "yard", "north", True, "candidate",
             1000, 0, 500, 25, 0, 30, 0.5, None),
            ("mixer", "yard", "north", True, "existing",
             2000, 0, 0, 25, 0, 10, 0, None),
            ("annex", "shop", "south", True, "candidate",
             8000, 0, 400, 25, 0, 0, 0, None),
            ("hub", "shop", "south", True, "committed", 9000, 0, 0, 25, 0, 5, 0, P2),
            ("plant", "plant", "", False, "existing",
             100_000, 0, 0, 25, 250, 40, 0, None),
            ("ruin", "yard", "north", True, "excluded", 3000, 0, 0, 25, 0, 0, 0, None),
        ],
    ),
    "technologies": (
        "technology capacity_per_yr least_use availability capital_cost life_yr "
        "fixed_cost_per_yr resale_share move_cost setup_yr max_modules "
        "jobs_per_module site_classes",
        [
            ("oven", 2000, 0.1, 1, 1000, 10, 20, 0.5, 50, 1, 3, 2, "yard; shop"),
            ("mill_mixer", 10_000, 0, 0.5, 800, 10, 10, 0, None, 0, 1, 1, "yard"),
            ("line", 1000, 0, 1, 5000, 20, 100, 0.4, None, 0, 1, 3, "plant"),
        ],
    ),
    "recipes": (
        "recipe technology capacity_use variable_cost emissions_kg stock_days",
        [
            ("bake", "oven", 1, 0.1, 0.01, 3.65),
            ("mix", "mill_mixer", 1, 0.02, 0, 0),
            ("roll", "line", 1, 0.05, 0, 0),
        ],
    ),
    "recipe_items": (
        "recipe commodity quantity",
        [
            ("bake", "dough", -1), ("bake", "bread", 1), ("bake", "crumbs", 0.01),
            ("mix", "flour", -0.001), ("mix", "dough", 1),
            ("roll", "flour", -0.001), ("roll", "bread", 1),
        ],
    ),
    "services": (
        "service unit kind price emissions_kg limited",
        [
            ("power", "kWh", "energy", 0.1, 0.2, False),
            ("crew", "h", "labour", 10, 0, False),
            ("floor", "m2", "land", 2, 0, False),
            ("peak", "kW", "power", 0, 0, True),
            ("release", "batch", "quality", 1, 0, True),
            ("telemetry", "unit", "data", 0, 0, True),
            ("storage", "m3", "logistics", 0, 0, True),
        ],
    ),
    "technology_needs": (
        "technology service per_module",
        [
            ("oven", "floor", 10), ("oven", "peak", 5),
            ("oven", "release", 1), ("oven", "telemetry", 1),
        ],
    ),
    "recipe_needs": (
        "recipe service per_unit",
        [("bake", "power", 0.5), ("bake", "crew", 0.01), ("bake", "release", 0.001)],
    ),
    "site_services": (
        "site service base price",
        [
            ("bakery", "floor", 0, 3), ("bakery", "peak", 4, None),
            ("annex", "peak", 10, None), ("hub", "peak", 5, None),
            ("hub", "release", 5, None),
        ],
    ),
    "standing_modules": (
        "site technology modules",
        [("mixer", "mill_mixer", 1), ("hub", "oven", 1), ("plant", "line", 1)],
    ),
    "infrastructure": (
        "infrastructure kind reach radius_km capital_cost life_yr fixed_cost_per_yr "
        "max_users connection_cost fee_per_yr least_km setup_yr jobs_per_step "
        "public_share",
        [
            ("grid", "power", "site", None, 100, 20, 3, None, 0, 0, 0, 0, 0, 0),
            ("lab", "quality", "radius", 6, 300, 20, 30, 2, 40, 7, 0, 1, 4, 1),
            ("cloud", "data", "region", None, 0, 20, 0, None, 20, 10, 0, 0, 0, 0),
            ("college", "skills", "district", None, 200, 20, 0, None, 0, 0, 0, 0, 1, 0),
            ("depot", "logistics", "radius", 20, 80, 20, 0, None, 0, 0, 5, 0, 0, 0),
        ],
    ),
    "infrastructure_services": (
        "infrastructure service per_step",
        [
            ("grid", "peak", 10), ("lab", "release", 5),
            ("cloud", "telemetry", None), ("depot", "storage", 100),
        ],
    ),
    "prerequisites": ("infrastructure requires", [("lab", "college")]),
    "locations": (
        "infrastructure location site district x y max_steps existing_steps "
        "cost_factor",
        [
            ("grid", "at bakery", "bakery", None, None, None, 2, 0, 1.5),
            ("lab", "centre", None, "north", 3000, 0, 3, 0, 1),
            ("cloud", "anywhere", None, None, None, None, 1, 1, 1),
            ("college", "at mixer", "mixer", None, None, None, 1, 0, 1),
            ("depot", "west end", None, None, 0, 0, 1, 0, 1),
            ("depot", "middle", None, None, 4000, 0, 1, 0, 1),
            ("depot", "east end", None, None, 10_000, 0, 1, 0, 1),
        ],
    ),
    "suppliers": ("supplier x y", [("mill", 20_000, 0)]),
    "supplies": (
        "supplier commodity period price max_per_yr emissions_kg",
        [("mill", "flour", None, 300, 5, 50), ("mill", "flour", P1, 250, 2.8, 50)],
    ),
    "modes": (
        "mode cost_per_tkm cost_per_km cost_per_drop payload_t drops_per_trip "
        "speed_kmh handling_h kg_per_tkm kg_per_km kg_per_drop max_km",
        [
            ("van", 1, 0.5, 0.2, 0.5, 20, 20, 0.5, 0, 0.2, 0.01, 50),
            ("lorry", 0.1, 0, 0, None, None, 50, 0, 0.05, 0, 0, None),
        ],
    ),
    "lanes": (
        "commodity mode origin destination max_km",
        [
            ("bread", "van", "site_inside", "zone", 12),
            ("bread", "lorry", "site_outside", "zone", None),
            ("dough", "van", "site_inside", "site", None),
            ("flour", "lorry", "supplier", "site", None),
        ],
    ),
}

PLAN: dict[str, list[tuple[Any, ...]]] = {
    "opened": [
        ("bakery", P1), ("mixer", P1), ("plant", P1),
        ("bakery", P2), ("mixer", P2), ("annex", P2), ("hub", P2),
    ],
    # modules, bought, sold, moved in, moved out
    "modules": [
        ("bakery", "oven", P1, 2, 2, 0, 0, 0),
        ("mixer", "mill_mixer", P1, 1, 0, 0, 0, 0),
        ("plant", "line", P1, 1, 0, 0, 0, 0),
        ("bakery", "oven", P2, 1, 0, 0, 0, 1),
        ("annex", "oven", P2, 2, 1, 0, 1, 0),
        ("hub", "oven", P2, 1, 0, 0, 0, 0),
        ("mixer", "mill_mixer", P2, 1, 0, 0, 0, 0),
        ("plant", "line", P2, 0, 0, 1, 0, 0),
    ],
    "infrastructure": [
        ("grid", "at bakery", P1, 1, 1), ("grid", "at bakery", P2, 1, 0),
        ("lab", "centre", P1, 1, 1), ("lab", "centre", P2, 2, 1),
        ("cloud", "anywhere", P1, 1, 0), ("cloud", "anywhere", P2, 1, 0),
        ("college", "at mixer", P1, 1, 1), ("college", "at mixer", P2, 1, 0),
        ("depot", "west end", P1, 1, 1), ("depot", "west end", P2, 1, 0),
    ],
    "uses": [
        ("bakery", "lab", "centre", P1), ("bakery", "cloud", "anywhere", P1),
        ("bakery", "lab", "centre", P2), ("bakery", "cloud", "anywhere", P2),
        ("annex", "lab", "centre", P2), ("annex", "cloud", "anywhere", P2),
        ("hub", "cloud", "anywhere", P2),
    ],
    # release: 1 a module and 0.001 a loaf
    "draws": [
        ("bakery", "lab", "centre", "release", P1, 4.5),
        ("bakery", "cloud", "anywhere", "telemetry", P1, 2),
        ("bakery", "lab", "centre", "release", P2, 2),
        ("bakery", "cloud", "anywhere", "telemetry", P2, 1),
        ("annex", "lab", "centre", "release", P2, 3.5),
        ("annex", "cloud", "anywhere", "telemetry", P2, 2),
        ("hub", "cloud", "anywhere", "telemetry", P2, 1),
    ],
    "activity": [
        ("bakery", "bake", P1, 2500), ("mixer", "mix", P1, 2500),
        ("plant", "roll", P1, 300),
        ("bakery", "bake", P2, 1000), ("hub", "bake", P2, 1500),
        ("annex", "bake", P2, 1500), ("mixer", "mix", P2, 4000),
    ],
    "disposal": [
        ("bakery", "crumbs", P1, 25), ("bakery", "crumbs", P2, 10),
        ("hub", "crumbs", P2, 15), ("annex", "crumbs", P2, 15),
    ],
    "flows": [
        ("mill", "mixer", "flour", "lorry", P1, 2.5),
        ("mill", "plant", "flour", "lorry", P1, 0.3),
        ("mixer", "bakery", "dough", "van", P1, 2500),
        ("bakery", "west", "bread", "van", P1, 1000),
        ("bakery", "east", "bread", "van", P1, 1500),
        ("plant", "east", "bread", "lorry", P1, 300),
        ("mill", "mixer", "flour", "lorry", P2, 4),
        ("mixer", "bakery", "dough", "van", P2, 1000),
        ("mixer", "hub", "dough", "van", P2, 1500),
        ("mixer", "annex", "dough", "van", P2, 1500),
        ("bakery", "west", "bread", "van", P2, 1000),
        ("hub", "east", "bread", "van", P2, 1500),
        ("annex", "east", "bread", "van", P2, 1500),
    ],
    "unmet": [("east", "bread", P1, 200)],
}
# fmt: on


def table_of(columns: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows under the names in `columns`."""
    return pd.DataFrame(rows, columns=columns.split())


def town(**settings: Any) -> Instance:
    """The town; settings differ as asked."""
    return town_with({}, **settings)


def town_with(cells: dict[tuple[str, str, str], Any], **settings: Any) -> Instance:
    """The town with cells changed: (table, first name of the row, column) -> value,
    for every row of that name."""
    tables = {name: table_of(*given) for name, given in TABLES.items()}
    for (name, row, column), value in cells.items():
        table = tables[name]
        if column not in table:
            table[column] = None
        table[column] = table[column].astype(object)
        table.loc[table.iloc[:, 0] == row, column] = value
    return make_instance(SETTINGS | settings, tables)


def town_plan(instance: Instance | None = None) -> Plan:
    """The plan above, for the town or an instance with the same names."""
    tables = {
        name: pd.DataFrame(rows, columns=list(COLUMNS[name]))
        for name, rows in PLAN.items()
    }
    return make_plan(instance or town(), tables)
