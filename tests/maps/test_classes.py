import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmopt.maps.classes import Classes, make_classes


def test_limits_are_easy_to_say_and_hold_all_values():
    classes = make_classes(np.arange(101.0))
    assert classes.limits == (0, 20, 40, 60, 80, 100)
    assert classes.labels()[0] == "up to 20"
    assert classes.labels()[-1] == "80 – 100"


def test_an_upper_end_belongs_to_its_class_and_no_value_has_no_class():
    classes = Classes((0.0, 10.0, 20.0))
    found = classes.of(np.array([0.0, 10.0, 10.5, 20.0, np.nan]))
    assert found.tolist() == [0, 0, 1, 1, -1]


@pytest.mark.parametrize("values", [[], [np.nan], [0.0, 0.0], [3.7], [5.0, 5.0, 6.0]])
def test_few_or_equal_values_make_fewer_classes(values):
    classes = make_classes(np.array(values, float))
    assert 1 <= len(classes.labels()) <= 2


@given(st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1, max_size=40))
def test_every_value_lies_within_its_class(values):
    classes = make_classes(np.array(values))
    found = classes.of(np.array(values))
    limits = np.array(classes.limits)
    slack = 1e-9 * max(values)
    assert (np.array(values) >= limits[found] - slack).all()
    assert (np.array(values) <= limits[found + 1] + slack).all()
    assert (np.diff(limits) >= 0).all()
