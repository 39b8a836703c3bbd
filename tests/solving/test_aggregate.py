"""The bound over groups holds for any multipliers and any grouping."""

from threading import Event

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dmopt.rules import edit_rules, make_rules
from dmopt.solving.assemble import assemble
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.aggregate import Multipliers, coarse_program
from dmopt.solving.coarse.groups import group_demands
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from tests.paths import examples
from tests.random_instances import Shape, random_instance, shapes
from tests.solving.test_agreement import silent

TIGHT = Limits(30.0, 1e-9, 0, 1)


def any_groups(problem: Problem, random: np.random.Generator) -> np.ndarray:
    """Random groups, each within one market."""
    market = problem.layer.market_of
    label = market * 3 + random.integers(0, 3, len(market))
    return np.unique(label, return_inverse=True)[1]


def bound_over_groups(
    problem: Problem, groups: np.ndarray, prices: Multipliers
) -> float:
    coarse = coarse_program(problem.decisions, problem.layer, groups, prices, "bound")
    program, _ = assemble(coarse.decisions, coarse.layer)
    answer = run_highs(program, TIGHT)
    return np.inf if answer.status.startswith("infeasible") else answer.bound


@settings(max_examples=examples(180), deadline=None, derandomize=True)
@given(shapes(most_periods=2), st.integers(0, 1000))
def test_any_multipliers_and_groups_give_a_bound(shape: Shape, seed: int) -> None:
    instance = random_instance(shape)
    problem = make_problem(instance, make_rules(instance))
    exact = solve_exact(problem, TIGHT, silent, Event())
    if exact.x is None:
        return
    random = np.random.default_rng(seed)
    u = random.normal(0, 3, len(problem.layer.quantity))
    side = random.exponential(1, len(problem.layer.side.most))
    groups = any_groups(problem, random)
    bound = bound_over_groups(problem, groups, Multipliers(u, side))
    assert bound <= exact.cost + 1e-6 * max(1.0, abs(exact.cost))


def city() -> Problem:
    shape = Shape(seed=11, zones=30, sites=6, periods=1, shared=True, own=True)
    return make_problem(random_instance(shape), ())


def test_with_the_multipliers_of_the_relaxation_groups_lose_nothing_of_it() -> None:
    # The duals of all other rows price every coarse arc at its least member, so they
    # are feasible for the coarse dual: by weak duality its value is no lower.
    problem = city()
    program, rows = problem.assembled
    relaxed = run_highs(program.relaxed(), TIGHT)
    demands = len(problem.layer.quantity)
    u = relaxed.dual[rows.demand : rows.demand + demands] / problem.layer.quantity
    prices = Multipliers(u, np.maximum(-relaxed.dual[rows.side :], 0))
    everyone = np.ones(problem.layer.x_from.max() + 1, bool)
    groups = group_demands(problem.layer, prices, everyone, 8, seed=0)
    assert groups.max() + 1 == 8
    coarse = coarse_program(problem.decisions, problem.layer, groups, prices, "bound")
    program, _ = assemble(coarse.decisions, coarse.layer)
    value = run_highs(program.relaxed(), TIGHT).cost
    assert value >= relaxed.cost * (1 - 1e-7)


def ruled_city() -> Problem:
    shape = Shape(seed=11, zones=30, sites=6, periods=1, shared=True, own=True)
    instance = edit_rules(
        random_instance(shape),
        add=[
            "near: proximity_service share=60 %; within_km=9",
            "trips: burden_limit most_trips_per_yr=400",
            "mill: local_inputs share=0; within_km=9",
        ],
    )
    return make_problem(instance, make_rules(instance))


def test_rows_of_rules_lose_nothing_of_the_relaxation_either() -> None:
    problem = ruled_city()
    program, rows = problem.assembled
    relaxed = run_highs(program.relaxed(), TIGHT)
    free = run_highs(city().program.relaxed(), TIGHT)
    assert relaxed.cost > free.cost * 1.001  # the rules bind
    demands = len(problem.layer.quantity)
    u = relaxed.dual[rows.demand : rows.demand + demands] / problem.layer.quantity
    prices = Multipliers(u, np.maximum(-relaxed.dual[rows.side :], 0))
    everyone = np.ones(problem.layer.x_from.max() + 1, bool)
    for count in (4, 12):
        groups = group_demands(problem.layer, prices, everyone, count, seed=0)
        coarse = coarse_program(
            problem.decisions, problem.layer, groups, prices, "bound"
        )
        program, _ = assemble(coarse.decisions, coarse.layer)
        value = run_highs(program.relaxed(), TIGHT).cost
        assert relaxed.cost * (1 - 1e-7) <= value <= relaxed.cost * (1 + 1e-6)


def test_groups_of_one_are_the_problem_itself() -> None:
    problem = city()
    alone = np.arange(len(problem.layer.quantity))
    prices = Multipliers(np.zeros(len(alone)), np.zeros(0))
    layer = coarse_program(
        problem.decisions, problem.layer, alone, prices, "bound"
    ).layer
    order = np.lexsort([problem.layer.x_to, problem.layer.x_from])
    np.testing.assert_allclose(layer.x_cost, problem.layer.x_cost[order])
    np.testing.assert_array_equal(layer.quantity, problem.layer.quantity)
