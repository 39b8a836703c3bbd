"""The GeoPackage: layers that can be read, styles that name what is there."""

import re
import sqlite3
from contextlib import closing
from xml.etree import ElementTree

import geopandas as gpd
import pyogrio
import pytest

from dmopt.maps.geopackage import write_geopackage
from tests.maps.city import city, plan_of, result_of

SPATIAL = {"zones", "sites", "infrastructure", "flows"}
CASES = {
    "one period": city(),
    "three periods": city(periods=3),
    "degrees, points": city("EPSG:4326", 1, False),
}


@pytest.fixture(scope="module", params=CASES)
def package(request, tmp_path_factory):
    instance = CASES[request.param]
    plan = plan_of(instance)
    path = tmp_path_factory.mktemp("package") / "plan.gpkg"
    return plan, write_geopackage(plan, path, result_of(plan))


def styles_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles"
        ).fetchall()


def test_layers_and_tables_are_there(package):
    plan, path = package
    layers = dict(pyogrio.list_layers(path))
    assert set(layers) >= SPATIAL | {
        "modules",
        "unmet",
        "rules",
        "summary",
        "layer_styles",
    }
    assert {name for name, kind in layers.items() if kind} == SPATIAL
    periods = len(plan.instance.periods)
    assert len(gpd.read_file(path, layer="zones")) == 96 * periods
    # 24 inside, one of them excluded, and the plant
    assert len(gpd.read_file(path, layer="sites")) == 25 * periods
    assert len(gpd.read_file(path, layer="flows")) == len(plan.tables["flows"])
    crs = gpd.read_file(path, layer="sites").crs
    assert crs == plan.instance.settings.crs


def test_each_spatial_layer_has_one_default_style(package):
    _, path = package
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, f_table_schema "
            "FROM layer_styles"
        ).fetchall()
        geometry = dict(
            connection.execute(
                "SELECT table_name, column_name FROM gpkg_geometry_columns"
            )
        )
        listed = connection.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchall()
        columns = [
            row[1] for row in connection.execute("PRAGMA table_info(layer_styles)")
        ]
        sound = connection.execute("PRAGMA integrity_check").fetchone()
    assert sorted(rows) == sorted((name, geometry[name], 1, "") for name in SPATIAL)
    assert listed == [("attributes",)]
    assert sound == ("ok",)
    assert columns == [
        "id",
        "f_table_catalog",
        "f_table_schema",
        "f_table_name",
        "f_geometry_column",
        "styleName",
        "styleQML",
        "styleSLD",
        "useAsDefault",
        "description",
        "owner",
        "ui",
        "update_time",
    ]


def test_styles_are_well_formed_and_name_columns_of_their_layer(package):
    _, path = package
    for layer, _, qml in styles_of(path):
        root = ElementTree.fromstring(qml)
        columns = set(gpd.read_file(path, layer=layer, rows=1).columns)
        renderer = root.find("renderer-v2")
        named = {renderer.get("attr")} - {None}
        texts = [rule.get("filter", "") for rule in root.iter("rule")]
        texts += [
            o.get("value") for o in root.iter("Option") if o.get("name") == "expression"
        ]
        for text in texts:
            named |= set(re.findall(r'"([^"]+)"', text))
        assert named and named <= columns, layer


def test_every_entry_has_its_symbol_and_every_value_its_entry(package):
    _, path = package
    for layer, _, qml in styles_of(path):
        root = ElementTree.fromstring(qml)
        drawn = {node.get("name") for node in root.iter("symbol")}
        used = {
            node.get("symbol")
            for kind in ("category", "range", "rule")
            for node in root.iter(kind)
        }
        assert used - {None} == drawn, layer
        renderer = root.find("renderer-v2")
        if renderer.get("type") == "categorizedSymbol":
            values = set(gpd.read_file(path, layer=layer)[renderer.get("attr")])
            assert values <= {node.get("value") for node in root.iter("category")}
        if renderer.get("type") == "graduatedSymbol":
            column = gpd.read_file(path, layer=layer)[renderer.get("attr")]
            ranges = list(root.iter("range"))
            assert float(ranges[0].get("lower")) <= column.min()
            assert float(ranges[-1].get("upper")) >= column.max()


def test_with_several_periods_the_first_is_switched_on(tmp_path):
    plan = plan_of(city(periods=3))
    path = write_geopackage(plan, tmp_path / "plan.gpkg")
    for _, _, qml in styles_of(path):
        branches = list(ElementTree.fromstring(qml).find("renderer-v2/rules"))
        assert [branch.get("label") for branch in branches] == ["2030", "2035", "2040"]
        assert [branch.get("checkstate") for branch in branches] == [None, "0", "0"]


def test_sites_say_what_stands_there(tmp_path):
    path = write_geopackage(plan_of(city()), tmp_path / "plan.gpkg")
    sites = gpd.read_file(path, layer="sites").set_index("site")
    assert sites.drawn_as["s5"] == "Printing"  # 2 printers against 1 bakery
    assert sites.technologies["s5"] == "2 x Print, 1 x Meso"
    assert sites.size_class["s5"] == "meso"
    assert sites.drawn_as["s3"] == "not open"
    assert sites.modules.sum() == 7


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_geopackage(plan_of(city()), tmp_path / "plan.gpkg")
    before = path.read_bytes()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dmopt.maps.geopackage._write_styles", full)
    with pytest.raises(OSError, match="No space"):
        write_geopackage(plan_of(city()), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
