"""Decision tables on disk: bit for bit, or faults that say where."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmopt.data.rows import LISTED
from dmopt.errors import InstanceError
from dmopt.plan.plan import make_plan
from dmopt.runs.exact import read_exact, write_exact
from tests.maps.city import city, plan_of


def assert_same(one, other):
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name], check_exact=True)


def test_a_plan_comes_back_bit_for_bit(tmp_path):
    plan = plan_of(city(periods=3))
    write_exact(plan, tmp_path)
    assert_same(plan, read_exact(city(periods=3), tmp_path))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_every_double_comes_back(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("doubles")
    rows = [
        {"zone": "z1", "commodity": "bread", "period": "2030", "quantity_per_yr": value}
        for value in values
    ]
    plan = make_plan(city(), {"unmet": rows})
    write_exact(plan, folder)
    back = read_exact(city(), folder).tables["unmet"].quantity_per_yr
    assert [value.hex() for value in back] == [float(value).hex() for value in values]


@settings(max_examples=25, deadline=None)
@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
        min_size=1,
        max_size=12,
    )
)
def test_every_name_comes_back(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("names")
    sites = city().sites
    renamed = pd.concat([sites, sites.head(1).set_index(pd.Index([name], name="site"))])
    instance = dataclasses.replace(city(), tables={**city().tables, "sites": renamed})
    plan = make_plan(instance, {"opened": [{"site": name, "period": "2030"}]})
    write_exact(plan, folder)
    assert_same(plan, read_exact(instance, folder))


def broken(tmp_path, name, old, new):
    """Faults of a plan with one text changed in one of its files."""
    write_exact(plan_of(city()), tmp_path)
    path = tmp_path / f"{name}.csv"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InstanceError) as caught:
        read_exact(city(), tmp_path)
    return [str(fault) for fault in caught.value.faults]


def test_a_cell_that_is_no_number_is_named_with_its_row(tmp_path):
    assert broken(tmp_path, "flows", "87600.0", "many") == [
        "plan/flows.csv, row 2, column quantity_per_yr: read 'many', expected a number"
    ]


@pytest.mark.parametrize("cell", ["nan", "inf", ""])
def test_a_cell_that_is_not_finite_is_no_number(tmp_path, cell):
    assert "expected a number" in broken(tmp_path, "flows", "87600.0", cell)[0]


def test_half_a_module_is_refused(tmp_path):
    (fault,) = broken(tmp_path, "modules", '"micro","2030",2', '"micro","2030",2.5')
    assert "row 2, column modules: read '2.5', expected a whole number" in fault


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path):
    (fault,) = broken(tmp_path, "modules", '"micro"', '"mikro"')
    assert "read 'mikro'" in fault and "did you mean 'micro'?" in fault


def test_many_unknown_names_are_listed_up_to_a_limit(tmp_path):
    rows = [
        {"zone": f"q{i}", "commodity": "bread", "period": "2030", "quantity_per_yr": 1}
        for i in range(5000)
    ]
    write_exact(make_plan(city(), {"unmet": rows}), tmp_path)
    with pytest.raises(InstanceError) as caught:
        read_exact(city(), tmp_path)
    assert len(caught.value.faults) == LISTED + 1
    assert "4,980 more like these" in str(caught.value.faults[-1])


def test_wrong_columns_and_ragged_rows_are_refused(tmp_path):
    assert "expected columns site" in broken(tmp_path, "modules", "bought", "buy")[0]
    assert "cells in each row" in broken(tmp_path, "modules", '"s2",', '"s2",,')[0]


def test_a_binary_file_is_refused(tmp_path):
    write_exact(plan_of(city()), tmp_path)
    (tmp_path / "flows.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InstanceError, match=r"plan/flows.csv: expected a CSV table"):
        read_exact(city(), tmp_path)


def test_all_faults_are_told_at_once(tmp_path):
    write_exact(plan_of(city()), tmp_path)
    (tmp_path / "flows.csv").unlink()
    (tmp_path / "unmet.csv").write_text("")
    with pytest.raises(InstanceError) as caught:
        read_exact(city(), tmp_path)
    assert [fault.place for fault in caught.value.faults] == [
        "plan/flows.csv",
        "plan/unmet.csv",
    ]
