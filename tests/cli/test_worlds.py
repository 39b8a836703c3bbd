"""The command on several futures, as a user runs it."""

import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.runs import read_result
from dmopt.studies.worlds import plan
from tests.cli.program import dmopt, hard_town, start
from tests.line import Rows, line

WORLDS: Rows = [
    {"world": "now", "probability": 0.7},
    {"world": "dear", "probability": 0.3, "name": "dear fuel"},
]
DEAR: Rows = [{"world": "dear", "figure": "transport_price", "value": 4}]
EXACT = ("--gap", "0", "--threads", 1)
LOST: Rows = [
    {"world": "dear", "figure": "availability", "site": site, "value": 0}
    for site in ("w", "e")
]


@pytest.fixture
def folder(tmp_path):
    """w alone costs 110, and 230 where fuel is dear; both always 140."""
    return written(tmp_path)


def written(where: Path) -> Path:
    write_instance(line(worlds=WORLDS, world_changes=DEAR), where / "line")
    return where / "line"


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """One study that several tests look at: the instance, the folder, what was told."""
    folder = written(tmp_path_factory.mktemp("worlds"))
    out = folder.parent / "held"
    told = dmopt("worlds", folder, "-q", *EXACT, "--out", out)
    assert told.exit_code == 0 and told.stderr == ""
    return folder, out, " ".join(told.stdout.split())


def test_it_writes_tables_a_chart_the_plan_and_what_it_is_worth(held):
    folder, out, _ = held
    found = json.loads((out / "study.json").read_text())
    assert (found["status"], found["value"]) == ("optimal", pytest.approx(140))
    assert found["bound"] == pytest.approx(140)
    assert found["knowing_most"] == pytest.approx(140 - (0.7 * 110 + 0.3 * 140))
    assert found["measure"] == "expected" and found["command"].split()[0] == "dmopt"
    assert {"plan/plan.json", "worlds.csv", "worlds.png"} < set(found["files"])
    table = pd.read_csv(out / "worlds.csv", keep_default_na=False)
    assert table.name.tolist() == ["now", "dear fuel"]
    assert table.cost.tolist() == pytest.approx([140, 140])
    assert table.alone_cost.tolist() == pytest.approx([110, 140])
    assert table.transport_price.tolist() == ["", "4.0"]
    decided = pd.read_csv(out / "decided.csv")
    assert sorted(decided["at"]) == ["e", "w"] and set(decided.of) == {"oven"}
    assert (out / "worlds.png").stat().st_size > 10_000
    result = read_result(read_instance(folder), out / "plan")
    assert result.cost == pytest.approx(140) and result.bound is None


def test_the_plan_is_a_run_whose_bound_is_said_not_to_be_checked_again(held):
    folder, out, _ = held
    told = dmopt("verify", folder, out / "plan", "--bound")
    assert told.exit_code == 1
    said = " ".join(told.stdout.split())
    assert "the plan keeps every row" in said
    assert "several worlds at once" in said and "cannot be checked again" in said


def test_it_says_in_words_what_the_plan_is_worth(held):
    _, _, said = held
    assert "dear fuel 30 % 140 140 0" in said
    assert "Sites that work whatever comes: e, w." in said
    assert "The mean cost of all worlds: GBP 140 a year, proven within 0 %." in said
    assert "The plan made for the mean of all worlds is as good (proven)." in said
    assert "would be worth GBP 21 a year at most, GBP 21 a year at least." in said


def test_other_things_can_be_made_small_under_rules(folder):
    out = folder.parent / "held"
    asked = (*EXACT, "--minimise", "cvar", "--level", "70%", "--out", out)
    one = ("--rule", "one: site_count most=1")
    told = dmopt("worlds", folder, *asked, *one, "--json")
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    # where one site may open: w alone is 230 in the dear world, e alone 310
    assert (found["value"], found["level"]) == (pytest.approx(230), 0.7)
    assert "The mean cost of the dearest 30 % of worlds" in " ".join(found["says"])


def test_worlds_are_drawn_from_ranges(tmp_path):
    ranges = [{"figure": "transport_price", "low": 0.5, "likely": 1, "high": 2}]
    ranges.append({"figure": "machine_price", "low": 0.9, "likely": 1, "high": 1.1})
    write_instance(line(uncertain=ranges), tmp_path / "line")
    out = tmp_path / "out"
    asked = ("--draw", 4, "--seed", 5, "--no-alone", "--gap", "5%", "--out", out)
    told = dmopt("worlds", tmp_path / "line", *asked)
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "ranges declared: Price of transport (0.5 to 2 times today)" in said
    assert "To know beforehand" not in said  # it was not asked for
    table = pd.read_csv(out / "worlds.csv")
    assert table.probability.tolist() == [0.25] * 4
    assert table.transport_price.between(0.5, 2).all()
    assert "alone_cost" not in table.dropna(axis="columns")


@pytest.mark.parametrize("alone", ["--alone", "--no-alone"])
def test_a_world_without_a_plan_is_named_and_nothing_is_written(tmp_path, alone):
    write_instance(line(worlds=WORLDS, world_changes=LOST), tmp_path / "line")
    out = tmp_path / "out"
    told = dmopt("worlds", tmp_path / "line", alone, "--json", "--out", out)
    assert told.exit_code == 1
    assert "No plan serves the world dear fuel" in " ".join(told.stderr.split())
    assert json.loads(told.stdout)["worlds_without_a_plan"] == ["dear fuel"]
    assert not out.exists()


def test_a_gap_that_is_not_reached_ends_with_3(folder, monkeypatch):
    solved = plan.solve_joint
    monkeypatch.setattr(
        plan, "solve_joint", lambda *given: replace(solved(*given), bound=100.0)
    )
    out = folder.parent / "held"
    told = dmopt("worlds", folder, "-q", *EXACT, "--no-alone", "--out", out)
    assert told.exit_code == 3, told.stderr
    assert "proven within 29 %" in " ".join(told.stdout.split())
    assert json.loads((out / "study.json").read_text())["status"] == "feasible"


@pytest.mark.parametrize(
    "asked",
    [
        ("--draw", 0),
        ("--draw", 101),
        ("--minimise", "worst"),
        ("--minimise", "cvar", "--level", "100%"),
        ("--level", "50%"),
        ("--gap", "much"),
    ],
)
def test_options_that_there_are_not_end_with_2(folder, asked):
    out = folder.parent / "held"
    told = dmopt("worlds", folder, *asked, "--out", out)
    assert told.exit_code == 2 and not out.exists()


def test_an_instance_without_worlds_ends_with_2_and_says_what_to_do(tmp_path):
    write_instance(line(), tmp_path / "line")
    told = dmopt("worlds", tmp_path / "line", "--out", tmp_path / "out")
    assert told.exit_code == 2
    assert "a row for each world; or worlds drawn" in " ".join(told.stderr.split())


def test_bad_worlds_end_with_2_each_fault_with_row_and_column(folder):
    (folder / "worlds.csv").write_text("world,probability\nnow,0.7\ndear,0.2\n")
    (folder / "world_changes.csv").write_text(
        "world,figure,site,value\ndeer,transport_price,,2\nnow,availability,,0.5\n"
    )
    told = dmopt("worlds", folder, "--out", folder.parent / "out")
    assert told.exit_code == 2 and "3 faults in the input" in told.stderr
    said = " ".join(told.stderr.split())
    assert "worlds.csv, row 2, column probability" in said and "add up to 0.9" in said
    assert "world_changes.csv, row 2, column world: read 'deer'" in said
    assert "world_changes.csv, row 3, column site" in said


def test_a_folder_with_something_else_is_refused_before_anything_is_solved(folder):
    told = dmopt("worlds", folder, "--out", folder)
    assert told.exit_code == 2
    assert "no study; name another" in " ".join(told.stderr.split())
    assert "of 4" not in told.stderr


def test_what_cannot_be_written_leaves_the_study_before_as_it_was(
    held, folder, monkeypatch
):
    _, known, _ = held
    out = folder.parent / "held"
    shutil.copytree(known, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def full(found, path):
        path.write_bytes(b"half of")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("dmopt.maps.worlds.draw_worlds", full)
    told = dmopt("worlds", folder, "-q", "--minimise", "regret", "--out", out)
    assert told.exit_code == 2 and "No space left" in told.stderr
    now = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert now == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["held", "line"]


@pytest.fixture
def long_one(tmp_path):
    write_instance(hard_town(20, 100, 0.1, 0.2), tmp_path / "long")
    (tmp_path / "long" / "worlds.csv").write_text(
        "world,probability\nnow,0.5\nless,0.5\n"
    )
    (tmp_path / "long" / "world_changes.csv").write_text(
        "world,figure,value\nless,demand,0.9\n"
    )
    return tmp_path


def test_ctrl_c_keeps_the_best_plan(long_one):
    asked = ("--gap", "0", "--time-limit", "30", "--no-alone", "--json", "--out", "out")
    program = start("worlds", "long", *asked, folder=long_one)
    last = False
    for text in program.stderr:
        last = last or "2 of 2: all worlds" in text
        if last and "best" in text:
            break
    program.send_signal(signal.SIGINT)
    stdout, stderr = program.communicate(timeout=120)
    assert program.returncode == 3, stderr
    found = json.loads(stdout)
    assert found["status"] == "feasible" and found["gap"] > 0
    assert len(pd.read_csv(long_one / "out" / "worlds.csv")) == 2
    assert "Traceback" not in stderr
