"""Brute force on the tiniest instances: every whole decision tried, one by one."""

from itertools import product
from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem
from tests.paths import examples
from tests.random_instances import Shape, random_instance, shapes
from tests.solving.test_agreement import silent

MOST_CHOICES = 3_000


def choices(problem: Problem) -> list[range] | None:
    """Values of each whole column, or None if there are too many combinations."""
    program = problem.program
    values = [
        range(int(low), int(high) + 1)
        for low, high in zip(
            program.low[program.whole], program.high[program.whole], strict=True
        )
    ]
    return values if np.prod([float(len(v)) for v in values]) <= MOST_CHOICES else None


def possible(problem: Problem, values: list[range]) -> np.ndarray:
    """Combinations (n, whole columns) that no row rules out by itself, whatever the
    other columns are within their bounds."""
    program = problem.program
    whole = program.whole
    A = program.A.toarray()
    rest = A[:, ~whole]
    with np.errstate(invalid="ignore"):
        at_low = np.where(rest == 0, 0.0, rest * program.low[~whole])
        at_high = np.where(rest == 0, 0.0, rest * program.high[~whole])
    chosen = np.array(list(product(*values)), float)
    fixed = chosen @ A[:, whole].T
    least = fixed + np.minimum(at_low, at_high).sum(axis=1)
    most = fixed + np.maximum(at_low, at_high).sum(axis=1)
    below = least <= program.row_high + 1e-6 * (1 + np.abs(program.row_high))
    above = most >= program.row_low - 1e-6 * (1 + np.abs(program.row_low))
    return chosen[(below & above).all(axis=1)]


def least_cost(problem: Problem, values: list[range]) -> float:
    """Least cost over all possible combinations, flows by scipy's linear program."""
    program = problem.program
    equal = program.row_low == program.row_high
    A = program.A.toarray()
    below = np.isfinite(program.row_high) & ~equal
    above = np.isfinite(program.row_low) & ~equal
    low, high = program.low.copy(), program.high.copy()
    best = np.inf
    for chosen in possible(problem, values):
        low[program.whole] = high[program.whole] = chosen
        answer = linprog(
            program.cost,
            A_ub=np.vstack([A[below], -A[above]]),
            b_ub=np.concatenate([program.row_high[below], -program.row_low[above]]),
            A_eq=A[equal],
            b_eq=program.row_low[equal],
            bounds=np.column_stack([low, high]),
            method="highs-ds",
        )
        if answer.status == 0:
            best = min(best, answer.fun + program.offset)
    return best


@settings(max_examples=examples(180), deadline=None, derandomize=True)
@given(shapes(most_zones=2, most_sites=1, most_periods=1))
def test_the_exact_path_finds_the_best_of_all_choices(shape: Shape) -> None:
    instance = random_instance(shape)
    problem = make_problem(instance, make_rules(instance))
    values = choices(problem)
    if values is None:
        return
    exact = solve_exact(problem, Limits(30.0, 1e-9, 0, 1), silent, Event())
    best = least_cost(problem, values)
    if np.isinf(best):
        assert exact.status == "infeasible"
    else:
        assert exact.cost == pytest.approx(best, rel=1e-6, abs=1e-3)
