"""The commands `diff` and `stress` as a user runs them."""

import json
import signal

import numpy as np
import pandas as pd
import pytest

from dmopt.data.write import write_instance
from dmopt.importers.location import location_instance
from tests.cli.program import dmopt, start, two_bakeries


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two plans of the two bakeries: as they are, and with the second forced open."""
    folder = tmp_path_factory.mktemp("runs")
    write_instance(two_bakeries(), folder / "town")
    both = "both: site_count least=2; working=yes; where=all"
    for name, more in (("one", ()), ("two", ("--rule", both))):
        command = ("solve", folder / "town", "--quiet", "--out", folder / name, *more)
        with pytest.MonkeyPatch.context() as patch:
            # a run keeps what was typed, and so finds its data again
            patch.setattr("sys.argv", ["dmopt", *map(str, command)])
            assert dmopt(*command).exit_code == 0
    return folder


def asked(runs, command, *given):
    """A command on these runs, told where their data are."""
    return dmopt(command, *given, "--instance", runs / "town")


def test_losing_the_only_site_leaves_nothing(runs, tmp_path):
    out = tmp_path / "out"
    told = asked(runs, "stress", runs / "one", "--lose", "site", "--out", out, "--json")
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert [case["served_share"] for case in found["cases"]] == [0.0]
    assert found["enough"] == 0 and found["complete"]
    names = {path.name for path in out.iterdir()}
    assert names == {
        "study.json",
        "losses.csv",
        "districts.csv",
        "worst.png",
        "harm.png",
    }
    assert len(pd.read_csv(out / "losses.csv")) == 1


def test_an_open_site_takes_over_and_the_share_asked_is_counted(runs, tmp_path):
    # each has room for all ten; both gone, nothing is left
    given = ("--lose", "site", "--pairs", "--serve", "100%", "--out", tmp_path / "out")
    told = dmopt("stress", runs / "two", *given)
    assert told.exit_code == 0, told.stderr
    assert "2 of 2 losses still serve at least 100 %" in told.stdout
    assert "0 of 1 pair still serve at least 100 %" in told.stdout
    assert "Worst pair:" in told.stdout


def test_what_differs_is_told_in_words_and_written(runs, tmp_path):
    out = tmp_path / "out"
    told = dmopt("diff", runs / "one", runs / "two", "--out", out)
    assert told.exit_code == 0, told.stderr
    # 86 with the first alone, 110 with both (tests/cli/program.py)
    assert "two costs units 24 (27.9 %) more" in told.stdout
    assert "1 added" in told.stdout and "rules: both new" in told.stdout
    sites = pd.read_csv(out / "sites.csv")
    assert sorted(sites.change) == ["added", "kept"]
    assert (out / "difference.png").stat().st_size > 10_000
    again = dmopt("diff", runs / "one", runs / "two", "--out", out, "--json")
    plans = json.loads(again.stdout)["plans"]
    assert [plan["name"] for plan in plans] == ["one", "two"]
    assert plans[0]["cost"] == pytest.approx(86)


def test_a_folder_that_is_no_run_is_refused(runs, tmp_path):
    for command in (("stress", tmp_path), ("diff", runs / "one", tmp_path)):
        told = asked(runs, *command)
        assert told.exit_code == 2
        assert "plan.json" in told.stderr and "Traceback" not in told.stderr


def test_a_run_of_other_data_is_refused(runs, tmp_path):
    write_instance(two_bakeries(capacity=9), tmp_path / "other")
    told = dmopt("stress", runs / "one", "--instance", tmp_path / "other")
    assert told.exit_code == 2 and "made for" in told.stderr


@pytest.mark.parametrize("kinds", ["roof", "", "site,roof"])
def test_what_cannot_be_lost_is_refused(runs, kinds):
    told = asked(runs, "stress", runs / "one", "--lose", kinds)
    assert told.exit_code == 2


def test_a_folder_with_something_else_in_it_is_left_alone(runs, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    told = asked(runs, "stress", runs / "one", "--out", tmp_path)
    assert told.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_ctrl_c_keeps_what_was_tried(tmp_path):
    rng = np.random.default_rng(4)
    m, n = 30, 60
    site, zone = rng.uniform(0, 100, (m, 2)), rng.uniform(0, 100, (n, 2))
    km = np.hypot(*(site[:, None] - zone[None]).transpose(2, 0, 1))
    instance = location_instance(
        {"name": "many"},
        fixed_cost=np.ones(m),
        capacity=np.full(m, 30.0),
        demand=np.full(n, 10.0),
        cost=km * 100,
        rules=[],
    )
    write_instance(instance, tmp_path / "many")
    options = ("--quiet", "--gap", "20%", "--out", tmp_path / "run")
    assert dmopt("solve", tmp_path / "many", *options).exit_code in (0, 3)
    given = ("run", "--pairs", "--instance", "many", "--out", "out", "--json")
    program = start("stress", *given, folder=tmp_path)
    for line in program.stderr:
        if " of " in line:
            break
    program.send_signal(signal.SIGINT)
    stdout, stderr = program.communicate(timeout=120)
    assert program.returncode == 3, stderr
    found = json.loads(stdout)
    assert not found["complete"] and found["tried"] < found["planned"]
    assert (tmp_path / "out" / "study.json").is_file()
    assert "Traceback" not in stderr
