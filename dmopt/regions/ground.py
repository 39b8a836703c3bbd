"""The coordinate reference system of a region: metric, and said aloud.

given by the user         as asked, if it is in metres
Great Britain             EPSG:27700, the British National Grid
elsewhere                 the WGS 84 / UTM zone of the centre
across a UTM zone's edge  a transverse Mercator of its own around the centre,
                          where the region leaves the zone's area of use
"""

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from dmopt.data.raw import one_fault

BRITISH_GRID = "EPSG:27700"
DEGREES = "EPSG:4326"
SPARE_DEG = 0.9
"""How far a region may reach over a UTM zone's edge: checks allow one degree."""


def read_crs(text: str, option: str) -> CRS:
    """A CRS of places on a map, named by a user; raises InstanceError."""
    expected = "a coordinate reference system, such as EPSG:32637"
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise one_fault(option, expected, repr(text)) from error
    if not (crs.is_projected or crs.is_geographic):
        raise one_fault(option, f"{expected}, of places on a map", repr(text))
    return crs


def metric_crs(text: str, option: str = "--crs") -> str:
    """A CRS named by a user, if it is projected in metres; raises InstanceError."""
    crs = read_crs(text, option)
    if not (crs.is_projected and crs.axis_info[0].unit_name == "metre"):
        expected = "a projected coordinate reference system in metres"
        raise one_fault(option, expected, repr(text))
    return text


def crs_for(
    lon: float, lat: float, reach_km: float, country: str = "", part: str = ""
) -> str:
    """The CRS of a region around a point (degrees).

    reach_km: how far from the point coordinates go, across. country, part: ISO code
    and first-level division, where known: Northern Ireland is not on the British grid.
    """
    if country == "GB" and part != "NIR":
        return BRITISH_GRID
    if not -80 <= lat < 84:
        return _own_mercator(lon)
    zone = int((lon + 180) % 360 // 6) + 1
    middle = zone * 6 - 183
    away = abs((lon - middle + 180) % 360 - 180)
    reach_deg = reach_km / (111.2 * max(0.05, np.cos(np.radians(lat))))
    if away + reach_deg > 3 + SPARE_DEG:
        return _own_mercator(lon)
    return f"EPSG:{32600 + zone if lat >= 0 else 32700 + zone}"


def _own_mercator(lon: float) -> str:
    return (
        f"+proj=tmerc +lat_0=0 +lon_0={lon:.2f} +k=0.9996 +x_0=500000 +y_0=0 "
        "+datum=WGS84 +units=m +no_defs"
    )


def crs_name(crs: str) -> str:
    """A CRS as people know it: code and name."""
    known = CRS.from_user_input(crs)
    if known.to_epsg() is None:
        return "a transverse Mercator around the region's centre (WGS 84, metres)"
    return f"{crs} ({known.name})"


def to_metres(crs: str, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Degrees to x, y in a metric CRS, shape (n, 2)."""
    there = Transformer.from_crs(DEGREES, crs, always_xy=True)
    return np.column_stack(there.transform(np.asarray(lon), np.asarray(lat)))


def mean_degrees(lon: np.ndarray, lat: np.ndarray) -> tuple[float, float]:
    """Middle of points in degrees, sound across the antimeridian."""
    turn = np.radians(lon)
    middle = np.degrees(np.arctan2(np.sin(turn).mean(), np.cos(turn).mean()))
    return float(middle), float((lat.min() + lat.max()) / 2)
