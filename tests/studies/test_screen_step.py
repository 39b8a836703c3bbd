"""What a step shows, on paper and whatever the true costs are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmopt.studies.screen.step import (
    Kept,
    Point,
    Step,
    flips,
    jaccard,
    regret,
    verdict,
)

amounts = st.floats(0, 1e6)
gaps = st.floats(0, 0.5)


def point(cost, bound, sites="w", at=0.0):
    place = np.array([at, 0.5])
    return Point(
        place, {"x": at, "y": 1}, "feasible", cost, bound, 0.0, frozenset(sites)
    )


GOOD = point(100, 100)


@pytest.mark.parametrize(
    ("kept", "cost", "bound", "said"),
    [
        # gap 10 %, best plan 100: what is within 10 is not told apart
        (Kept(105, 100), 100, 95, "could stay"),  # 105 - 95 = 10
        (Kept(106, 100), 100, 95, "left open"),  # 11, and 100 - 100 = 0
        (Kept(120, 110), 100, 95, "left open"),  # 110 - 100 = 10 is not more than 10
        (Kept(120, 111), 100, 95, "had to change"),
        (Kept(np.inf, 100), 100, 95, "left open"),  # no plan there is known
        (Kept(np.inf, np.inf), 100, 95, "had to change"),  # there is none
        (Kept(105, 100), 100, -np.inf, "left open"),
    ],
)
def test_what_is_said_is_what_is_shown(kept, cost, bound, said):
    assert verdict(kept, GOOD, point(cost, bound, "e"), gap=0.1) == said


def test_nothing_had_to_change_from_a_plan_that_was_not_proven_itself():
    after = point(100, 95, "e")
    assert verdict(Kept(120, 115), point(100, 80), after, gap=0.1) == "left open"
    assert verdict(Kept(120, 115), point(100, 90), after, gap=0.1) == "had to change"


@given(amounts, amounts, amounts, amounts, amounts, amounts, gaps)
def test_what_is_shown_holds_whatever_the_best_costs_are(a, b, c, d, e, f, gap):
    # the best cost lies from B to C, the best at the old sites from L to K: never lower
    bound, best, cost = sorted((a, b, c))
    low, true, high = (max(x, best) for x in sorted((d, e, f)))
    kept = Kept(high, max(min(low, true), bound))
    said = verdict(kept, GOOD, point(cost, bound, "e"), gap)
    real = true - best
    least, most = regret(kept, cost, bound)
    assert least <= real * (1 + 1e-9) + 1e-9 and real <= most * (1 + 1e-9) + 1e-9
    if said == "could stay":
        assert real <= gap * cost * (1 + 1e-4) + 1e-5 * cost
    if said == "had to change":
        assert real > gap * cost * (1 - 1e-9) and real > 0


def test_the_change_is_the_share_that_only_one_has():
    assert jaccard(frozenset(), frozenset()) == 0
    assert jaccard(frozenset("w"), frozenset("we")) == pytest.approx(1 / 2)
    assert jaccard(frozenset("we"), frozenset("ex")) == pytest.approx(2 / 3)
    assert jaccard(frozenset("w"), frozenset("e")) == 1


@given(amounts, amounts, amounts, amounts)
def test_the_effect_on_least_cost_lies_between_what_is_said(a, b, c, d):
    (low, cost), (low_after, cost_after) = sorted((a, b)), sorted((c, d))
    ends = point(cost, low), point(cost_after, low_after, at=0.5)
    least, most = Step(0, "x", *ends, None, "same").cost_effect()
    for before in (low, cost):
        for after in (low_after, cost_after):
            # half the range a step, so the whole is twice of it
            assert least - 1e-6 <= 2 * abs(after - before) <= most + 1e-6


def test_sites_that_come_and_go_most_often_come_first():
    def step(one, other):
        return Step(0, "x", point(1, 1, one), point(1, 1, other), None, "left open")

    steps = [step("w", "e"), step("e", "ex"), step("ex", "x")]
    assert list(flips(steps)) == [("e", 2), ("w", 1), ("x", 1)]
