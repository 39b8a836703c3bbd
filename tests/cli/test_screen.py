"""The command on uncertain figures, as a user runs it."""

import json
import signal

import pandas as pd
import pytest

from dmopt.data.write import write_instance
from dmopt.studies.screen.step import Point
from tests.cli.program import dmopt, start
from tests.line import changed, line
from tests.studies.test_screen import OVENS, TOWN, UNCERTAIN


@pytest.fixture
def folder(tmp_path):
    write_instance(TOWN, tmp_path / "line")
    return tmp_path / "line"


def test_it_writes_tables_a_chart_and_what_was_found(folder):
    out = folder.parent / "screened"
    told = dmopt(
        "screen", folder, "--trajectories", 2, "--gap", "0.01%", "--json", "--out", out
    )
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["complete"] and found["points_known"] == 7
    first, second = found["figures"]
    assert first["figure"] == "transport_price" and first["had_to_change"] == 0.5
    assert second["figure"] == "machine_price" and second["sites_changed"] == 0
    assert found["likely"]["sites"] == ["w"]
    table = pd.read_csv(out / "screen.csv")
    assert list(table.figure) == ["transport_price", "machine_price"]
    assert len(pd.read_csv(out / "points.csv")) == 7
    steps = pd.read_csv(out / "steps.csv")
    assert sorted(steps.verdict) == ["had to change"] * 2 + ["same"] * 2
    assert (out / "screen.png").stat().st_size > 10_000
    assert json.loads((out / "study.json").read_text())["gap_asked"] == 0.0001


def test_it_says_where_the_money_goes_and_where_ranges_are_from(folder):
    out = folder.parent / "screened"
    told = dmopt("screen", folder, "--trajectories", 1, "-q", "--out", out)
    assert told.exit_code == 0, told.stderr
    assert "The next survey money goes to: Price of transport" in told.stdout
    assert "ranges declared: Price of transport (1 to 3 times today)" in told.stdout
    assert "left out: Price of emissions: it is 0 today" in told.stdout
    assert told.stderr == ""


def test_without_declared_ranges_what_is_assumed_is_said_before_anything_is_solved(
    tmp_path,
):
    write_instance(line(technologies=OVENS), tmp_path / "line")
    given = (tmp_path / "line", "--trajectories", 1, "--out", tmp_path / "out")
    told = dmopt("screen", *given)
    # 20 % more bread than one oven bakes: some points take two, none is without a plan
    assert told.exit_code == 0, told.stderr
    said = "no ranges declared: 20 % either way is assumed: Price of transport"
    assert told.stderr.startswith(said) and said in told.stdout
    told = dmopt("screen", *given, "--range", "5%", "--json")
    assert [f["range_from"] for f in json.loads(told.stdout)["figures"]] == [
        "assumed"
    ] * 3
    assert "5 % either way is assumed" in told.stderr


def test_no_plan_at_the_likely_values_ends_with_1(tmp_path):
    nobody = changed("sites", status="excluded")
    write_instance(line(sites=nobody, uncertain=UNCERTAIN[:1]), tmp_path / "none")
    told = dmopt("screen", tmp_path / "none", "--out", tmp_path / "out")
    assert told.exit_code == 1 and "dmopt explain" in told.stderr
    assert not (tmp_path / "out").exists()


def test_a_point_that_is_not_proven_ends_with_3(folder, monkeypatch):
    proven = Point.is_proven
    monkeypatch.setattr(
        Point,
        "is_proven",
        lambda self, gap: self.values["transport_price"] < 2 and proven(self, gap),
    )
    told = dmopt("screen", folder, "--trajectories", 1, "--out", folder.parent / "out")
    assert told.exit_code == 3, told.stderr
    assert "of 4 points are not proven within 1 %" in told.stdout


@pytest.mark.parametrize("option", [("--range", "120%"), ("--trajectories", "0")])
def test_options_out_of_range_end_with_2(folder, option):
    out = folder.parent / "screened"
    told = dmopt("screen", folder, *option, "--out", out)
    assert told.exit_code == 2 and not out.exists()


def test_bad_ranges_end_with_2_naming_row_and_column(folder):
    (folder / "uncertain.csv").write_text(
        "figure,low,likely,high\ntransport_price,3,1,2\nlabour,1,1,1\n"
    )
    told = dmopt("screen", folder, "--out", folder.parent / "screened")
    assert told.exit_code == 2
    assert "uncertain.csv, row 2, column low: read 3" in told.stderr
    assert "uncertain.csv, row 3, column figure: read 'labour'" in told.stderr


def test_ctrl_c_keeps_what_is_known(folder):
    given = ("line", "--trajectories", 200, "--out", "out", "--json")
    program = start("screen", *given, folder=folder.parent)
    for text in program.stderr:
        if "trajectory 2 of 200, Price" in text:
            break
    program.send_signal(signal.SIGINT)
    stdout, stderr = program.communicate(timeout=120)
    assert program.returncode == 3, stderr
    found = json.loads(stdout)
    assert not found["complete"] and 5 <= found["points_known"] < 100
    assert found["sentences"][-1].startswith("Stopped: ")
    assert (folder.parent / "out" / "study.json").is_file()
    assert "Traceback" not in stderr
