"""Looking for plans: HiGHS on a coarse program, what it finds evaluated on all arcs."""

import time
from dataclasses import dataclass, field

import numpy as np

from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.coarse.state import State
from dmopt.solving.coarse.stopping import OutOfTime
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.program import LinearProgram

EFFORT = 0.3
"""Share of HiGHS's work spent looking for plans; its own default is 0.05."""
FLOWS_GAP = 1e-4
"""Most by which the flows of a plan may be dearer than they must."""
LOOK_S, LOOK_SHARE = 30.0, 0.3
"""Seconds that looking at a plan may take, and the share of the time limit if more."""
FAR_OFF, BLINK_S = 0.1, 0.5
"""Share of its cost by which a plan that is far off lies above what HiGHS has proven;
seconds from the beginning of a search for which it waits."""
PATIENCE = 4.0
"""Times what a plan took to evaluate until the next one is, while a search runs."""


@dataclass
class Looking:
    """Remembers what has been evaluated."""

    evaluator: Evaluator
    state: State
    _seen: set[bytes] = field(init=False, default_factory=set)

    def solve(
        self,
        program: LinearProgram,
        start: np.ndarray | None,
        seconds: float,
        seed: int,
    ) -> tuple[bool, bool]:
        """Solve a coarse program, evaluate plans found: whether one is better, and
        whether HiGHS came to its end. seconds: that it may take.

        A search finds plans faster than they can be evaluated: one that comes while
        the last was hardly looked at waits, and so does one far off at the beginning of
        a search that begins from nothing, as better ones follow in a blink. The newest
        is looked at when HiGHS next tells something, and in the end.
        """
        state, decisions = self.state, self.evaluator.problem.decisions
        better, waiting, free_at = False, None, 0.0
        far_at = time.monotonic() + BLINK_S

        def look(x: np.ndarray) -> None:
            nonlocal better, waiting, free_at
            begin = time.monotonic()
            better |= self._evaluate(whole_decisions(decisions, x))
            waiting, end = None, time.monotonic()
            free_at = end + PATIENCE * (end - begin)
            enough.give_back(end - begin)

        def found(cost: float, bound: float, x: np.ndarray | None) -> None:
            nonlocal waiting
            far = start is None and cost - bound > FAR_OFF * abs(cost)
            at_once = time.monotonic() >= (max(free_at, far_at) if far else free_at)
            waiting = waiting if x is None else x
            if waiting is not None and at_once:
                look(waiting)

        enough = OutOfTime(state.stop, seconds)
        limits = Limits(state.seconds_left, state.limits.gap / 4, seed, 1)
        answer = run_highs(
            program,
            limits,
            start=start,
            found=found,
            cancel=enough,
            options={"mip_heuristic_effort": EFFORT},
        )
        if waiting is not None:
            look(waiting)
        return better, answer.status != "stopped"

    def _evaluate(self, decided: np.ndarray) -> bool:
        """Whether decisions (n,) are better than the best plan, on all zones."""
        key = decided[self.evaluator.problem.decisions.whole].tobytes()
        if key in self._seen:
            return False
        self._seen.add(key)
        most = max(LOOK_S, LOOK_SHARE * self.state.limits.time_limit_s)
        gap = min(FLOWS_GAP, self.state.limits.gap / 4)
        limits = Limits(min(most, self.state.seconds_left), gap, 0, 1)
        plan = self.evaluator.solve(decided, limits, self.state.stop)
        return plan is not None and self.state.offer(*plan)
