import numpy as np
import pytest
import shapely

from dmopt.errors import InstanceError
from dmopt.regions.own_zones import Columns, own_zones
from tests.regions.grid import squares, zone_file

WARDS = Columns("residents", "ward", "town", "decile")


def test_zones_are_those_of_the_file(tmp_path):
    zones = own_zones(zone_file(tmp_path), WARDS)
    table = squares()
    assert zones.crs == "EPSG:27700"
    assert zones.people.tolist() == table["residents"].tolist()
    assert zones.table["zone"].iloc[0] == "ward-00"
    assert zones.table["district"].tolist() == table["town"].tolist()
    assert zones.table["deprivation_decile"].tolist() == table["decile"].tolist()
    # 2 km squares of 4 km2
    assert zones.density == pytest.approx(table["residents"].to_numpy() / 4)


def test_degrees_are_turned_into_metres_and_said(tmp_path):
    zones = own_zones(zone_file(tmp_path, squares().to_crs("EPSG:4326")), WARDS)
    assert zones.crs == "EPSG:32630"
    assert "EPSG:32630" in zones.how[0]
    assert zones.density == pytest.approx(squares()["residents"] / 4, rel=0.01)


def test_points_stand_for_zones(tmp_path):
    table = squares()
    table["geometry"] = table.centroid
    zones = own_zones(zone_file(tmp_path, table), WARDS)
    assert zones.table["geometry"].isna().all()
    # circles halfway to neighbours 2 km off: pi km2
    assert zones.density == pytest.approx(table["residents"].to_numpy() / np.pi)


def test_all_faults_are_told_at_once(tmp_path):
    table = squares()
    table.loc[1, "residents"] = -5
    table.loc[2, "residents"] = np.nan
    table.loc[4, "ward"] = "Ward 00"
    table.loc[5, "decile"] = 11
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    table.loc[6, "geometry"] = bow_tie
    table.loc[7, "geometry"] = shapely.Polygon()
    table.loc[8, "geometry"] = shapely.LineString([(0, 0), (1, 1)])
    with pytest.raises(InstanceError) as caught:
        own_zones(
            zone_file(tmp_path, table), Columns("residents", "ward", "", "decile")
        )
    told = [str(fault) for fault in caught.value.faults]
    for row, word in (
        (3, "0 people or more"),
        (4, "a number of people"),
        (6, "first in row 2"),
        (7, "a decile"),
        (8, "cross itself"),
        (9, "not an empty one"),
        (10, "a polygon or a point"),
    ):
        assert any(f"row {row}," in t and word in t for t in told), (row, word, told)
    assert len(told) == 7


def test_missing_columns_name_the_nearest_or_list_all(tmp_path):
    with pytest.raises(InstanceError) as caught:
        own_zones(zone_file(tmp_path), Columns("resident", "wrd", "", ""))
    told = str(caught.value)
    assert "did you mean 'residents'?" in told and "did you mean 'ward'?" in told
    with pytest.raises(InstanceError, match="columns are residents, over_65, decile"):
        own_zones(zone_file(tmp_path), Columns(""))


def test_a_file_without_crs_must_be_told_one(tmp_path):
    table = squares().to_crs("EPSG:4326").set_crs(None, allow_override=True)
    path = tmp_path / "wards.shp"
    with pytest.warns(UserWarning, match="crs"):
        table.to_file(path)
    with pytest.raises(InstanceError, match="--zones-crs EPSG:4326"):
        own_zones(path, Columns("residents"))
    assert own_zones(path, Columns("residents"), file_crs="EPSG:4326").crs


def test_metres_called_degrees_are_refused(tmp_path):
    table = squares().set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(InstanceError, match="look like metres"):
        own_zones(zone_file(tmp_path, table), WARDS)


def test_one_of_several_layers_must_be_named(tmp_path):
    path = zone_file(tmp_path)
    squares().to_file(path, layer="others")
    with pytest.raises(InstanceError, match="layers are wards, others"):
        own_zones(path, WARDS)
    with pytest.raises(InstanceError, match="did you mean 'wards'"):
        own_zones(path, WARDS, layer="ward")
    assert len(own_zones(path, WARDS, layer="others").table) == 16


def test_what_is_not_a_file_of_zones_says_so(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    for name in ("notes.txt", "missing.gpkg"):
        with pytest.raises(InstanceError, match=name):
            own_zones(tmp_path / name, WARDS)


def test_nobody_at_all_is_a_fault(tmp_path):
    with pytest.raises(InstanceError, match="some people"):
        own_zones(zone_file(tmp_path, squares().assign(residents=0)), WARDS)


def test_zones_on_both_sides_of_the_antimeridian_stay_together(tmp_path):
    table = squares(2)
    corners = [(179.9, -17.0), (-179.95, -17.0), (179.9, -16.9), (-179.95, -16.9)]
    table["geometry"] = [shapely.box(x, y, x + 0.05, y + 0.05) for x, y in corners]
    table = table.set_crs("EPSG:4326", allow_override=True)
    zones = own_zones(zone_file(tmp_path, table), WARDS)
    assert np.ptp(zones.table["x"]) < 20_000


@pytest.mark.parametrize("wrong", ["EPSG:99999999", "nonsense", "EPSG:5701"])
def test_a_wrong_crs_of_the_file_is_a_fault_told_with_the_others(tmp_path, wrong):
    # EPSG:5701 is a CRS of heights
    table = squares().set_crs(None, allow_override=True)
    table.loc[1, "residents"] = -5
    path = tmp_path / "wards.shp"
    with pytest.warns(UserWarning, match="crs"):
        table.to_file(path)
    with pytest.raises(InstanceError) as caught:
        own_zones(path, Columns("residents"), file_crs=wrong)
    first, second = (str(fault) for fault in caught.value.faults)
    assert "--zones-crs" in first and wrong in first and "row 3" in second
