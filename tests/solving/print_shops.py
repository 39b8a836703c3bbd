"""Towns with a site each, where cells print what the towns want: 10 a year of each."""

from collections.abc import Mapping
from typing import Any

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from tests.line import SETTINGS, Rows

CELL = {
    "technology": "cell",
    "capacity_per_yr": 10,
    "capital_cost": 100,
    "life_yr": 10,
    "max_modules": 3,
}
"""10 a year at a rate of 0."""


def print_shops(
    km: Mapping[str, float], years: int = 1, unmet: float = 0.9, **tables: Any
) -> Instance:
    """Towns where they stand along a road; in each the site "in NAME". A delivery costs
    0.1 a km and unit, going without `unmet` a unit. Years are a, b, c."""
    places = {name: {"x": 1_000 * at, "y": 0} for name, at in km.items()}
    given: dict[str, Rows] = {
        "periods": [
            {"period": "abc"[n], "start_year": 2030 + n, "years": 1}
            for n in range(years)
        ],
        "zones": [{"zone": name, **at} for name, at in places.items()],
        "commodities": [{"commodity": "part", "t_per_unit": 1, "unmet_price": unmet}],
        "demand": [
            {"zone": name, "commodity": "part", "quantity_per_yr": 10}
            for name in places
        ],
        "sites": [{"site": f"in {name}", **at} for name, at in places.items()],
        "technologies": [CELL],
        "recipes": [{"recipe": "print", "technology": "cell"}],
        "recipe_items": [{"recipe": "print", "commodity": "part", "quantity": 1}],
        "modes": [{"mode": "van", "cost_per_tkm": 0.1, "speed_kmh": 50}],
        "lanes": [
            {"commodity": "part", "mode": "van"}
            | {"origin": "site_inside", "destination": "zone"}
        ],
    }
    return make_instance(SETTINGS, given | tables)
