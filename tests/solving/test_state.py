"""When a coarse-to-fine solve is over."""

import time
from threading import Event

import numpy as np
import pytest

from dmopt.solving.coarse.state import State
from dmopt.solving.highs import Limits


def knowing(bound: float, gap: float = 0.0) -> State:
    """A state with a bound, and an hour left."""
    limits = Limits(3600.0, gap, 0, 1)
    deadline = time.monotonic() + 3600.0
    return State(limits, lambda *found: None, Event(), deadline, bound=bound)


@pytest.mark.parametrize("bound", [130.0, 130.0 - 1e-10])
def test_a_plan_at_the_bound_is_proven_though_rounding_was_taken_off_it(bound):
    state = knowing(bound)
    assert not state.over
    state.offer(130.0, np.zeros(1))
    assert state.over
    assert state.is_proven


def test_a_plan_above_it_is_not():
    state = knowing(129.99)
    state.offer(130.0, np.zeros(1))
    assert not state.over
    assert not state.is_proven


def test_cancelled_is_over_and_proves_nothing():
    state = knowing(129.99)
    state.cancel.set()
    assert state.over
    assert not state.is_proven
