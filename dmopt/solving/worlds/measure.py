"""One figure from the costs of all worlds: what a two-stage plan is to make small.

    expected   sum_w p[w] cost[w]
    cvar       least over eta of  eta + sum_w p[w] / (1 - level) max(0, cost[w] - eta)
    regret     greatest over w of  cost[w] - floor[w], or 0

cvar (Rockafellar and Uryasev 2000) is the mean of the dearest worlds, of weight
1 - level: level 0 is the mean of all. The regret of a world is what a plan costs in it
above `floor`, which no plan made for that world alone goes below (Savage 1951).

As columns and rows, so that every solve path takes them (joint.py):

    minimise  m + top + sum_w dear[w] above[w]                    top, above[w] >= 0
              cost[w] - floor[w] <= top + above[w]                for each world

with m = floor[w] = a figure below all costs, dear[w] = p[w] / (1 - level) for cvar (top
is eta - m), and m = 0 without any `above` for regret. All three only grow with each
cost[w]: of given whole decisions, the cheapest flows of each world are the best.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["expected", "cvar", "regret"]
KINDS: tuple[Kind, ...] = ("expected", "cvar", "regret")
NO_REGRET = 1e-9
"""Share of what worlds cost below which a regret is rounding."""


@dataclass(frozen=True)
class Measure:
    """kind, weight (W,): of the worlds, they add up to 1. level: of cvar, in [0, 1).
    floor (W,): of each world, money that no plan costs less than in it; none for
    expected. Raises ValueError for other figures."""

    kind: Kind
    weight: np.ndarray
    floor: np.ndarray
    level: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind = {self.kind!r}, expected one of {KINDS}")
        if not 0 <= self.level < 1:
            raise ValueError(f"level = {self.level}, expected 0 or more, below 1")
        if self.kind != "expected" and not np.isfinite(self.floor).all():
            raise ValueError("a world without a proven bound")

    @property
    def offset(self) -> float:
        """m above."""
        return float(self.floor.min()) if self.kind == "cvar" else 0.0

    @property
    def from_floor(self) -> np.ndarray:
        """floor[w] above, as it stands in the row of each world."""
        if self.kind == "cvar":
            return np.full(len(self.weight), self.offset)
        return self.floor

    @property
    def dear(self) -> np.ndarray:
        """Cost of a unit of `above` of each world; without any for regret."""
        if self.kind == "cvar":
            return self.weight / (1 - self.level)
        return np.empty(0)

    def of(self, cost: np.ndarray) -> float:
        """The figure, from the cost of each world (W,)."""
        if self.kind == "expected":
            return float(self.weight @ cost)
        own = self.columns(cost)
        return float(self.offset + own[0] + self.dear @ own[1:])

    def columns(self, cost: np.ndarray) -> np.ndarray:
        """Best values of top and, for cvar, of above[w] at these costs (1 or 1 + W)."""
        over = cost - self.from_floor
        if self.kind == "regret":
            most = float(over.max())
            none = NO_REGRET * float(np.abs(cost).max())
            return np.array([most if most > none else 0.0])
        # at least `level` of the weight costs no more than the quantile
        order = np.argsort(over, kind="stable")
        reached = np.cumsum(self.weight[order])
        at = min(int(np.searchsorted(reached, self.level)), len(order) - 1)
        top = max(0.0, float(over[order[at]]))
        return np.concatenate([[top], np.maximum(0.0, over - top)])


def expected(weight: np.ndarray) -> Measure:
    """The mean of all worlds."""
    return Measure("expected", np.asarray(weight, float), np.empty(0))
