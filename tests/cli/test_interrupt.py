"""Ctrl-C, with real processes: the best plan so far is kept."""

import json
import signal
import time

import pytest

from dmopt.data.write import write_instance
from tests.cli.program import hard_town, start


@pytest.fixture
def long_one(tmp_path):
    write_instance(hard_town(30, 150, 0.05, 0.15), tmp_path / "long")
    return tmp_path


def wait_for(word, program):
    """Read what the program says until a line has a word in it."""
    for line in program.stderr:
        if word in line:
            return
    raise AssertionError(f"the program ended without saying {word!r}")


def test_the_first_interrupt_keeps_the_best_plan(long_one):
    options = ("--gap", "0", "--time-limit", "100", "--json", "--out", "run")
    program = start("solve", "long", *options, folder=long_one)
    wait_for("best", program)
    begin = time.monotonic()
    program.send_signal(signal.SIGINT)
    stdout, stderr = program.communicate(timeout=60)
    assert program.returncode == 3, stderr
    assert time.monotonic() - begin < 40
    told = json.loads(stdout)
    assert told["verified"] and told["gap"] > 0
    assert (long_one / "run" / "plan.json").is_file()
    assert "Traceback" not in stderr


def test_the_second_interrupt_gives_up(long_one):
    options = ("--gap", "0", "--time-limit", "100", "--out", "run")
    program = start("solve", "long", *options, folder=long_one)
    wait_for("best", program)
    program.send_signal(signal.SIGINT)
    wait_for("stopping", program)
    program.send_signal(signal.SIGINT)
    _, stderr = program.communicate(timeout=30)
    assert program.returncode == 130, stderr
    assert not (long_one / "run").exists()
    assert "Traceback" not in stderr
