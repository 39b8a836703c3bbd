"""What a solve path hands to `run`: numbers, not yet a plan, not yet verified."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Ended = Literal["solved", "stopped", "infeasible"]


@dataclass(frozen=True)
class Outcome:
    """A solution vector of the problem's program (or None) with its proof.

    status: "solved" (proven to the asked gap), "stopped" (limit or cancel) or
        "infeasible".
    x: (n,) values in the program's columns, or None.
    cost: its cost (inf without x). bound: proven lower bound (-inf if none).
    proof: how the bound was proven, in words.
    certificate: arrays from which the bound can be rebuilt; may be empty.
    """

    status: Ended
    x: np.ndarray | None
    cost: float
    bound: float
    proof: str
    certificate: dict[str, np.ndarray] = field(default_factory=dict)
