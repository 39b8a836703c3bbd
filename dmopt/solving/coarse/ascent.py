"""Multipliers of demands that rise by steps: the volume algorithm over options.

Each step values every option (option_values.py), solves the program of options
(option_program.py) and sees which demands its options serve too little or too much.
What is served is averaged over the steps with a weight that makes the average fit best,

    u = best u + length (target - best bound) D (1 - served) / sum of D (1 - served)^2

and `length` shrinks where steps fail. Every step proves a bound, whatever it did.

Source: Barahona and Anbil (2000).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dmopt.proof.by_cells import ByCells
from dmopt.solving.coarse.option_program import OptionProgram
from dmopt.solving.coarse.option_values import OptionValues, Valued
from dmopt.solving.relaxation import Solved

FAILURES, SHRINK, GROW, LONGEST = 2, 0.8, 1.1, 2.0
"""Failures in a row after which steps shrink, by what; after a success they grow."""
LENGTH = 0.1
"""First length, as a share of what would reach the target."""
NEWEST, LEAST_NEWEST, FADING = 0.3, 0.02, 0.995
"""Most weight of the newest solution in the average; it fades from step to step."""


@dataclass(frozen=True)
class Step:
    """value: what the relaxation says, weighted money, not yet computed again. valued,
    solved: the options at its multipliers, the program's solution."""

    value: float
    valued: Valued
    solved: Solved


@dataclass
class Ascent:
    """demand (D,): multipliers to try next. best: the step of the best bound."""

    values: OptionValues
    program: OptionProgram
    demand: np.ndarray
    best: Step | None = None
    length: float = LENGTH
    newest: float = NEWEST
    failures: int = 0
    _mu: np.ndarray | None = None
    _served: np.ndarray | None = None
    _scale: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        quantity = self.values.checker.bounding.layer.quantity
        self._scale = quantity / quantity.mean()

    def step(self, target: Callable[[float], float]) -> Step | None:
        """One step, and multipliers for the next one; None where stopped.

        target: what to aim at, of the best bound so far, which the first step tells.
        """
        valued = self.values.at(self.values.within(self.demand), self._mu)
        self._mu = valued.mu
        self.program.worth(valued)
        free = np.full(self.program.totals.shape[0], np.inf)
        solved = self.program.solve(-free, free)
        if solved is None or solved.x is None:
            return None
        step = Step(solved.value + valued.given, valued, solved)
        served = self.values.serves(valued, self.program.taken(solved.x))
        self._learn(step, served)
        assert self.best is not None
        self._move(served, self.best, target(self.best.value))
        return step

    def _learn(self, step: Step, served: np.ndarray) -> None:
        before = served if self._served is None else self._served
        if self.best is None or step.value > self.best.value:
            self.best, self.failures = step, 0
            if (1 - served) @ (self._scale * (1 - before)) > 0:
                self.length = min(self.length * GROW, LONGEST)
            return
        self.failures += 1
        if self.failures >= FAILURES:
            self.length, self.failures = self.length * SHRINK, 0

    def _move(self, served: np.ndarray, best: Step, target: float) -> None:
        """The average served, and the next multipliers."""
        before = served if self._served is None else self._served
        change, lacks = served - before, 1 - before
        size, weight = float(change @ (self._scale * change)), self.newest
        if size > 0:
            fit = float(lacks @ (self._scale * change)) / size
            weight = min(max(fit, self.newest / 10), self.newest)
        self._served = before + weight * change
        lacks = 1 - self._served
        size = float(lacks @ (self._scale * lacks))
        far = self.length * max(target - best.value, 0.0) / size if size > 0 else 0.0
        self.demand = best.valued.demand + far * self._scale * lacks
        self.newest = max(LEAST_NEWEST, self.newest * FADING)


def proof_of(values: OptionValues, program: OptionProgram, step: Step) -> ByCells:
    """A step as what is kept in a certificate; the bound is still to be computed."""
    priced, row = program.prices(step.solved.dual), np.newaxis
    layer = values.checker.bounding.layer
    return ByCells(
        step.valued.demand,
        step.valued.unmet,
        values.brought,
        np.zeros(len(layer.side.most)),
        step.valued.mu,
        np.zeros(1, np.int64),
        (priced.decisions + values.input_rows)[row],
        priced.nu[row],
        priced.omega[row],
        priced.more[row],
        -np.inf,
    )
