"""What a solve path hands to `run`: numbers, not yet a plan, not yet verified."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dmopt.proof.certificate import Certificate
from dmopt.solving.coarse.memory import Memory

Ended = Literal["solved", "stopped", "infeasible"]


ELSEWHERE = "Bound of another solve that holds here too."


@dataclass(frozen=True)
class Outcome:
    """A solution vector of the problem's program (or None) with its proof.

    status: "solved" (proven to the asked gap), "stopped" (limit or cancel) or
        "infeasible".
    x: (n,) values in the program's columns, or None.
    cost: its cost (inf without x). bound: proven lower bound (-inf if none).
    proof: how the bound was proven, in words. certificate: the same to be checked.
    memory: what a solve of a problem of the same make can begin with.
    """

    status: Ended
    x: np.ndarray | None
    cost: float
    bound: float
    proof: str
    certificate: Certificate | None = None
    memory: Memory | None = None
