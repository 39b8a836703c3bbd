"""The program of a city by options: the decision layer with what each cell can do.

For given multipliers u of the demand rows (dmopt/proof/by_cells.py has the bound)

    least   cost x - sum_q V[q] z[q]
            rows of the decision layer that name no activity and no output
            sum_{q of a cell} z[q] = 1
            modules[j] = sum_q standing[q,j] z[q]
            x[j] >= sum_q least[q,j] z[q]
            limits of totals

Only the values V change from one step to the next: the relaxation is kept hot.
"""

from dataclasses import dataclass
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.proof.by_cells import CellBounding
from dmopt.solving.coarse.option_values import Valued
from dmopt.solving.program import LinearProgram
from dmopt.solving.relaxation import Relaxation, Solved


@dataclass(frozen=True)
class OptionPrices:
    """Prices of its rows: of the decision layer's (0 where they are left out), of what
    stands, of what is implied, of the limits of totals."""

    decisions: np.ndarray
    nu: np.ndarray
    omega: np.ndarray
    more: np.ndarray


class OptionProgram:
    """Columns: the decision layer's, then one for each option."""

    def __init__(
        self, checker: CellBounding, totals: sp.csr_matrix, seed: int, cancel: Event
    ) -> None:
        d, c = checker.bounding.decisions, checker.cells
        self.columns, options = d.size, len(c.of)
        self.kept = np.flatnonzero(d.A[:, c.private].getnnz(axis=1) == 0)
        self._rows, self._private = d.A.shape[0], c.private
        J, I = len(c.counted), len(c.implied)
        size = self.columns + options
        one = sp.csr_matrix(
            (np.ones(options), (c.of, self.columns + np.arange(options))),
            (c.count, size),
        )
        stands = sp.hstack([_picking(c.counted, self.columns), -c.standing.T])
        asks = sp.hstack([_picking(c.implied, self.columns), -c.least.T])
        kept = sp.csr_matrix(d.A[self.kept])
        kept.resize(len(self.kept), size)
        cost = np.where(c.private, 0.0, d.cost)
        self.program = LinearProgram(
            A=sp.csr_matrix(sp.vstack([kept, one, stands, asks])),
            cost=np.concatenate([cost, np.zeros(options)]),
            offset=0.0,
            low=np.concatenate([d.low, np.zeros(options)]),
            high=np.concatenate([d.high, np.ones(options)]),
            row_low=np.concatenate(
                [d.row_low[self.kept], np.ones(c.count), np.zeros(J + I)]
            ),
            row_high=np.concatenate(
                [d.row_high[self.kept], np.ones(c.count), np.zeros(J), np.full(I, np.inf)]
            ),
            whole=np.concatenate([d.whole & ~c.private, np.zeros(options, bool)]),
            shares=np.concatenate([d.whole, np.ones(options, bool)]),
        )
        self._ends = np.cumsum([0, len(self.kept), c.count, J, I])
        own = totals.copy()
        own.resize(totals.shape[0], size)
        self.totals = own
        self._hot = Relaxation(self.program, own, seed, cancel)

    def worth(self, valued: Valued) -> None:
        """What columns cost and options gain from now on."""
        decided = np.where(self._private, 0.0, valued.decided)
        self._hot.price(np.concatenate([decided, -valued.gains]))

    def taken(self, x: np.ndarray) -> np.ndarray:
        """How much each option is taken, (Q,)."""
        return x[self.columns :]

    def solve(
        self, low: np.ndarray, high: np.ndarray, like: Solved | None = None
    ) -> Solved | None:
        """Within limits of totals (T,); None where stopped."""
        return self._hot.solve(low, high, None if like is None else like.basis)

    def prices(self, dual: np.ndarray) -> OptionPrices:
        """Prices from the duals of a solution."""
        e = self._ends
        decisions = np.zeros(self._rows)
        decisions[self.kept] = dual[: e[1]]
        return OptionPrices(
            decisions, dual[e[2] : e[3]], dual[e[3] : e[4]], dual[e[4] :]
        )


def _picking(columns: np.ndarray, size: int) -> sp.csr_matrix:
    """A one for each of the columns, a row each."""
    count = len(columns)
    return sp.csr_matrix((np.ones(count), (np.arange(count), columns)), (count, size))
