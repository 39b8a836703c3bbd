"""The coarse-to-fine path: a city with infrastructure, certified.

1. Relaxation of everything on all zones and arcs: a first bound, and multipliers u of
   the demand rows.
2. Zones merged into groups that look alike under u (groups.py). Two coarse programs
   with the whole decision layer in each (aggregate.py): one whose bound is valid for
   all zones and arcs, one with mean costs that finds plans.
3. Every plan's whole decisions fixed, flows solved on all zones and arcs (evaluate.py).
4. In turn until the gap asked for: finer groups for the bound, neighbourhoods of the
   best plan for the plan (improve.py).

With two threads or more, bound and plan are worked on side by side.
"""

import time
from threading import Event, Thread

import numpy as np

from dmopt.proof.certificate import whole
from dmopt.solving.coarse.aggregate import Multipliers
from dmopt.solving.coarse.bound import BoundWork
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.improve import PlanWork
from dmopt.solving.coarse.state import State
from dmopt.solving.duals import Added, bounding_of, prices_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Found, Limits, run_highs
from dmopt.solving.outcome import Ended, Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.start import NOTHING, Start

CORES = 2
"""Bound and plan: one thread each, whatever more there are."""


def solve_coarse(
    problem: Problem,
    limits: Limits,
    found: Found,
    cancel: Event,
    start: Start = NOTHING,
) -> Outcome:
    """Solve by coarse-to-fine until the gap, the time limit or `cancel`."""
    if not len(problem.layer.quantity):
        return solve_exact(problem, limits, found, cancel, start)
    deadline = time.monotonic() + limits.time_limit_s
    state = State(limits, found, cancel, deadline)
    if start.x is not None:
        state.offer(start.cost, start.x)
    program, rows = problem.assembled
    relaxed = run_highs(
        program.relaxed(),
        Limits(state.seconds_left, limits.gap, limits.seed, 1),
        cancel=cancel,
    )
    if relaxed.status in ("infeasible", "infeasible_or_unbounded"):
        proof = "HiGHS proved the relaxation on all zones and arcs infeasible."
        return Outcome("infeasible", None, np.inf, np.inf, proof)
    x, dual, reduced = relaxed.x, relaxed.dual, relaxed.reduced
    if relaxed.status != "optimal" or x is None or dual is None or reduced is None:
        return Outcome(
            "stopped", None, np.inf, -np.inf, "Stopped before a first bound."
        )
    rows_priced = prices_of(dual, rows, problem.layer, Added())
    prices = Multipliers(
        demand=rows_priced.demand / problem.layer.quantity,
        side=np.maximum(rows_priced.side, 0.0),
    )
    bounding = bounding_of(problem)
    state.prove(whole(rows_priced, bounding))

    evaluator = Evaluator(problem)
    bound_work = BoundWork(problem, bounding, evaluator, state, prices, x)
    work: list[BoundWork | PlanWork] = [
        bound_work,
        PlanWork(problem, evaluator, state, prices, x, reduced),
    ]
    if limits.threads >= CORES:
        _side_by_side(work, state)
    else:
        _in_turn(work, state)
    bound_work.end()
    if state.x is None and np.isposinf(state.bound):
        return Outcome("infeasible", None, np.inf, np.inf, state.proof)
    status: Ended = "solved" if state.gap <= limits.gap else "stopped"
    return Outcome(
        status, state.x, state.cost, state.bound, state.proof, state.certificate
    )


def _side_by_side(work: list[BoundWork | PlanWork], state: State) -> None:
    """Each work in a thread of its own; this thread waits, open to signals."""
    errors: list[BaseException] = []

    def go(one: BoundWork | PlanWork) -> None:
        try:
            while not state.over and one.step():
                pass
        except BaseException as error:
            errors.append(error)
            state.stop.set()

    threads = [Thread(target=go, args=(one,), daemon=True) for one in work]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(0.05)
        state.over  # noqa: B018 - notices cancel and deadline
    if errors:
        raise errors[0]


def _in_turn(work: list[BoundWork | PlanWork], state: State) -> None:
    going = list(reversed(work))
    while going and not state.over:
        going = [one for one in going if state.over or one.step()]
