"""Random towns on a line, small enough to try every set of sites that work.

An oven makes all that is wanted and costs 50 a year, a site its own figure; bread goes
the straight way at 0.1 a t-km and 1 kg of CO2e. So the best plan of a set of sites, in
money and in carbon, has every zone served by the nearest of them.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from tests.line import TABLES, line

OVEN = 50.0


def town(seed: int, zones: int = 5, sites: int = 4) -> Instance:
    r = np.random.default_rng(seed)
    at = [float(x) for x in r.integers(0, 60_000, zones + sites)]
    demand = [float(q) for q in r.integers(5, 40, zones)]
    people = [
        {"zone": f"z{n}", "x": at[n], "y": 0, "population": int(r.integers(10, 90))}
        for n in range(zones)
    ]
    places = [
        {"site": f"s{n}", "x": at[zones + n], "y": 0, "district": "AB"[n % 2],
         "fixed_cost_per_yr": float(r.integers(5, 60))}
        for n in range(sites)
    ]  # fmt: skip
    wanted = [
        {"zone": f"z{n}", "commodity": "bread", "quantity_per_yr": q}
        for n, q in enumerate(demand)
    ]
    oven = TABLES["technologies"][0] | {
        "capacity_per_yr": 1000, "max_modules": 1, "jobs_per_module": 2
    }  # fmt: skip
    van = TABLES["modes"][0] | {"kg_per_tkm": 1}
    return line(
        zones=people, sites=places, demand=wanted, technologies=[oven], modes=[van]
    )


def every_set(instance: Instance) -> pd.DataFrame:
    """One row for each set of sites: sites (frozenset), cost, emissions (t), access
    (share within 10 km), worst_served (km), jobs (in the poorer district)."""
    zones, sites = instance.zones, instance.sites
    km = np.abs(sites.x.to_numpy()[:, None] - zones.x.to_numpy()) / 1000
    demand = instance.demand.set_index("zone").quantity_per_yr[zones.index].to_numpy()
    people = zones.population.to_numpy()
    rows = []
    for size in range(1, len(sites) + 1):
        for chosen in map(list, combinations(range(len(sites)), size)):
            near = km[chosen].min(axis=0)
            districts = sites.district.iloc[chosen].value_counts()
            rows.append(
                {
                    "sites": frozenset(sites.index[chosen]),
                    "cost": sites.fixed_cost_per_yr.iloc[chosen].sum()
                    + OVEN * size
                    + 0.1 * demand @ near,
                    "emissions": demand @ near / 1000,
                    "access": people[near <= 10].sum() / people.sum(),
                    "worst_served": near.max(),
                    "jobs": 2.0 * min(districts.get(d, 0) for d in "AB"),
                }
            )
    return pd.DataFrame(rows)
