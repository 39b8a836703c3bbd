"""What a solve path hands to `run`: numbers, not yet a plan, not yet verified."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dmopt.errors import PlanRejected
from dmopt.proof.certificate import Certificate
from dmopt.solving.coarse.memory import Memory
from dmopt.solving.problem import InUse, Solution

Ended = Literal["solved", "stopped", "infeasible"]


FAR_OFF = 1e-4
"""How far a bound may lie above a plan's cost by the solver's tolerances, relative."""
ELSEWHERE = "Bound of another solve that holds here too."


@dataclass(frozen=True)
class Outcome:
    """A solution of the problem's program (or None) with its proof.

    status: "solved" (proven to the asked gap), "stopped" (limit or cancel) or
        "infeasible".
    cost: its cost (inf without x). bound: proven lower bound (-inf if none).
    proof: how the bound was proven, in words. certificate: the same to be checked.
    memory: what a solve of a problem of the same make can begin with.
    """

    status: Ended
    x: Solution | None
    cost: float
    bound: float
    proof: str
    certificate: Certificate | None = None
    memory: Memory | None = None

    @property
    def values(self) -> np.ndarray | None:
        """The solution in all columns, as all paths but the decomposed one give it."""
        assert not isinstance(self.x, InUse)
        return self.x


def agreed(cost: float, bound: float) -> float:
    """A bound on plans of which one costs so much: no more than that, by the last
    digits. Raises PlanRejected where it lies far above: one of the two is wrong."""
    if bound > cost + FAR_OFF * max(1.0, abs(cost)):
        raise PlanRejected([f"cost {cost:.12g} lies below the bound {bound:.12g}"])
    return float(min(bound, cost))
