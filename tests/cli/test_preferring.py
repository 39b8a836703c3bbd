"""The commands prefer and alternatives, as a user runs them."""

import json

import pandas as pd
import pytest

from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.runs import read_result
from tests.cli.program import dmopt
from tests.line import TABLES, line
from tests.studies.test_frontier import TOWN


@pytest.fixture
def folder(tmp_path):
    write_instance(TOWN, tmp_path / "line")
    return tmp_path / "line"


@pytest.fixture
def plain(tmp_path):
    write_instance(line(), tmp_path / "plain")
    return tmp_path / "plain"


def test_an_order_is_written_stage_by_stage_with_the_plan_it_ends_with(folder):
    out = folder.parent / "preferred"
    told = dmopt(
        "prefer", folder, "--order", "emissions,cost", "--slack", "10%",
        "--gap", "0.01%", "--json", "--out", out,
    )  # fmt: skip
    assert told.exit_code == 0, told.stderr
    carbon, cost = json.loads(told.stdout)["stages"]
    assert (carbon["best"], carbon["held"]) == (
        pytest.approx(1.05, rel=1e-3),
        pytest.approx(1.155, rel=1e-3),
    )
    assert carbon["proven"] and cost["cost"] == pytest.approx(139.5, rel=1e-3)
    assert list(pd.read_csv(out / "stages.csv").objective) == ["emissions", "cost"]
    plan = read_result(read_instance(folder), out / "plan")
    assert plan.cost == cost["cost"]


def test_an_order_is_told_in_words(folder):
    told = dmopt(
        "prefer", folder, "--order", "worst_served", "-q",
        "--out", folder.parent / "preferred",
    )  # fmt: skip
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "The plan in this order has worst served 0 km." in said
    assert "It costs GBP 30 a year (27.3 %) more than the cheapest." in said


@pytest.mark.parametrize("names", ["carbon", "emissions,emissions", "", "cost"])
def test_orders_that_there_are_not_end_with_2(folder, names):
    out = folder.parent / "preferred"
    told = dmopt("prefer", folder, "--order", names, "--out", out)
    assert told.exit_code == 2
    assert "one or more expected, each once" in " ".join(told.stderr.split())
    assert not out.exists()


def test_alternatives_are_a_table_maps_and_runs(plain):
    out = plain.parent / "others"
    told = dmopt(
        "alternatives", plain, "--within", "30%", "--gap", "0.01%", "--count", 2,
        "--json", "--out", out,
    )  # fmt: skip
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert [p["cost"] for p in found["plans"]] == pytest.approx([110, 130, 140])
    assert [p["different"] for p in found["plans"]] == [0, 2, 1]
    assert (out / "maps.png").stat().st_size > 10_000
    # each is a run of the instance as it is, with a bound that is proven again
    for number, cost in ((1, 130), (2, 140)):
        run = out / f"alternative-{number}"
        assert read_result(read_instance(plain), run).cost == pytest.approx(cost)
        checked = dmopt("verify", plain, run, "--bound")
        assert checked.exit_code == 0, checked.stdout + checked.stderr


def test_alternatives_begin_from_an_earlier_run_and_say_what_is_proven(plain):
    run = plain.parent / "first"
    assert dmopt("solve", plain, "--gap", "0", "--out", run, "-q").exit_code == 0
    told = dmopt(
        "alternatives", plain, "--run", run, "--within", "5%", "-q",
        "--out", plain.parent / "others",
    )  # fmt: skip
    assert told.exit_code == 0, told.stderr
    assert "No further plan within 5 % has still other sites (proven)." in (
        " ".join(told.stdout.split())
    )


@pytest.mark.parametrize(
    ("option", "value"), [("--within", "much"), ("--within", "100%"), ("--count", 0)]
)
def test_what_cannot_be_asked_of_alternatives_ends_with_2(plain, option, value):
    assert dmopt("alternatives", plain, option, value).exit_code == 2


@pytest.mark.parametrize(
    "asked", [("prefer", "--order", "cost,jobs"), ("alternatives",)]
)
def test_without_a_plan_there_is_nothing_to_begin_from(tmp_path, asked):
    nobody = [each | {"status": "excluded"} for each in TABLES["sites"]]
    # jobs are asked for where there are sites of a district
    nobody = [each | {"district": "old"} for each in nobody]
    write_instance(line(sites=nobody), tmp_path / "none")
    command, *options = asked
    told = dmopt(command, tmp_path / "none", *options, "--out", tmp_path / "out")
    assert told.exit_code == 1
    assert "no plan to begin from" in " ".join(told.stderr.split())
