"""Distance and travel time between places, for whole arrays of pairs at once.

    km[a] = detour * great circle km          distance = "great_circle"
    km[a] = detour * straight km in the CRS   distance = "projected"
    km[a], minutes[a] as listed               distance = "table"; not listed: NaN

Great circle: haversine on a sphere of 6,371.0088 km (IUGG mean radius).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance

Measure = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""km of pairs of points, from both coordinates of the first and of the second."""

EARTH_KM = 6371.0088
BLOCK = 500_000
"""Pairs looked at in one go: few enough for their arrays to stay in cache memory."""
SLACK = 1e-9
"""Relative, by which a cut before the exact distance is too wide."""


def great_circle_km(
    lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray
) -> np.ndarray:
    """Haversine distance in km; degrees in, broadcast like numpy."""
    lon1, lat1, lon2, lat2 = map(np.radians, (lon1, lat1, lon2, lat2))
    h = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))


def travel(
    instance: Instance, origins: np.ndarray, destinations: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """km and minutes of each pair (ids of places, two arrays of one shape (n,)).

    Both shaped (n,). km is NaN where there is no way. minutes is NaN where no
    travel time is given, so that the mode's speed decides.
    """
    if instance.settings.distance == "table":
        return _listed(instance, origins, destinations)
    a = instance.places.loc[origins]
    b = instance.places.loc[destinations]
    km = straight_km(instance, a, b) * instance.settings.detour
    return km, np.full(len(km), np.nan)


@dataclass(frozen=True)
class Pairs:
    """Pairs of two lists of places, one entry for each pair (n,).

    origin, destination: int, position in the list asked for, by origin, then by
        destination. km, minutes: as `travel`; km is never NaN.
    """

    origin: np.ndarray
    destination: np.ndarray
    km: np.ndarray
    minutes: np.ndarray


def pairs_within(
    instance: Instance,
    origins: np.ndarray,
    destinations: np.ndarray,
    most_km: float = np.inf,
) -> Iterator[Pairs]:
    """Pairs of places that are at most `most_km` apart, without a place to itself.

    origins, destinations: rows of `Instance.places`, int, no row twice. In blocks of
    origins, so that a country fits: what is too far is never kept.
    """
    if instance.settings.distance == "table":
        yield from _listed_pairs(instance, origins, destinations, most_km)
        return
    measure, *axes = _measure(instance)
    x, y = instance.places[axes].to_numpy().T
    space, detour = _in_space(instance), instance.settings.detour
    straight = most_km / detour * (1 + SLACK) + SLACK
    step = max(1, BLOCK // max(1, len(destinations)))
    for begin in range(0, len(origins), step):
        some = origins[begin : begin + step]
        o, d = np.nonzero(_near(space[some], space[destinations], straight))
        a, b = some[o], destinations[d]
        km = measure(x[a], y[a], x[b], y[b]) * detour
        kept = (km <= most_km) & (a != b)
        none = np.full(np.count_nonzero(kept), np.nan)
        yield Pairs(begin + o[kept], d[kept], km[kept], none)


def tables_of(
    instance: Instance, origins: np.ndarray, destinations: np.ndarray
) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """km and minutes of all pairs of two lists of places, a block of origins at a time.

    origins, destinations: as `pairs_within`. Of each block its place in `origins`, and
    km and minutes as `travel`, (some origins, destinations).
    """
    if instance.settings.distance == "table":
        km, minutes = np.full((2, len(origins), len(destinations)), np.nan)
        for pairs in _listed_pairs(instance, origins, destinations, np.inf):
            at = pairs.origin, pairs.destination
            km[at], minutes[at] = pairs.km, pairs.minutes
        yield slice(0, len(origins)), km, minutes
        return
    measure, *axes = _measure(instance)
    x, y = instance.places[axes].to_numpy().T
    there, detour = (x[destinations], y[destinations]), instance.settings.detour
    step = max(1, BLOCK // max(1, len(destinations)))
    for begin in range(0, len(origins), step):
        some = origins[begin : begin + step, None]
        km = measure(x[some], y[some], *there) * detour
        yield slice(begin, begin + step), km, np.broadcast_to(np.nan, km.shape)


def _near(a: np.ndarray, b: np.ndarray, most_km: float) -> np.ndarray:
    """Whether points (m, axes) and (n, axes) are that near in space: bool (m, n)."""
    square = np.zeros((len(a), len(b)))
    for here, there in zip(a.T, b.T, strict=True):
        apart = here[:, None] - there
        square += apart * apart
    return square <= most_km * abs(most_km)


def _in_space(instance: Instance) -> np.ndarray:
    """Points in km, (places, axes), between which the straight line is not longer than
    the distance."""
    places = instance.places
    if instance.settings.distance == "projected":
        return places[["x", "y"]].to_numpy() / 1000
    lon, lat = np.radians(places[["lon", "lat"]].to_numpy()).T
    axes = np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)
    return EARTH_KM * np.stack(axes, axis=1)


def _listed_pairs(
    instance: Instance, origins: np.ndarray, destinations: np.ndarray, most_km: float
) -> Iterator[Pairs]:
    table, count = instance.listed, len(instance.places)
    start, end = np.full(count, -1), np.full(count, -1)
    start[origins] = np.arange(len(origins))
    end[destinations] = np.arange(len(destinations))
    o, d = start[table.origin], end[table.destination]
    kept = (o >= 0) & (d >= 0) & (table.km <= most_km)
    kept &= table.origin != table.destination
    row = np.flatnonzero(kept)
    order = o[row] * len(destinations) + d[row]
    if (np.diff(order) < 0).any():
        row = row[np.argsort(order, kind="stable")]
    for begin in range(0, len(row), BLOCK):
        some = row[begin : begin + BLOCK]
        yield Pairs(o[some], d[some], table.km[some], table.minutes[some])


def straight_km(instance: Instance, a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """Straight km of row pairs with x, y, lon, lat (as in `Instance.places`)."""
    measure, first, second = _measure(instance)
    ends = (each[axis].to_numpy() for each in (a, b) for axis in (first, second))
    return measure(*ends)


def straight_table(instance: Instance, a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """Straight km from each row of `a` to each of `b`, (len(a), len(b))."""
    measure, *axes = _measure(instance)
    here = (a[axis].to_numpy()[:, None] for axis in axes)
    return measure(*here, *(b[axis].to_numpy() for axis in axes))


def _measure(instance: Instance) -> tuple[Measure, str, str]:
    """How straight km are found, and by which columns of `Instance.places`."""
    if instance.settings.distance == "projected":
        return _flat_km, "x", "y"
    return great_circle_km, "lon", "lat"


def _flat_km(
    x1: np.ndarray, y1: np.ndarray, x2: np.ndarray, y2: np.ndarray
) -> np.ndarray:
    """Distance in a plane in km; metres in."""
    return np.hypot(x1 - x2, y1 - y2) / 1000


def _listed(
    instance: Instance, origins: np.ndarray, destinations: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    table = instance.distances
    listed = pd.MultiIndex.from_arrays([table.origin, table.destination])
    row = listed.get_indexer(pd.MultiIndex.from_arrays([origins, destinations]))
    km = np.where(
        row >= 0, table.km.to_numpy(float)[row] if len(table) else 0.0, np.nan
    )
    minutes = np.where(
        row >= 0, table.minutes.to_numpy(float)[row] if len(table) else 0.0, np.nan
    )
    return km, minutes
