"""Textbook location problems, as arrays for other solvers and as instances.

    minimise   sum_{i,l} f[i,l] y[i,l] + sum_{i,j} c[i,j] x[i,j]
    with       sum_i x[i,j] = 1                                        for all j
               sum_j D[j] x[i,j] <= sum_l K[i,l] y[i,l]   (modular)    for all i
               x[i,j] <= sum_l y[i,l] <= 1                             for all i, j
               sum_{i,l} y[i,l] = p                       (p-median)

    ufl        one level, no capacities; f so that about 1.5 sqrt(m) sites open
    p-median   the same without f, and p = 1.5 sqrt(m)
    modular    three levels; K grows 0.6, 1.3, 3.0 and f only 0.75, 1.1, 1.8 times

    c[i,j] = km[i,j] D[j] / mean(D), the cost of serving all of zone j from site i.

The instance has the positions and not a table of distances: that of 2,000 sites and
35,000 zones would have 70 million rows. A tonne-km costs 1 / mean(D), a unit weighs a
tonne. In `modular` each site has technologies of its own, one for each level, and one
plot of land of which each of them takes all.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from generators.points import (
    Points,
    clustered_points,
    kilometres,
    sites_worth_opening,
)

Kind = Literal["ufl", "p-median", "modular"]
KINDS: tuple[Kind, ...] = ("ufl", "p-median", "modular")
CORNER_M = (400_000.0, 200_000.0)
"""South-west corner of the square on the British grid, where maps can show it."""
CAPACITY = (0.6, 1.3, 3.0)
LEVEL_COST = (0.75, 1.1, 1.8)
SIDE_KM = 100.0
PRODUCT, MODE, PLOT = "goods", "road", "plot"


@dataclass(frozen=True)
class LocationProblem:
    """One problem of the form above.

    points: zones (n), people as demand D, sites (m). fixed: (m, L) money/year.
    capacity: (m, L) units/year, inf where there is none. p: sites to open, or None.
    """

    kind: Kind
    seed: int
    points: Points
    fixed: np.ndarray
    capacity: np.ndarray
    p: int | None

    @property
    def name(self) -> str:
        sites, zones = len(self.points.sites), len(self.points.zones)
        return f"{self.kind}-{sites}x{zones}-seed{self.seed}"

    @property
    def demand(self) -> np.ndarray:
        """D, (n,) units/year."""
        return self.points.people

    @cached_property
    def cost(self) -> np.ndarray:
        """c, (m, n) money/year for all of a zone's demand."""
        km = kilometres(self.points.sites, self.points.zones)
        cost: np.ndarray = km * (self.demand / self.demand.mean())
        return cost

    @property
    def capacitated(self) -> bool:
        return bool(np.isfinite(self.capacity).any())


def location_problem(kind: Kind, sites: int, zones: int, seed: int) -> LocationProblem:
    """A seeded problem of any size. Raises ValueError for an unknown kind or size."""
    if kind not in KINDS:
        raise ValueError(f"kind = {kind!r}, expected one of {', '.join(KINDS)}")
    if sites < 5 or zones < 1:
        raise ValueError(f"{sites} sites, {zones} zones: expected at least 5 and 1")
    rng = np.random.default_rng(seed)
    points = clustered_points(zones, sites, rng, SIDE_KM)
    opened = sites_worth_opening(sites)
    if kind == "p-median":
        none, unlimited = np.zeros((sites, 1)), np.full((sites, 1), np.inf)
        return LocationProblem(kind, seed, points, none, unlimited, opened)
    # Transport falls as 1 / sqrt(t) with t open sites: half of what it costs at t,
    # shared by t sites, is the fixed cost at which t is best.
    transport = zones * 0.8 * 0.38 * SIDE_KM / opened**0.5
    fixed = transport / (2 * opened) * rng.uniform(0.7, 1.3, (sites, 1))
    if kind == "ufl":
        unlimited = np.full((sites, 1), np.inf)
        return LocationProblem(kind, seed, points, fixed, unlimited, None)
    size = points.people.sum() / opened * rng.uniform(0.8, 1.2, (sites, 1))
    capacity, levels = size * np.array(CAPACITY), fixed * np.array(LEVEL_COST)
    return LocationProblem(kind, seed, points, levels, capacity, None)


def location_instance(problem: LocationProblem) -> Instance:
    """The problem as an instance of dmopt; its cost is the objective above."""
    zones, sites = zone_ids(problem), site_ids(problem)
    corner = np.array(CORNER_M)
    at_zone, at_site = problem.points.zones + corner, problem.points.sites + corner
    people = problem.points.people
    tables: dict[str, Any] = {
        "periods": [{"period": "year", "start_year": 2027, "years": 1}],
        "zones": pd.DataFrame(
            {"zone": zones, "x": at_zone[:, 0], "y": at_zone[:, 1]}
        ).assign(population=people),
        "commodities": [{"commodity": PRODUCT, "t_per_unit": 1}],
        "demand": pd.DataFrame(
            {"zone": zones, "commodity": PRODUCT, "quantity_per_yr": people}
        ),
        "sites": pd.DataFrame({"site": sites, "x": at_site[:, 0], "y": at_site[:, 1]}),
        "modes": [
            {"mode": MODE, "cost_per_tkm": 1 / float(people.mean()), "speed_kmh": 50}
        ],
        "lanes": [
            {
                "commodity": PRODUCT,
                "mode": MODE,
                "origin": "site_inside",
                "destination": "zone",
            }
        ],
    }
    tables |= _levels(problem, tables["sites"])
    if problem.p is not None:
        count = f"least={problem.p}; most={problem.p}"
        tables["rules"] = [{"id": "p", "rule": "site_count", "parameters": count}]
    settings = {
        "name": problem.name,
        "description": f"Made up by benchmarks/generate.py, seed {problem.seed}.",
        "crs": "EPSG:27700",
        "distance": "projected",
        "detour": 1.0,
        "discount_rate": 0.0,
        "currency": "units",
    }
    return make_instance(settings, tables, place=problem.name)


def zone_ids(problem: LocationProblem) -> np.ndarray:
    return numbered_ids("zone", len(problem.points.zones))


def site_ids(problem: LocationProblem) -> np.ndarray:
    return numbered_ids("site", len(problem.points.sites))


def numbered_ids(word: str, count: int) -> np.ndarray:
    """word1, word2 ... as objects, (count,)."""
    return np.array([f"{word}{i + 1}" for i in range(count)], object)


def _levels(problem: LocationProblem, sites: pd.DataFrame) -> dict[str, Any]:
    """Tables of technologies, and `sites` with what they cost or have."""
    if not problem.capacitated:
        return {
            "sites": sites.assign(fixed_cost_per_yr=problem.fixed[:, 0]),
            **_technologies(np.array(["serve"], object), problem.demand.sum(), 0.0, ""),
        }
    m, levels = problem.fixed.shape
    own = np.repeat(sites.site.to_numpy(object), levels)
    names = own + np.tile([f"-level{n + 1}" for n in range(levels)], m).astype(object)
    plot = pd.DataFrame({"site": sites.site, "service": PLOT, "base": 1})
    needs = pd.DataFrame({"technology": names, "service": PLOT, "per_module": 1})
    return {
        "sites": sites.assign(**{"class": sites.site}),
        "services": [{"service": PLOT, "kind": "land"}],
        "site_services": plot,
        "technology_needs": needs,
        **_technologies(names, problem.capacity.ravel(), problem.fixed.ravel(), own),
    }


def _technologies(
    names: np.ndarray, capacity: Any, fixed: Any, site_class: Any
) -> dict[str, Any]:
    """Each with one recipe that makes a unit of the product."""
    recipes = "run-" + names
    return {
        "technologies": pd.DataFrame(
            {
                "technology": names,
                "capacity_per_yr": capacity,
                "fixed_cost_per_yr": fixed,
                "site_classes": site_class,
            }
        ),
        "recipes": pd.DataFrame({"recipe": recipes, "technology": names}),
        "recipe_items": pd.DataFrame(
            {"recipe": recipes, "commodity": PRODUCT, "quantity": 1}
        ),
    }
