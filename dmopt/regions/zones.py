"""What every source of zones gives: one table, its CRS, and what to say of it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely


@dataclass(frozen=True)
class Zones:
    """Zones of a region, from wherever they came.

    table: columns of the table `zones` (zone, name, district, population, x, y,
        geometry (shapely or None), source, confidence, note, perhaps
        deprivation_decile) and those of the user's own file that rates name.
    crs: CRS of x, y and geometry, in metres.
    how: how zones and people came about, in sentences for people.
    british: whether the zones are known to be in the United Kingdom.
    credit, licence: what must be said of the data; "" where nothing is known.
    """

    table: pd.DataFrame
    crs: str
    how: list[str]
    credit: str = ""
    licence: str = ""
    bands: dict[str, np.ndarray] = field(default_factory=dict)
    british: bool = False

    @property
    def xy_km(self) -> np.ndarray:
        """Points of the zones, km, shape (zones, 2)."""
        return self.table[["x", "y"]].to_numpy(float) / 1000

    @property
    def people(self) -> np.ndarray:
        """Residents, shape (zones,)."""
        return self.table["population"].to_numpy(float)

    @property
    def centre(self) -> np.ndarray:
        """Mean point of the people, in metres, shape (2,)."""
        xy = self.table[["x", "y"]].to_numpy(float)
        return np.average(xy, axis=0, weights=self.people)

    @property
    def density(self) -> np.ndarray:
        """People per km2, shape (zones,). A zone without an outline counts as a circle
        halfway to its nearest neighbour."""
        shapes = self.table["geometry"].to_numpy()
        km2 = np.array(
            [shapely.area(s) / 1e6 if s is not None else 0.0 for s in shapes]
        )
        bare = km2 <= 0
        if bare.any():
            km2[bare] = np.pi * (nearest_other_km(self.xy_km)[bare] / 2) ** 2
        return self.people / np.maximum(km2, 1e-6)


def pair_km(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Straight km between points in km, (n, 2) and (m, 2), shape (n, m)."""
    gap = one[:, None, :] - other[None, :, :]
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]))


def nearest_other_km(xy_km: np.ndarray) -> np.ndarray:
    """km from each point to the nearest other; 1 where there is none, shape (n,)."""
    from scipy.spatial import cKDTree

    if len(xy_km) < 2:
        return np.ones(len(xy_km))
    return np.maximum(cKDTree(xy_km).query(xy_km, k=2)[0][:, 1], 1e-3)


def whole_people(share: np.ndarray, total: int) -> np.ndarray:
    """A total of people shared in proportion to `share`, in whole persons: largest
    remainders round up. Shape (n,), int."""
    exact = total * share / share.sum()
    people = np.floor(exact).astype(np.int64)
    left = int(total - people.sum())
    order = np.argsort(-(exact - people), kind="stable")
    people[order[:left]] += 1
    return people
