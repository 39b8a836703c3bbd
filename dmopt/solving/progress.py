"""Progress while solving: what is known so far, and how to stop."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known at one moment.

    seconds: since the solve began.
    step: what is being done, in a few words.
    cost: cost of the best plan so far (instance currency), or None.
    bound: proven lower bound so far, or None.
    """

    seconds: float
    step: str
    cost: float | None
    bound: float | None

    @property
    def gap(self) -> float | None:
        return relative_gap(self.cost, self.bound)


OnProgress = Callable[[Progress], None]
Cancel = Event


def relative_gap(cost: float | None, bound: float | None) -> float | None:
    """(cost - bound) / |cost|, never below 0; None while either is missing."""
    if cost is None or bound is None:
        return None
    return max(0.0, cost - bound) / max(abs(cost), 1e-9)


class Log:
    """Progress so far; passes each entry on to who listens."""

    def __init__(self, begin: float, listener: OnProgress | None) -> None:
        self.entries: list[Progress] = []
        self._begin, self._listener = begin, listener
        self._cost, self._bound = math.inf, -math.inf
        self._lock = Lock()  # two threads of the coarse path report

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    def add(self, step: str, cost: float | None, bound: float | None) -> None:
        """Each side is the best so far: a new model starts from nothing."""
        with self._lock:
            self._add(step, cost, bound)

    def _add(self, step: str, cost: float | None, bound: float | None) -> None:
        self._cost = min(self._cost, math.inf if cost is None else cost)
        self._bound = max(self._bound, -math.inf if bound is None else bound)
        entry = Progress(
            self.seconds,
            step,
            float(self._cost) if math.isfinite(self._cost) else None,
            float(self._bound) if math.isfinite(self._bound) else None,
        )
        self.entries.append(entry)
        if self._listener is not None:
            self._listener(entry)

    def found(self, cost: float, bound: float, x: object) -> None:
        self.add("better plan" if x is not None else "solving", cost, bound)
