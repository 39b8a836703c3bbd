"""The exact path: decision layer and flow layer in one program, one HiGHS model.

Right for small instances. A city with infrastructure is not solvable so in a minute
(docs/design.md, "Solving").
Strong rows (strong.py) close the gap of location problems with loose capacity
(p-median, warehouse location).
"""

import time
from dataclasses import replace
from threading import Event

import numpy as np

from dmopt.solving.highs import Answer, Found, Limits, run_highs
from dmopt.solving.outcome import Ended, Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.start import NOTHING, Start
from dmopt.solving.strong import with_strong_rows

POLISH_S = 30.0
"""Most seconds, beyond the limit, for the flows of a plan that was found in time."""
CUT_SHARE = 0.3
"""Share of the time limit for adding strong rows to the relaxation."""


def solve_exact(
    problem: Problem,
    limits: Limits,
    found: Found,
    cancel: Event,
    start: Start = NOTHING,
) -> Outcome:
    """Solve everything in one model."""
    deadline = time.monotonic() + limits.time_limit_s
    cutting = replace(limits, time_limit_s=CUT_SHARE * limits.time_limit_s, threads=1)
    program, value = with_strong_rows(
        problem.program, problem.decisions, problem.layer, cutting, cancel
    )
    if np.isfinite(value):
        found(np.inf, value, None)
    left = max(0.0, deadline - time.monotonic())
    answer = run_highs(
        program,
        replace(limits, time_limit_s=left),
        start=start.x,
        found=found,
        cancel=cancel,
    )
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
    status: Ended = "solved" if answer.status == "optimal" else "stopped"
    return Outcome(status, x, cost, min(answer.bound, cost), proof, {})


def polish(
    problem: Problem, x: np.ndarray, limits: Limits
) -> tuple[np.ndarray, float] | None:
    """Whole numbers rounded and fixed, the rest solved again so that it fits."""
    program = problem.program
    fixed = program.fixed(program.whole, np.round(x[program.whole])).relaxed()
    answer = run_highs(fixed, Limits(POLISH_S, limits.gap, limits.seed, 1))
    return (
        (answer.x, answer.cost)
        if answer.status == "optimal" and answer.x is not None
        else None
    )
