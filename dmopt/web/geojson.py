"""Shapes as GeoJSON: FeatureCollections in degrees, coordinates rounded."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from dmopt.runs.plain import plain

DEGREES = 5
"""Decimals of coordinates: about a metre."""


def collection(
    shapes: np.ndarray, properties: list[dict[str, Any]], round_to: int = DEGREES
) -> dict[str, Any]:
    """A FeatureCollection; each feature has its id in its properties."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": place, "properties": plain(about)}
            for place, about in zip(
                geometries(np.asarray(shapes, object), round_to),
                properties,
                strict=True,
            )
        ],
    }


POINT, LINE = 0, 1
"""Types of shapes that a plan has thousands of, as shapely numbers them."""


def geometries(shapes: np.ndarray, round_to: int) -> list[dict[str, Any] | None]:
    """GeoJSON of each shape (n,): points and lines all at once, others one by one."""
    kind = np.where(shapely.is_empty(shapes), -1, shapely.get_type_id(shapes))
    plain_ones = np.flatnonzero((kind == POINT) | (kind == LINE))
    at, of = shapely.get_coordinates(shapes[plain_ones], return_index=True)
    points = np.round(at, round_to).tolist()
    ends = np.cumsum(np.bincount(of, minlength=len(plain_ones)))
    places = [points[a:b] for a, b in pairwise([0, *ends.tolist()])]
    found: list[dict[str, Any] | None] = [None] * len(shapes)
    for n, place in zip(plain_ones, places, strict=True):
        found[n] = (
            {"type": "Point", "coordinates": place[0]}
            if kind[n] == POINT
            else {"type": "LineString", "coordinates": place}
        )
    for n in np.flatnonzero(kind > LINE):
        found[n] = geometry(shapes[n], round_to)
    return found


def geometry(shape: Any, round_to: int = DEGREES) -> dict[str, Any] | None:
    """GeoJSON of a shape, its coordinates rounded; None where there is none."""
    if shape is None or shapely.is_empty(shape):
        return None
    whole = shapely.transform(shape, lambda points: np.round(points, round_to))
    found: dict[str, Any] = json.loads(shapely.to_geojson(whole))
    return found
