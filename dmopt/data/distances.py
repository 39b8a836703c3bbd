"""Distance and travel time between places, for whole arrays of pairs at once.

    km[a] = detour * great circle km          distance = "great_circle"
    km[a] = detour * straight km in the CRS   distance = "projected"
    km[a], minutes[a] as listed               distance = "table"; not listed: NaN

Great circle: haversine on a sphere of 6,371.0088 km (IUGG mean radius).
"""

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance

EARTH_KM = 6371.0088


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


def straight_km(instance: Instance, a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """Straight km of row pairs with x, y, lon, lat (as in `Instance.places`)."""
    if instance.settings.distance == "projected":
        return (
            np.hypot(a.x.to_numpy() - b.x.to_numpy(), a.y.to_numpy() - b.y.to_numpy())
            / 1000
        )
    return great_circle_km(
        a.lon.to_numpy(), a.lat.to_numpy(), b.lon.to_numpy(), b.lat.to_numpy()
    )


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
