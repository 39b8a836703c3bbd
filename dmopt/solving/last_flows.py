"""The basis of the flows last solved, for the next ones.

Plans that are looked at one after the other differ in a few sites: from the basis of
one the flows of the next are a few hundred pivots, in place of thousands from nothing.
A basis has as many basic columns and rows as there are rows. What it loses from one
program to the next gives its place to another:

    a delivery that is no more     what is unmet of its demand, else the demand's row
    anything else                  a row
    a row that is no more          a decision that is fixed leaves the basis for it

Any basis is as right as another: a bad one costs time alone, and flows that cost the
same.
"""

import numpy as np

from dmopt.flows.layer import FlowLayer
from dmopt.solving.assemble import Rows
from dmopt.solving.highs import BASIC, LOWER, Basis

FAR = 0.5
"""Deliveries of the basis that are no more, as a share of the demands, above which
flows are solved from nothing: it takes no longer."""


class LastFlows:
    """Statuses of all columns of a problem, and of its rows, as HiGHS names them."""

    def __init__(self, basis: Basis | None = None) -> None:
        self.basis = basis

    def keep(self, basis: Basis, columns: np.ndarray) -> None:
        """columns (N,) bool: those of the problem that the basis is of."""
        status = np.full(len(columns), LOWER, np.int8)
        status[columns] = basis.column
        self.basis = Basis(status, basis.row)

    def over(
        self, columns: np.ndarray, layer: FlowLayer, whole: np.ndarray, rows: Rows
    ) -> Basis | None:
        """The basis over some of the problem's columns (N,) bool, whole decisions (n,)
        bool being fixed; None where there is none, or it is far off."""
        last = self.basis  # another thread may keep a newer one meanwhile
        if last is None:
            return None
        column, row = last.column.copy(), last.row.copy()
        n, deliveries, demands = len(whole), len(layer.x_to), len(layer.quantity)
        lost = np.flatnonzero((column == BASIC) & ~columns)
        of_demand = layer.x_to[lost[(lost >= n) & (lost < n + deliveries)] - n]
        if len(of_demand) > FAR * demands:
            return None
        column[~columns] = LOWER
        short = len(column) - demands + of_demand
        row[rows.demand + of_demand[column[short] == BASIC]] = BASIC
        column[short] = BASIC
        return _balanced(column[columns], row, np.flatnonzero(whole))


def _balanced(column: np.ndarray, row: np.ndarray, fixed: np.ndarray) -> Basis | None:
    """As many basic as there are rows: more rows, or fewer `fixed` columns; None where
    there are too few of these."""
    lacking = len(row) - np.count_nonzero(column == BASIC)
    lacking -= np.count_nonzero(row == BASIC)
    if lacking > 0:
        row[np.flatnonzero(row != BASIC)[:lacking]] = BASIC
    elif lacking < 0:
        basic = fixed[column[fixed] == BASIC]
        if len(basic) < -lacking:
            return None
        column[basic[:-lacking]] = LOWER
    return Basis(column, row)
