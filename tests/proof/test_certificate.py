"""Certificates of both paths hold, and a damaged one does not."""

import time
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from dmopt.proof.arrays import from_arrays, to_arrays
from dmopt.proof.certificate import Certificate
from dmopt.solving.again import check_bound
from dmopt.solving.coarse.bound import BoundWork
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.coarse.state import State
from dmopt.solving.duals import bounding_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem
from tests.paths import examples
from tests.random_instances import Shape, shapes
from tests.solving.test_agreement import TIGHT, problem_of, silent

AGAIN = Limits(20.0, 0.0)


@settings(
    max_examples=examples(120),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(shapes(most_zones=4, most_sites=3, most_periods=2))
def test_certificates_of_both_paths_hold(shape):
    problem = problem_of(shape)
    exact = solve_exact(problem, TIGHT, silent, Event())
    coarse = solve_coarse(problem, Limits(5.0, 1e-6, 0, 2), silent, Event())
    for outcome in (exact, coarse):
        certificate = outcome.certificate
        if outcome.status == "infeasible" or certificate is None:
            continue
        kept = from_arrays(to_arrays(certificate))
        checked = check_bound(problem, kept, AGAIN)
        assert checked.faults == ()
        assert checked.bound == outcome.bound
        assert checked.confirmed
        if exact.status == "solved":
            assert checked.bound <= exact.cost * (1 + 1e-6) + 1e-6


TOWN = Shape(
    seed=21, zones=5, sites=4, periods=2, shared=True, own=True, count=True, move=True
)  # fmt: skip


@pytest.fixture(scope="module")
def split() -> tuple[Problem, Certificate]:
    """A problem whose bound takes several parts."""
    for seed in range(21, 60):
        problem = problem_of(replace(TOWN, seed=seed))
        certificate = searched(problem)
        if certificate is not None and len(certificate.leaves) > 2:
            assert check_bound(problem, certificate).faults == ()
            return problem, certificate
    raise AssertionError("no instance of several parts")


def searched(problem: Problem) -> Certificate | None:
    """What splits prove, without HiGHS's turn at the root; the best plan is known."""
    best = solve_exact(problem, TIGHT, silent, Event())
    if best.x is None:
        return None
    limits = Limits(5.0, 1e-6, 0, 1)
    state = State(limits, silent, Event(), time.monotonic() + 5.0)
    state.offer(best.cost, best.x)
    bounding, evaluator = bounding_of(problem), Evaluator(problem)
    work = BoundWork(problem, bounding, evaluator, state, solver_first=False)
    while not state.over and work.step():
        pass
    work.end()
    return state.certificate


def faults_of(split, **changes) -> str:
    problem, certificate = split
    return "; ".join(check_bound(problem, replace(certificate, **changes)).faults)


def test_a_part_left_out_is_seen(split):
    leaves = split[1].leaves
    assert "not every leaf" in faults_of(split, leaves=leaves[1:])


def test_a_bound_stated_too_high_is_seen(split):
    leaves = split[1].leaves
    high = replace(leaves[0], arithmetic=leaves[0].arithmetic * 1.001 + 1)
    assert "its prices prove" in faults_of(split, leaves=(high, *leaves[1:]))


def test_prices_changed_after_the_fact_are_seen(split):
    leaves = split[1].leaves
    wrong = replace(leaves[0].prices, demand=leaves[0].prices.demand * 1.01)
    changed = replace(leaves[0], prices=wrong)
    assert "its prices prove" in faults_of(split, leaves=(changed, *leaves[1:]))


@pytest.mark.parametrize("name", ["demand", "decisions", "strong", "kind"])
def test_prices_that_do_not_fit_are_seen(split, name):
    leaf = split[1].leaves[0]
    longer = np.append(getattr(leaf.prices, name), 0)
    changed = replace(leaf, prices=replace(leaf.prices, **{name: longer}))
    found = faults_of(split, leaves=(changed, *split[1].leaves[1:]))
    assert "expected" in found


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("at", lambda at: at + np.eye(len(at))[0], "leave nothing out"),
        ("at", lambda at: at + 0.5, "whole number"),
        ("above", lambda above: np.full(len(above), not above[0]), "leave nothing"),
        ("total", lambda total: total + 10_000, "no total"),
        ("parent", lambda parent: parent + 10_000, "no parent"),
    ],
)  # fmt: skip
def test_a_tree_that_leaves_plans_out_is_seen(split, name, change, says):
    tree = split[1].tree
    changed = replace(tree, **{name: change(getattr(tree, name))})
    assert says in faults_of(split, tree=changed)


def test_a_total_of_columns_that_need_not_be_whole_is_seen(split):
    problem, certificate = split
    totals = certificate.tree.totals.copy()
    totals.indices[0] = int(np.flatnonzero(~problem.decisions.whole)[0])
    changed = replace(certificate.tree, totals=totals)
    assert "need not be whole" in faults_of(split, tree=changed)


def test_a_certificate_of_another_instance_is_refused(split):
    other = problem_of(replace(TOWN, zones=4))
    assert "other data" in check_bound(other, split[1]).faults[0]


def test_what_is_no_certificate_is_refused(split):
    arrays = to_arrays(split[1])
    for name in arrays:
        part = {key: value for key, value in arrays.items() if key != name}
        if not name.startswith("coarse_"):
            with pytest.raises(ValueError, match="not a certificate"):
                from_arrays(part)


def test_a_solvers_bound_that_it_does_not_reach_is_seen():
    problem = problem_of(TOWN)
    exact = solve_exact(problem, TIGHT, silent, Event())
    certificate = exact.certificate
    assert certificate is not None
    (leaf,) = certificate.leaves
    assert leaf.arithmetic < leaf.solver * (1 - 1e-6)
    high = replace(certificate, leaves=(replace(leaf, solver=leaf.solver * 1.01),))
    assert check_bound(problem, high).faults == ()
    assert "HiGHS proved" in check_bound(problem, high, AGAIN).unconfirmed[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("above", np.array([1, 2])),
        ("parent", np.array([[0, 0]])),
        ("totals_indices", np.array([10**6])),
        ("totals_indptr", np.array([0, 5, 2])),
        ("prices_demand", np.array([np.nan])),
        ("prices_decisions", np.array(["a", "b"])),
        ("totals_columns", np.array(np.inf)),
    ],
)
def test_arrays_that_cannot_be_of_a_certificate_are_refused(split, name, value):
    with pytest.raises(ValueError, match="not a certificate"):
        from_arrays({**to_arrays(split[1]), name: value})


def test_both_sides_of_a_split_must_be_there(split):
    tree = split[1].tree
    both = replace(tree, above=np.ones(len(tree.above), bool))
    assert "leave nothing out" in faults_of(split, tree=both)
    numbers = replace(tree, above=tree.above.astype(int) + 1)
    assert "neither side" in faults_of(split, tree=numbers)


def test_a_group_of_nobody_is_seen(split):
    certificate = split[1]
    groups = certificate.coarse["groups"].copy()
    groups[groups == groups.max()] += 1
    leaves = tuple(replace(leaf, solver=1e12) for leaf in certificate.leaves)
    found = faults_of(
        split, leaves=leaves, coarse={**certificate.coarse, "groups": groups}
    )
    assert "groups" in found or "rebuilt" in found
