"""Production with shared infrastructure: 3 technologies, 4 products, 3 periods.

The full model of dmopt on made-up figures, of any size: recipes that share capacity,
floor at each site, power steps at sites, a data hub for each district, one platform
that the hubs need. Demand grows by 15 % a period; what is not met costs much, so that
there always is a plan.

Figures hang together so that neither "everything everywhere" nor "one plant" wins: at
about 1.5 sqrt(m) open sites a middle module costs half of what transport costs a site
(at that number transport plus fixed costs are least, as transport falls as
1 / sqrt(sites)); the small one costs 0.6 of it for 0.42 of the capacity, the large
one 1.65 times as much for 2.2 times the capacity.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from generators.location import numbered_ids
from generators.points import sites_worth_opening

RATE, LIFE_YR, DETOUR = 0.06, 15.0, 1.3
PERIODS = (("2027", 2027, 1.0), ("2031", 2031, 1.15), ("2035", 2035, 1.3))
"""Name, first year, demand compared with the first; four years each."""
PRODUCTS = ("plain", "fresh", "parts", "devices")
T_PER_PERSON = (0.060, 0.025, 0.010, 0.005)
"""Tonnes a person wants in a year; the unit of every product is a tonne."""
TRAITS = ("standard", "perishable", "digital; modular", "personalised; digital")
COST_PER_TKM = {"van": 1.2, "lorry": 1.0}
VAN_KM = 60.0
TECHNOLOGIES = ("micro", "meso", "plant")
CAPACITY = (0.5, 1.2, 2.6)
MODULE_COST = (0.7, 1.15, 1.9)
MOST_MODULES = (3, 2, 1)
FLOOR, POWER, LINKS = (1.0, 2.0, 4.0), (1.0, 2.5, 5.0), (0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Ground:
    """Where things are, in metres of the instance's CRS.

    zones: (n, 2). people: (n,). sites: (m, 2). zone_district, site_district: names,
    (n,) and (m,). origin: what the zones are, in words.
    """

    zones: np.ndarray
    people: np.ndarray
    sites: np.ndarray
    zone_district: np.ndarray
    site_district: np.ndarray
    origin: str


def production_instance(
    name: str,
    ground: Ground,
    seed: int,
    rules: list[dict[str, str]],
    longest_km: float | None = None,
) -> Instance:
    """The instance on a ground.

    longest_km: longest delivery by lorry, None for any: with it, not all zones can
    be served from all sites, which is what makes a country fit into memory.
    """
    rng = np.random.default_rng(seed)
    scale = _Scale.of(ground, rng)
    sites = numbered_ids("site", len(ground.sites))
    tables = {
        "periods": pd.DataFrame(PERIODS, columns=["period", "start_year", "years"])
        .assign(years=4.0, emission_price_per_t=(80.0, 100.0, 120.0))
        .to_dict("records"),
        **_people(ground, scale),
        "sites": _sites(ground, scale, sites, rng),
        **_technologies(scale, rng),
        **_services(scale, sites, rng),
        **_infrastructure(scale, sites, ground),
        **_transport(longest_km),
        "rules": rules,
    }
    settings = {
        "name": name,
        "description": f"Made up by benchmarks/generate.py, seed {seed}, on "
        f"{ground.origin}.",
        "crs": "EPSG:27700",
        "distance": "projected",
        "detour": DETOUR,
        "discount_rate": RATE,
    }
    return make_instance(settings, tables, place=name)


@dataclass(frozen=True)
class _Scale:
    """money: yearly cost of a module of size 1. capacity: its tonnes. t_cost: mean
    transport of a tonne. Both at the number of sites worth opening."""

    money: float
    capacity: float
    t_cost: float

    @staticmethod
    def of(ground: Ground, rng: np.random.Generator) -> "_Scale":
        opened = sites_worth_opening(len(ground.sites))
        picked = rng.choice(len(ground.sites), opened, replace=False)
        metres, _ = KDTree(ground.sites[picked]).query(ground.zones)
        people = ground.people / ground.people.sum()
        t_cost = float(people @ metres) / 1000 * DETOUR * COST_PER_TKM["lorry"]
        tonnes = float(ground.people.sum()) * sum(T_PER_PERSON) * PERIODS[-1][2]
        return _Scale(tonnes * t_cost / (2 * opened), tonnes / opened, t_cost)


def _people(ground: Ground, scale: _Scale) -> dict[str, pd.DataFrame]:
    zones = numbered_ids("zone", len(ground.zones))
    table = pd.DataFrame(
        {"zone": zones, "district": ground.zone_district, "population": ground.people}
    ).assign(x=ground.zones[:, 0], y=ground.zones[:, 1])
    goods = pd.DataFrame(
        {"commodity": PRODUCTS, "traits": TRAITS, "t_per_unit": (1.0, 1.2, 0.9, 1.1)}
    )
    dear = np.array([1.0, 1.5, 3.0, 6.0])
    goods["price"] = scale.t_cost * 10 * dear
    goods["unmet_price"] = scale.t_cost * 40 * dear
    growth = np.array([factor for *_, factor in PERIODS])
    each = (
        ground.people[:, None, None]
        * np.array(T_PER_PERSON)[None, :, None]
        * growth[None, None, :]
    )
    n, products, periods = each.shape
    demand = pd.DataFrame(
        {
            "zone": np.repeat(zones, products * periods),
            "commodity": np.tile(np.repeat(PRODUCTS, periods), n),
            "period": np.tile([name for name, *_ in PERIODS], n * products),
            "quantity_per_yr": each.ravel(),
        }
    )
    return {"zones": table, "commodities": goods, "demand": demand}


def _sites(
    ground: Ground, scale: _Scale, sites: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    m = len(sites)
    return pd.DataFrame(
        {
            "site": sites,
            "district": ground.site_district,
            "x": ground.sites[:, 0],
            "y": ground.sites[:, 1],
            "opening_cost": 0.5 * scale.money * rng.uniform(0.7, 1.3, m),
            "closing_cost": 0.1 * scale.money,
            "fixed_cost_per_yr": 0.1 * scale.money * rng.uniform(0.7, 1.3, m),
            "land_use": "light_industrial",
        }
    )


def _technologies(scale: _Scale, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    annuity = RATE / (1 - (1 + RATE) ** -LIFE_YR)
    cost = np.array(MODULE_COST) * scale.money
    technologies = pd.DataFrame(
        {
            "technology": TECHNOLOGIES,
            "family": "works",
            "size_class": TECHNOLOGIES,
            "capacity_per_yr": np.array(CAPACITY) * scale.capacity,
            "least_use": (0.0, 0.1, 0.3),
            "capital_cost": 0.5 * cost / annuity,
            "life_yr": LIFE_YR,
            "fixed_cost_per_yr": 0.3 * cost,
            "resale_share": 0.3,
            "max_modules": MOST_MODULES,
            "jobs_per_module": (4, 9, 18),
        }
    )
    # the smallest cannot make devices; what a tonne takes of the capacity differs
    pairs = [(k, c) for k in TECHNOLOGIES for c in PRODUCTS][:3] + [
        (k, c) for k in TECHNOLOGIES[1:] for c in PRODUCTS
    ]
    names = [f"{k}-{c}" for k, c in pairs]
    dearer = pd.Series((0.4, 0.25, 0.15), index=list(TECHNOLOGIES))
    recipes = pd.DataFrame(pairs, columns=["technology", "commodity"]).assign(
        recipe=names,
        capacity_use=rng.uniform(0.7, 1.1, len(pairs)),
        variable_cost=lambda rows: rows.technology.map(dearer) * scale.t_cost,
    )
    items = recipes[["recipe", "commodity"]].assign(quantity=1.0)
    return {
        "technologies": technologies,
        "recipes": recipes.drop(columns="commodity"),
        "recipe_items": items,
    }


def _services(
    scale: _Scale, sites: np.ndarray, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Floor (its price tells sites apart), power, links, seats; all of them limited."""
    m = len(sites)
    names = ("floor", "power", "link", "seat")
    services = pd.DataFrame(
        {"service": names, "kind": ("land", "power", "data", "data")}
    )
    needs = pd.DataFrame(
        {
            "technology": np.tile(TECHNOLOGIES, 4),
            "service": np.repeat(names, 3),
            "per_module": (*FLOOR, *POWER, *LINKS, *LINKS),
        }
    )
    floor = pd.DataFrame({"site": sites, "service": "floor"}).assign(
        base=rng.choice([4.0, 6.0], m),
        price=0.08 * scale.money * rng.uniform(0.6, 1.4, m),
    )
    power = pd.DataFrame({"site": sites, "service": "power"}).assign(
        base=rng.choice([0.0, 1.0, 2.0], m)
    )
    return {
        "services": services,
        "technology_needs": needs[needs.per_module > 0],
        "site_services": pd.concat([floor, power], ignore_index=True),
    }


def _infrastructure(
    scale: _Scale, sites: np.ndarray, ground: Ground
) -> dict[str, pd.DataFrame]:
    districts = np.unique(ground.site_district)
    middle = ground.sites.mean(axis=0)
    table = pd.DataFrame(
        {
            "infrastructure": ("grid", "hub", "platform"),
            "kind": ("power", "data", "data"),
            "reach": ("site", "district", "region"),
            "capital_cost": scale.money * np.array([0.8, 1.5, 2.0]),
            "fixed_cost_per_yr": scale.money * np.array([0.01, 0.08, 0.2]),
            "connection_cost": scale.money * np.array([0.0, 0.1, 0.02]),
        }
    )
    offers = pd.DataFrame(
        {
            "infrastructure": ("grid", "hub", "platform"),
            "service": ("power", "link", "seat"),
            "per_step": (2.0, 8.0, np.nan),
        }
    )
    grid = pd.DataFrame({"infrastructure": "grid", "location": sites}).assign(
        site=sites, max_steps=3
    )
    hub = pd.DataFrame({"infrastructure": "hub", "location": districts}).assign(
        district=districts, max_steps=2
    )
    platform = pd.DataFrame(
        {"infrastructure": ["platform"], "location": ["platform"], "max_steps": [1]}
    ).assign(x=middle[0], y=middle[1])
    return {
        "infrastructure": table,
        "infrastructure_services": offers,
        "prerequisites": pd.DataFrame(
            {"infrastructure": ["hub"], "requires": ["platform"]}
        ),
        "locations": pd.concat([grid, hub, platform], ignore_index=True),
    }


def _transport(longest_km: float | None) -> dict[str, pd.DataFrame]:
    """Vans for what must come fresh and for near ways, lorries for the rest."""
    modes = pd.DataFrame(
        {
            "mode": list(COST_PER_TKM),
            "cost_per_tkm": list(COST_PER_TKM.values()),
            "speed_kmh": (35.0, 45.0),
            "kg_per_tkm": (0.4, 0.15),
            "max_km": (longest_km, longest_km),
        }
    )
    lanes = pd.DataFrame({"commodity": PRODUCTS}).assign(
        mode=["lorry", "van", "lorry", "van"],
        origin="site_inside",
        destination="zone",
    )
    return {"modes": modes, "lanes": lanes}
