"""`dmopt whatif`: lines in, answers out; real processes."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from dmopt.cli.app import app
from dmopt.cli.spoken import NotSaid, changed, said
from dmopt.data.write import write_instance
from dmopt.errors import InstanceError
from dmopt.runs import write_run
from dmopt.solving.run import solve
from dmopt.studies.whatif import Wish
from tests.cli.program import ROOT, dmopt, two_bakeries
from tests.cli.test_interrupt import long_one

__all__ = ["long_one"]
TOWN = two_bakeries()
FIRST, SECOND = map(str, TOWN.sites.index)
[PERIOD] = map(str, TOWN.periods.index)


@pytest.fixture
def folder(tmp_path):
    write_instance(TOWN, tmp_path / "two")
    return tmp_path


def started(folder, *options, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "dmopt", "whatif", *map(str, options)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def whatif(folder, lines, *options):
    """What it says to lines from a pipe, in this process."""
    arguments = ["whatif", str(folder / "two"), *map(str, options)]
    done = CliRunner().invoke(app, arguments, input="\n".join(lines))
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def answers(folder, lines, *options):
    """What it answers, as objects, and its exit code."""
    done = whatif(folder, lines, "--json", *options)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [each for each in found if each["event"] != "progress"], done.exit_code


def test_each_line_is_answered_and_faults_leave_all_as_it_was(folder):
    found, code = answers(
        folder,
        [
            f"shut {FIRST}",
            "shut nowhere",
            "set gold 3",
            "set demand many",
            "rule off nothing",
            "frobnicate",
            "changes",
            "undo",
            "undo",
            "add both: site_count least=2; working=yes; where=all",
            "reset",
        ],
    )
    # one site: 86 or 88; both: 110 (program.py)
    costs = [each.get("cost") for each in found]
    expected = [86, 88, *[None] * 6, 86, None, 110, 86]
    assert costs == [None if e is None else pytest.approx(e) for e in expected]
    assert found[1]["shuts"] == [FIRST] and found[1]["opens"] == [SECOND]
    assert found[1]["cost_change"] == pytest.approx(2)
    assert [each["event"] for each in found[2:7]] == ["refused"] * 5
    assert found[2]["faults"][0]["read"] == "'nowhere'"
    assert found[7]["changes"] == [f"shut {FIRST}"]
    assert "nothing is changed" in found[9]["error"]
    assert all(each["verified"] for each in found if "verified" in each)
    assert code == 2


def test_words_for_people(folder):
    lines = [f"open {SECOND}", "set demand 1.2", "plan", "knobs", "sites", "rules"]
    done = whatif(folder, [*lines, "# a note", "", "budget capital none"], "--quiet")
    stdout = done.stdout
    assert (done.exit_code, done.stderr) == (0, "")
    # the second alone: 50 + 25 + 9 + 4
    assert "86 a year: proven optimal" in stdout
    assert " 2 (2.33 %) more than the plan before\n" in stdout
    assert f"opens {SECOND}" in stdout
    assert "against the first plan:" in stdout and "All demand" in stdout


def test_a_run_to_begin_from_and_a_run_saved(folder, monkeypatch):
    monkeypatch.chdir(folder)
    write_run(solve(TOWN, gap=0), folder / "run", instance=TOWN)
    lines = [f"shut {FIRST}", "save shut", "save two", "save", "plan"]
    found, code = answers(folder, lines, "--run", folder / "run")
    assert (found[0]["asked"], found[0]["cost"]) == ("", pytest.approx(86))
    assert code == 2 and "not a run" in found[3]["error"]
    assert found[5]["against_first"]["cost_change"] == pytest.approx(2)
    assert dmopt("verify", folder / "shut-instance", folder / "shut").exit_code == 0
    assert dmopt("verify", folder / "two", folder / "shut").exit_code == 2


def test_no_plan_is_told_and_can_be_taken_back(folder):
    lines = [f"shut {FIRST}", f"shut {SECOND}", "undo", f"shut {SECOND}"]
    found, code = answers(folder, lines)
    assert [found[n]["status"] for n in (2, 4)] == ["infeasible", "infeasible"]
    assert found[3]["cost"] == pytest.approx(88) and code == 1


def test_ctrl_c_stops_the_work_and_keeps_the_plan(long_one):
    options = ("long", "--gap", "0", "--first", "100", "--seconds", "100", "--json")
    program = started(long_one, *options)
    event = {}
    while event.get("cost") is None:
        event = json.loads(program.stdout.readline())
    begin = time.monotonic()
    program.send_signal(signal.SIGINT)
    while event["event"] == "progress":
        event = json.loads(program.stdout.readline())
    assert time.monotonic() - begin < 40
    assert event["verified"] and event["gap"] > 0
    stdout, stderr = program.communicate("changes\nhelp\n", timeout=60)
    assert [json.loads(line)["asked"] for line in stdout.splitlines()] == [
        "changes",
        "help",
    ]
    assert program.returncode == 3 and "Traceback" not in stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such terminals")
def test_at_a_terminal_another_line_stops_the_work(long_one):
    import pty

    outside, inside = pty.openpty()
    options = ("long", "--gap", "0", "--first", "2", "--seconds", "100")
    program = subprocess.Popen(
        [sys.executable, "-m", "dmopt", "whatif", *options],
        cwd=long_one,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        stdin=inside,
        stdout=inside,
        stderr=inside,
    )
    os.close(inside)
    told = ""

    def until(word):
        nonlocal told
        while word not in told:
            told += os.read(outside, 4096).decode()
        told = told.partition(word)[2]

    try:
        until("what if> ")
        os.write(outside, b"set demand 0.9\n")
        until("best")
        begin = time.monotonic()
        os.write(outside, b"changes\n")
        until("set demand 0.9")
        assert time.monotonic() - begin < 40
        os.write(outside, b"\x04")
        assert program.wait(30) == 3
    finally:
        program.kill()
        os.close(outside)


def test_a_word_too_few_says_what_belongs_there():
    for words, expected in {
        "shut": "shut SITE",
        "set demand": "set KNOB",
        "budget money 3": "budget capital",
        "rule": "rule ID.NAME",
        "add site_count": "add ID: RULE",
        "model": "model NAME",
        "set demand x": "not a number",
        "budget capital x": "not a number",
    }.items():
        with pytest.raises(NotSaid, match=expected):
            changed(Wish(), words, TOWN)
    for words in ("set demand inf", "model nothing", f"budget capital {PERIOD} -1"):
        with pytest.raises(InstanceError):
            changed(Wish(), words, TOWN)
    with pytest.raises(InstanceError, match="did you mean"):
        changed(Wish(), f"free {FIRST[:-1]}x", TOWN)


def test_what_is_put_back_is_no_change():
    for there, back in {
        f"shut {FIRST.upper()}": f"free {FIRST}",
        "set demand 2": "set demand given",
        "budget public 1e6": "budget public given",
        f"budget public {PERIOD} none": f"budget public {PERIOD} given",
        "model multi-domestic": "model given",
    }.items():
        once = changed(Wish(), there, TOWN)
        assert once != Wish()
        assert changed(once, back, TOWN) == Wish()


NUMBERS = st.floats(0, 1e9, allow_subnormal=False).map(lambda x: f"{x:.12g}")
LINES = st.one_of(
    st.sampled_from([f"{how} {FIRST}" for how in ("shut", "open", "free")]),
    st.sampled_from([f"{how} {SECOND}" for how in ("shut", "open", "free")]),
    st.sampled_from(["model free", "model given", "rule off a", "rule on a"]),
    NUMBERS.map(lambda x: f"set demand {x}"),
    NUMBERS.map(lambda x: f"budget capital {x}"),
    NUMBERS.map(lambda x: f"budget public {PERIOD} {x}"),
    NUMBERS.map(lambda x: f"rule a.most={x}"),
    NUMBERS.map(lambda x: f"add b{x}: site_count most={x}"),
    st.just("budget capital none"),
)


@given(st.lists(LINES, max_size=8))
def test_the_words_of_a_wish_make_it_again(lines):
    wish = Wish()
    for line in lines:
        wish = changed(wish, line, TOWN)
    again = Wish()
    for line in said(wish):
        again = changed(again, line, TOWN)
    assert again == wish
