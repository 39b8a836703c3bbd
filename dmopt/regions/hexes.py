"""Hexagons that fill a circle without gaps.

Centres stand in two interleaved rectangular lattices around (0, 0):
(i w, j w sqrt 3) and ((i + 1/2) w, (j + 1/2) w sqrt 3), where w is the width across
flats, which is also the distance between neighbours. A hexagon's area is w2 sqrt(3)/2.
"""

import numpy as np
import shapely


def centres_km(width_km: float, radius_km: float) -> np.ndarray:
    """Centres within the radius of (0, 0), from north-west to south-east, (n, 2)."""
    rise = width_km * np.sqrt(3)
    count = int(radius_km / width_km) + 2
    step = np.arange(-count, count + 1)
    i, j = (each.ravel() for each in np.meshgrid(step, step))
    even = np.column_stack([i * width_km, j * rise])
    both = np.vstack([even, even + np.array([width_km / 2, rise / 2])])
    kept = both[np.hypot(both[:, 0], both[:, 1]) <= radius_km + 1e-9]
    return kept[np.lexsort([kept[:, 0].round(6), -kept[:, 1].round(6)])]


def area_km2(width_km: float) -> float:
    """Area of one hexagon."""
    return float(width_km**2 * np.sqrt(3) / 2)


def outlines(centres: np.ndarray, width: float) -> np.ndarray:
    """Polygons around centres, (n,), in the unit of both."""
    angle = np.radians(np.arange(30, 390, 60))
    corner = width / np.sqrt(3) * np.column_stack([np.cos(angle), np.sin(angle)])
    rings = centres[:, None, :] + corner[None, :, :]
    return np.asarray(shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1)))


def cell_of(xy_km: np.ndarray, width_km: float) -> np.ndarray:
    """Centre of the hexagon that each point lies in, km, shape (n, 2)."""
    pitch = np.array([width_km, width_km * np.sqrt(3)])
    shift = pitch / 2
    even = np.round(xy_km / pitch) * pitch
    odd = np.round((xy_km - shift) / pitch) * pitch + shift
    nearer = ((xy_km - even) ** 2).sum(axis=1) <= ((xy_km - odd) ** 2).sum(axis=1)
    return np.where(nearer[:, None], even, odd).round(6)
