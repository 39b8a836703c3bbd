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

from dmopt.proof.certificate import Certificate, whole
from dmopt.proof.duals import Bounding
from dmopt.solving.duals import Added, bounding_of, prices_of
from dmopt.solving.highs import REFUTED, Found, Limits, run_highs
from dmopt.solving.outcome import Ended, Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.start import NOTHING, Start
from dmopt.solving.strong import Strengthened, Strong, with_strong_rows

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
    bounding, size = bounding_of(problem), problem.program.A.shape[1]
    strong = Strong(problem.decisions, problem.layer, bounding.carriers, size)
    stronger = with_strong_rows(problem.program, strong, cutting, cancel)
    if np.isfinite(stronger.cut.value):
        found(np.inf, stronger.cut.value, None)
    left = max(0.0, deadline - time.monotonic())
    answer = run_highs(
        stronger.cut.program,
        replace(limits, time_limit_s=left),
        start=start.x,
        found=found,
        cancel=cancel,
    )
    if answer.status in REFUTED:
        # Every cost is bounded below on a bounded set of demands: never unbounded.
        proof = "HiGHS proved that no plan keeps all rows."
        return Outcome("infeasible", None, np.inf, np.inf, proof)
    x, cost = answer.x, answer.cost
    if x is not None:
        better = polish(problem, x, limits)
        if better is not None:
            x, cost = better
    certificate = _certificate(problem, bounding, stronger, min(answer.bound, cost))
    proof = "" if certificate is None else certificate.says()
    bound = -np.inf if certificate is None else certificate.bound
    status: Ended = "solved" if answer.status == "optimal" else "stopped"
    return Outcome(status, x, cost, bound, proof, certificate)


def _certificate(
    problem: Problem, bounding: Bounding, stronger: Strengthened, solver: float
) -> Certificate | None:
    """HiGHS's bound, and what the relaxation's prices prove; None without either."""
    program, rows = problem.assembled
    dual = stronger.cut.dual
    if not len(dual):
        if not np.isfinite(solver):
            return None
        dual = np.zeros(program.A.shape[0])
    prices = prices_of(dual, rows, problem.layer, Added(0, stronger.added))
    return whole(prices, bounding, solver)


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
