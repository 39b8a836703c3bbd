"""GeoJSON of many shapes at once is that of each."""

import json

import numpy as np
from shapely import LineString, MultiPoint, Point, Polygon

from dmopt.web.geojson import collection, geometries, geometry

SHAPES = [
    Point(1.123456789, 2),
    None,
    LineString([(0, 0), (1, 1.0000004), (2, 3)]),
    Point(),
    Polygon([(0, 0), (1, 0), (1, 1)]),
    MultiPoint([(1, 2), (3, 4)]),
    LineString([(5, 6), (7, 8)]),
    Point(3, 4),
]


def test_points_and_lines_at_once_are_as_one_by_one():
    found = geometries(np.array(SHAPES, object), 5)
    assert json.dumps(found) == json.dumps([geometry(each, 5) for each in SHAPES])
    assert found[0] == {"type": "Point", "coordinates": [1.12346, 2.0]}
    assert found[2]["coordinates"][1] == [1.0, 1.0]
    assert found[1] is found[3] is None


def test_there_may_be_none():
    assert geometries(np.array([], object), 5) == []
    assert geometries(np.array([None], object), 5) == [None]
    empty = {"type": "FeatureCollection", "features": []}
    assert collection(np.array([], object), []) == empty
