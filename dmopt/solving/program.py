"""One linear or mixed-integer program in arrays, and its scaling.

    minimise cost @ x + offset   with   row_low <= A x <= row_high,  low <= x <= high

Imports arrays only: a program can be built, scaled and handed over without the rest.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

LARGEST_COST = 1e4
"""Size that scaling gives the greatest cost."""


@dataclass(frozen=True)
class LinearProgram:
    """Arrays of the program above. whole (n,): True where x must be whole.

    shares (n,): True where x is a share or a count already and keeps its scale.
    """

    A: sp.csr_matrix
    cost: np.ndarray
    offset: float
    low: np.ndarray
    high: np.ndarray
    row_low: np.ndarray
    row_high: np.ndarray
    whole: np.ndarray
    shares: np.ndarray

    def relaxed(self) -> "LinearProgram":
        """The same without whole numbers."""
        return replace(self, whole=np.zeros_like(self.whole))

    def fixed(self, columns: np.ndarray, values: np.ndarray) -> "LinearProgram":
        """The same with some columns (mask) fixed at `values` (of those columns)."""
        low, high = self.low.copy(), self.high.copy()
        low[columns], high[columns] = values, values
        return replace(self, low=low, high=high)

    def with_rows(
        self, A: sp.csr_matrix, row_low: np.ndarray, row_high: np.ndarray
    ) -> "LinearProgram":
        """The same with more rows at the end."""
        return replace(
            self,
            A=sp.vstack([self.A, A], format="csr"),
            row_low=np.concatenate([self.row_low, row_low]),
            row_high=np.concatenate([self.row_high, row_high]),
        )


@dataclass(frozen=True)
class Scaling:
    """x = column * scaled x; row duals: dual = money * row * scaled dual."""

    column: np.ndarray
    row: np.ndarray
    money: float


def scaled(program: LinearProgram, rounds: int = 4) -> tuple[LinearProgram, Scaling]:
    """Geometric scaling by powers of two; whole columns and shares keep theirs.

    Costs and capacities span ten magnitudes (a loaf, a plant): without it the
    solver's absolute tolerances mean different things in different rows. Each row and
    free column is divided by the middle of its least and greatest entry, in turn.
    """
    A = program.A
    row_of = np.repeat(np.arange(A.shape[0], dtype=np.int32), np.diff(A.indptr))
    filled = A.data != 0
    size = np.full(len(A.data), np.nan)
    np.log2(np.abs(A.data), out=size, where=filled)
    free_column = ~(program.whole | program.shares)
    # Most entries stand in columns that keep their scale: they are measured once, and
    # again only rows with others.
    free = np.flatnonzero(free_column[A.indices] & filled)
    own = size[free]
    rows, at_row = np.unique(row_of[free], return_inverse=True)
    columns, at_column = np.unique(A.indices[free], return_inverse=True)
    size[free] = np.nan
    kept = _Extent.of(row_of, size, A.shape[0])
    row, column = kept.minus_middle(), np.zeros(A.shape[1])
    beside, of_columns = kept.at(rows), np.zeros(len(columns))
    for _ in range(rounds):
        of_rows = beside.with_(at_row, own + of_columns[at_column]).minus_middle()
        extent = _Extent.of(at_column, own + of_rows[at_row], len(columns))
        of_columns = extent.minus_middle()
    row[rows] = beside.with_(at_row, own + of_columns[at_column]).minus_middle()
    column[columns] = of_columns
    row, column = np.exp2(np.round(row)), np.exp2(np.round(column))
    cost = program.cost * column
    largest = np.abs(cost).max(initial=0.0)
    money = 2.0 ** np.round(np.log2(largest / LARGEST_COST)) if largest > 0 else 1.0
    data = A.data * row[row_of]
    data[free] *= column[A.indices[free]]
    return replace(
        program,
        A=sp.csr_matrix((data, A.indices, A.indptr), shape=A.shape, copy=False),
        cost=cost / money,
        offset=program.offset / money,
        low=program.low / column,
        high=program.high / column,
        row_low=program.row_low * row,
        row_high=program.row_high * row,
    ), Scaling(column, row, money)


@dataclass(frozen=True)
class _Extent:
    """Least and greatest log2 size of the entries of each row (or column)."""

    least: np.ndarray
    greatest: np.ndarray

    @staticmethod
    def of(place: np.ndarray, size: np.ndarray, places: int) -> "_Extent":
        empty = _Extent(np.full(places, np.inf), np.full(places, -np.inf))
        return empty.with_(place, size)

    def with_(self, place: np.ndarray, size: np.ndarray) -> "_Extent":
        """With more entries; NaN counts as none."""
        least, greatest = self.least.copy(), self.greatest.copy()
        np.fmin.at(least, place, size)
        np.fmax.at(greatest, place, size)
        return _Extent(least, greatest)

    def at(self, places: np.ndarray) -> "_Extent":
        return _Extent(self.least[places], self.greatest[places])

    def minus_middle(self) -> np.ndarray:
        """What takes the middle to 0; 0 where there is no entry."""
        some = self.least <= self.greatest
        middle = np.zeros(len(some))
        middle[some] = -(self.least[some] + self.greatest[some]) / 2
        return middle
