"""The solve paths agree with each other, and their plans with the checker.

Every instance mixes features at random (tests/random_instances.py). The checker in
dmopt/plan recomputes rows and costs without the model, so agreement is of two
independent statements of docs/mathematics.md.
"""

from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.verify import verify
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.exact import solve_exact
from dmopt.solving.extract import extract
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.reference import solve_reference
from tests.paths import examples
from tests.random_instances import Shape, random_instance, shapes

TIGHT = Limits(time_limit_s=60.0, gap=1e-9, seed=0, threads=1)
SHORT = Limits(time_limit_s=3.0, gap=1e-6, seed=0, threads=1)
SAME = 1e-6


def silent(cost: float, bound: float, x: object) -> None:
    """Nobody listens."""


def problem_of(shape: Shape) -> Problem:
    instance = random_instance(shape)
    return make_problem(instance, make_rules(instance))


def check_plans(problem: Problem, *outcomes: Outcome) -> None:
    """Each plan is sound, and costs what its path says.

    Paths mostly end with the same plan, to eight figures: it is checked once.
    """
    costs: dict[str, float] = {}
    for outcome in outcomes:
        if outcome.x is None:
            continue
        plan = extract(problem, outcome.x)
        key = told(plan)
        if key not in costs:
            assert verify(problem.instance, plan, problem.rules) == []
            costs[key] = total_cost(plan)
        assert costs[key] == pytest.approx(outcome.cost, rel=SAME, abs=1e-3)


def told(plan: Plan) -> str:
    """All that a plan decides, as text."""
    return "".join(
        f"{name}\n{table.to_csv(float_format='%.8g')}"
        for name, table in plan.tables.items()
    )


def check_agreement(shape: Shape) -> None:
    """Exact, reference and coarse say the same, and the checker agrees."""
    problem = problem_of(shape)
    exact = solve_exact(problem, TIGHT, silent, Event())
    reference = solve_reference(problem, TIGHT, silent, Event())
    coarse = solve_coarse(problem, SHORT, silent, Event())
    check_plans(problem, exact, reference, coarse)

    assert exact.status == reference.status
    if exact.status == "infeasible":
        assert coarse.x is None
        return
    assert exact.status == "solved"
    assert reference.cost == pytest.approx(exact.cost, rel=SAME, abs=1e-3)
    slack = SAME * max(1.0, abs(exact.cost))
    assert coarse.bound <= exact.cost + slack
    assert coarse.x is None or coarse.cost >= exact.cost - slack


# 300 examples in the thorough run, in two tests so that two workers share them.
HALF = settings(
    max_examples=examples(150),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@HALF
@given(shapes(most_periods=1))
def test_the_paths_agree_in_one_period(shape: Shape) -> None:
    check_agreement(shape)


@HALF
@given(shapes())
def test_the_paths_agree_over_periods(shape: Shape) -> None:
    check_agreement(shape)


def test_what_presolve_refutes_though_there_is_a_plan() -> None:
    # HiGHS 1.16 calls the reference model of this one infeasible, unless asked again
    features = ("must_meet", "echelons", "status", "shared", "apart", "setup", "move")
    more = dict.fromkeys((*features, "table", "stock", "back"), True)
    check_agreement(Shape(seed=22222, zones=3, sites=3, periods=2, **more))


@settings(max_examples=examples(120), deadline=None, derandomize=True)
@given(shapes(most_zones=3, most_sites=2, most_periods=1))
def test_the_coarse_path_solves_the_smallest_to_the_end(shape: Shape) -> None:
    problem = problem_of(shape)
    exact = solve_exact(problem, TIGHT, silent, Event())
    coarse = solve_coarse(problem, Limits(20.0, 1e-6, 0, 2), silent, Event())
    assert coarse.status == exact.status
    if exact.x is not None:
        assert coarse.cost == pytest.approx(exact.cost, rel=2e-6, abs=1e-3)


def test_every_feature_occurs_and_infeasible_instances_are_among_them() -> None:
    # A generator that never exercised a feature would make the tests above hollow.
    generator = np.random.default_rng(5)
    seen: set[str] = set()
    statuses = set()
    for seed in range(25):
        on = {
            name: bool(generator.random() < 0.5)
            for name, kind in Shape.__annotations__.items()
            if kind is bool
        }
        shape = Shape(seed=seed, zones=4, sites=4, periods=2, **on)
        problem = problem_of(shape)
        outcome = solve_exact(problem, TIGHT, silent, Event())
        statuses.add(outcome.status)
        if outcome.x is None:
            continue
        plan = extract(problem, outcome.x)
        seen |= {name for name, table in plan.tables.items() if len(table)}
        seen |= {
            change
            for change in ("bought", "sold", "moved_in")
            if (plan.tables["modules"][change] > 0).any()
        }
    assert statuses == {"solved", "infeasible"}
    assert seen >= {
        "opened",
        "modules",
        "infrastructure",
        "uses",
        "draws",
        "activity",
        "disposal",
        "stocks",
        "flows",
        "unmet",
        "bought",
    }
