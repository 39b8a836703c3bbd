"""Parts of the search for plans, by hand; whole solves hold them together elsewhere."""

import time
from threading import Event

import numpy as np

from dmopt.solving.coarse.stages import WIDER, _widening
from dmopt.solving.coarse.stopping import Enough, OutOfTime


def test_enough_is_set_by_itself_or_by_the_other():
    other = Event()
    enough = Enough(other)
    assert not enough.is_set()
    enough.set()
    assert enough.is_set() and not other.is_set()
    again = Enough(other)
    other.set()
    assert again.is_set()


def test_time_given_back_does_not_count():
    other = Event()
    late = OutOfTime(other, 0.0)
    assert late.is_set()
    late.give_back(60.0)
    assert not late.is_set() and late.seconds == 60
    other.set()
    assert late.is_set()


def test_out_of_time_comes_by_itself():
    soon = OutOfTime(Event(), 0.05)
    time.sleep(0.1)
    assert soon.is_set()


def test_stages_widen_from_the_last_round_to_the_first():
    # of 200 whole columns 200, 199, 120, 119 and 100 are left; the last is no whole one
    whole = np.array([True] * 200 + [False])
    highs = [np.array([1.0] * n + [0.0] * (200 - n) + [7.0]) for n in
             (200, 199, 120, 119, 100)]  # fmt: skip
    left = [int((high[:200] > 0).sum()) for high in _widening(highs, whole, WIDER)]
    # 120 is less than 2 % more than 119; 200 is the first round: it is there anyway
    assert 119 * WIDER > 120 and 199 * WIDER > 200
    assert left == [100, 119, 199, 200]
