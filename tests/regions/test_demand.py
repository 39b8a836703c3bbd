from dataclasses import replace

import pandas as pd
import pytest

from dmopt.errors import InstanceError
from dmopt.regions.demand import demand_table, library_rates, own_rates
from dmopt.regions.library import catalogue
from dmopt.regions.own_zones import Columns, own_zones
from tests.regions.grid import squares, zone_file

BREAD = catalogue(["bread"])


@pytest.fixture
def zones(tmp_path):
    return own_zones(zone_file(tmp_path), Columns("residents", "ward"))


def rates(folder, rows):
    path = folder / "rates.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_demand_is_rate_times_people(zones):
    table = demand_table(library_rates(BREAD, zones), zones)
    plain = table[table["commodity"] == "plain_bread"]
    # 60.3 loaves x 85 % in thousands
    expected = squares()["residents"] * 60.3 * 0.85 / 1000
    assert plain["quantity_per_yr"].tolist() == pytest.approx(expected.tolist())
    # a published rate times people is worked out, not read off
    assert set(table["confidence"]) == {"derived"}


def test_demand_is_no_surer_than_its_zones(zones):
    marks = ["modelled", "assumption", "measured", ""] * 4
    zones = replace(zones, table=zones.table.assign(confidence=marks))
    table = demand_table(library_rates(BREAD, zones), zones)
    plain = table[table["commodity"] == "plain_bread"]
    expected = ["modelled", "assumption", "derived", "derived"] * 4
    assert plain["confidence"].tolist() == expected


def test_britains_rates_are_an_assumption_elsewhere(tmp_path):
    path = zone_file(tmp_path, squares().to_crs("EPSG:32633"))
    zones = own_zones(path, Columns("residents", "ward"))
    table = demand_table(library_rates(BREAD, zones), zones)
    assert set(table["confidence"]) == {"assumption"}
    assert table["source"].str.contains("not known to be in Britain").all()


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (("measured", "measured"), "derived"),
        (("measured", "modelled"), "modelled"),
        (("published", ""), "assumption"),
    ],
)
def test_demand_is_no_surer_than_its_weakest_band(zones, tmp_path, marks, expected):
    path = rates(
        tmp_path,
        [
            {"commodity": "fresh_bread", "per_person_per_yr": 0.01, "people": band}
            | {"confidence": mark}
            for band, mark in zip(("", "over_65"), marks, strict=True)
        ],
    )
    table = demand_table(own_rates(path, zones, BREAD), zones)
    assert set(table["confidence"]) == {expected}


def test_faults_of_rates_name_the_files_own_rows(zones, tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("commodity,per_person_per_yr\nplain_bread,1\n,\n\nfresh_bread,x\n")
    with pytest.raises(InstanceError, match=r"row 5, column per_person_per_yr"):
        own_rates(path, zones, BREAD)


def test_bands_of_people_add_up(zones, tmp_path):
    path = rates(
        tmp_path,
        [
            {"commodity": "fresh_bread", "per_person_per_yr": 0.01, "people": ""},
            {
                "commodity": "fresh_bread",
                "per_person_per_yr": 0.02,
                "people": "over_65",
            },
        ],
    )
    table = demand_table(own_rates(path, zones, BREAD), zones)
    grid = squares()
    expected = grid["residents"] * 0.01 + grid["over_65"] * 0.02
    assert table["quantity_per_yr"].tolist() == pytest.approx(expected.tolist())
    assert set(table["commodity"]) == {"fresh_bread"}
    assert "rates.csv" in table["source"].iloc[0]


def test_all_faults_of_rates_are_told(zones, tmp_path):
    path = rates(
        tmp_path,
        [
            {"commodity": "fresh_bred", "per_person_per_yr": 1, "people": ""},
            {"commodity": "fresh_bread", "per_person_per_yr": -1, "people": "over65"},
            {"commodity": "fresh_bread", "per_person_per_yr": 1, "people": "town"},
        ],
    )
    with pytest.raises(InstanceError) as caught:
        own_rates(path, zones, BREAD)
    told = str(caught.value)
    assert "did you mean 'fresh_bread'" in told and "did you mean 'over_65'" in told
    assert "0 or more" in told and "a number in every zone" in told
    assert len(caught.value.faults) == 4


def test_no_demand_at_all_is_a_fault(zones, tmp_path):
    path = rates(tmp_path, [{"commodity": "fresh_bread", "per_person_per_yr": 0}])
    with pytest.raises(InstanceError, match="some demand"):
        demand_table(own_rates(path, zones, BREAD), zones)
