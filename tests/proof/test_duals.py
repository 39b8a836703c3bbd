"""Bounds from prices of rows hold whatever the prices, and reach the relaxation."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmopt.proof.duals import Prices
from dmopt.rules import edit_rules, make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.duals import Added, bounding_of, prices_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from tests.paths import examples
from tests.random_instances import Shape, random_instance, shapes
from tests.solving.test_agreement import TIGHT, silent

NONE = Added()


def problem_of(shape: Shape) -> Problem:
    instance = random_instance(shape)
    return make_problem(instance, make_rules(instance))


def relaxation(problem: Problem) -> tuple[float, Prices] | None:
    program, rows = problem.assembled
    answer = run_highs(program.relaxed(), Limits(30, 1e-9))
    if answer.status != "optimal" or answer.dual is None:
        return None
    return answer.cost, prices_of(answer.dual, rows, problem.layer, NONE)


@settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(shapes())
def test_prices_of_the_relaxation_prove_its_value(shape):
    problem = problem_of(shape)
    found = relaxation(problem)
    if found is None:
        return
    value, prices = found
    proven = bounding_of(problem).bound(prices)
    assert proven <= value + 1e-9 * abs(value)
    assert proven == pytest.approx(value, rel=1e-6, abs=1e-3)


@settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(shapes(), st.integers(0, 2**20))
def test_no_prices_prove_more_than_the_best_plan_costs(shape, seed):
    problem = problem_of(shape)
    best = solve_exact(problem, TIGHT, silent, Event())
    if best.status != "solved":
        return
    bounding, r = bounding_of(problem), np.random.default_rng(seed)
    layer = problem.layer
    own = np.flatnonzero(layer.x_from < len(layer.gates.output))
    for size in (1.0, 1e3):
        prices = any_prices(problem, r, size)
        if len(own):
            prices = replace(prices, **any_strong(layer.x_from, own, r, size))
        assert bounding.bound(prices) <= best.cost + 1e-6 * abs(best.cost)
    near = relaxation(problem)
    for size in (0.0, 0.01, 0.1) if near is not None else ():
        prices = disturbed(near[1], r, size)
        if len(own):
            prices = replace(prices, **any_strong(layer.x_from, own, r, 1.0))
        assert bounding.bound(prices) <= best.cost + 1e-6 * abs(best.cost)
    assert bounding.carried()


def disturbed(prices: Prices, r: np.random.Generator, size: float) -> Prices:
    """Prices that prove nearly all, a little off: here a wrong sign would show."""
    return replace(
        prices,
        **{
            name: getattr(prices, name)
            * (1 + r.normal(0, size, len(getattr(prices, name))))
            for name in ("decisions", "demand", "sent", "brought", "unmet", "side")
        },
    )


def any_strong(
    x_from: np.ndarray, own: np.ndarray, r: np.random.Generator, size: float
) -> dict[str, np.ndarray]:
    """Random sets of deliveries of one site each, random prices."""
    sets = []
    for _ in range(5):
        mates = own[x_from[own] == x_from[r.choice(own)]]
        sets.append(r.choice(mates, r.integers(1, len(mates) + 1), replace=False))
    return {
        "strong": np.abs(r.normal(0, size, 5)) * 10,
        "kind": r.integers(0, 2, 5),
        "member": np.repeat(np.arange(5), [len(each) for each in sets]),
        "arc": np.concatenate(sets),
    }


def any_prices(problem: Problem, r: np.random.Generator, size: float) -> Prices:
    d, layer = problem.decisions, problem.layer
    gates = layer.gates

    def some(count: int) -> np.ndarray:
        return r.normal(0, size, count) * (r.random(count) < 0.5)

    return Prices(
        decisions=some(d.A.shape[0]),
        demand=some(len(layer.quantity)) * layer.quantity,
        sent=some(len(gates.output) + len(gates.supply_most)),
        brought=some(len(gates.input)),
        unmet=some(len(gates.market)),
        side=some(len(layer.side.most)),
        strong=np.empty(0),
        kind=np.empty(0, np.int64),
        member=np.empty(0, np.int64),
        arc=np.empty(0, np.int64),
        more=np.empty(0),
    )


ALL_ON = Shape(
    seed=3, zones=4, sites=3, periods=2, discounted=True, echelons=True, shared=True,
    own=True, prerequisite=True, two_modes=True, table=True, count=True,
)  # fmt: skip


@pytest.mark.parametrize("family", ["decisions", "demand", "sent", "brought", "unmet"])
def test_every_family_of_prices_counts(family):
    problem = problem_of(ALL_ON)
    found = relaxation(problem)
    assert found is not None
    value, prices = found
    bounding = bounding_of(problem)
    without = replace(prices, **{family: np.zeros_like(getattr(prices, family))})
    if np.any(getattr(prices, family)):
        assert bounding.bound(without) < value - 1e-6 * abs(value)
    else:
        pytest.fail(f"{family} has no price in the instance meant to have all")


def test_carriers_that_are_not_all_there_are_are_seen():
    bounding = bounding_of(problem_of(ALL_ON))
    assert bounding.carried()
    made, opened = bounding.carriers
    one_gone = made.tolil()
    one_gone[made.nonzero()[0][0], :] = 0
    gone = one_gone.tocsr()
    gone.eliminate_zeros()
    assert not replace(bounding, carriers=(gone, opened)).carried()


def test_soft_rules_leave_a_bound():
    instance = edit_rules(
        random_instance(ALL_ON),
        add=[
            {
                "id": "near",
                "rule": "proximity_service",
                "parameters": "share=90 %; within_km=1",
                "soft_price": "5",
            }
        ],
    )
    problem = make_problem(instance, make_rules(instance))
    value, prices = relaxation(problem)
    assert np.isposinf(problem.decisions.high).any()
    proven = bounding_of(problem).bound(prices)
    assert proven == pytest.approx(value, rel=1e-6)
