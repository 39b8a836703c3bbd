"""Candidate sites from the user's own list.

A CSV file, the first sheet of a workbook, or a layer of points. Columns as in the table
`sites`; `class` must be one of the library's, `site` may be left out, and the place is
x, y in the region's CRS, lon, lat in degrees, or the point. What is not told of a site
is what the library says of its class.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineError

from dmopt.data.comma import read_csv
from dmopt.data.raw import check_file, one_fault
from dmopt.data.rows import Rows, nearest
from dmopt.data.schema import TABLES
from dmopt.errors import Fault, InstanceError
from dmopt.regions.ground import to_metres
from dmopt.regions.library import Catalogue
from dmopt.regions.sites import completed
from dmopt.regions.zones import Zones, pair_km

PLACES = (("x", "y"), ("lon", "lat"))
WORKBOOKS = (".xlsx", ".xls", ".ods")


def own_sites(path: str | Path, zones: Zones, catalogue: Catalogue) -> pd.DataFrame:
    """Rows of the table `sites`, from a file. Raises InstanceError with every fault."""
    path = Path(path)
    cells, rows = read_cells(path, zones.crs)
    faults = _header_faults(cells, path.name)
    if not faults:
        faults += _class_faults(cells, catalogue, rows)
        xy, found = _points(cells, zones.crs, rows)
        faults += found
    if faults:
        raise InstanceError(faults)
    cells = cells.drop(columns=["lon", "lat"], errors="ignore")
    cells = cells.assign(x=xy[:, 0].round(1), y=xy[:, 1].round(1))
    if "district" not in cells:
        cells["district"] = ""
    near = pair_km(xy / 1000, zones.xy_km).argmin(axis=1)
    there = zones.table["district"].to_numpy()[near]
    cells["district"] = np.where(cells["district"] == "", there, cells["district"])
    if "source" not in cells:
        cells["source"] = f"place: {path.name}; other figures: as the library has them"
    return completed(cells, catalogue)


def read_cells(path: Path, crs: str = "") -> tuple[pd.DataFrame, Rows]:
    """Cells of a list as text ("" = blank), columns as the file has them, of a layer of
    points with x, y in `crs`; and the file's own numbers of their rows, as blank rows
    are left out. Raises InstanceError."""
    check_file(path)
    if path.suffix.lower() == ".csv":
        cells, faults = read_csv(path)
        if cells is None:
            raise InstanceError(faults)
    elif path.suffix.lower() in WORKBOOKS:
        try:
            cells = pd.read_excel(path, dtype="str", engine="calamine")
        except (CalamineError, ValueError, OSError) as error:
            raise one_fault(path.name, "an Excel workbook", "", str(error)) from error
    else:
        cells = _layer(path, crs)
    cells = cells.fillna("").astype("str")
    kept = (cells != "").any(axis=1)
    if not kept.any():
        raise one_fault(path.name, "at least one row")
    rows = Rows(path.name, np.flatnonzero(kept) + 2)
    return cells[kept].reset_index(drop=True), rows


def _layer(path: Path, crs: str) -> pd.DataFrame:
    import geopandas as gpd
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        table = pyogrio.read_dataframe(path)
    except DataSourceError as error:
        expected = "a list: .csv, .xlsx or a layer of points"
        raise one_fault(path.name, expected, "", str(error).split(";")[0]) from error
    if not isinstance(table, gpd.GeoDataFrame):
        return pd.DataFrame(table)
    if not crs or table.crs is None or (table.geometry.geom_type != "Point").any():
        raise one_fault(path.name, "points, in a file that names its CRS")
    moved = table.to_crs(crs)
    cells = pd.DataFrame(table.drop(columns=table.geometry.name))
    return cells.assign(x=moved.geometry.x.to_numpy(), y=moved.geometry.y.to_numpy())


def _header_faults(cells: pd.DataFrame, place: str) -> list[Fault]:
    known = [*TABLES["sites"].column, "lon", "lat"]
    faults = [
        Fault(place, 1, "", repr(name), "a known column", nearest(name, known))
        for name in cells.columns
        if name not in known
    ]
    if "class" not in cells:
        faults.append(Fault(place, 1, "class", "", "this column", "kind of the site"))
    if not any(set(pair) <= set(cells.columns) for pair in PLACES):
        expected = "columns lon and lat, or x and y in the region's CRS"
        faults.append(Fault(place, 1, "", "", expected))
    return faults


def _class_faults(cells: pd.DataFrame, catalogue: Catalogue, rows: Rows) -> list[Fault]:
    classes = catalogue["classes"]["class"].tolist()
    wrong = ~cells["class"].isin(classes)
    expected = "a class of site that the sectors use: " + ", ".join(classes)
    told = cells["class"].tolist()
    return rows.faults(
        wrong, "class", cells["class"], expected, lambda i: nearest(told[i], classes)
    )


def _points(
    cells: pd.DataFrame, crs: str, rows: Rows
) -> tuple[np.ndarray, list[Fault]]:
    """x, y in the region's CRS, shape (n, 2), and what is wrong with them."""
    names = next(pair for pair in PLACES if set(pair) <= set(cells.columns))
    both = [pd.to_numeric(cells[name], errors="coerce").to_numpy() for name in names]
    faults = []
    for name, values, most in zip(names, both, (180, 90), strict=True):
        wrong = ~np.isfinite(values)
        expected = "a number"
        if names == ("lon", "lat"):
            wrong |= np.abs(values) > most
            expected = f"degrees from -{most} to {most}"
        faults += rows.faults(wrong, name, cells[name], expected)
    if faults or names == ("x", "y"):
        return np.column_stack(both), faults
    return to_metres(crs, *both), faults
