"""The exact path: decision layer and flow layer in one program, one HiGHS model.

Right for small instances. A city with infrastructure is not solvable so in a minute
(docs/design.md, "Solving").

    (strong)   x[a] <= open[from, t]      where the relaxation breaks it

The strong rows follow from capacity for whole numbers. They close the gap of
location problems with loose capacity (p-median, warehouse location).
"""

import time
from dataclasses import replace
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.solve.highs import Answer, Found, Limits, Separate, cut_rounds, run_highs
from dmopt.solve.outcome import Outcome
from dmopt.solve.problem import Problem

CUT_SHARE = 0.3
"""Share of the time limit for adding strong rows to the relaxation."""
BROKEN = 1e-4
"""How far a share must be above `open` before its strong row is added."""


def solve_exact(problem: Problem, limits: Limits, found: Found, cancel: Event) -> Outcome:
    """Solve everything in one model."""
    deadline = time.monotonic() + limits.time_limit_s
    cutting = replace(limits, time_limit_s=CUT_SHARE * limits.time_limit_s, threads=1)
    program, value = cut_rounds(problem.program, _separator(problem), cutting, cancel)
    if np.isfinite(value):
        found(np.inf, value, None)
    left = max(0.0, deadline - time.monotonic())
    answer = run_highs(program, replace(limits, time_limit_s=left), found=found, cancel=cancel)
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


def _separator(problem: Problem) -> Separate:
    """Finds the strong rows that a solution of the relaxation breaks."""
    layer, decisions, size = problem.layer, problem.decisions, problem.program.A.shape[1]
    open_column = decisions.column["open"]
    of_output = np.array([open_column[s, t] for s, _, t in decisions.column["output"]], int)
    a = np.flatnonzero(layer.x_from < len(of_output))
    share, site = decisions.size + a, of_output[layer.x_from[a]]

    def separate(x: np.ndarray) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray] | None:
        broken = np.flatnonzero(x[share] > x[site] + BROKEN)
        if not len(broken):
            return None
        row = np.arange(len(broken))
        matrix = sp.csr_matrix(
            (
                np.repeat([1.0, -1.0], len(broken)),
                (np.tile(row, 2), np.concatenate([share[broken], site[broken]])),
            ),
            shape=(len(broken), size),
        )
        return matrix, np.full(len(broken), -np.inf), np.zeros(len(broken))

    return separate
