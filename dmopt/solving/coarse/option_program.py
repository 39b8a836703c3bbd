"""The program of a city by options: the decision layer with what each cell can do.

For given multipliers u of the demand rows (dmopt/proof/by_cells.py has the bound)

    least   cost x - sum_q V[q] z[q]
            rows of the decision layer that name no activity and no output
            sum_{q of a cell} z[q] = 1
            modules[j] = sum_q standing[q,j] z[q]
            x[j] >= sum_q least[q,j] z[q]

Only the values V change from one step to the next: the relaxation is kept hot.
"""

from dataclasses import dataclass
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.proof.by_cells import CellBounding
from dmopt.solving.coarse.option_values import Valued
from dmopt.solving.coarse.with_options import with_options
from dmopt.solving.program import LinearProgram
from dmopt.solving.relaxation import Relaxation, Solved


@dataclass(frozen=True)
class OptionPrices:
    """Prices of its rows: of the decision layer's (0 where they are left out), of what
    stands, of what is implied."""

    decisions: np.ndarray
    nu: np.ndarray
    omega: np.ndarray


class OptionProgram:
    """Columns: the decision layer's, then one for each option."""

    def __init__(self, checker: CellBounding, seed: int, cancel: Event) -> None:
        d, c = checker.bounding.decisions, checker.cells
        self.columns = d.size
        self.kept = np.flatnonzero(d.A[:, c.private].getnnz(axis=1) == 0)
        self._rows, self._private = d.A.shape[0], c.private
        stands, asks = len(c.counted), len(c.implied)
        decided = LinearProgram(
            A=sp.csr_matrix(d.A[self.kept]),
            cost=np.where(c.private, 0.0, d.cost),
            offset=0.0,
            low=d.low,
            high=d.high,
            row_low=d.row_low[self.kept],
            row_high=d.row_high[self.kept],
            whole=d.whole & ~c.private,
            shares=d.whole,
        )
        self.program = with_options(decided, c)
        self._ends = np.cumsum([0, len(self.kept), c.count, stands, asks])
        no_totals = sp.csr_matrix((0, self.program.A.shape[1]))
        self._hot = Relaxation(self.program, no_totals, seed, cancel)

    def worth(self, valued: Valued) -> None:
        """What columns cost and options gain from now on."""
        decided = np.where(self._private, 0.0, valued.decided)
        self._hot.price(np.concatenate([decided, -valued.gains]))

    def taken(self, x: np.ndarray) -> np.ndarray:
        """How much each option is taken, (Q,)."""
        return x[self.columns :]

    def solve(self) -> Solved | None:
        """Its relaxation; None where stopped."""
        none = np.empty(0)
        return self._hot.solve(none, none)

    def prices(self, dual: np.ndarray) -> OptionPrices:
        """Prices from the duals of a solution."""
        e = self._ends
        decisions = np.zeros(self._rows)
        decisions[self.kept] = dual[: e[1]]
        return OptionPrices(decisions, dual[e[2] : e[3]], dual[e[3] : e[4]])
