"""Files of a small made-up region: squares of 2 km around a town in Britain."""

from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import box

WEST, SOUTH, SIDE = 400_000, 300_000, 2_000


def squares(count: int = 4) -> gpd.GeoDataFrame:
    """count x count squares, EPSG:27700: ward, town, residents, over_65, decile. People
    fall from 9,000 in the middle."""
    at = [(i, j) for j in range(count) for i in range(count)]
    middle = (count - 1) / 2
    away = np.array([np.hypot(i - middle, j - middle) for i, j in at])
    residents = (9_000 * np.exp(-away / 2)).round()
    return gpd.GeoDataFrame(
        {
            "ward": [f"Ward {i}{j}" for i, j in at],
            "town": ["West" if i < count / 2 else "East" for i, _ in at],
            "residents": residents,
            "over_65": (residents / 5).round(),
            "decile": [1 + (i + j) % 10 for i, j in at],
        },
        geometry=[
            box(
                WEST + SIDE * i,
                SOUTH + SIDE * j,
                WEST + SIDE * (i + 1),
                SOUTH + SIDE * (j + 1),
            )
            for i, j in at
        ],
        crs="EPSG:27700",
    )


def zone_file(folder: Path, table: gpd.GeoDataFrame | None = None) -> Path:
    """The squares, or another table, as a GeoPackage."""
    path = folder / "wards.gpkg"
    (squares() if table is None else table).to_file(path, layer="wards")
    return path
