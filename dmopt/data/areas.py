"""How far places are from areas: straight km to the nearest point of the outline.

    0 km inside; to the point x, y where there is no outline

The nearest point is found in the CRS (in degrees: with meridians as close as they are
at the area), the km to it as between places (`distances.straight_km`).
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from dmopt.data.distances import great_circle_km
from dmopt.data.instance import Instance


def area_km(
    instance: Instance, places: Iterable[str], areas: Iterable[str]
) -> pd.DataFrame:
    """Straight km from each place (rows) to each area (columns)."""
    at = instance.places.loc[list(places)]
    table = instance.areas.loc[list(areas)]
    km = np.empty((len(at), len(table)))
    for n, (shape, x, y) in enumerate(
        zip(table.geometry, table.x, table.y, strict=True)
    ):
        km[:, n] = _km(instance, at, shapely.Point(x, y) if shape is None else shape)
    return pd.DataFrame(km, at.index, table.index)


def _km(instance: Instance, at: pd.DataFrame, shape: shapely.Geometry) -> np.ndarray:
    x, y = at.x.to_numpy(float), at.y.to_numpy(float)
    if instance.settings.distance == "projected":
        return shapely.distance(shapely.points(x, y), shape) / 1000
    crs = instance.settings.crs
    wide = 1.0
    if _is_geographic(crs):
        wide = np.cos(np.radians(shapely.get_y(shapely.centroid(shape))))
    flat = shapely.transform(shape, lambda xy: xy * [wide, 1.0])
    lines = shapely.shortest_line(shapely.points(x * wide, y), flat)
    ends = shapely.get_coordinates(shapely.get_point(lines, -1))
    lon, lat = _degrees_from(crs).transform(ends[:, 0] / wide, ends[:, 1])
    return great_circle_km(at.lon.to_numpy(), at.lat.to_numpy(), lon, lat)


@cache
def _is_geographic(crs: str) -> bool:
    return bool(CRS.from_user_input(crs).is_geographic)


@cache
def _degrees_from(crs: str) -> Transformer:
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
