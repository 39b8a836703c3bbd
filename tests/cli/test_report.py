"""`dmopt report`, as a user runs it: from the run alone, with others, with faults."""

import json
import sys
from pathlib import Path

import pytest

from dmopt.data.write import write_instance
from tests.cli.program import dmopt
from tests.line import rule
from tests.report.towns import towns


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps have tests of their own."""
    monkeypatch.setattr("dmopt.report.write.picture", lambda *given: "data:,")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, a run of them, and one under a rule that says so."""
    folder = tmp_path_factory.mktemp("reporting")
    write_instance(towns(), folder / "towns.xlsx")
    near = "near: proximity_service share=1; within_km=5"
    solve(folder, "plain")
    solve(folder, "ruled", "--rule", near)
    return folder


def solve(folder: Path, run: str, *options: str) -> None:
    """Solve as a shell would, so that the run records the command."""
    command = ["solve", "towns.xlsx", "--out", run, "--gap", "0", "--quiet", *options]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["dmopt", *command])
        assert dmopt(*command).exit_code == 0


def test_a_run_finds_its_own_data_and_rules(place, monkeypatch):
    monkeypatch.chdir(place)
    done = dmopt("report", "ruled", "plain")
    assert done.exit_code == 0, done.output
    assert "written: ruled.html" in done.output
    text = Path("ruled.html").read_text()
    # both ovens 340, one 210
    assert "The plan costs GBP 340 a year" in text
    assert "plain would cost GBP 130 less" in text
    assert "What changes for each district against plain" in text
    assert "near" in text and "&#10003; kept" in text


def test_data_from_elsewhere_are_named(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = dmopt("report", place / "plain", "--out", "page.html")
    assert done.exit_code == 2
    assert not Path("page.html").exists()
    towns_file = place / "towns.xlsx"
    done = dmopt(
        "report", place / "plain", "--instance", towns_file, "--out", "page.html"
    )
    assert done.exit_code == 0, done.output
    assert Path("page.html").read_text().startswith("<!DOCTYPE html>")


def test_other_data_than_were_solved_are_refused(place, tmp_path):
    other = towns({"detour": 2})
    write_instance(other, tmp_path / "other.xlsx")
    done = dmopt("report", place / "plain", "--instance", tmp_path / "other.xlsx")
    assert done.exit_code == 2
    assert "a plan made for the data" in done.output
    assert not (place / "plain.html").exists()


def test_a_run_that_names_no_data_says_how_to_name_them(place, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    about = {"dmopt_run": 1, "manifest": {"command": ""}}
    (run / "plan.json").write_text(json.dumps(about))
    done = dmopt("report", run)
    assert done.exit_code == 2
    assert "--instance PATH" in done.output


def test_prices_worked_out_now_and_from_a_file(place, monkeypatch, tmp_path):
    monkeypatch.chdir(place)
    out = tmp_path / "page.html"
    done = dmopt("report", "ruled", "--price", "--gap", "0", "-q", "--out", out)
    assert done.exit_code == 0, done.output
    assert "GBP 130" in out.read_text()
    asked = ["price", "towns.xlsx", "--rule", rule_text(), "--run", "ruled", "--json"]
    prices = tmp_path / "prices.json"
    prices.write_text(dmopt(*asked, "--gap", "0", "-q").stdout)
    done = dmopt("report", "ruled", "--prices", prices, "--out", out)
    assert done.exit_code == 0, done.output
    assert "What the plan would cost without rules" in out.read_text()
    done = dmopt("report", "plain", "--prices", prices, "--out", tmp_path / "b.html")
    assert done.exit_code == 2 and "the plan has none" in done.output


def rule_text() -> str:
    """The rule of the run, as typed."""
    row = rule("proximity_service", "share=1; within_km=5", "near")[0]
    return f"{row['id']}: {row['rule']} {row['parameters']}"


def test_a_comparison_study_gives_columns(place, monkeypatch, tmp_path):
    monkeypatch.chdir(place)
    studied = dmopt(
        "compare",
        "towns.xlsx",
        "--models",
        "free,centralised",
        "--gap",
        "0",
        "--time-limit",
        "10",
        "--out",
        tmp_path / "study",
        "-q",
    )
    assert (tmp_path / "study" / "study.json").exists(), studied.output
    out = tmp_path / "page.html"
    done = dmopt("report", "plain", tmp_path / "study", "--out", out)
    assert done.exit_code == 0, done.output
    assert "Centralised" in out.read_text()
    done = dmopt("report", tmp_path / "study", "--out", out)
    assert done.exit_code == 2 and "first a run" in done.output


def test_without_a_browser_the_page_is_there_and_printing_is_explained(
    place, monkeypatch, tmp_path
):
    monkeypatch.chdir(place)
    monkeypatch.setenv("DMOPT_BROWSER", "no-such-browser")
    out = tmp_path / "page.html"
    done = dmopt("report", "plain", "--pdf", "--out", out)
    assert done.exit_code == 2
    assert out.exists() and "choose Print" in done.output
