"""A made-up city and plans for it, drawn by hand: what maps and runs are tested on."""

from functools import cache

import numpy as np
import pandas as pd
import scipy.sparse as sp
from shapely import box

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from dmopt.plan.plan import Plan, make_plan
from dmopt.proof.certificate import Certificate, Leaf
from dmopt.proof.duals import Prices
from dmopt.proof.splits import Tree
from dmopt.solving.progress import Progress
from dmopt.solving.result import Result

WEST, SOUTH, SIDE = 392_000.0, 281_000.0, 2_500.0
ACROSS, UP = 12, 8
DISTRICTS = ("Northmoor", "Castle Vale", "Old Town", "Riverside", "Easthay")
OPEN = {
    "s2": {"micro": 2},
    "s5": {"meso": 1, "print": 2},
    "s9": {"micro": 1},
    "s12": {"print": 1},
    "s16": {"micro": 3},
    "s20": {"plant": 1, "micro": 1},
}


def some_certificate() -> Certificate:
    """Of no instance: it is written and read, not checked."""
    none, nothing = np.empty(0, np.int64), np.empty(0)
    prices = Prices(
        np.arange(4.0), np.arange(3.0), nothing, nothing, nothing, nothing, nothing,
        none, none, none, nothing,
    )  # fmt: skip
    tree = Tree(sp.csr_matrix((0, 4)), none, none, nothing, none.astype(bool))
    return Certificate("mark", tree, (Leaf(0, prices, 1.5, 2.5),), {"groups": none})


@cache
def city(crs: str = "EPSG:27700", periods: int = 1, outlines: bool = True) -> Instance:
    """96 zones in 5 districts, 24 sites inside, one plant and one mill far away."""
    settings = {
        "name": "Middleton",
        "crs": crs,
        "distance": "great_circle",
        "credit": "Made-up data, no real place. Grid: (c) nobody.",
    }
    tables = {
        "periods": [
            {"period": str(2030 + 5 * t), "start_year": 2030 + 5 * t, "years": 5}
            for t in range(periods)
        ],
        "zones": _zones(crs, outlines),
        "commodities": [
            {
                "commodity": "bread",
                "name": "Bread",
                "unit": "loaf",
                "t_per_unit": 0.0008,
                "price": 2,
                "unmet_price": 5,
            },
            {
                "commodity": "parts",
                "name": "Spare parts",
                "unit": "piece",
                "t_per_unit": 0.002,
                "price": 30,
                "unmet_price": 90,
            },
            {"commodity": "flour", "name": "Flour", "unit": "t", "t_per_unit": 1},
        ],
        "sites": _sites(crs),
        "suppliers": _suppliers(crs),
        "supplies": [{"supplier": "mill", "commodity": "flour", "price": 400}],
        **_catalogue(),
    }
    tables["locations"] = _locations(crs)
    zones = pd.DataFrame(tables["zones"])
    tables["demand"] = [
        {"zone": zone, "commodity": commodity, "quantity_per_yr": people * each}
        for zone, people in zip(zones.zone, zones.population, strict=True)
        for commodity, each in (("bread", 40), ("parts", 1))
    ]
    return make_instance(settings, tables, place="city")


def plan_of(instance: Instance) -> Plan:
    """Sites of `OPEN` serve the zones next to them; far plant serves every tenth."""
    tables: dict[str, list] = {
        name: [] for name in ("opened", "modules", "infrastructure", "uses", "flows")
    }
    for number, period in enumerate(instance.periods.index):
        used = dict(list(OPEN.items())[: 4 + 2 * number])
        for site, standing in used.items():
            tables["opened"].append({"site": site, "period": period})
            tables["modules"] += [
                {
                    "site": site,
                    "technology": technology,
                    "period": period,
                    "modules": count,
                    "bought": count if number == 0 else 0,
                    "sold": 0,
                    "moved_in": 0,
                    "moved_out": 0,
                }
                for technology, count in standing.items()
            ]
        tables["infrastructure"] += [
            {
                "infrastructure": name,
                "location": location,
                "period": period,
                "steps": 1,
                "built": int(number == 0),
            }
            for name, location in (
                ("grid", "s5"),
                ("grid", "s16"),
                ("hub", "north"),
                ("hub", "south"),
                ("school", "Old Town"),
                ("licence", "all"),
            )
        ]
        tables["flows"] += _flows(instance, list(used), period)
    return make_plan(instance, tables)


def result_of(plan: Plan | None, **changes: object) -> Result:
    """A result as a solve would hand it out, with made-up figures."""
    given = {
        "status": "optimal",
        "plan": plan,
        "cost": 12_345_678.0,
        "bound": 12_345_678.0 * 0.992,
        "path": "exact",
        "why_path": "small",
        "seconds": 3.2,
        "build_seconds": 0.4,
        "peak_mb": 210.0,
        "options": {
            "gap": 0.01,
            "time_limit_s": 60.0,
            "seed": 0,
            "threads": 2,
            "path": "auto",
        },
        "proof": "branch and bound",
        "certificate": some_certificate(),
        "log": (
            Progress(0.5, "first plan", 14e6, None),
            Progress(3.1, "done", 12_345_678.0, 12_345_678.0 * 0.992),
        ),
    }
    return Result(**(given | changes))


def _flows(instance: Instance, sites: list[str], period: str) -> list[dict]:
    zones, places = instance.zones, instance.places
    at = places.loc[sites]
    km = np.hypot(
        places.lon[zones.index].to_numpy()[:, None] - at.lon.to_numpy(),
        places.lat[zones.index].to_numpy()[:, None] - at.lat.to_numpy(),
    )
    rows = []
    for number, (zone, nearest) in enumerate(
        zip(zones.index, km.argmin(1), strict=True)
    ):
        origin, mode = (sites[nearest], "van") if number % 10 else ("plant0", "lorry")
        rows += [
            {
                "origin": origin,
                "destination": zone,
                "commodity": commodity,
                "mode": mode,
                "period": period,
                "quantity_per_yr": zones.population[zone] * each,
            }
            for commodity, each in (("bread", 40), ("parts", 1))
        ]
    rows += [
        {
            "origin": "mill",
            "destination": site,
            "commodity": "flour",
            "mode": "lorry",
            "period": period,
            "quantity_per_yr": 900.0,
        }
        for site in sites
    ]
    rows.append(
        {
            "origin": sites[1],
            "destination": sites[0],
            "commodity": "flour",
            "mode": "van",
            "period": period,
            "quantity_per_yr": 700.0,
        }
    )
    return rows


def _on_grid(east: np.ndarray, north: np.ndarray, crs: str) -> np.ndarray:
    """Metres of the made-up grid as coordinates of the instance's CRS."""
    if crs == "EPSG:27700":
        return np.column_stack([east, north])
    return np.column_stack(
        [-1.9 + (east - 400e3) / 68e3, 52.5 + (north - 290e3) / 111e3]
    )


def _zones(crs: str, outlines: bool) -> list[dict]:
    chance = np.random.default_rng(3)
    rows = []
    for number in range(ACROSS * UP):
        column, row = number % ACROSS, number // ACROSS
        corner = np.array([WEST + column * SIDE, SOUTH + row * SIDE])
        low, high = _on_grid(*np.array([corner, corner + SIDE]).T, crs)
        middle = (low + high) / 2
        away = np.hypot(column - 5.5, row - 3.5)
        rows.append(
            {
                "zone": f"z{number}",
                "name": f"Zone {number}",
                "district": DISTRICTS[min(4, (column // 4) + 2 * (row // 4))],
                "population": round(9000 / (1 + away / 2) + chance.uniform(0, 900)),
                "x": middle[0],
                "y": middle[1],
                "geometry": box(*low, *high).wkt if outlines else "",
            }
        )
    return rows


def _sites(crs: str) -> list[dict]:
    chance = np.random.default_rng(5)
    east = WEST + chance.uniform(0.05, 0.95, 24) * ACROSS * SIDE
    north = SOUTH + chance.uniform(0.05, 0.95, 24) * UP * SIDE
    rows = [
        {
            "site": f"s{number}",
            "name": f"{name} yard",
            "in_region": True,
            "status": "excluded" if number == 7 else "candidate",
            "district": "Old Town",
            "x": x,
            "y": y,
            "reason": "flood plain",
        }
        for number, (name, (x, y)) in enumerate(
            zip(
                ("Ash", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Gorse", "Hazel")
                * 3,
                _on_grid(east, north, crs),
                strict=True,
            )
        )
    ]
    x, y = _on_grid(np.array([330e3]), np.array([180e3]), crs)[0]
    rows.append(
        {
            "site": "plant0",
            "name": "Avonport plant",
            "in_region": False,
            "status": "existing",
            "x": x,
            "y": y,
        }
    )
    return rows


def _suppliers(crs: str) -> list[dict]:
    x, y = _on_grid(np.array([455e3]), np.array([330e3]), crs)[0]
    return [{"supplier": "mill", "name": "Trentside mill", "x": x, "y": y}]


def _locations(crs: str) -> list[dict]:
    hubs = _on_grid(np.array([399e3, 413e3]), np.array([295e3, 286e3]), crs)
    return [
        {"infrastructure": "grid", "location": "s5", "site": "s5"},
        {"infrastructure": "grid", "location": "s16", "site": "s16"},
        *(
            {"infrastructure": "hub", "location": name, "x": x, "y": y}
            for name, (x, y) in zip(("north", "south"), hubs, strict=True)
        ),
        {"infrastructure": "school", "location": "Old Town", "district": "Old Town"},
        {"infrastructure": "licence", "location": "all"},
    ]


def _catalogue() -> dict[str, list[dict]]:
    """Technologies, infrastructure, ways to move: the same in every city."""
    technologies = (
        ("micro", "Bakery", "micro", 4e5, 1e5),
        ("meso", "Bakery", "meso", 2e6, 6e5),
        ("plant", "Bakery", "plant", 2e7, 9e6),
        ("print", "Printing", "micro", 2e4, 8e4),
    )
    return {
        "technologies": [
            {
                "technology": name,
                "name": name.title(),
                "family": family,
                "size_class": size,
                "capacity_per_yr": capacity,
                "capital_cost": capital,
                "max_modules": 5,
            }
            for name, family, size, capacity, capital in technologies
        ],
        "recipes": [
            {"recipe": f"run {t[0]}", "technology": t[0]} for t in technologies
        ],
        "recipe_items": [
            {
                "recipe": f"run {t[0]}",
                "quantity": 1,
                "commodity": "parts" if t[0] == "print" else "bread",
            }
            for t in technologies
        ]
        + [
            {"recipe": f"run {name}", "quantity": -0.0006, "commodity": "flour"}
            for name in ("micro", "meso", "plant")
        ],
        "services": [{"service": "power", "unit": "kW", "kind": "power"}],
        "infrastructure": [
            {
                "infrastructure": "grid",
                "name": "Grid upgrade",
                "kind": "power",
                "reach": "site",
            },
            {
                "infrastructure": "hub",
                "name": "Logistics hub",
                "kind": "logistics",
                "reach": "radius",
                "radius_km": 8,
            },
            {
                "infrastructure": "school",
                "name": "Skills centre",
                "kind": "skills",
                "reach": "district",
            },
            {
                "infrastructure": "licence",
                "name": "Licence scheme",
                "kind": "licence",
                "reach": "region",
            },
        ],
        "infrastructure_services": [
            {"infrastructure": name, "service": "power", "per_step": 100}
            for name in ("grid", "hub", "school", "licence")
        ],
        "modes": [
            {"mode": "van", "name": "Van", "cost_per_km": 1, "speed_kmh": 30},
            {"mode": "lorry", "name": "Lorry", "cost_per_km": 2, "speed_kmh": 60},
        ],
        "lanes": [
            {
                "commodity": commodity,
                "mode": mode,
                "origin": origin,
                "destination": "zone",
            }
            for commodity in ("bread", "parts")
            for mode, origin in (("van", "site_inside"), ("lorry", "site_outside"))
        ]
        + [
            {
                "commodity": "flour",
                "mode": "lorry",
                "origin": "supplier",
                "destination": "site",
            },
            {
                "commodity": "flour",
                "mode": "van",
                "origin": "site_inside",
                "destination": "site",
            },
        ],
    }
