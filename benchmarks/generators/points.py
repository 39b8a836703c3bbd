"""Where people live and where sites could stand: clustered points, log-normal people.

    k = max(5, n // 120) towns, uniform in a square of `side_km`, with weight
    w ~ Pareto(1.2) + 0.2; a zone belongs to town i with probability 0.8 w_i + 0.2 / k
    and lies around it, normal with a standard deviation of side (0.02 + 0.1 sqrt(w_i)).
    15 % of the zones lie anywhere. People are exp(N(6.5, 0.8)), so 665 in the median.
    Sites stand at zones, 1 % of the side away in the standard deviation.

Positions are whole metres, so that every tool finds the same distance to the last bit.
"""

import math
from dataclasses import dataclass

import numpy as np

ZONES_OF_A_TOWN = 120
FEWEST_TOWNS = 5
BACKGROUND = 0.15
"""Share of zones that lie outside any town."""
LOG_PEOPLE, LOG_SPREAD = 6.5, 0.8


@dataclass(frozen=True)
class Points:
    """Zones and sites in a square.

    zones: (n, 2) metres from the south-west corner. people: (n,), at least 1.
    sites: (m, 2) metres.
    """

    zones: np.ndarray
    people: np.ndarray
    sites: np.ndarray


def clustered_points(
    zones: int, sites: int, rng: np.random.Generator, side_km: float = 100.0
) -> Points:
    """Points as above. Where there are more sites than zones, zones serve twice."""
    side = 1000 * side_km
    k = max(FEWEST_TOWNS, zones // ZONES_OF_A_TOWN)
    towns = rng.uniform(0, side, (k, 2))
    weight = rng.pareto(1.2, k) + 0.2
    weight /= weight.sum()
    town = rng.choice(k, zones, p=0.8 * weight + 0.2 / k)
    spread = side * (0.02 + 0.10 * np.sqrt(weight))
    at = towns[town] + rng.normal(0, 1, (zones, 2)) * spread[town, None]
    apart = rng.random(zones) < BACKGROUND
    at[apart] = rng.uniform(0, side, (int(apart.sum()), 2))
    at = _whole(at, side)
    people = np.round(np.exp(rng.normal(LOG_PEOPLE, LOG_SPREAD, zones))) + 1
    picked = rng.choice(zones, sites, replace=sites > zones)
    beside = at[picked] + rng.normal(0, 0.01 * side, (sites, 2))
    return Points(at, people, _whole(beside, side))


def _whole(at: np.ndarray, side: float) -> np.ndarray:
    inside: np.ndarray = np.round(np.clip(at, 0, side))
    return inside


def kilometres(sites: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """Straight km between all pairs of points in metres: (m, 2), (n, 2) -> (m, n)."""
    east = sites[:, None, 0] - zones[None, :, 0]
    north = sites[:, None, 1] - zones[None, :, 1]
    km: np.ndarray = np.hypot(east, north) / 1000
    return km


def sites_worth_opening(sites: int) -> int:
    """How many sites a problem is made to open: about 1.5 sqrt(m), at least 5."""
    return max(5, round(1.5 * math.sqrt(sites)))
