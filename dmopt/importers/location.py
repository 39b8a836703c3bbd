"""A plain location problem as an instance: open sites, serve customers.

    minimise   sum_i f_i open_i + sum_ij c_ij x_ij
    with       sum_i x_ij = 1,   sum_j d_j x_ij <= q_i open_i

    f_i    fixed cost of site i               fixed_cost       money/year
    q_i    its capacity, inf for any          capacity         units/year
    d_j    demand of customer j               demand           units/year
    c_ij   cost of serving all of j from i    cost             money/year, inf: cannot

In the instance a unit weighs a tonne, a tonne-km costs 1, and km_ij = c_ij / d_j in
the table of distances: so the instance's cost is the published objective. One
technology for each capacity, tied to its sites by their class.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance

PRODUCT, MODE = "goods", "road"
NO_POSITION = "the file has no coordinates: drawn on a grid"


def location_instance(
    settings: Mapping[str, Any],
    fixed_cost: np.ndarray,
    capacity: np.ndarray,
    demand: np.ndarray,
    cost: np.ndarray,
    rules: list[dict[str, str]],
) -> Instance:
    """An instance of the problem above; arrays (m,), (m,), (n,), (m, n).

    Raises InstanceError if the numbers make no instance.
    """
    m, n = cost.shape
    sites = np.array([f"site{i + 1}" for i in range(m)], object)
    zones = np.array([f"zone{j + 1}" for j in range(n)], object)
    # no site can send out more than all customers want
    enough = np.where(np.isinf(capacity), demand.sum(), capacity)
    tables = {
        "periods": [{"period": "year", "start_year": 2000, "years": 1}],
        "zones": _on_grid(pd.DataFrame({"zone": zones}), shift=0.0),
        "commodities": [{"commodity": PRODUCT, "t_per_unit": 1}],
        "demand": pd.DataFrame(
            {"zone": zones, "commodity": PRODUCT, "quantity_per_yr": demand}
        ),
        "sites": _on_grid(_sites(sites, fixed_cost, enough), shift=0.005),
        **_technologies(np.unique(enough[enough > 0])),
        "modes": [{"mode": MODE, "cost_per_tkm": 1, "speed_kmh": 1}],
        "lanes": [
            {
                "commodity": PRODUCT,
                "mode": MODE,
                "origin": "site_inside",
                "destination": "zone",
            }
        ],
        "distances": _distances(sites, zones, cost / demand),
        "rules": rules,
    }
    fixed = {"distance": "table", "discount_rate": 0.0, "currency": "units"}
    return make_instance({**fixed, **settings}, tables, place=settings["name"])


def _class(capacity: float) -> str:
    return f"capacity-{capacity:.12g}"


def _sites(
    sites: np.ndarray, fixed_cost: np.ndarray, capacity: np.ndarray
) -> pd.DataFrame:
    useful = capacity > 0
    return pd.DataFrame(
        {
            "site": sites,
            "class": [_class(q) for q in capacity],
            "fixed_cost_per_yr": fixed_cost,
            "status": np.where(useful, "candidate", "excluded"),
            "reason": np.where(useful, "", "its capacity is 0"),
        }
    )


def _technologies(capacities: np.ndarray) -> dict[str, list[dict[str, Any]]]:
    names = [_class(q) for q in capacities]
    return {
        "technologies": [
            {"technology": name, "capacity_per_yr": float(q), "site_classes": name}
            for name, q in zip(names, capacities, strict=True)
        ],
        "recipes": [{"recipe": f"serve-{name}", "technology": name} for name in names],
        "recipe_items": [
            {"recipe": f"serve-{name}", "commodity": PRODUCT, "quantity": 1}
            for name in names
        ],
    }


def _distances(sites: np.ndarray, zones: np.ndarray, km: np.ndarray) -> pd.DataFrame:
    """Every pair that can be reached; km (m, n)."""
    table = pd.DataFrame(
        {
            "origin": np.repeat(sites, len(zones)),
            "destination": np.tile(zones, len(sites)),
            "km": km.ravel(),
        }
    )
    return table[np.isfinite(table.km)].reset_index(drop=True)


def _on_grid(table: pd.DataFrame, shift: float) -> pd.DataFrame:
    """x, y in degrees on a square grid, since maps need a position."""
    side = int(np.ceil(np.sqrt(len(table))))
    row, column = np.divmod(np.arange(len(table)), side)
    return table.assign(x=shift + column / 100, y=shift + row / 100, note=NO_POSITION)
