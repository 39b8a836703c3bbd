"""What is minimised over worlds: on paper, and as columns and rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmopt.solving.worlds.joint import join_worlds
from dmopt.solving.worlds.measure import Measure, expected
from tests.line import line
from tests.paths import examples
from tests.solving.worlds.test_joint import solved, world


def measure(kind, weight, level=0.0, floor=()):
    floor = np.array(floor) if len(floor) else np.zeros(len(weight))
    return Measure(kind, np.array(weight), floor, level)


def test_each_figure_of_three_worlds_on_paper():
    weight, cost = [0.5, 0.3, 0.2], np.array([10.0, 20.0, 40.0])
    assert measure("expected", weight).of(cost) == pytest.approx(19)
    assert measure("cvar", weight, 0.0).of(cost) == pytest.approx(19)
    # the dearest 40 %: all of 0.2 at 40 and 0.2 at 20
    assert measure("cvar", weight, 0.6).of(cost) == pytest.approx(30)
    assert measure("cvar", weight, 0.5).of(cost) == pytest.approx(28)
    assert measure("cvar", weight, 0.9).of(cost) == pytest.approx(40)
    assert measure("regret", weight, floor=[9, 20, 33]).of(cost) == pytest.approx(7)


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(-50, 50)), min_size=1, max_size=6),
    st.floats(0, 0.95),
)
@settings(max_examples=examples(800), deadline=None, derandomize=True)
def test_cvar_is_the_mean_of_the_dearest(worlds, level):
    weight = np.array([w for w, _ in worlds]) / sum(w for w, _ in worlds)
    cost = np.array([c for _, c in worlds])
    found = measure("cvar", weight, level, cost - 3).of(cost)
    left, total = 1 - level, 0.0
    for at in np.argsort(-cost):
        taken = min(left, weight[at])
        total, left = total + taken * cost[at], left - taken
    assert found == pytest.approx(total / (1 - level), abs=1e-6)


# w alone costs 110 today and 230 where transport costs 4 times as much; both 140
@pytest.mark.parametrize(
    ("kind", "level", "chance", "value"),
    [
        ("expected", 0.0, 0.1, 122),
        ("cvar", 0.5, 0.1, 134),  # w alone: (0.1 * 230 + 0.4 * 110) / 0.5
        ("cvar", 0.9, 0.1, 140),  # w alone: 230
        ("regret", 0.0, 0.1, 30),  # w alone: 230 - 140; both: 140 - 110
    ],
)
def test_what_is_minimised_decides_how_many_ovens(kind, level, chance, value):
    worlds = [world(line(), transport_price=price) for price in (1.0, 4.0)]
    floor = [110, 140] if kind == "regret" else [90, 90]
    joint = join_worlds(worlds, measure(kind, [1 - chance, chance], level, floor))
    assert solved(joint)[0] == pytest.approx(value)


def test_a_regret_of_the_last_digits_is_none():
    found = measure("regret", [0.5, 0.5], floor=[2e5, 1e5])
    assert found.of(np.array([2e5 + 1e-10, 1e5])) == 0
    assert found.of(np.array([2e5 + 1e-2, 1e5])) == pytest.approx(1e-2)


def test_figures_that_are_none_are_refused():
    for wrong in (("worst", 0.0, 0.0), ("cvar", 1.0, 0.0), ("regret", 0.0, -np.inf)):
        kind, level, floor = wrong
        with pytest.raises(ValueError):
            Measure(kind, np.array([1.0]), np.array([floor]), level)
    assert expected(np.array([1.0])).of(np.array([5.0])) == 5
