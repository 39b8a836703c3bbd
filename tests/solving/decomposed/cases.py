"""Small location problems of every kind the decomposed path takes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from dmopt.rules.catalogue import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.problem import Problem


@dataclass(frozen=True)
class Case:
    """What a random location instance has.

    levels: technologies at each site. room: capacity of all in shares of demand; 0 for
    none. count: how many sites are open. unmet: demand may stay unmet at a price.
    """

    seed: int
    sites: int = 5
    zones: int = 8
    levels: int = 1
    room: float = 3.0
    most_modules: int = 1
    one_only: bool = False
    unmet: bool = False
    standing: bool = False
    dear: bool = False
    reach: bool = False
    count: bool = False


def cases() -> st.SearchStrategy[Case]:
    """Every kind, small."""
    return st.builds(
        Case,
        seed=st.integers(0, 2**20),
        sites=st.integers(1, 6),
        zones=st.integers(1, 9),
        levels=st.integers(1, 3),
        room=st.sampled_from([0.0, 1.3, 2.0, 4.0]),
        most_modules=st.integers(1, 2),
        one_only=st.booleans(),
        unmet=st.booleans(),
        standing=st.booleans(),
        dear=st.booleans(),
        reach=st.booleans(),
        count=st.booleans(),
    )


def instance_of(case: Case, **more: Any) -> Instance:
    """The instance of a case; `more` replaces whole tables."""
    r = np.random.default_rng(case.seed)
    sites = [f"s{i}" for i in range(case.sites)]
    zones = [f"z{j}" for j in range(case.zones)]
    demand = r.integers(5, 40, case.zones)
    share = np.linspace(0.5, 1.5, case.levels)
    each = case.room * demand.sum() / case.sites / case.levels or 2.0 * demand.sum()
    names = [f"k{n}" for n in range(case.levels)]
    tables: dict[str, Any] = {
        "periods": [{"period": "y", "start_year": 2030, "years": 1}],
        "zones": [{"zone": z, "x": 1e4 * r.random(), "y": 1e4 * r.random()}
                  for z in zones],
        "commodities": [{"commodity": "bread", "t_per_unit": 1,
                         **({"unmet_price": 9.0} if case.unmet else {})}],
        "demand": [{"zone": z, "commodity": "bread", "quantity_per_yr": int(d)}
                   for z, d in zip(zones, demand, strict=True)],
        "sites": [
            {"site": s, "x": 1e4 * r.random(), "y": 1e4 * r.random(),
             "fixed_cost_per_yr": round(40 * r.random(), 2),
             "opening_cost": round(100 * r.random(), 2), "life_yr": 10,
             "closing_cost": round(10 * r.random(), 2),
             "status": "existing" if case.standing and n % 2 else "candidate"}
            for n, s in enumerate(sites)
        ],
        "technologies": [
            {"technology": k, "capacity_per_yr": float(each * share[n]),
             "fixed_cost_per_yr": round(30 * share[n] ** 0.7 + 10 * r.random(), 2),
             "capital_cost": 50.0, "life_yr": 10, "resale_share": 0.3,
             "max_modules": case.most_modules}
            for n, k in enumerate(names)
        ],
        "recipes": [{"recipe": f"r{k}", "technology": k, "capacity_use": 1.0 + n / 2,
                     "variable_cost": 0.3 * n if case.dear else 0.0}
                    for n, k in enumerate(names)],
        "recipe_items": [{"recipe": f"r{k}", "commodity": "bread", "quantity": 2}
                         for k in names],
        "modes": [{"mode": "van", "cost_per_tkm": 0.3, "speed_kmh": 20,
                   **({"max_km": 9.0} if case.reach else {})}],
        "lanes": [{"commodity": "bread", "mode": "van", "origin": "site_inside",
                   "destination": "zone"}],
    }  # fmt: skip
    if case.standing:
        tables["standing_modules"] = [
            {"site": s, "technology": names[0], "modules": 1} for s in sites[1::2]
        ]
    if case.one_only:
        tables["services"] = [{"service": "hall", "limited": True}]
        tables["technology_needs"] = [
            {"technology": k, "service": "hall", "per_module": 1} for k in names
        ]
        tables["site_services"] = [
            {"site": s, "service": "hall", "base": 1} for s in sites
        ]
    if case.count:
        most = int(r.integers(1, case.sites + 1))
        least = int(r.integers(0, most + 1))
        parameters = f"least={least}; most={most}"
        tables["rules"] = [
            {"id": "sites", "rule": "site_count", "parameters": parameters}
        ]
    settings = {
        "name": "case", "crs": "EPSG:27700", "distance": "projected", "detour": 1,
        "discount_rate": 0,
    }  # fmt: skip
    return make_instance(settings, tables | more)


def problem_of(instance: Instance) -> Problem:
    return make_problem(instance, make_rules(instance))
