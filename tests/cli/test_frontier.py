"""The command on trade-offs, as a user runs it."""

import json

import pandas as pd
import pytest

from dmopt.cli.trading import NAMES
from dmopt.data.write import write_instance
from dmopt.studies.frontier.objective import OBJECTIVES
from tests.cli.program import dmopt
from tests.studies.test_frontier import TOWN


@pytest.fixture
def folder(tmp_path):
    write_instance(TOWN, tmp_path / "line")
    return tmp_path / "line"


def test_it_writes_a_table_a_chart_and_what_was_found(folder):
    out = folder.parent / "traded"
    told = dmopt(
        "frontier", folder, "--points", 3, "--gap", "0.01%", "--json", "--out", out
    )
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert [p["cost"] for p in found["points"]] == pytest.approx(
        [110, 130, 150], rel=1e-3
    )
    assert found["objectives"][0]["best_found"] == pytest.approx(1.05, rel=1e-5)
    assert found["hypervolume"]["least"] == pytest.approx(0.25, abs=1e-2)
    table = pd.read_csv(out / "frontier.csv")
    assert list(table.cost) == [p["cost"] for p in found["points"]]
    assert (out / "frontier.png").stat().st_size > 10_000
    assert json.loads((out / "study.json").read_text())["gap_asked"] == 0.0001


def test_it_says_what_each_step_costs(folder):
    told = dmopt(
        "frontier", folder, "--points", 2, "-q", "--out", folder.parent / "traded"
    )
    assert told.exit_code == 0, told.stderr
    assert "1.45" in told.stdout and "GBP 110 a year" in told.stdout
    assert "from 1.45 of the cheapest plan to 1.05" in told.stdout


@pytest.mark.parametrize("names", ["carbon", "emissions,emissions", "", "a,b,c"])
def test_objectives_that_there_are_not_end_with_2(folder, names):
    out = folder.parent / "traded"
    told = dmopt("frontier", folder, "--against", names, "--out", out)
    assert told.exit_code == 2
    assert "one or two expected" in " ".join(told.stderr.split())
    assert not out.exists()


def test_the_help_names_every_objective():
    assert NAMES.split(", ") == list(OBJECTIVES)
