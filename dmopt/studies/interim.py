"""Plans on the way: verified while the search goes on, and handed to who looks.

A search finds plans faster than anybody looks at them. The newest is taken, checked as
every plan is (`verified`), and handed out as a result with what is proven at that
moment; the others are passed over. All in a thread of its own. The search waits for
the first one alone: somebody looks at an old plan until it is there.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition
from types import TracebackType
from typing import Any, Self

import numpy as np

from dmopt.errors import PlanRejected
from dmopt.solving.problem import Problem, Solution
from dmopt.solving.progress import relative_gap
from dmopt.solving.result import Result
from dmopt.solving.run import peak_mb, verified

OnPlan = Callable[[Result], None]
PAUSE_S = 1.0
"""Least time between two plans handed out."""
REST = 1.0
"""Times what the last one took to check and to show: so much time until the next."""
WORTH = 1e-5
"""Share of the cost that a plan must save to be handed out after another."""
WHY = "on the way: the search goes on"


class Interim:
    """Told of plans by `found`; as a context, so that its thread ends with the search.

    problem: what is solved. options: gap and the others, as in `solve`. begin: when
    the time began to count (time.monotonic). on_plan: gets each result, in the thread
    of this object, at most one in `PAUSE_S`.
    """

    def __init__(
        self,
        problem: Problem,
        options: Mapping[str, Any],
        begin: float,
        on_plan: OnPlan,
    ) -> None:
        self._problem, self._options, self._begin = problem, options, begin
        self._on_plan = on_plan
        self._change = Condition()
        self._cost, self._bound = np.inf, -np.inf
        self._x: Solution | None = None
        self._over, self._shown = False, False
        self._pool = ThreadPoolExecutor(1, "interim")
        self._work: Future[None] | None = None

    def __enter__(self) -> Self:
        self._work = self._pool.submit(self._run)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the thread. Raises what failed in it (on_plan, memory), unless the
        search itself has failed."""
        with self._change:
            self._over = True
            self._change.notify_all()
        self._pool.shutdown()
        if error is None and self._work is not None:
            self._work.result()

    def found(self, cost: float, bound: float, x: Solution | None) -> None:
        """A solution with its cost, or none, and a lower bound."""
        with self._change:
            self._bound = max(self._bound, bound)
            worth = WORTH * abs(cost)
            if x is not None and cost < self._cost - worth:
                self._cost, self._x = cost, x
                self._change.notify_all()
                self._change.wait_for(lambda: self._shown or self._over)

    def _run(self) -> None:
        try:
            while (newest := self._newest()) is not None:
                begin = time.monotonic()
                result = self._result(*newest)
                if result is not None and not self._over:
                    self._on_plan(result)
                with self._change:
                    self._shown = True
                    self._change.notify_all()
                self._rest(begin, time.monotonic())
        finally:
            with self._change:
                self._over = True
                self._change.notify_all()

    def _newest(self) -> tuple[Solution, float] | None:
        with self._change:
            self._change.wait_for(lambda: self._over or self._x is not None)
            x, self._x = self._x, None
            return None if self._over or x is None else (x, self._cost)

    def _rest(self, begin: float, end: float) -> None:
        until = max(begin + PAUSE_S, end + REST * (end - begin))
        with self._change:
            self._change.wait_for(lambda: self._over, until - time.monotonic())

    def _result(self, x: Solution, said: float) -> Result | None:
        """None for a plan that does not pass: a search may tell of plans whose
        numbers it has yet to round. What it ends with must pass."""
        try:
            plan, cost = verified(self._problem, x, said)
        except PlanRejected:
            return None
        with self._change:
            bound = None if np.isinf(self._bound) else min(cost, float(self._bound))
        gap = relative_gap(cost, bound)
        return Result(
            status="optimal"
            if gap is not None and gap <= self._options["gap"]
            else "feasible",
            plan=plan,
            cost=cost,
            bound=bound,
            path="interim",
            why_path=WHY,
            seconds=time.monotonic() - self._begin,
            build_seconds=0.0,
            peak_mb=peak_mb(),
            options=self._options,
        )
