"""Zones from the user's own file: GeoPackage, shapefile, GeoJSON, whatever GDAL reads.

All faults at once, nothing repaired. Rows are counted as a spreadsheet of the layer
would: its first feature is row 2.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from dmopt.data.names import slug, unlike
from dmopt.data.raw import check_file, one_fault
from dmopt.data.rows import Rows, nearest
from dmopt.errors import Fault, InstanceError
from dmopt.regions.ground import (
    BRITISH_GRID,
    crs_for,
    crs_name,
    mean_degrees,
    metric_crs,
    read_crs,
)
from dmopt.regions.zones import Zones

POLYGONS = ("Polygon", "MultiPolygon")
LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the file say what; "" where there is none."""

    population: str
    name: str = ""
    district: str = ""
    deprivation: str = ""


def own_zones(
    path: str | Path,
    columns: Columns,
    *,
    layer: str = "",
    crs: str = "",
    file_crs: str = "",
) -> Zones:
    """Zones of the user's file. Polygons, or points that stand for them.

    crs: CRS wanted; "" keeps the file's if it is in metres, else the UTM zone.
    file_crs: CRS of a file that does not say which it has.
    Raises InstanceError with every fault found.
    """
    path = Path(path)
    table = _read(path, layer)
    place = f"{path.name}, layer {layer}" if layer else path.name
    rows = Rows(place, np.arange(len(table)) + 2)
    if not len(table):
        raise one_fault(place, "at least one zone")
    faults = _column_faults(table, columns, place)
    faults += _crs_faults(table, file_crs, place)
    faults += _shape_faults(table, rows)
    people = _figures(table, columns.population)
    faults += _population_faults(table, columns.population, people, rows)
    names = _texts(table, columns.name)
    faults += _name_faults(table, columns.name, names, rows)
    decile = _figures(table, columns.deprivation)
    faults += _decile_faults(table, columns.deprivation, decile, rows)
    if faults:
        raise InstanceError(faults)
    if table.crs is None:
        table = table.set_crs(file_crs)
    table, target = _in_metres(table, crs)
    return _zones(table, columns, names, people, decile, target, path.name)


def _read(path: Path, layer: str) -> gpd.GeoDataFrame:
    """The layer; raises InstanceError where it cannot be had."""
    check_file(path)
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        if layer and layer not in layers:
            hint = nearest(layer, layers) or f"layers are {', '.join(layers)}"
            raise one_fault("--layer", f"a layer of {path.name}", repr(layer), hint)
        if not layer and len(layers) > 1:
            hint = f"layers are {', '.join(layers)}"
            raise one_fault("--layer", f"one of the layers of {path.name}", "", hint)
        table = pyogrio.read_dataframe(path, layer=layer or None)
    except (DataSourceError, DataLayerError) as error:
        expected = "a file of zones, such as a GeoPackage, shapefile or GeoJSON"
        raise one_fault(path.name, expected, "", str(error).split(";")[0]) from error
    if not isinstance(table, gpd.GeoDataFrame):
        expected = "zones with outlines or points; this layer has no geometry"
        raise one_fault(path.name, expected)
    return table


def _column_faults(
    table: gpd.GeoDataFrame, columns: Columns, place: str
) -> list[Fault]:
    """Options that name a column which is not there."""
    known = [str(c) for c in table.columns if c != table.geometry.name]
    numeric = [c for c in known if pd.api.types.is_numeric_dtype(table[c])]
    faults = []
    for option, name in (
        ("--population", columns.population),
        ("--name", columns.name),
        ("--district", columns.district),
        ("--deprivation", columns.deprivation),
    ):
        if name in known or (not name and option != "--population"):
            continue
        fit = numeric if option in ("--population", "--deprivation") else known
        hint = nearest(name, known) if name else ""
        hint = hint or f"columns are {', '.join(fit) or 'none'}"
        read = repr(name) if name else ""
        faults.append(Fault(option, None, "", read, f"a column of {place}", hint))
    return faults


def _crs_faults(table: gpd.GeoDataFrame, file_crs: str, place: str) -> list[Fault]:
    if file_crs:
        try:
            read_crs(file_crs, "--zones-crs")
        except InstanceError as error:
            return error.faults
    west, south, east, north = table.total_bounds
    degrees = west >= -180.01 and east <= 360.01 and south >= -90 and north <= 90
    if table.crs is None and not file_crs:
        hint = "give --zones-crs"
        if degrees:
            hint += "; these look like longitude and latitude: --zones-crs EPSG:4326"
        return [Fault(place, None, "", "", "a file that names its CRS", hint)]
    crs = table.crs if table.crs is not None else file_crs
    if gpd.GeoSeries([], crs=crs).crs.is_geographic and not degrees:
        read = f"{west:.0f}, {south:.0f}"
        hint = "they look like metres, so the CRS that the file names is wrong"
        return [Fault(place, None, "", read, "longitude and latitude in degrees", hint)]
    return []


def _shape_faults(table: gpd.GeoDataFrame, rows: Rows) -> list[Fault]:
    shapes = table.geometry.to_numpy()
    kind = np.array(["" if s is None else s.geom_type for s in shapes], dtype=object)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    other = ~empty & ~np.isin(kind, [*POLYGONS, "Point"])
    broken = ~empty & ~other & ~shapely.is_valid(shapes)
    flat = ~empty & np.isin(kind, POLYGONS) & (shapely.area(shapes) <= 0)
    name = "geometry"
    return [
        *rows.faults(empty, name, shapes, "an outline or a point, not an empty one"),
        *rows.faults(other, name, shapes, "a polygon or a point"),
        *rows.faults(
            broken,
            name,
            shapes,
            "an outline that does not cross itself",
            lambda i: f"{shapely.is_valid_reason(shapes[i])}; QGIS: Fix geometries",
        ),
        *rows.faults(flat & ~broken, name, shapes, "an outline with an area"),
    ]


def _figures(table: gpd.GeoDataFrame, column: str) -> np.ndarray:
    """A column as numbers, NaN where it is not one, shape (n,)."""
    if column not in table.columns or column == table.geometry.name:
        return np.full(len(table), np.nan)
    return pd.to_numeric(table[column], errors="coerce").to_numpy(float)


def _population_faults(
    table: gpd.GeoDataFrame, column: str, people: np.ndarray, rows: Rows
) -> list[Fault]:
    if column not in table.columns:
        return []
    unknown, negative = ~np.isfinite(people), people < 0
    faults = rows.faults(unknown, column, table[column], "a number of people")
    faults += rows.faults(negative, column, table[column], "0 people or more")
    if not faults and not people.sum() > 0:
        faults.append(Fault(rows.place, None, column, "0 in all", "some people"))
    return faults


def _texts(table: gpd.GeoDataFrame, column: str) -> list[str]:
    if column not in table.columns or column == table.geometry.name:
        return [f"zone {i + 1:04d}" for i in range(len(table))]
    return [_text(value) for value in table[column]]


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _name_faults(
    table: gpd.GeoDataFrame, column: str, names: list[str], rows: Rows
) -> list[Fault]:
    if column not in table.columns:
        return []
    told = pd.Series(names)
    blank = (told == "").to_numpy()
    twice = told.duplicated().to_numpy() & ~blank
    first = {name: i + 2 for i, name in reversed(list(enumerate(names)))}
    return [
        *rows.faults(blank, column, told, "a name for the zone"),
        *rows.faults(
            twice,
            column,
            told,
            "a name that no other zone has",
            lambda i: f"first in row {first[names[i]]}",
        ),
    ]


def _decile_faults(
    table: gpd.GeoDataFrame, column: str, decile: np.ndarray, rows: Rows
) -> list[Fault]:
    """Deciles go from 1, most deprived, to 10; a blank one says nothing."""
    if column not in table.columns:
        return []
    unread = np.isnan(decile) & table[column].notna().to_numpy()
    wrong = unread | (decile < 1) | (decile > 10)
    expected = "a decile from 1 (most deprived) to 10, or a blank cell"
    return rows.faults(wrong, column, table[column], expected)


def _in_metres(table: gpd.GeoDataFrame, wanted: str) -> tuple[gpd.GeoDataFrame, str]:
    """The table in a metric CRS, and that CRS as text."""
    own = table.crs
    if not wanted and own.is_projected and own.axis_info[0].unit_name == "metre":
        code = own.to_epsg()
        return table, f"EPSG:{code}" if code else str(own.to_wkt())
    if wanted:
        return table.to_crs(metric_crs(wanted)), wanted
    degrees = table.to_crs("EPSG:4326").geometry.representative_point()
    lon, lat = degrees.x.to_numpy(), degrees.y.to_numpy()
    middle_lon, middle_lat = mean_degrees(lon, lat)
    wide = np.abs((lon - middle_lon + 180) % 360 - 180).max()
    reach_km = wide * 111.2 * np.cos(np.radians(middle_lat)) + 10
    target = crs_for(middle_lon, middle_lat, reach_km)
    return table.to_crs(target), target


def _zones(
    table: gpd.GeoDataFrame,
    columns: Columns,
    names: list[str],
    people: np.ndarray,
    decile: np.ndarray,
    crs: str,
    file: str,
) -> Zones:
    shapes = shapely.force_2d(table.geometry.to_numpy())
    points = shapely.point_on_surface(shapes)
    outline = np.isin([s.geom_type for s in shapes], POLYGONS)
    districts = (
        _texts(table, columns.district) if columns.district else [""] * len(table)
    )
    whole = "the region"
    rows = pd.DataFrame(
        {
            "zone": unlike([slug(name)[:LONGEST_ID] for name in names]),
            "name": names,
            "district": [d or whole for d in districts],
            "population": people,
            "deprivation_decile": decile,
            "x": shapely.get_x(points).round(1),
            "y": shapely.get_y(points).round(1),
            "geometry": [
                s if o else None for s, o in zip(shapes, outline, strict=True)
            ],
            "source": f"{file}, column {columns.population}",
            "confidence": "",
            "note": "",
        }
    )
    how = [
        f"{len(rows):,} zones from {file}, in {crs_name(crs)}",
        f"people: {people.sum():,.0f} in all, column {columns.population}, as given",
    ]
    if not columns.district:
        how.append("no --district was named, so all zones are of one district")
    told = [c for c in table.columns if c != table.geometry.name]
    bands = {str(c): _figures(table, str(c)) for c in told}
    return Zones(rows, crs, how, bands=bands, british=crs.upper() == BRITISH_GRID)
