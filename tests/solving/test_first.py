"""A first bound and a first plan from zones that lie together."""

from dataclasses import replace
from itertools import pairwise
from threading import Event

import numpy as np
import pytest

from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.drop import TO_A_PLAN, drop
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.first_bound import bounds_by_place, mean_program
from dmopt.solving.coarse.kernel import LEAST_REACHED, covering
from dmopt.solving.coarse.places import group_by_place
from dmopt.solving.duals import bounding_of, served_cheapest
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits, run_highs
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


@pytest.mark.parametrize("seed", range(examples(24)))
def test_dropping_to_a_plan_ends_with_whole_modules(seed):
    problem = problem_of(any_shape(seed))
    if not len(problem.layer.quantity):
        return
    coarse = mean_program(problem, 6, 0)
    program, _ = assemble(coarse.decisions, coarse.layer)
    dropped = drop(program, coarse, bounding_of(problem), 0, Event(), TO_A_PLAN)
    if dropped is None or dropped.ends is None:
        return
    low, high = dropped.ends
    assert (low >= program.low).all() and (high <= program.high).all()
    changed = np.flatnonzero((low > program.low) | (high < program.high))
    modules = list(problem.decisions.column["modules"].values())
    assert np.isin(changed, modules).all()
    ended = replace(program, low=low, high=high).relaxed()
    added = dropped.strong.shape[0]
    ended = ended.with_rows(dropped.strong, np.full(added, -np.inf), np.zeros(added))
    found = run_highs(ended, Limits(60, 0.0, 0, 1))
    assert found.status == "optimal"
    assert found.cost >= dropped.value - 1e-6 * max(1.0, abs(dropped.value))


@pytest.mark.parametrize("seed", range(examples(12)))
def test_groups_of_a_plan_are_of_the_same_reach(seed):
    problem = problem_of(any_shape(seed))
    layer = problem.layer
    if not len(layer.quantity):
        return
    gates = layer.gates
    every = np.ones(len(gates.output) + len(gates.supply_most), bool)
    group = mean_program(problem, 2, 0, every).group_of
    reach = [set(layer.x_from[layer.x_to == d]) for d in range(len(layer.quantity))]
    for g in range(group.max() + 1):
        first, *others = np.flatnonzero(group == g)
        assert all(reach[d] == reach[first] for d in others)


@pytest.mark.parametrize("seed", range(examples(12)))
def test_sites_are_added_until_they_reach_nearly_all(seed):
    problem = problem_of(any_shape(seed))
    layer, evaluator = problem.layer, Evaluator(problem)
    sites = np.zeros(len(evaluator.owners.sites), bool)
    chosen = covering(evaluator, sites)
    unmet = problem.decisions.cost[layer.gates.market][layer.market_of]
    money = unmet * layer.quantity
    outputs = len(layer.gates.output)
    of = np.append(evaluator.owners.of_output, -1)[np.minimum(layer.x_from, outputs)]
    reached = np.zeros(len(money), bool)
    reached[layer.x_to[(of < 0) | chosen[of]]] = True
    for site in np.flatnonzero(~chosen):
        more = np.unique(layer.x_to[of == site])
        assert money[more][~reached[more]].sum() <= LEAST_REACHED * money.sum() + 1e-9
    assert not sites.any()
