"""A line with two towns and two sites, to be changed as a test needs it.

    km      0 west town, site w     5 (nothing)     10 east town, site e

Straight km in the CRS, no detour, rate 0, one year. West wants 60 t of bread a year,
east 40 t. An oven makes 100 t and costs 50 a year to keep, a site 20. A tonne costs
0.1 a km by van. So
    w alone   50 + 20 + 40 t x 10 km x 0.1 = 110
    e alone   50 + 20 + 60 t x 10 km x 0.1 = 130
    both      2 x (50 + 20)                = 140
"""

from functools import lru_cache
from typing import Any

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance

Row = dict[str, Any]
Rows = list[Row]

TABLES: dict[str, Rows] = {
    "periods": [{"period": "y", "start_year": 2030, "years": 1}],
    "zones": [
        {"zone": "west", "x": 0, "y": 0},
        {"zone": "east", "x": 10_000, "y": 0},
    ],
    "commodities": [{"commodity": "bread", "t_per_unit": 1}],
    "demand": [
        {"zone": "west", "commodity": "bread", "quantity_per_yr": 60},
        {"zone": "east", "commodity": "bread", "quantity_per_yr": 40},
    ],
    "sites": [
        {"site": "w", "x": 0, "y": 0, "fixed_cost_per_yr": 20},
        {"site": "e", "x": 10_000, "y": 0, "fixed_cost_per_yr": 20},
    ],
    "technologies": [
        {"technology": "oven", "capacity_per_yr": 100, "fixed_cost_per_yr": 50}
    ],
    "recipes": [{"recipe": "bake", "technology": "oven"}],
    "recipe_items": [{"recipe": "bake", "commodity": "bread", "quantity": 1}],
    "modes": [{"mode": "van", "cost_per_tkm": 0.1, "speed_kmh": 20}],
    "lanes": [
        {
            "commodity": "bread",
            "mode": "van",
            "origin": "site_inside",
            "destination": "zone",
        }
    ],
}
SETTINGS: Row = {
    "name": "line",
    "crs": "EPSG:27700",
    "distance": "projected",
    "detour": 1,
    "discount_rate": 0,
}


def line(settings: Row | None = None, **tables: Rows) -> Instance:
    """The line with settings changed and whole tables replaced.

    Asked again for the same it is the same object: nothing changes an instance, and
    what tests keep by it (`admits`, `solved`) is made once.
    """
    return _made(Given(SETTINGS | (settings or {}), TABLES | tables))


class Given:
    """Settings and tables, compared by what they say."""

    def __init__(self, settings: Row, tables: dict[str, Rows]) -> None:
        self.settings, self.tables = settings, tables
        # a frame's repr leaves out columns, and then two would seem to be one
        rows = {
            name: table.to_csv() if hasattr(table, "to_csv") else table
            for name, table in tables.items()
        }
        self._text = repr((settings, rows))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Given) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=200)
def _made(given: Given) -> Instance:
    return make_instance(given.settings, given.tables)


def changed(table: str, row: str = "", **cells: Any) -> Rows:
    """Rows of a table with cells changed in the row of that name, or in all."""
    return [
        each | cells if row in ("", next(iter(each.values()))) else each
        for each in TABLES[table]
    ]


def rule(kind: str, parameters: str = "", name: str = "mine") -> Rows:
    """A `rules` table of one rule."""
    return [{"id": name, "rule": kind, "parameters": parameters}]
