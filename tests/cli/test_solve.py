import json

import pytest

from dmopt.cli.options import share
from dmopt.data.write import write_instance
from tests.cli.program import dmopt, two_bakeries

KEYS = {
    "instance", "model", "path", "status", "cost", "bound", "gap", "seconds",
    "build_seconds", "peak_mb", "run", "proof",
        "verified",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    write_instance(two_bakeries(), tmp_path / "two")
    return tmp_path / "two"


def test_a_verified_plan_within_the_gap_exits_with_0(folder, tmp_path):
    done = dmopt("solve", folder, "--out", tmp_path / "run")
    assert done.exit_code == 0, done.stderr
    assert "proven" in done.stdout
    assert "86 a year" in done.stdout
    assert (tmp_path / "run" / "plan.json").is_file()
    assert (tmp_path / "run" / "map.png").is_file()
    assert (tmp_path / "run" / "plan.gpkg").is_file()


def test_json_is_one_object_and_nothing_else(folder, tmp_path):
    done = dmopt("solve", folder, "--out", tmp_path / "run", "--json")
    told = json.loads(done.stdout)
    assert set(told) == KEYS
    assert told["instance"] == "two bakeries"
    assert told["model"] == "free"
    assert told["status"] == "optimal"
    assert told["cost"] == pytest.approx(86)
    assert told["bound"] <= told["cost"] * (1 + 1e-9)
    assert told["verified"] is True
    assert told["run"] == str(tmp_path / "run")


def test_an_instance_with_rules_says_so(tmp_path):
    rule = {"id": "both", "rule": "site_count", "parameters": "least=2"}
    write_instance(two_bakeries(rules=[rule]), tmp_path / "two")
    done = dmopt("solve", tmp_path / "two", "--out", tmp_path / "run", "--json", "-q")
    told = json.loads(done.stdout)
    # both: 90 + 10 + 6 + 4
    assert (told["model"], told["cost"]) == ("rules", pytest.approx(110))


def test_an_instance_without_a_plan_exits_with_1(tmp_path):
    write_instance(two_bakeries(capacity=4), tmp_path / "small")
    done = dmopt("solve", tmp_path / "small", "--out", tmp_path / "run", "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (told["status"], told["cost"], told["verified"]) == (
        "infeasible",
        None,
        False,
    )


def test_quiet_prints_nothing(folder, tmp_path):
    done = dmopt("solve", folder, "--out", tmp_path / "run", "--quiet")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_unless_told_a_run_goes_under_its_name_and_time(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert dmopt("solve", folder, "--quiet").exit_code == 0
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name.startswith("two-bakeries-2")


def test_an_earlier_run_is_replaced_and_anything_else_is_not(folder, tmp_path):
    for _ in range(2):
        assert dmopt("solve", folder, "--out", tmp_path / "run", "-q").exit_code == 0
    done = dmopt("solve", folder, "--out", folder)
    assert done.exit_code == 2
    assert "is not a run" in " ".join(done.stderr.split())


def test_a_workbook_is_written_on_request(folder, tmp_path):
    dmopt("solve", folder, "--out", tmp_path / "run", "--excel", "-q")
    assert (tmp_path / "run" / "plan.xlsx").is_file()


@pytest.mark.parametrize(
    "options",
    [
        ("--gap", "5"),
        ("--gap", "-1%"),
        ("--gap", "nan"),
        ("--gap", "small"),
        ("--time-limit", "0"),
        ("--time-limit", "soon"),
        ("--seed", "-1"),
        ("--threads", "0"),
        ("--path", "scenic"),
        ("--nonsense",),
    ],
    ids=" ".join,
)
def test_an_option_that_cannot_be_exits_with_2(folder, options, tmp_path):
    done = dmopt("solve", folder, "--out", tmp_path / "run", *options)
    assert done.exit_code == 2
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("text", ["1%", "1 %", "0.01", " 0.01 "])
def test_a_gap_is_a_share_or_per_cent(text):
    assert share(text) == pytest.approx(0.01)


def test_names_are_shown_as_they_are(tmp_path):
    # square brackets and colons mean something to the library that prints
    write_instance(two_bakeries(name="[red]x[/] :smile:"), tmp_path / "odd")
    done = dmopt("solve", tmp_path / "odd", "--out", tmp_path / "run")
    assert "[red]x[/] :smile:" in done.stdout
