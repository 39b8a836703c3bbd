"""Random small instances without a plan, in which the conflict is planted and known.

A line with two to four towns and as many sites, one oven each, that has a plan; then
one thing is planted that takes it away. What was planted is told by the suspects'
labels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance

Rows = list[dict[str, Any]]
Tables = dict[str, Rows]

SETTINGS = {
    "name": "planted",
    "crs": "EPSG:27700",
    "distance": "projected",
    "detour": 1,
    "discount_rate": 0,
}


@dataclass(frozen=True)
class Planted:
    """instance, and labels of the suspects of the one conflict (None: not the only
    one there may be)."""

    instance: Instance
    labels: frozenset[str] | None


def _feasible(r: np.random.Generator) -> Tables:
    """A line with a plan: each site can feed its own town, and a bit more."""
    towns = int(r.integers(2, 5))
    x = np.cumsum(r.integers(8, 30, towns)) * 1000
    wants = r.integers(20, 90, towns)
    room = int(wants.max() + r.integers(1, 9))
    return {
        "periods": [{"period": "y", "start_year": 2030, "years": 1}],
        "zones": [
            {
                "zone": f"t{n}",
                "x": int(x[n]),
                "y": 0,
                "population": 100,
                "district": "d",
            }
            for n in range(towns)
        ],
        "commodities": [
            {"commodity": "bread", "t_per_unit": 1},
            {"commodity": "flour", "t_per_unit": 1, "price": 1},
        ],
        "demand": [
            {"zone": f"t{n}", "commodity": "bread", "quantity_per_yr": int(wants[n])}
            for n in range(towns)
        ],
        "sites": [
            {
                "site": f"s{n}",
                "x": int(x[n]),
                "y": 0,
                "district": "d",
                "opening_cost": 10,
                "fixed_cost_per_yr": int(r.integers(1, 20)),
            }
            for n in range(towns)
        ],
        "technologies": [
            {"technology": "oven", "capacity_per_yr": room, "capital_cost": 100}
        ],
        "recipes": [{"recipe": "bake", "technology": "oven"}],
        "recipe_items": [
            {"recipe": "bake", "commodity": "bread", "quantity": 1},
            {"recipe": "bake", "commodity": "flour", "quantity": -1},
        ],
        "services": [{"service": "kw", "kind": "power"}],
        "technology_needs": [{"technology": "oven", "service": "kw", "per_module": 10}],
        "site_services": [
            {"site": f"s{n}", "service": "kw", "base": 1000} for n in range(towns)
        ],
        "suppliers": [{"supplier": "mill", "x": 0, "y": 5000}],
        "supplies": [{"supplier": "mill", "commodity": "flour", "price": 1}],
        "modes": [{"mode": "van", "cost_per_tkm": 0.1, "speed_kmh": 30}],
        "lanes": [
            {
                "commodity": "bread",
                "mode": "van",
                "origin": "site_inside",
                "destination": "zone",
            },
            {
                "commodity": "flour",
                "mode": "van",
                "origin": "supplier",
                "destination": "site",
            },
        ],
        "rules": [],
    }


def _add_rule(tables: Tables, id: str, rule: str, parameters: str) -> None:
    tables["rules"].append({"id": id, "rule": rule, "parameters": parameters})


Plant = Callable[[Tables, np.random.Generator], set[str] | None]
"""Plants a conflict in tables that have a plan, and gives its labels."""


def too_few_sites(tables: Tables, r: np.random.Generator) -> set[str]:
    """All bread from one oven at one site: too little for two towns."""
    _add_rule(tables, "few", "site_count", "most=1")
    capacity = tables["technologies"][0]["capacity_per_yr"]
    for row in tables["demand"]:
        row["quantity_per_yr"] = int(capacity)
    return {"rule few", "demand bread", "capacity oven"}


def budget_too_small(tables: Tables, r: np.random.Generator) -> set[str]:
    # one site and its oven cost 110: no bread at all for less
    tables["periods"][0]["capital_budget"] = int(r.integers(1, 109))
    return {"budget y capital", "demand bread"}


def supply_too_small(tables: Tables, r: np.random.Generator) -> set[str]:
    wanted = sum(row["quantity_per_yr"] for row in tables["demand"])
    tables["supplies"][0]["max_per_yr"] = float(wanted) * float(r.uniform(0.2, 0.9))
    return {"supply mill flour", "demand bread"}


def too_little_time(tables: Tables, r: np.random.Generator) -> set[str]:
    """Loading alone takes longer than delivery may."""
    tables["modes"][0]["handling_h"] = 2
    tables["commodities"][0]["max_delivery_h"] = float(r.uniform(0.1, 1.9))
    return {"delivery time bread", "demand bread"}


def no_power(tables: Tables, r: np.random.Generator) -> set[str]:
    """No site has power for an oven, and nothing brings it more."""
    for row in tables["site_services"]:
        row["base"] = int(r.integers(0, 9))
    return {"service kw", "demand bread"}


def no_room_for_power(tables: Tables, r: np.random.Generator) -> set[str]:
    """A grid that could bring power, in too few steps."""
    for row in tables["site_services"]:
        row["base"] = 0
    tables["infrastructure"] = [
        {"infrastructure": "grid", "reach": "site", "capital_cost": 1}
    ]
    tables["infrastructure_services"] = [
        {"infrastructure": "grid", "service": "kw", "per_step": 5}
    ]
    tables["locations"] = [
        {"infrastructure": "grid", "location": s["site"], "site": s["site"]}
        for s in tables["sites"]
    ]
    return {"service kw", "infrastructure grid", "demand bread"}


def all_sites_excluded(tables: Tables, r: np.random.Generator) -> set[str] | None:
    for row in tables["sites"]:
        row["status"] = "excluded"
    return None  # which one of the sites is named is a matter of order


def rules_against_each_other(tables: Tables, r: np.random.Generator) -> set[str]:
    """At least so many open, and of these at most fewer: no matter what is wanted."""
    names = [row["site"] for row in tables["sites"]]
    most = int(r.integers(0, len(names)))
    _add_rule(tables, "many", "site_count", f"least={most + 1}")
    _add_rule(tables, "some", "either_or", f"sites={', '.join(names)}; most={most}")
    return {"rule many", "rule some"}


def all_too_far(tables: Tables, r: np.random.Generator) -> set[str]:
    """Bread from nearby only, and the one site that may open is not near."""
    _add_rule(tables, "near", "proximity_service", "share=100 %; within_km=3")
    last = tables["sites"][-1]["site"]
    tables["sites"] = [row for row in tables["sites"] if row["site"] == last]
    tables["site_services"] = [r for r in tables["site_services"] if r["site"] == last]
    tables["technologies"][0]["capacity_per_yr"] = 1000
    return {"rule near", "demand bread"}


def access_for_all_from_one(tables: Tables, r: np.random.Generator) -> set[str]:
    tables["technologies"][0]["capacity_per_yr"] = 1000
    _add_rule(tables, "reach", "worst_served", "within_km=3")
    _add_rule(tables, "one", "site_count", "most=1")
    return {"rule reach", "rule one"}


def ovens_that_must_run(tables: Tables, r: np.random.Generator) -> set[str] | None:
    """Each town needs a site of its own, whose oven then stands half idle."""
    _add_rule(tables, "reach", "worst_served", "within_km=3")
    tables["technologies"][0] |= {"least_use": 1.0, "capacity_per_yr": 2000}
    return None  # how much the capacity matters is not planted


def two_at_once(tables: Tables, r: np.random.Generator) -> set[str] | None:
    """Two conflicts that have the demand in common, or nothing."""
    rules_against_each_other(tables, r)
    budget_too_small(tables, r)
    return None


PLANTS: tuple[Plant, ...] = (
    too_few_sites,
    budget_too_small,
    supply_too_small,
    too_little_time,
    no_power,
    no_room_for_power,
    all_sites_excluded,
    rules_against_each_other,
    all_too_far,
    access_for_all_from_one,
    ovens_that_must_run,
    two_at_once,
)


def planted(seed: int) -> Planted:
    """The same seed gives the same instance; kinds of conflict take turns."""
    r = np.random.default_rng(seed)
    tables = _feasible(r)
    labels = PLANTS[seed % len(PLANTS)](tables, r)
    instance = make_instance(SETTINGS, tables)
    return Planted(instance, None if labels is None else frozenset(labels))
