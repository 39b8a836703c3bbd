"""The GeoPackage form: zones, sites, suppliers and areas as layers, the rest as tables.

Sites and suppliers are points, whose coordinates are their x and y. Zones and areas
are outlines, or the point x, y where there is none. Settings are a table `settings`
with columns setting and value. Styles and projects that QGIS keeps there are left
alone.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from dmopt.data.atomic import atomic_file
from dmopt.data.cells import is_blank
from dmopt.data.instance import Instance
from dmopt.data.raw import Raw, check_file, check_rows, one_fault
from dmopt.data.rows import Rows, nearest
from dmopt.data.schema import TABLES
from dmopt.data.settings import SETTINGS, settings_of_rows
from dmopt.errors import Fault

NOT_OURS = ("layer_styles", "qgis_projects")
"""Tables that QGIS keeps in a GeoPackage."""

POINTS = ("sites", "suppliers")
OUTLINES = ("zones", "areas")
LAYERS = (*OUTLINES, *POINTS)
"""Tables with geometry: of points alone, of outlines or points, all of them."""

_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Bytes of the envelope before a geometry, by its code."""


def read_geopackage(path: Path) -> Raw:
    """Raw cells of a GeoPackage."""
    check_file(path)
    raw = Raw(lambda name: f"{path.name}, layer {name}")
    try:
        link = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(link, uri=True, timeout=2.0)) as file:
            _read_all(file, raw)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise one_fault(path.name, "a GeoPackage", "", str(error)[:100]) from error
    if not raw.settings:
        raw.faults.append(
            Fault(
                raw.place(SETTINGS), None, "", "", "a table with columns setting, value"
            )
        )
    return raw


def _read_all(file: sqlite3.Connection, raw: Raw) -> None:
    names = [row[0] for row in file.execute("SELECT table_name FROM gpkg_contents")]
    for name in names:
        if name in NOT_OURS:
            continue
        if name != SETTINGS and name not in TABLES:
            hint = nearest(name, [SETTINGS, *TABLES])
            raw.faults.append(
                Fault(raw.place(name), None, "", "", "only known layers", hint)
            )
            continue
        [[count]] = file.execute(f'SELECT count(*) FROM "{name}"')
        if found := check_rows(raw.place(name), count):
            raw.faults.extend(found)
            continue
        cells = _cells(file, name)
        if name == SETTINGS:
            rows = [list(cells.columns), *cells.to_numpy(object).tolist()]
            raw.settings.update(settings_of_rows(rows))
        else:
            raw.tables[name] = _placed(file, name, cells, raw)


def _cells(file: sqlite3.Connection, name: str) -> pd.DataFrame:
    """All columns of a table but the row number that every layer has."""
    known = TABLES[name].column if name in TABLES else {}
    columns = [
        column
        for _, column, kind, _, _, key in file.execute(f'PRAGMA table_info("{name}")')
        if not (key and kind.upper() == "INTEGER" and column not in known)
    ]
    quoted = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
    rows = file.execute(f'SELECT {quoted or "NULL"} FROM "{name}"').fetchall()
    names = pd.Index(columns or ["?"], dtype="str")
    return pd.DataFrame(rows, columns=names, dtype=object)


def _placed(
    file: sqlite3.Connection, name: str, cells: pd.DataFrame, raw: Raw
) -> pd.DataFrame:
    """Geometry as the schema has it: x and y of points, outlines as they are."""
    layer = file.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?",
        [name],
    ).fetchone()
    if layer is None or layer[0] not in cells:
        return cells
    rows = Rows(raw.place(name), np.arange(len(cells)) + 2)
    shapes, faults = _shapes(cells.pop(layer[0]), rows)
    points = shapely.get_type_id(shapes) == 0
    raw.faults.extend(faults + _take_coordinates(cells, shapes, points, rows))
    if name in OUTLINES:
        shapes[points] = None
        cells["geometry"] = shapes
    elif name in POINTS:
        wrong = ~points & ~shapely.is_missing(shapes)
        raw.faults.extend(rows.faults(wrong, layer[0], shapes, "a point"))
    cells.attrs["crs"] = _crs(file, layer[1])
    return cells


def _shapes(blobs: pd.Series, rows: Rows) -> tuple[np.ndarray, list[Fault]]:
    """Shapes of GeoPackage blobs: a header, whose length its flags say, then WKB."""
    wkb = np.full(len(blobs), None, object)
    for i, blob in enumerate(blobs):
        if isinstance(blob, bytes) and blob[:2] == b"GP" and len(blob) > 8:
            wkb[i] = blob[8 + _ENVELOPES.get(blob[3] >> 1 & 7, 0) :]
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    wrong = blobs.notna().to_numpy(bool) & shapely.is_missing(shapes)
    return shapes, rows.faults(wrong, str(blobs.name), blobs, "a geometry")


def _take_coordinates(
    cells: pd.DataFrame, shapes: np.ndarray, points: np.ndarray, rows: Rows
) -> list[Fault]:
    """A point says x and y; columns that say so too must say the same."""
    faults = []
    for name, values in (("x", shapely.get_x(shapes)), ("y", shapely.get_y(shapes))):
        own = (
            cells[name]
            if name in cells
            else pd.Series([None] * len(cells), dtype=object)
        )
        given = ~is_blank(own)
        number = pd.to_numeric(own, errors="coerce").to_numpy(float)
        moved = points & given & (number != values)
        faults += rows.faults(moved, name, own, "the coordinate of the row's own point")
        if points.any() or rows.place.endswith(POINTS):
            cells[name] = own.where(given | ~points, values)
    return faults


def _crs(file: sqlite3.Connection, number: int) -> CRS | None:
    """The CRS of a layer, or None where it names none that is known."""
    row = file.execute(
        "SELECT organization, organization_coordsys_id, definition "
        "FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        [number],
    ).fetchone()
    if row is None or number <= 0:
        return None
    try:
        return CRS.from_authority(row[0], row[1])
    except CRSError:
        pass
    try:
        return CRS.from_user_input(row[2])
    except CRSError:
        return None


def write_geopackage(instance: Instance, path: Path) -> None:
    """Write an instance as a GeoPackage."""
    rows = [(n, v) for n, v in instance.settings.model_dump().items() if v is not None]
    settings = pd.DataFrame(rows, columns=["setting", "value"]).astype(str)
    frames = {
        name: instance.tables[name].reset_index(drop=True)
        for name, table in TABLES.items()
        if len(instance.tables[name]) or table.required
    }
    layers = {name: frames.pop(name) for name in LAYERS if name in frames}
    with atomic_file(path) as new:
        for name, frame in layers.items():
            _write_layer(_located(name, frame, instance), new, name)
        with closing(sqlite3.connect(new)) as file, file:
            for name, frame in {SETTINGS: settings, **frames}.items():
                _write_table(file, name, frame)


def _located(name: str, frame: pd.DataFrame, instance: Instance) -> gpd.GeoDataFrame:
    """A table with its geometry: an outline, or else the point x, y."""
    shapes = shapely.points(frame.x.to_numpy(), frame.y.to_numpy())
    if name in OUTLINES:
        outlines = frame.geometry.to_numpy(object)
        shapes = np.where(shapely.is_missing(outlines), shapes, outlines)
        frame = frame.drop(columns="geometry")
    else:
        frame = frame.drop(columns=["x", "y"])
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=instance.settings.crs)


def _write_layer(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    """A layer with geometry; blank numbers become NULL."""
    pyogrio.write_dataframe(
        frame,
        path,
        layer=name,
        driver="GPKG",
        append=path.exists(),
        geometry_type="Point" if name in POINTS else "Unknown",
        promote_to_multi=False,
        layer_options={"GEOMETRY_NAME": "geometry"},
    )


def _write_table(file: sqlite3.Connection, name: str, frame: pd.DataFrame) -> None:
    """A table without geometry, as GeoPackages have them."""
    kinds = {"f": "DOUBLE", "i": "INTEGER", "b": "BOOLEAN"}
    columns = [f'"{n}" {kinds.get(frame[n].dtype.kind, "TEXT")}' for n in frame]
    file.execute(
        f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, {", ".join(columns)})'
    )
    cells = frame.astype(object).where(frame.notna(), None)
    names = ", ".join(f'"{n}"' for n in frame)
    file.executemany(
        f'INSERT INTO "{name}" ({names}) VALUES ({", ".join("?" * len(columns))})',
        cells.itertuples(index=False, name=None),
    )
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        "VALUES (?, 'attributes', ?)",
        [name, name],
    )
