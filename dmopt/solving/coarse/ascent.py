"""Multipliers of demands that rise by steps, over options of cells.

Each step values every option (option_values.py), solves the program of options
(option_program.py) and sees which demands its options serve too little or too much:
that is a slope of the bound, and a bundle of such slopes says what to try next
(bundle.py). Every step proves a bound, whatever it did.
"""

from dataclasses import dataclass, field

import numpy as np

from dmopt.proof.by_cells import ByCells
from dmopt.solving.coarse.bundle import Bundle
from dmopt.solving.coarse.option_program import OptionProgram
from dmopt.solving.coarse.option_values import OptionValues, Valued
from dmopt.solving.relaxation import Solved

FROM_NOTHING, FROM_KNOWN = 0.2, 0.01
"""Share of the bound that the first move is to gain by its slope: far where multipliers
are a mere guess, near where they come from an earlier solve."""


@dataclass(frozen=True)
class Step:
    """value: what the relaxation says, weighted money, not yet computed again. valued,
    solved: the options at its multipliers, the program's solution."""

    value: float
    valued: Valued
    solved: Solved


@dataclass
class Ascent:
    """demand (D,): multipliers to try next. first: share of the bound that the first
    move is to gain. best: the step of the best bound."""

    values: OptionValues
    program: OptionProgram
    demand: np.ndarray
    first: float = FROM_KNOWN
    best: Step | None = None
    _bundle: Bundle = field(init=False)
    _mu: np.ndarray | None = None
    _taken: dict[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        quantity = self.values.checker.bounding.layer.quantity
        scale = quantity / quantity.mean()
        self._bundle = Bundle(scale, self.values.most, self.first)
        self.demand = np.minimum(self.demand, self.values.most)

    def step(self) -> Step | None:
        """One step, and multipliers for the next one; None where stopped."""
        valued = self.values.at(self.demand, self._mu)
        self._mu = valued.mu
        self.program.worth(valued)
        solved = self.program.solve()
        if solved is None or solved.x is None:
            return None
        step = Step(solved.value + valued.given, valued, solved)
        if self.best is None or step.value > self.best.value:
            self.best = step
        served = self.values.serves(valued, self.program.taken(solved.x))
        self._taken[self._bundle.tries] = solved.x
        self.demand = self._bundle.next(valued.demand, step.value, 1 - served)
        self._taken = {n: self._taken[n] for n in self._bundle.number.tolist()}
        return step

    def mixed(self) -> np.ndarray:
        """The solutions of the program that together serve every demand most nearly
        once: their mixture, all columns. After a step."""
        bundle = self._bundle
        used = zip(bundle.theta.tolist(), bundle.number.tolist(), strict=True)
        return np.asarray(sum(share * self._taken[n] for share, n in used if share))


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
        np.empty((1, 0)),
        -np.inf,
    )
