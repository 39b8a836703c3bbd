"""The exact path: decision layer and flow layer in one program, one HiGHS model.

Right for small instances. A city with infrastructure is not solvable so in a minute
(docs/design.md, "Solving").

    (strong)   x[a] <= open[from, t]      where there are few enough of them

The strong rows follow from capacity for whole numbers. They close the gap of
location problems with loose capacity (p-median, warehouse location).
"""

from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.solve.highs import Answer, Found, Limits, run_highs
from dmopt.solve.outcome import Outcome
from dmopt.solve.problem import Problem

MOST_STRONG_ROWS = 60_000


def solve_exact(problem: Problem, limits: Limits, found: Found, cancel: Event) -> Outcome:
    """Solve everything in one model."""
    program = problem.program
    if len(problem.layer.x_to) <= MOST_STRONG_ROWS:
        program = program.with_rows(*strong_rows(problem))
    answer = run_highs(program, limits, found=found, cancel=cancel)
    return _finish(problem, limits, answer)


def _finish(problem: Problem, limits: Limits, answer: Answer) -> Outcome:
    if answer.status in ("infeasible", "infeasible_or_unbounded"):
        # Every cost is bounded below on a bounded set of demands: never unbounded.
        proof = "HiGHS proved that no plan keeps all rows."
        return Outcome("infeasible", None, np.inf, np.inf, proof, {})
    x, cost = answer.x, answer.cost
    if x is not None:
        better = polish(problem, x, limits)
        if better is not None:
            x, cost = better
    proof = "Bound of HiGHS on one model of all decisions and all arcs."
    status = "solved" if answer.status == "optimal" else "stopped"
    return Outcome(status, x, cost, min(answer.bound, cost), proof, {})


def polish(
    problem: Problem, x: np.ndarray, limits: Limits
) -> tuple[np.ndarray, float] | None:
    """Whole numbers rounded and fixed, all else solved again so that it fits exactly."""
    program = problem.program
    fixed = program.fixed(program.whole, np.round(x[program.whole])).relaxed()
    answer = run_highs(fixed, Limits(120.0, limits.gap, limits.seed, 1))
    return (answer.x, answer.cost) if answer.status == "optimal" and answer.x is not None else None


def strong_rows(problem: Problem) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """(strong) for every delivery from a site: matrix, low, high."""
    layer, decisions = problem.layer, problem.decisions
    open_column = decisions.column["open"]
    of_output = np.array(
        [open_column[s, t] for s, _, t in decisions.column["output"]], int
    )
    a = np.flatnonzero(layer.x_from < len(of_output))
    row = np.arange(len(a))
    matrix = sp.csr_matrix(
        (
            np.concatenate([np.ones(len(a)), -np.ones(len(a))]),
            (
                np.concatenate([row, row]),
                np.concatenate([decisions.size + a, of_output[layer.x_from[a]]]),
            ),
        ),
        shape=(len(a), problem.program.A.shape[1]),
    )
    return matrix, np.full(len(a), -np.inf), np.zeros(len(a))


