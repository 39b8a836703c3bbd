"""From raw cells to an instance: typed and complete, or every fault at once."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from dmopt.data.instance import Instance
from dmopt.data.rows import LISTED
from dmopt.data.schema import TABLES
from dmopt.data.validate import make_instance
from dmopt.errors import Fault, InstanceError
from tests.calls import calls
from tests.data.examples import two_zone_settings, two_zone_tables

DTYPES = {"number": "float64", "integer": "int64", "flag": "bool", "geometry": "object"}


def two_zones(**changes: Any) -> Instance:
    return make_instance(two_zone_settings(), two_zone_tables() | changes)


def faults(**changes: Any) -> list[Fault]:
    with pytest.raises(InstanceError) as caught:
        two_zones(**changes)
    return caught.value.faults


def test_every_table_and_column_is_there_and_typed():
    instance = two_zones()
    assert list(instance.tables) == list(TABLES)
    for name, table in TABLES.items():
        frame = instance.tables[name]
        assert list(frame.columns) == list(table.column)
        for column in table.columns:
            assert frame[column.name].dtype == DTYPES.get(column.kind, "str")
        if table.key:
            assert list(frame.index) == list(frame[table.key])
            assert frame.index.name is None


def test_blank_cells_take_their_default_or_none():
    instance = two_zones()
    assert instance.sites.life_yr.tolist() == [25.0] * 3
    assert instance.sites.status["s1"] == "candidate"
    assert instance.technologies.name["oven"] == ""
    assert np.isnan(instance.commodities.unmet_price["flour"])


@pytest.mark.parametrize("word", ["yes", "YES", "True", "1", 1, 1.0, True])
def test_yes_has_many_words(word: Any):
    columns = two_zone_tables()["sites"] | {"in_region": [word, "no", False]}
    assert two_zones(sites=columns).sites.in_region.tolist() == [True, False, False]


@pytest.mark.parametrize("name", ["../../etc", "'; --", "\U0001f9c1", 'a"b', "=1", "Ö"])
def test_a_name_may_be_any_text(name: str):
    columns = {"supplier": ["mill", name], "x": [4e5, 4e5], "y": [3e5, 3e5]}
    assert name in two_zones(suppliers=columns).suppliers.index


def test_lists_of_dicts_frames_and_geoframes_are_all_tables():
    rows = pd.DataFrame(two_zone_tables()["periods"]).to_dict("records")
    points = gpd.GeoSeries.from_xy([4e5, 4.1e5], [2.8e5, 2.8e5], crs="EPSG:27700")
    cells = {"zone": ["west", "east"], "x": points.x, "y": points.y}
    zones = gpd.GeoDataFrame(cells, geometry=points.buffer(500))
    assert two_zones(periods=rows, zones=zones).zones.geometry["west"].area > 0
    wrong = zones.set_crs("EPSG:32630", allow_override=True)
    assert "the CRS of the settings" in str(faults(zones=wrong)[0])


def test_areas_in_another_crs_are_a_fault_that_names_both():
    cells = {"area": ["meadow"], "kind": ["flood"]}
    outline = gpd.GeoSeries.from_wkt(["POLYGON ((0 51, 1 51, 1 52, 0 51))"])
    areas = gpd.GeoDataFrame(cells, geometry=outline, crs="EPSG:4326")
    found = [str(fault) for fault in faults(areas=areas)]
    assert "areas: read 'WGS 84', expected the CRS of the settings, EPSG:27700" in found
    right = two_zones(areas=areas.to_crs("EPSG:27700"))
    assert right.areas.geometry["meadow"].area > 0


def test_every_wrong_trait_of_a_row_is_told():
    traits = ["modullar; digital; grean", "", ""]
    found = faults(commodities=two_zone_tables()["commodities"] | {"traits": traits})
    assert [(each.row, each.read) for each in found] == [
        (2, "'modullar'"),
        (2, "'grean'"),
    ]
    assert [each.hint for each in found] == ["did you mean 'modular'?", ""]


def test_all_faults_are_told_at_once_in_the_order_of_the_tables():
    found = faults(
        zones=two_zone_tables()["zones"] | {"population": ["a", "b"]},
        modes=two_zone_tables()["modes"] | {"speed_kmh": [0, 60]},
        lorries=[],
    )
    assert [fault.place for fault in found] == ["zones", "zones", "modes", "lorries"]
    assert [fault.row for fault in found] == [2, 3, 2, None]


def test_blank_rows_are_skipped_and_still_counted():
    modes = {"mode": ["van", "", "lorry"], "speed_kmh": [30, None, "fast"]}
    [fault] = faults(modes=modes)
    assert fault.row == 4


def test_half_a_character_is_no_outline():
    zones = two_zone_tables()["zones"] | {"geometry": ["\ud800", "POLYGON é"]}
    assert [(fault.row, fault.column) for fault in faults(zones=zones)] == [
        (2, "geometry"),
        (3, "geometry"),
    ]


def test_a_fault_reads_as_a_sentence():
    sites = two_zone_tables()["sites"] | {
        "status": ["comitted", "committed", "existing"]
    }
    [fault] = faults(sites=sites)
    assert str(fault) == (
        "sites, row 2, column status: read 'comitted', expected one of candidate, "
        "existing, committed, excluded (did you mean 'committed'?)"
    )


def test_minus_zero_is_zero():
    zones = two_zone_tables()["zones"] | {"population": [-0.0, "-0"]}
    assert not np.signbit(two_zones(zones=zones).zones.population).any()


def test_places_of_one_name_are_told_apart():
    suppliers = {"supplier": ["west"], "x": [4e5], "y": [3e5]}
    supplies = {"supplier": ["west"], "commodity": ["flour"], "price": [1]}
    [fault] = faults(suppliers=suppliers, supplies=supplies)
    assert fault.hint == "it is in zones, row 2"


FEW, MANY = 10_000, 100_000


def bad_rows(n: int) -> dict[str, pd.DataFrame]:
    zones = two_zone_tables()["zones"]["zone"]
    cells = {"zone": np.repeat(zones, n // 2), "commodity": "bread"}
    return {"demand": pd.DataFrame(cells | {"quantity_per_yr": "many"})}


def unknown_names(n: int) -> dict[str, pd.DataFrame]:
    names = [f"zone {i}" for i in range(n)]
    cells = {"zone": names, "commodity": "bread", "quantity_per_yr": "1"}
    return {"demand": pd.DataFrame(cells)}


def good_rows(n: int) -> dict[str, Any]:
    """Demand of n // 20 zones for two commodities in ten periods."""
    zones = [f"z{i}" for i in range(n // 20)]
    periods = [str(2030 + i) for i in range(10)]
    demand = {
        "zone": np.tile(zones, 20),
        "commodity": np.repeat(["bread", "flour"], n // 2),
        "period": np.tile(np.repeat(periods, n // 20), 2),
        "quantity_per_yr": "1.5",
    }
    return {
        "zones": {"zone": ["west", "east", *zones], "x": 4e5, "y": 2.8e5},
        "periods": {"period": periods, "start_year": periods, "years": ["1"] * 10},
        "demand": pd.DataFrame(demand),
    }


def test_many_bad_rows_are_told_in_a_few_lines():
    found = faults(**bad_rows(MANY))
    rows = [fault for fault in found if fault.column == "quantity_per_yr"]
    assert len(rows) == LISTED + 1
    assert rows[-1].read == "99,980 more like these"
    assert len(found) == 2 * (LISTED + 1)  # and the rows that say the same twice


def test_many_unknown_names_are_told_in_a_few_lines():
    assert len(faults(**unknown_names(MANY))) == LISTED + 1


def test_many_good_rows_are_read():
    assert len(two_zones(**good_rows(MANY)).demand) == MANY


@pytest.mark.parametrize(
    ("read", "rows", "each"),
    [(faults, bad_rows, 20), (faults, unknown_names, 10), (two_zones, good_rows, 13)],
)
def test_many_rows_are_read_together(read, rows, each):
    few, many = rows(FEW), rows(MANY)
    more = calls(lambda: read(**many)) - calls(lambda: read(**few))
    # measured 17, 8 and 10.4: pandas reads texts one by one; a loop takes hundreds
    assert more < each * (MANY - FEW)
