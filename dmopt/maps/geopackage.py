"""A plan as one GeoPackage that QGIS opens styled.

Spatial layers: zones, sites, infrastructure, flows. Plain tables: the other decisions,
the rules and whether each is kept, and a summary. The table `layer_styles` is where
QGIS keeps default styles; it is made here as QGIS makes it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio

from dmopt.data.atomic import atomic_file
from dmopt.maps.layers import layers
from dmopt.maps.styles import styles
from dmopt.plan.plan import Plan
from dmopt.runs.rules import rules_table
from dmopt.runs.summary import summary
from dmopt.solving.result import Result

MAKE_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)"""
REGISTER_STYLES = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description)
VALUES ('layer_styles', 'attributes', 'layer_styles', 'default styles, for QGIS')"""
ADD_STYLE = """
INSERT INTO layer_styles (
    f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,
    styleQML, styleSLD, useAsDefault, description, owner
)
SELECT '', '', table_name, column_name, table_name, ?, '', 1, 'dmopt', ''
FROM gpkg_geometry_columns WHERE table_name = ?"""


def write_geopackage(
    plan: Plan, path: str | Path, result: Result | None = None
) -> Path:
    """Write the plan's layers, tables and styles; whole or not at all.

    result: what the plan came from, for the summary.  Gives the path.
    Raises OSError where the file cannot be written.
    """
    path = Path(path)
    spatial = layers(plan)
    tables = {name: table for name, table in plan.tables.items() if name not in spatial}
    facts = summary(plan, result)
    tables["rules"] = rules_table(plan)
    tables["summary"] = facts.assign(value=facts.value.map(str, na_action="ignore"))
    with atomic_file(path) as part:
        for name, layer in spatial.items():
            _write_layer(layer, part, name)
        for name, table in tables.items():
            pyogrio.write_dataframe(table, part, layer=name, driver="GPKG")
        with closing(sqlite3.connect(part)) as connection, connection:
            _write_styles(connection, styles(plan, spatial))
    return path


def _write_layer(layer: gpd.GeoDataFrame, path: Path, name: str) -> None:
    """One spatial layer, all of one type of geometry where that can be."""
    kinds = set(layer.geom_type.dropna())
    if name == "flows":
        kind = "LineString"
    elif kinds <= {"Polygon", "MultiPolygon"} and kinds:
        kind = "MultiPolygon"
    else:
        kind = "Point" if kinds <= {"Point"} else "Unknown"
    pyogrio.write_dataframe(
        layer,
        path,
        layer=name,
        driver="GPKG",
        geometry_type=kind,
        promote_to_multi=kind == "MultiPolygon",
    )


def _write_styles(connection: sqlite3.Connection, written: dict[str, str]) -> None:
    connection.execute(MAKE_STYLES)
    connection.execute(REGISTER_STYLES)
    for layer, qml in written.items():
        connection.execute(ADD_STYLE, (qml, layer))
