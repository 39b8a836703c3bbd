"""A study whose process is really killed goes on where it was."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from dmopt.data.write import write_instance
from dmopt.studies import answers as answers_of
from dmopt.studies import session
from tests.cli.program import ROOT, dmopt
from tests.studies.test_frontier import TOWN

GIVEN = ("frontier", "line", "--points", "4", "--gap", "0.01%", "--json")
OUT = ("--out", "traded")
UNFINISHED = Path("traded.unfinished")
WORDS = [*GIVEN, *OUT]
SOLVES = 6
"""The cheapest plan, the best end, one with a price for the second point, and each
point but the loosest, which the cheapest plan answers."""

KILLED = """
import os, signal, sys
from dmopt.runs import write
from dmopt.studies.answers import Answers
from dmopt.cli.app import main

keep, told = Answers.keep, []

def kept(self, *given):
    if len(told) == {answers} and {half}:
        write.checksums = lambda folder: os.kill(os.getpid(), signal.SIGKILL)
    keep(self, *given)
    told.append(1)
    if len(told) == {answers}:
        {then}

Answers.keep = kept
sys.argv[1:] = {words!r}
main()
"""
DIE = "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def place(tmp_path, monkeypatch):
    write_instance(TOWN, tmp_path / "line")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def solved(monkeypatch):
    """Grows by one for each solve of a session."""
    solves, really = [], session.solve_problem

    def counted(*given, **more):
        solves.append(1)
        return really(*given, **more)

    monkeypatch.setattr(session, "solve_problem", counted)
    return solves


def killed(place, answers, *, half=False, words=WORDS):
    """Run the study in a process that is killed after so many answers, or while the
    next one is half written."""
    then = "pass" if half else DIE
    text = KILLED.format(answers=answers, half=half, then=then, words=list(words))
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def answers_in(folder):
    return sorted(path.parent.name for path in folder.glob("*/plan.json"))


@pytest.mark.parametrize("half", [False, True])
def test_what_was_answered_is_taken_and_only_the_rest_is_solved(place, solved, half):
    whole = json.loads(dmopt(*GIVEN, "--out", "whole").stdout)
    assert len(solved) == SOLVES
    solved.clear()
    killed(place, 2, half=half)
    assert len(answers_in(UNFINISHED)) == 2
    assert not Path("traded").exists()
    told = dmopt(*WORDS)
    assert told.exit_code == 0, told.stderr
    assert "going on: 2 solves of before" in told.stderr
    assert len(solved) == SOLVES - 2
    found = json.loads(told.stdout)
    costs = [each["cost"] for each in found["points"]]
    # each 0.1 t less costs 10, as in tests/studies/test_frontier.py
    assert costs == pytest.approx([110, 123.33, 136.67, 150], rel=1e-3)
    assert costs == pytest.approx([each["cost"] for each in whole["points"]], rel=1e-4)
    assert list(pd.read_csv("traded/frontier.csv").cost) == costs
    assert not UNFINISHED.exists() and not list(place.glob(".dmopt*"))


def test_without_a_name_the_unfinished_one_is_found(place, solved):
    killed(place, 3, words=GIVEN)
    [left] = Path("runs").glob("*.unfinished")
    told = dmopt(*GIVEN)
    assert told.exit_code == 0, told.stderr
    assert len(solved) == SOLVES - 3
    folder = json.loads(told.stdout)["folder"]
    assert f"{folder}.unfinished" == str(left) and not left.exists()


def test_what_is_of_another_question_is_refused_and_nothing_is_lost(place):
    killed(place, 2)
    before = answers_in(UNFINISHED)
    asked = json.loads((UNFINISHED / "asked.json").read_text())
    assert asked["command"].endswith("--out traded")

    def refused(*words):
        told = dmopt(*words, *OUT)
        assert told.exit_code == 2
        assert answers_in(UNFINISHED) == before and not Path("traded").exists()
        return " ".join(told.stderr.split())

    other = refused("frontier", "line", "--points", "4", "--gap", "1%")
    assert "column gap: read 0.01, expected 0.0001" in other
    assert "--out traded` goes on with it" in other
    other = refused(*GIVEN, "--against", "access")
    assert "column against: read 'access', expected 'emissions'" in other
    ruled = refused(*GIVEN, "--rule", "few: site_count most=2")
    assert "column instance" in ruled
    other = refused("compare", "line")
    assert "column study: read 'compare', expected 'frontier'" in other
    asked["dmopt_answers"] = 99
    (UNFINISHED / "asked.json").write_text(json.dumps(asked))
    said = f"expected answers of format {answers_of.FORMAT} (they were written by dmopt"
    assert said in refused(*GIVEN)
    (UNFINISHED / "asked.json").unlink()
    assert "expected the answers of a study that is not finished" in refused(*GIVEN)


def test_a_full_disk_ends_it_and_what_was_answered_stays(place, solved, monkeypatch):
    really, written = answers_of.write_run, []

    def full(*given, **more):
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(really(*given, **more))

    with monkeypatch.context() as patch:
        patch.setattr(answers_of, "write_run", full)
        told = dmopt(*WORDS)
    said = " ".join(told.stderr.split())
    assert told.exit_code == 2
    assert "No space left on device" in said and "traded.unfinished" in said
    assert len(answers_in(UNFINISHED)) == 2 and not Path("traded").exists()
    solved.clear()
    assert dmopt(*WORDS).exit_code == 0
    assert len(solved) == SOLVES - 2
