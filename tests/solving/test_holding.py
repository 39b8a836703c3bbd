"""Limits that hold a coarse program to what a plan decides, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.holding import begun, fixed, no_less, shut
from dmopt.solving.program import LinearProgram
from tests.line import line
from tests.solving.test_program import program_of

HELD = np.array([True, True, True, False])
DECIDED = np.array([2.0, 9.0, -1.0, 3.0])
LOW, HIGH = np.array([0.0, 1.0, 0.0, 0.0, 0.0]), np.array([5.0, 4.0, 5.0, 5.0, 7.0])


def program() -> LinearProgram:
    """Four decisions and one flow; the second is 1 to 4."""
    return program_of(np.ones((1, 5)), np.ones(5), np.ones(1), low=LOW, high=HIGH)


def test_fixed_as_far_as_limits_allow():
    held = fixed(program(), HELD, DECIDED)
    assert held.low.tolist() == [2, 4, 0, 0, 0]
    assert held.high.tolist() == [2, 4, 0, 5, 7]


def test_no_less_as_far_as_limits_allow():
    held = no_less(program(), HELD, DECIDED)
    assert held.low.tolist() == [2, 4, 0, 0, 0]
    assert held.high.tolist() == HIGH.tolist()


def test_shut_as_far_as_limits_allow():
    held = shut(program(), HELD)
    assert held.low.tolist() == LOW.tolist()
    assert held.high.tolist() == [0, 1, 0, 5, 7]


@pytest.mark.parametrize("hold", [lambda p: fixed(p, HELD, DECIDED),
                                  lambda p: no_less(p, HELD, DECIDED),
                                  lambda p: shut(p, HELD)])  # fmt: skip
def test_the_program_itself_is_left_as_it_is(hold):
    own = replace(program(), low=LOW.copy(), high=HIGH.copy())
    hold(own)
    assert own.low.tolist() == LOW.tolist() and own.high.tolist() == HIGH.tolist()


def test_a_start_is_whole_decisions_and_nothing_else():
    decisions = make_problem(line(), ()).decisions
    known = np.full(decisions.size + 3, 0.9999)
    start = begun(make_problem(line(), ()).program, decisions, known)
    whole = np.zeros(len(start), bool)
    whole[: decisions.size] = decisions.whole
    assert (start[whole] == 1).all() and np.isnan(start[~whole]).all()
