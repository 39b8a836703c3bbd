"""Bundles of tangents: the greatest value of functions that are known by hand."""

import numpy as np
import pytest
from scipy.optimize import linprog

from dmopt.solving.coarse import bundle as module
from dmopt.solving.coarse.bundle import NULLS, Bundle, least_mixture


def test_a_mixture_of_two_by_hand() -> None:
    # theta = (1 - s, s): (1 - s)^2 / 2 + 4 s^2 / 2 + s is least at s = 0
    Q, a = np.diag([1.0, 4.0]), np.array([0.0, 1.0])
    assert least_mixture(Q, a, np.zeros(2)) == pytest.approx([1.0, 0.0])
    # without the linear part at s = 1 / 5
    assert least_mixture(Q, 0 * a, np.zeros(2)) == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize("seed", range(20))
def test_no_other_mixture_is_less(seed: int) -> None:
    r = np.random.default_rng(seed)
    count = int(r.integers(1, 12))
    G, a = r.normal(size=(count, 5)), r.uniform(0, 2, count)
    start = np.zeros(count)
    start[r.integers(count)] = 1.0
    theta = least_mixture(G @ G.T, a, start)
    assert theta.min() >= 0 and theta.sum() == pytest.approx(1.0)
    # the slope to no corner goes down
    slope = G @ G.T @ theta + a
    assert slope.min() >= slope @ theta - 1e-6


def test_the_greatest_value_of_a_pyramid() -> None:
    # 3 - |x - 1| - 2 |y + 4|: greatest at (1, -4), where it is 3
    top, weight = np.array([1.0, -4.0]), np.array([1.0, 2.0])
    bundle = Bundle(np.array([0.5, 2.0]), np.full(2, np.inf), 0.05)
    at = np.array([40.0, 30.0])
    for _ in range(60):
        value = 3.0 - float(weight @ np.abs(at - top))
        at = bundle.next(at, value, -weight * np.sign(at - top))
        assert bundle.theta.sum() == pytest.approx(1.0)
        assert len(bundle.theta) == len(bundle.number) <= 60
        # what is promised is never less than what there is to gain near the centre
        if bundle.promised < 1e-6:
            break
    assert bundle.value == pytest.approx(3.0, abs=1e-3)
    assert bundle.centre == pytest.approx(top, abs=1e-2)
    # the mixture of slopes that proves it: none is left
    assert bundle.promised < 1e-3


@pytest.mark.parametrize("seed", range(12))
def test_the_greatest_value_within_limits(seed: int) -> None:
    # least of 30 planes in five directions, some limited where it still rises
    r = np.random.default_rng(seed)
    right, slope = r.uniform(0, 10, 30), r.normal(size=(30, 5))
    most = np.where(r.random(5) < 0.6, r.uniform(-2, 1, 5), np.inf)
    # another way to the same: z <= right + slope u
    rows = np.hstack([-slope, np.ones((30, 1))])
    box = [(-9.0, limit) for limit in np.minimum(most, 9.0)]
    truth = linprog([0.0] * 5 + [-1.0], rows, right, bounds=[*box, (None, None)])
    assert truth.status == 0

    steep = 50.0  # so much below -9 and above 9 that nothing is there
    bundle, at = Bundle(r.uniform(0.5, 2, 5), most, 0.1), np.minimum(0.0, most)
    for _ in range(150):
        over = np.maximum(np.abs(at) - 9.0, 0.0)
        values = right + slope @ at
        n = int(values.argmin())
        value = float(values[n] - steep * over.sum())
        outwards = np.where(over > 0, np.sign(at), 0.0)
        at = bundle.next(at, value, slope[n] - steep * outwards)
        assert (at <= most).all()
        if bundle.promised < 1e-6:
            break
    assert bundle.value == pytest.approx(-truth.fun, abs=2e-3)
    # and the mixture proves it: what it has of slopes is left only where a limit is
    left = bundle.theta @ bundle._slope
    free = bundle.centre < most
    assert np.abs(left[free]).max(initial=0.0) < 0.1


def test_what_is_forgotten_leaves_a_mixture(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 6)
    r = np.random.default_rng(0)
    right, slope = r.uniform(0, 10, 80), r.normal(size=(80, 12))
    bundle, at = Bundle(np.ones(12), np.full(12, 3.0), 0.1), np.zeros(12)
    first = float(right.min())
    for _ in range(60):
        values = right + slope @ at
        n = int(values.argmin())
        at = bundle.next(at, float(values[n]), slope[n])
        assert len(bundle.theta) <= 6
        assert bundle.theta.sum() == pytest.approx(1.0)
    assert bundle.value > first


def test_moves_shrink_where_tries_fail_and_tell_nothing_of_the_centre() -> None:
    bundle = Bundle(np.ones(2), np.full(2, np.inf), 0.1)
    at = bundle.next(np.zeros(2), 10.0, np.array([1.0, 0.0]))
    lengths = [bundle._length]
    for n in range(NULLS):
        # far below the centre, and rising so little that its tangent is far above it
        steep = np.array([-40.0 - n, 5.0])
        at = bundle.next(at, 10.0 - 1e-3, steep)
        lengths.append(bundle._length)
    assert lengths[:NULLS] == [lengths[0]] * NULLS
    assert lengths[NULLS] < lengths[0]
    assert bundle.centre.tolist() == [0.0, 0.0]
