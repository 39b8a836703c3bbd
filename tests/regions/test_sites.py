import numpy as np
import pandas as pd
import pytest

from dmopt.data.names import unlike
from dmopt.errors import InstanceError
from dmopt.regions.library import catalogue
from dmopt.regions.own_sites import own_sites
from dmopt.regions.own_zones import Columns, own_zones
from dmopt.regions.sites import default_count, ruled_sites, shared_count
from tests.regions.grid import zone_file

BREAD = catalogue(["bread"])


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    path = zone_file(tmp_path_factory.mktemp("zones"))
    return own_zones(path, Columns("residents", "ward", "town"))


def test_sites_are_shared_over_classes_by_share():
    classes = pd.DataFrame({"class": ["a", "b"], "share": ["0.75", "0.25"]})
    # Sainte-Lague: a 0.75/1.5 = 0.5, b 0.25/1.5 = 0.17, then a 0.75/2.5 = 0.3
    assert shared_count(classes, 4) == {"a": 3, "b": 1}
    with pytest.raises(InstanceError, match="from 2 "):
        shared_count(classes, 1)


@pytest.mark.parametrize(
    ("people", "count"), [(1_000, 10), (900_000, 15), (9_000_000, 40)]
)
def test_there_is_one_site_for_60000_people_within_limits(people, count):
    assert default_count(people, 5) == count


def test_each_class_has_a_site_and_no_zone_is_taken_twice(zones):
    made = ruled_sites(zones, BREAD, 12)
    assert len(made) == 12 and set(made["class"]) == set(BREAD["classes"]["class"])
    assert not made[["x", "y"]].duplicated().any()
    assert made["site"].is_unique
    assert made["source"].str.contains("modelled place").all()


def test_the_first_high_street_is_in_the_zone_that_reaches_most_people(zones):
    made = ruled_sites(zones, BREAD, 12)
    first = made[made["class"] == "high_street"].iloc[0]
    # of 4 x 4 squares of 2 km the middle four reach nine within 3 km, others fewer
    km = np.hypot(*(zones.xy_km - [first["x"] / 1000, first["y"] / 1000]).T)
    gain = zones.people[km <= 3].sum()
    all_km = np.hypot(*(zones.xy_km[:, None] - zones.xy_km[None]).transpose(2, 0, 1))
    assert gain == pytest.approx(((all_km <= 3) @ zones.people).max())


def test_more_sites_than_zones_share_them_evenly(zones):
    made = ruled_sites(zones, BREAD, 40)
    each = made.groupby(["x", "y"]).size()
    assert len(each) == 16 and set(each) == {2, 3}


def site_file(folder, rows):
    path = folder / "sites.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_own_sites_keep_what_they_tell_and_take_the_rest_from_their_class(
    zones, tmp_path
):
    path = site_file(
        tmp_path,
        [
            {"class": "depot", "name": "Yard", "x": 401_000, "y": 301_000},
            {"class": "industrial", "name": "", "x": 407_000, "y": 301_000}
            | {"opening_cost": 1},
        ],
    )
    yard, estate = own_sites(path, zones, BREAD).to_dict("records")
    assert yard["name"] == "Yard" and yard["district"] == "West"
    assert yard["opening_cost"] == "80000" and yard["owner"] == "West council"
    assert estate["name"] == "East industrial estate 1"
    assert float(estate["opening_cost"]) == 1
    assert "sites.csv" in yard["source"]


def test_degrees_are_read_too(zones, tmp_path):
    rows = [{"class": "depot", "lon": -2.0, "lat": 52.6}]
    place = own_sites(site_file(tmp_path, rows), zones, BREAD).iloc[0]
    # the grid's origin is 400 km west of 2 W; 52.6 N lies at about 300 km
    assert place["x"] == pytest.approx(400_000, abs=200)
    assert place["y"] == pytest.approx(300_000, abs=2_000)


def test_all_faults_of_a_list_are_told(zones, tmp_path):
    rows = [
        {"class": "dept", "lon": -2.0, "lat": 52.6},
        {"class": "depot", "lon": "west", "lat": 95},
    ]
    with pytest.raises(InstanceError) as caught:
        own_sites(site_file(tmp_path, rows), zones, BREAD)
    told = str(caught.value)
    assert "did you mean 'depot'" in told and "row 2, column class" in told
    assert "row 3, column lon" in told and "row 3, column lat" in told
    with pytest.raises(InstanceError) as caught:
        own_sites(site_file(tmp_path, [{"clas": "depot", "nam": "x"}]), zones, BREAD)
    assert len(caught.value.faults) == 4


def test_what_is_not_a_workbook_is_a_fault(zones, tmp_path):
    path = tmp_path / "sites.xlsx"
    path.write_text("hello")
    with pytest.raises(InstanceError, match="an Excel workbook"):
        own_sites(path, zones, BREAD)


def test_faults_after_blank_lines_name_the_files_own_rows(zones, tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("class,lon,lat\n\n,,\ndepot,-2,52.6\n\ndepot,-2,95\n")
    with pytest.raises(InstanceError, match="row 6, column lat"):
        own_sites(path, zones, BREAD)
    book = tmp_path / "sites.xlsx"
    rows = [["depot", -2, 52.6], [None] * 3, ["depot", -2, 95]]
    pd.DataFrame(rows, columns=["class", "lon", "lat"]).to_excel(book, index=False)
    with pytest.raises(InstanceError, match="row 4, column lat"):
        own_sites(book, zones, BREAD)


@pytest.mark.parametrize("count", [0, -1])
def test_no_sites_asked_for_is_a_fault(zones, count):
    with pytest.raises(InstanceError, match="--site-count"):
        ruled_sites(zones, BREAD, count)


def test_numbered_names_are_unlike_those_that_have_a_number_already():
    assert unlike(["a", "a", "a-2"]) == ["a", "a-3", "a-2"]
    assert unlike(["a-2", "a", "a", "a-2"]) == ["a-2", "a", "a-3", "a-2-2"]
    assert unlike(["b", "b", "b"]) == ["b", "b-2", "b-3"]
