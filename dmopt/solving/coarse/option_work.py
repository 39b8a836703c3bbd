"""Work on the bound by options: multipliers that rise until they rise no more.

It begins from multipliers of an earlier solve, or from what the cheapest deliveries
cost; a few times a second what is best is computed again over all zones and arcs and
stated.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from dmopt.flows.layer import FlowLayer
from dmopt.proof.by_cells import CellBounding
from dmopt.proof.certificate import through_cells, unsplit
from dmopt.solving.coarse.ascent import FROM_NOTHING, Ascent, proof_of
from dmopt.solving.coarse.option_program import OptionProgram
from dmopt.solving.coarse.option_values import OptionValues
from dmopt.solving.coarse.state import State
from dmopt.solving.problem import Problem

TURN_S = 1.0
"""Seconds of steps between two statements of the bound."""
PATIENCE, ENOUGH = 40, 1e-4
"""So many steps that gain less than this share of the bound together are the end."""
EARLY = 15
"""Steps before which their mixture says little of what good plans use."""
TRIAL = 15
"""Steps after which the bound must be above what is certified, where multipliers of an
earlier solve were there to begin from."""


@dataclass
class OptionWork:
    """One step is a turn of several steps of the multipliers. before: the bound there
    was before any, -inf if there was none. carried: whether an earlier solve has left
    multipliers to begin from."""

    problem: Problem
    values: OptionValues
    ascent: Ascent
    state: State
    before: float = -np.inf
    carried: bool = True
    _history: list[float] = field(default_factory=list)

    @staticmethod
    def of(
        problem: Problem,
        checker: CellBounding,
        demand: np.ndarray | None,
        state: State,
    ) -> "OptionWork":
        """From multipliers of demands (D,), weighted money for all of each; None: from
        what the cheapest delivery of each costs."""
        values = OptionValues(checker)
        program = OptionProgram(checker, state.limits.seed, state.stop)
        if demand is None:
            ascent = Ascent(values, program, cheapest(problem.layer), FROM_NOTHING)
        else:
            ascent = Ascent(values, program, demand)
        known = demand is not None
        return OptionWork(problem, values, ascent, state, state.bound, known)

    @property
    def demand(self) -> np.ndarray:
        """The best multipliers so far, (D,)."""
        best = self.ascent.best
        return self.ascent.demand if best is None else best.valued.demand

    def step(self) -> bool:
        """A turn of steps, the first of one. False when no more is to be gained."""
        until = time.monotonic() + (TURN_S if self._history else 0.0)
        before = None if self.ascent.best is None else self.ascent.best.value
        while not self.state.stop.is_set():
            if self.ascent.step() is None:
                return False
            self._note()
            assert self.ascent.best is not None
            self._history.append(self.ascent.best.value)
            if self._is_stalled or time.monotonic() >= until:
                break
        best = self.ascent.best
        if best is not None and (before is None or best.value > before):
            given = proof_of(self.values, self.ascent.program, best)
            tree = unsplit(self.problem.decisions)
            self.state.prove(through_cells(self.values.checker, tree, given))
        return not self._is_stalled

    def _note(self) -> None:
        """What solutions use, mixed so that they serve all, for plans to begin with."""
        if len(self._history) >= EARLY:
            self.state.used = self.ascent.mixed()

    @property
    def _is_stalled(self) -> bool:
        past = self._history
        if self.carried and len(past) >= TRIAL and past[-1] < self.state.certified:
            return True
        if len(past) <= PATIENCE:
            return False
        return past[-1] - past[-1 - PATIENCE] <= ENOUGH * abs(past[-1])


def cheapest(layer: FlowLayer) -> np.ndarray:
    """What the cheapest delivery of each demand costs, weighted money, (D,); 0 where
    there is none."""
    least = np.full(len(layer.quantity), np.inf)
    np.minimum.at(least, layer.x_to, layer.x_cost)
    return np.where(np.isfinite(least), least, 0.0)


def says_all(checker: CellBounding) -> bool:
    """Whether options see all rules: none on flows, none on what sites make. Where they
    do not, another bound may be better than theirs."""
    decisions = checker.bounding.decisions
    left_out = decisions.A[:, checker.cells.private].getnnz(axis=1) > 0
    ruled = any(decisions.row_keys[row][2] for row in np.flatnonzero(left_out))
    return not ruled and not len(checker.bounding.layer.side.most)
