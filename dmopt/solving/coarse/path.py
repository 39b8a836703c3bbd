"""The coarse-to-fine path: a city with infrastructure, certified.

Two works, each on coarse programs with the whole decision layer in them (aggregate.py):

    bound   multipliers with what each site can do gone through (option_work.py) where
            zones and arcs are many; else relaxation of everything, or a first bound by
            place (first_bound.py); zones merged into groups that look alike under its
            prices; branch and bound on totals (bound.py)
    plan    zones merged that lie together; a first plan by dropping, neighbourhoods of
            the best (improve.py); the whole decisions of each fixed, and flows solved
            on all zones and arcs (evaluate.py)

until the gap asked for. With two threads or more they are done side by side.
"""

import time
from dataclasses import replace
from threading import Event, Thread

import numpy as np

from dmopt.solving.coarse.bound import BoundWork
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.improve import PlanWork
from dmopt.solving.coarse.memory import Memory
from dmopt.solving.coarse.once import Once
from dmopt.solving.coarse.state import State
from dmopt.solving.duals import bounding_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Found, Limits
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
    memory: Memory | None = None,
    evaluator: Evaluator | None = None,
) -> Outcome:
    """Solve by coarse-to-fine until the gap, the time limit or `cancel`.

    memory: of an earlier solve, in this problem's rows and columns; the relaxation of
    everything is then not solved again. evaluator: that of the problem unless given.
    """
    if not len(problem.layer.quantity):
        return solve_exact(problem, limits, found, cancel, start)
    deadline = time.monotonic() + limits.time_limit_s
    state = State(limits, found, cancel, deadline)
    if start.x is not None:
        state.offer(start.cost, start.x)
    if start.certificate is not None:
        state.prove(start.certificate)
    if start.bound > state.bound:
        state.bound = start.bound  # known from elsewhere: a search may end by it
    bounding, evaluator = bounding_of(problem), evaluator or Evaluator(problem)
    cells = Once(bounding, None if memory is None else memory.read)
    bound_work = BoundWork(problem, bounding, evaluator, state, memory, cells=cells)
    likely = None if memory is None else memory.likely
    plan_work = PlanWork(
        problem, bounding, evaluator, state, likely, near=start, cells=cells
    )
    work: list[BoundWork | PlanWork] = [bound_work, plan_work]
    if limits.threads >= CORES:
        _side_by_side(work, state)
    else:
        _in_turn(work, state)
    bound_work.end()
    memory = bound_work.memory
    if memory is not None:
        memory = replace(memory, likely=plan_work.relaxed)
    if state.x is None and np.isposinf(state.bound):
        return Outcome("infeasible", None, np.inf, np.inf, state.proof)
    status: Ended = "solved" if state.is_proven else "stopped"
    return Outcome(
        status,
        state.x,
        state.cost,
        state.bound,
        state.proof or "Stopped before a first bound.",
        state.certificate,
        memory,
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
