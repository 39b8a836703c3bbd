"""Scenarios: a named change of another instance reads as an instance."""

from pathlib import Path

import pytest

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.errors import InstanceError
from tests.data.bad_inputs import good, write_raw
from tests.data.examples import two_zone_settings, two_zone_tables
from tests.data.same import assert_same


def scenario(path: Path, changes: str, base: str = "../base", **files: str) -> Instance:
    """Read a scenario of the two zones, with these files beside it."""
    if not (path / "base").exists():
        write_raw(path / "base", two_zone_tables(), two_zone_settings())
    (path / "what-if").mkdir(exist_ok=True)
    head = f'[scenario]\nname = "What if"\nbase = "{base}"\n'
    (path / "what-if" / "scenario.toml").write_text(head + changes, encoding="utf-8")
    for name, text in files.items():
        (path / "what-if" / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_instance(path / "what-if")


def test_a_scenario_without_changes_is_its_base_under_another_name(tmp_path: Path):
    instance = scenario(tmp_path, "")
    base = read_instance(tmp_path / "base")
    assert instance.name == "What if"
    renamed = instance.settings.model_copy(update={"name": base.name})
    assert_same(Instance(renamed, instance.tables), base)


def test_settings_can_differ(tmp_path: Path):
    instance = scenario(tmp_path, "[settings]\ndetour = 1.5\n")
    assert instance.settings.detour == 1.5
    assert instance.settings.crs == "EPSG:27700"


@pytest.mark.parametrize("form", ["b.xlsx", "b.gpkg"])
def test_the_base_may_have_any_form(form: str, tmp_path: Path):
    good(tmp_path, form)
    assert len(scenario(tmp_path, "", base=f"../{form}").zones) == 2


def test_the_base_may_be_a_scenario(tmp_path: Path):
    scenario(tmp_path, "[settings]\ndetour = 1.5\n")
    (tmp_path / "what-if").rename(tmp_path / "first")
    assert scenario(tmp_path, "", base="../first").settings.detour == 1.5


def test_set_changes_the_rows_that_fit(tmp_path: Path):
    change = """
        [[change]]
        table = "sites"
        where = {class = "industrial", status = ["candidate", "committed"]}
        set = {status = "excluded", reason = "flood plain", in_region = false}
    """
    sites = scenario(tmp_path, change).sites
    assert sites.status.to_dict() == {
        "s1": "excluded",
        "s2": "committed",
        "plant": "existing",
    }
    assert sites.reason["s1"] == "flood plain"
    assert sites.in_region.tolist() == [False, True, False]


def test_set_can_blank_a_cell_and_where_can_find_blanks(tmp_path: Path):
    change = """
        [[change]]
        table = "commodities"
        where = {disposal_cost = "", unmet_price = 5}
        set = {unmet_price = ""}
    """
    assert scenario(tmp_path, change).commodities.unmet_price.isna().all()


def test_multiply_scales_numbers_and_leaves_blanks(tmp_path: Path):
    change = (
        '[[change]]\ntable = "commodities"\nmultiply = {unmet_price = 2, price = 0.5}'
    )
    commodities = scenario(tmp_path, change).commodities
    assert commodities.unmet_price["bread"] == 10
    assert commodities.unmet_price.isna().tolist() == [False, True, True]
    assert commodities.price.tolist() == [1, 200, 0]


def test_rows_are_added_removed_and_replaced(tmp_path: Path):
    change = """
        [[change]]
        table = "suppliers"
        add = [{supplier = "port", x = 430000, y = 270000}]
        [[change]]
        table = "supplies"
        where = {supplier = "mill"}
        remove = true
        [[change]]
        table = "supplies"
        add = "port.csv"
        [[change]]
        table = "rules"
        replace = []
    """
    port = "supplier,commodity,price\nport,flour,380\n"
    instance = scenario(tmp_path, change, port=port)
    assert list(instance.suppliers.index) == ["mill", "port"]
    assert instance.supplies.price.tolist() == [380]
    assert not len(instance.rules)


def test_numbers_can_differ_by_period(tmp_path: Path):
    change = """
        [[change]]
        table = "periods"
        replace = [
            {period = "2030", start_year = 2030, years = 5, capital_budget = 1e6},
            {period = "2035", start_year = 2035, years = 5},
        ]
        [[change]]
        table = "demand"
        where = {commodity = "bread"}
        by = "period"
        multiply = {quantity_per_yr = {"2030" = 1, "2035" = 1.5}}
    """
    demand = scenario(tmp_path, change).demand_by_period
    quantity = demand.set_index(["zone", "period"]).quantity_per_yr
    assert quantity.to_dict() == {
        ("west", "2030"): 100_000,
        ("west", "2035"): 150_000,
        ("east", "2030"): 200_000,  # the row that names its period
        ("east", "2035"): 285_000,  # 1.5 x 190,000, the row that names none
    }


def test_numbers_can_differ_by_any_column(tmp_path: Path):
    change = """
        [[change]]
        table = "demand"
        by = "zone"
        set = {quantity_per_yr = {west = 5, east = 7}}
    """
    assert scenario(tmp_path, change).demand.quantity_per_yr.tolist() == [5, 7, 7]


def test_a_scenario_is_written_as_the_instance_it_makes(tmp_path: Path):
    instance = scenario(tmp_path, "[settings]\ndetour = 1.5\n")
    write_instance(instance, tmp_path / "full")
    assert_same(read_instance(tmp_path / "full"), instance)
    assert (tmp_path / "full" / "instance.toml").exists()


def test_a_scenario_is_not_thrown_away_for_an_instance(tmp_path: Path):
    instance = scenario(tmp_path, "")
    with pytest.raises(InstanceError, match="something else"):
        write_instance(instance, tmp_path / "what-if")


def test_faults_of_the_base_name_the_base(tmp_path: Path):
    tables = two_zone_tables() | {
        "modes": {"mode": ["van", "lorry"], "speed_kmh": [0, 1]}
    }
    write_raw(tmp_path / "base", tables, two_zone_settings())
    with pytest.raises(
        InstanceError, match=r"base: modes\.csv, row 2, column speed_kmh"
    ):
        scenario(tmp_path, "")


@pytest.mark.parametrize("word", ["add", "replace"])
@pytest.mark.parametrize(
    "name", ["../x.csv", "/etc/hostname", "a/x.csv", ".", "..", "C:x.csv", "..\\x.csv"]
)
def test_rows_come_only_from_files_beside_the_scenario(word, name, tmp_path: Path):
    (tmp_path / "x.csv").write_text("site,x,y\n")
    change = f"[[change]]\ntable = 'sites'\n{word} = '{name}'\n"
    with pytest.raises(InstanceError) as caught:
        scenario(tmp_path, change)
    (fault,) = caught.value.faults
    if name not in (".", ".."):
        assert (fault.place, fault.column) == ("scenario.toml, change 1", word)
        assert "expected the name of a file beside the scenario" in str(fault)


def test_a_folder_is_an_instance_or_a_scenario_and_not_both(tmp_path: Path):
    scenario(tmp_path, "")
    write_raw(tmp_path / "what-if", two_zone_tables(), two_zone_settings())
    with pytest.raises(InstanceError, match=r"what-if: read both, expected instance"):
        read_instance(tmp_path / "what-if")


def test_a_file_no_change_names_is_a_fault(tmp_path: Path):
    with pytest.raises(InstanceError, match="only files that a change names"):
        scenario(tmp_path, "", sites="site,x,y\n")
