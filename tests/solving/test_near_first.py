"""Flows solved with a few deliveries of each demand first."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from dmopt.solving.coarse import near_first
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.near_first import cheapest_of_each
from dmopt.solving.exact import solve_exact
from tests.paths import examples
from tests.proof.test_duals import problem_of
from tests.random_instances import Shape
from tests.rules.test_agreement import any_shape, ruled_problem
from tests.solving.test_agreement import TIGHT, silent

RULES = ("proximity_service", "burden_limit")


@pytest.mark.parametrize("seed", range(examples(40)))
def test_flows_cost_the_same_as_with_all_deliveries_at_once(seed, monkeypatch):
    problem = ruled_problem(any_shape(seed), RULES)
    if not len(problem.layer.quantity):
        return
    best = solve_exact(problem, TIGHT, silent, Event())
    if best.x is None:
        return
    decided = best.x[: problem.decisions.size]
    at_once = Evaluator(problem).solve(decided, TIGHT)
    monkeypatch.setattr(near_first, "MANY", 0)
    monkeypatch.setattr(near_first, "FIRST", 1)
    monkeypatch.setattr(near_first, "GAIN", 1e-9)
    found = Evaluator(problem).solve(decided, TIGHT)
    assert at_once is not None and found is not None
    cost, x = found
    assert cost == pytest.approx(at_once[0], rel=1e-6, abs=1e-6)
    program = problem.program
    assert program.cost @ x + program.offset == pytest.approx(cost, rel=1e-6, abs=1e-6)
    sums = program.A @ x
    slack = 1e-5 * np.maximum(1.0, np.abs(sums))
    assert (sums >= program.row_low - slack).all()
    assert (sums <= program.row_high + slack).all()


def test_the_cheapest_of_each_demand():
    layer = problem_of(Shape(seed=1, zones=4, sites=3, periods=1)).layer
    cost = np.random.default_rng(0).permutation(len(layer.x_to)).astype(float)
    layer = replace(layer, x_cost=cost)
    chosen = cheapest_of_each(layer, 2)
    for d in range(len(layer.quantity)):
        mine = np.flatnonzero(layer.x_to == d)
        best = mine[np.argsort(cost[mine])][:2]
        assert sorted(mine[chosen[mine]]) == sorted(best)
