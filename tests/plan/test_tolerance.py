"""The one tolerance: a millionth of what is counted."""

import numpy as np
import pytest

from dmopt.plan.tolerance import apart, over


@pytest.mark.parametrize(
    ("left", "right", "excess"),
    [
        (1, 2, 0),
        (2, 2, 0),
        (3, 2, 1),
        (1_000_000.5, 1_000_000, 0),
        (1_000_002, 1_000_000, 2),
        (5e-7, 0, 0),
        (2e-6, 0, 2e-6),
        (-1, -3, 2),
        (4, np.inf, 0),
    ],
)
def test_excess_within_a_millionth_is_none(left, right, excess):
    assert over(left, right) == pytest.approx(excess)


def test_a_named_scale_sets_the_size_of_rounding():
    assert over(0.5, 0, scale=1e6) == 0
    assert over(0.5, 0) == 0.5


def test_arrays_broadcast_and_numbers_stay_numbers():
    assert over(np.array([1.0, 3.0]), 2).tolist() == [0, 1]
    assert isinstance(over(3, 2), float)


def test_what_cannot_be_compared_does_not_pass():
    assert np.isnan(over(np.nan, 1))
    assert np.isnan(apart(1, np.nan))


def test_an_equation_is_broken_on_either_side():
    assert apart(3, 2) == apart(2, 3) == 1
