"""Coordinates must lie where their CRS is meant to be used."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer

from dmopt.data.rows import Sheet, show
from dmopt.errors import Fault

MARGIN = 1.0
"""Degrees that projected coordinates may lie outside the CRS's area of use."""

WORLD = (-180.0, -90.0, 180.0, 90.0)
"""Area of a CRS that names none: west, south, east, north in degrees."""


def coordinate_faults(sheets: Mapping[str, Sheet], crs: str) -> Iterator[Fault]:
    """x, y and outlines outside the area of use of `crs` (a known one)."""
    area = CRS.from_user_input(crs).area_of_use
    name = area.name.split(";")[0][:60] if area else "the earth"
    expected = f"coordinates within the area of {crs} ({name})"
    outside = _outside(crs)
    for table in ("zones", "sites", "suppliers", "locations", "areas"):
        if table not in sheets:
            continue
        sheet = sheets[table]
        x, y = sheet.frame.x.to_numpy(), sheet.frame.y.to_numpy()
        wrong = outside(x, y)
        if wrong.any():
            pairs = list(zip(x.tolist(), y.tolist(), strict=True))
            hint = _hint(wrong & ~outside(y, x))
            yield from sheet.rows.faults(wrong, "x, y", pairs, expected, hint)
    for table in ("zones", "areas"):
        if table in sheets:
            yield from _outlines(sheets[table], outside, expected)


def crs_faults(
    tables: Mapping[str, Any], crs: str, where: Callable[[str], str]
) -> Iterator[Fault]:
    """Tables that bring a CRS which is not the instance's: a GeoDataFrame's own, or
    one that a reader left in `attrs`."""
    wanted = CRS.from_user_input(crs)
    for name, table in tables.items():
        own = getattr(table, "attrs", {}).get("crs") or getattr(table, "crs", None)
        if not isinstance(own, CRS) or own.equals(wanted, ignore_axis_order=True):
            continue
        if own.to_epsg() is None or own.to_epsg() != wanted.to_epsg():
            expected = f"the CRS of the settings, {crs}"
            yield Fault(where(name), None, "", show(own.name), expected)


def _outlines(
    sheet: Sheet, outside: Callable[..., np.ndarray], expected: str
) -> Iterator[Fault]:
    west, south, east, north = shapely.bounds(sheet.frame.geometry.to_numpy()).T
    wrong = outside(west, south) | outside(east, north)
    if wrong.any():
        swapped = wrong & ~outside(south, west) & ~outside(north, east)
        yield from sheet.faults(wrong, "geometry", expected, _hint(swapped))


def _hint(swapped: np.ndarray) -> Callable[[int], str]:
    return lambda i: "x and y look swapped" if swapped[i] else ""


@cache
def _outside(crs: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function of x and y, (n,) each: True where they are outside the area of use
    of `crs`, False where either is NaN."""
    used = CRS.from_user_input(crs)
    degrees = Transformer.from_crs(used, "EPSG:4326", always_xy=True)
    west, south, east, north = used.area_of_use.bounds if used.area_of_use else WORLD
    margin = 0.0 if used.is_geographic else MARGIN
    width = east - west + (360.0 if east < west else 0.0)

    def outside(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        told = ~(np.isnan(x) | np.isnan(y))
        lon, lat = degrees.transform(np.where(told, x, 0.0), np.where(told, y, 0.0))
        known = np.isfinite(lon) & np.isfinite(lat)
        lon, lat = np.where(known, lon, 0.0), np.where(known, lat, 0.0)
        across = (lon - west + margin) % 360.0 if width < 360.0 else lon - west
        inside = known & (across >= 0.0) & (across <= width + 2 * margin)
        inside &= (
            (lat >= south - margin) & (lat <= north + margin) & (np.abs(lat) <= 90)
        )
        return told & ~inside

    return outside
