"""All kinds of rules, mixed at random: the paths agree with each other and the checker.

Every rule states itself for the solver and again for the checker. Hard rules: what the
solver hands out the checker passes. Soft rules: both count the same excess, or the
costs would differ. The coarse path's bound must hold with rows of rules merged over
groups.
"""

from functools import cache
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmopt.plan.costs import total_cost
from dmopt.plan.verify import verify
from dmopt.proof.relaxation import Pair
from dmopt.rules import make_rules
from dmopt.rules.catalogue import RULES
from dmopt.solving.again import check_bound
from dmopt.solving.assemble import assemble
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.aggregate import Multipliers, coarse_program
from dmopt.solving.coarse.merged_rows import coarse_rows
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.exact import solve_exact
from dmopt.solving.extract import extract
from dmopt.solving.highs import run_highs
from dmopt.solving.outcome import Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.reference import solve_reference
from tests.paths import examples, thorough
from tests.random_instances import FEATURES, Shape, shapes
from tests.random_rules import ruled_instance
from tests.solving.test_aggregate import any_groups
from tests.solving.test_agreement import SAME, SHORT, TIGHT, check_plans, silent

KINDS = sorted(RULES)
LEAST, MOST = examples(16), 40
"""Random instances of each kind of rule: as many, and more until one has a plan."""


def ruled_problem(shape: Shape, kinds: tuple[str, ...]) -> Problem:
    instance = ruled_instance(shape, kinds)
    return make_problem(instance, make_rules(instance))


def check(shape: Shape, kinds: tuple[str, ...], with_coarse: bool = True) -> Outcome:
    """Holds the paths against each other; gives what the exact one found."""
    problem = ruled_problem(shape, kinds)
    exact = solve_exact(problem, TIGHT, silent, Event())
    reference = solve_reference(problem, TIGHT, silent, Event())
    check_plans(problem, exact, reference)
    assert exact.status == reference.status
    slack = SAME * max(1.0, abs(exact.cost)) if exact.x is not None else 0.0
    if exact.x is not None:
        assert reference.cost == pytest.approx(exact.cost, rel=SAME, abs=1e-3)
    if with_coarse:
        coarse = solve_coarse(problem, SHORT, silent, Event())
        check_plans(problem, coarse)
        if exact.x is None:
            assert coarse.x is None
        else:
            assert coarse.bound <= exact.cost + slack
            assert coarse.x is None or coarse.cost >= exact.cost - slack
    return exact


def any_shape(seed: int) -> Shape:
    r = np.random.default_rng(seed)
    on = {name: bool(r.random() < 0.4) for name in FEATURES}
    on |= {"single": False, "count": False, "must_meet": bool(r.random() < 0.2)}
    on |= {"shared": bool(r.random() < 0.6), "own": bool(r.random() < 0.6)}
    return Shape(seed=seed, zones=4, sites=3, periods=1 + seed % 2, **on)


@cache
def cost_without_rules(seed: int) -> float:
    problem = ruled_problem(any_shape(seed), ())
    return solve_exact(problem, TIGHT, silent, Event()).cost


def check_no_less(cost: float, seed: int) -> None:
    """A rule more never costs less; infinite: no plan."""
    free = cost_without_rules(seed)
    assert free <= cost + SAME * max(1.0, abs(cost))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_agrees_and_costs_no_less_on_random_instances(kind):
    found: list[Outcome] = []
    for seed in range(MOST):
        found.append(check(any_shape(seed), (kind,), seed == 0))
        check_no_less(found[-1].cost, seed)
        with_plan = any(each.status == "solved" for each in found)
        if with_plan and len(found) >= LEAST:
            break
    assert with_plan


@settings(
    max_examples=examples(60),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    shapes(most_zones=4, most_sites=3, most_periods=2),
    st.lists(st.sampled_from(KINDS), min_size=2, max_size=4),
)
def test_mixed_rules_agree(shape: Shape, kinds: list[str]) -> None:
    check(shape, tuple(kinds))


@settings(max_examples=examples(50), deadline=None, derandomize=True)
@given(
    shapes(most_periods=1),
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
    st.integers(0, 1000),
)
def test_any_prices_of_rules_and_any_groups_give_a_bound(
    shape: Shape, kinds: list[str], seed: int
) -> None:
    problem = ruled_problem(shape, tuple(kinds))
    exact = solve_exact(problem, TIGHT, silent, Event())
    if exact.x is None:
        return
    random = np.random.default_rng(seed)
    prices = Multipliers(
        random.normal(0, 3, len(problem.layer.quantity)),
        random.exponential(0.1, len(problem.layer.side.most)),
    )
    groups = any_groups(problem, random)
    coarse = coarse_program(problem.decisions, problem.layer, groups, prices, "bound")
    answer = run_highs(assemble(coarse.decisions, coarse.layer)[0], TIGHT)
    assert answer.bound <= exact.cost + SAME * max(1.0, abs(exact.cost))
    row_of, _ = coarse_rows(problem.layer.side, groups)
    pair = Pair(
        problem.decisions, problem.layer, coarse.decisions, coarse.layer, groups,
        coarse.arc, row_of, prices.demand, prices.side,
    )  # fmt: skip
    assert list(pair.faults()) == []
    checked = check_bound(problem, exact.certificate)
    assert checked.faults == ()
    assert checked.bound <= exact.cost + SAME * max(1.0, abs(exact.cost))


@thorough
@pytest.mark.parametrize(("seed", "kind"), list(enumerate(KINDS)))
def test_a_rule_more_never_costs_less_on_any_instance(seed, kind):
    problem = ruled_problem(any_shape(seed), (kind,))
    check_no_less(solve_exact(problem, TIGHT, silent, Event()).cost, seed)


def test_costs_of_soft_rules_are_in_the_books():
    # the checker counts the same excess as the solver, so that total costs agree
    paid = 0
    for seed in range(12):
        instance = ruled_instance(any_shape(seed), ("access_guarantee", "burden_limit"))
        problem = make_problem(instance, make_rules(instance))
        outcome = solve_exact(problem, TIGHT, silent, Event())
        if outcome.x is None:
            continue
        plan = extract(problem, outcome.x)
        assert verify(instance, plan, problem.rules) == []
        assert total_cost(plan) == pytest.approx(outcome.cost, rel=1e-6, abs=1e-3)
        table = plan.costs.set_index(["period", "kind"]).cost_per_yr
        paid += table.xs("rules", level="kind").sum() > 0
    assert paid
