"""Progress while solving: what is known so far, and how to stop."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event


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
