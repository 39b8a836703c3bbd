"""Sites that rules keep shut: named with the rule on the map and in the layers."""

from functools import cache

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from matplotlib.figure import Figure

from dmopt.maps.excluded import excluded
from dmopt.maps.geopackage import write_geopackage
from dmopt.maps.layers import sites_layer
from dmopt.maps.static import plot
from dmopt.plan.plan import Plan, make_plan
from tests.line import TABLES, line, rule
from tests.maps.city import city
from tests.maps.test_static import words_of
from tests.rules.means import working

WET = "POLYGON ((9000 -1000, 11000 -1000, 11000 1000, 9000 1000, 9000 -1000))"
YARD = {"site": "yard", "name": "Old yard", "x": 5_000, "y": 0}
SOLD = {"site": "sold", "x": 5_000, "y": 2_000, "status": "excluded", "reason": "sold"}


@cache
def flooded(soft_price: float | None = None) -> Plan:
    """e lies in a flood plain and may not open; w bakes all."""
    (row,) = rule("excluded_area", "kinds=flood", "keep-dry")
    instance = line(
        areas=[{"area": "quay", "kind": "flood", "geometry": WET}],
        sites=[*TABLES["sites"], YARD, SOLD],
        rules=[row | {"soft_price": soft_price}],
    )
    return working(instance, {"w": 100})


def drawn(figure: Figure, mark: str) -> int:
    """How many places on the map have a mark of this kind."""
    return sum(
        len(l.get_xdata()) for l in figure.axes[0].lines if l.get_marker() == mark
    )


def test_the_reason_of_each_excluded_site_names_its_rule():
    table = excluded(flooded().instance)
    assert table.excluded_by.to_dict() == {"e": "keep-dry", "sold": ""}
    assert table.reason.to_dict() == {
        "e": "keep-dry: quay (flood)",
        "sold": "excluded: sold",
    }
    assert excluded(flooded(5.0).instance).index.to_list() == ["sold"]
    assert excluded(line()).empty


def test_the_map_names_the_rule_beside_the_site_and_in_the_legend():
    figure = plot(flooded())
    words = words_of(figure).split("\n")
    assert "e: keep-dry" in words
    assert "shut by rule keep-dry: 1 site" in words
    assert {"candidate, not open", "excluded"} <= set(words)
    assert drawn(figure, "x") == 2
    assert drawn(figure, "o") == 1  # the yard


def test_a_soft_rule_excludes_nothing_on_the_map():
    figure = plot(flooded(5.0))
    assert "keep-dry" not in words_of(figure)
    assert (drawn(figure, "x"), drawn(figure, "o")) == (1, 2)


def test_the_sites_of_the_geopackage_carry_rule_and_reason(tmp_path):
    path = write_geopackage(flooded(), tmp_path / "plan.gpkg")
    sites = gpd.read_file(path, layer="sites").set_index("site")
    assert sites.index.to_list() == ["w", "e", "yard", "sold"]
    assert sites.drawn_as.to_list() == ["oven", "excluded", "not open", "excluded"]
    assert sites.excluded_by.fillna("").to_list() == ["", "keep-dry", "", ""]
    assert sites.reason["e"] == "keep-dry: quay (flood)"
    assert sites.reason["sold"] == "excluded: sold"
    assert (sites.geometry["sold"].x, sites.geometry["sold"].y) == (5_000, 2_000)
    rules = pyogrio.read_dataframe(path, layer="rules")
    assert rules.id.to_list() == ["keep-dry"] and rules.kept.all()


@pytest.mark.parametrize("periods", [1, 3])
def test_excluded_sites_stand_in_their_place_in_every_period(periods):
    instance = city(periods=periods)
    layer = sites_layer(make_plan(instance, {}))
    sites = list(instance.sites.index)
    assert layer.site.to_list() == sites * periods
    assert layer.period.drop_duplicates().to_list() == list(instance.periods.index)
    out = layer[layer.drawn_as == "excluded"]
    assert set(out.site) == {"s7"} and len(out) == periods
    assert layer.crs == instance.settings.crs
    assert pd.api.types.is_bool_dtype(layer.open) and not layer.open.any()
