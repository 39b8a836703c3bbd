"""A first bound and a first plan from zones that lie together."""

from itertools import pairwise
from threading import Event

import numpy as np
import pytest

from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.drop import drop
from dmopt.solving.coarse.first_bound import bounds_by_place, mean_program
from dmopt.solving.coarse.places import group_by_place
from dmopt.solving.duals import bounding_of, served_cheapest
from dmopt.solving.exact import solve_exact
from tests.paths import examples
from tests.proof.test_duals import problem_of, relaxation
from tests.random_instances import Shape
from tests.rules.test_agreement import any_shape, ruled_problem
from tests.solving.test_agreement import TIGHT, silent


@pytest.mark.parametrize("seed", range(examples(30)))
@pytest.mark.parametrize("groups", [2, 1_000])
def test_a_bound_by_place_holds(seed, groups):
    problem = ruled_problem(any_shape(seed), ("burden_limit", "proximity_service"))
    if not len(problem.layer.quantity):
        return
    least = solve_exact(problem, TIGHT, silent, Event())
    bounding = bounding_of(problem)
    for priced in bounds_by_place(problem, bounding, groups, 0, Event()):
        if priced is None or least.status != "solved":
            continue
        proven = bounding.bound(priced.prices)
        assert proven <= least.cost + 1e-6 * max(1.0, abs(least.cost))
        assert len(priced.relaxed) == problem.program.A.shape[1]


@pytest.mark.parametrize("seed", range(examples(30)))
def test_the_cheapest_way_is_the_best_price_of_a_demand(seed):
    problem = problem_of(any_shape(seed))
    found = relaxation(problem)
    if found is None:
        return
    bounding, prices = bounding_of(problem), found[1]
    r = np.random.default_rng(seed)
    worse = prices.demand * r.uniform(0.5, 1.5, len(prices.demand))
    spoilt = type(prices)(**{**vars(prices), "demand": worse})
    best = bounding.bound(served_cheapest(spoilt, bounding))
    slack = 1e-9 * max(1.0, abs(found[0]))
    assert best >= bounding.bound(spoilt) - slack
    assert best >= bounding.bound(prices) - slack


def test_zones_that_lie_together_are_one_group_in_each_market():
    shape = Shape(seed=2, zones=8, sites=2, periods=2)
    problem = problem_of(shape)
    layer = problem.layer
    group = group_by_place(problem, 3 * len(np.unique(layer.market_of)), 0)
    zone = problem.instance.demand_by_period.zone.to_numpy()
    assert (np.bincount(group) > 0).all()
    for g in range(group.max() + 1):
        assert len(np.unique(layer.market_of[group == g])) == 1
    # who is together in one market is together in all
    pairs = {(a, b) for a in zone for b in zone}
    for a, b in pairs:
        together = {
            group[(zone == a) & (layer.market_of == m)].tolist()
            == group[(zone == b) & (layer.market_of == m)].tolist()
            for m in np.unique(layer.market_of)
            if (layer.market_of[zone == a] == m).any()
            and (layer.market_of[zone == b] == m).any()
        }
        assert len(together) <= 1


@pytest.mark.parametrize("seed", range(examples(24)))
def test_dropping_only_takes_away(seed):
    problem = problem_of(any_shape(seed))
    if not len(problem.layer.quantity):
        return
    coarse = mean_program(problem, 6, 0)
    program, _ = assemble(coarse.decisions, coarse.layer)
    dropped = drop(program, coarse, bounding_of(problem), 0, Event())
    if dropped is None:
        return
    assert (dropped.highs[0] == program.high).all()
    for before, after in pairwise(dropped.highs):
        assert (after <= before).all()
        changed = np.flatnonzero(after < before)
        assert program.whole[changed].all()
        assert (after[changed] == np.floor(after[changed])).all()
        assert (after[changed] >= program.low[changed]).all()
