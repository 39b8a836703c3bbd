"""Copies of parts of the decision layer, each with whole columns fixed its own way.

All copies stand in one matrix, block by block, so that what rows imply is found for all
of them at once (ranges.py).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from dmopt.formulation.compiled import Decisions
from dmopt.proof.ranges import implied_ranges

MOST_OPTIONS = 64
"""Of one part, more than this is too many to go through."""
WHOLE = 1e-6
"""Rounding that ranges of whole columns may have."""


def spread(start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """start[0], start[0] + 1, .. (count[0] of them), then the same of the next."""
    ends = np.cumsum(count)
    return np.arange(int(count.sum())) + np.repeat(start - (ends - count), count)


@dataclass(frozen=True)
class Blocks:
    """Columns and entries of each part, one part after another.

    column (n',): columns; column_of (parts + 1,): where each part's begin.
    row (r',), row_of (parts + 1,): rows likewise. entry_row, entry_column (place in the
    part), entry (nnz,), entry_of (parts + 1,).
    """

    column: np.ndarray
    column_of: np.ndarray
    row: np.ndarray
    row_of: np.ndarray
    entry_row: np.ndarray
    entry_column: np.ndarray
    entry: np.ndarray
    entry_of: np.ndarray

    @staticmethod
    def of(
        decisions: Decisions, left_out: np.ndarray, part: np.ndarray, count: int
    ) -> "Blocks":
        A = decisions.A.tocoo()
        keep = ~left_out[A.row] & (A.data != 0)
        row, col, value = A.row[keep], A.col[keep], A.data[keep]
        row_part = np.full(A.shape[0], -1)
        row_part[row] = part[col]
        column, column_of = _sorted_by(part, count)
        rows, row_of = _sorted_by(row_part, count)
        place, row_place = np.zeros(len(part), int), np.zeros(A.shape[0], int)
        place[column] = np.arange(len(column)) - column_of[part[column]]
        row_place[rows] = np.arange(len(rows)) - row_of[row_part[rows]]
        order = np.argsort(part[col], kind="stable")
        of = np.concatenate([[0], np.cumsum(np.bincount(part[col], minlength=count))])
        return Blocks(
            column, column_of, rows, row_of,
            row_place[row[order]], place[col[order]], value[order], of,
        )  # fmt: skip


def _sorted_by(part: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """What has a part, part by part, and where each part begins (count + 1,)."""
    order = np.argsort(part, kind="stable")
    order = order[part[order] >= 0]
    size = np.bincount(part[order], minlength=count)
    return order, np.concatenate([[0], np.cumsum(size)])


@dataclass(frozen=True)
class Copies:
    """Copies of parts, each with its own ranges: of (C,) part of each copy; low, high
    (N,) of its columns, copy by copy."""

    blocks: Blocks
    of: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def begin(self) -> np.ndarray:
        """Where the columns of each copy begin, (C + 1,)."""
        size = np.diff(self.blocks.column_of)[self.of]
        return np.concatenate([[0], np.cumsum(size)])

    @property
    def columns(self) -> np.ndarray:
        """Column of the decision layer of each of the copies' columns, (N,)."""
        start = self.blocks.column_of
        return self.blocks.column[spread(start[:-1][self.of], np.diff(start)[self.of])]

    @property
    def copy_of(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.of)), np.diff(self.begin))

    def rows(self) -> tuple[sp.csr_matrix, np.ndarray]:
        """Rows of all copies, over the copies' columns, and which rows they are of."""
        b, of = self.blocks, self.of
        sizes = np.diff(b.row_of)[of]
        first = np.concatenate([[0], np.cumsum(sizes)])
        rows = b.row[spread(b.row_of[:-1][of], sizes)]
        entries = np.diff(b.entry_of)[of]
        e = spread(b.entry_of[:-1][of], entries)
        shape = (int(first[-1]), int(self.begin[-1]))
        row = b.entry_row[e] + np.repeat(first[:-1], entries)
        column = b.entry_column[e] + np.repeat(self.begin[:-1], entries)
        return sp.csr_matrix((b.entry[e], (row, column)), shape), rows

    def tightened(self, decisions: Decisions) -> "Copies":
        """With the ranges that rows imply; copies that cannot be are gone."""
        A, row = self.rows()
        low, high = implied_ranges(
            A, decisions.row_low[row], decisions.row_high[row], self.low, self.high
        )
        whole = decisions.whole[self.columns]
        low[whole] = np.ceil(low[whole] - WHOLE)
        high[whole] = np.floor(high[whole] + WHOLE)
        room = high - low >= -WHOLE * np.maximum(1.0, np.abs(low))
        possible = np.bincount(self.copy_of, ~room, len(self.of)) == 0
        keep = possible[self.copy_of]
        return Copies(self.blocks, self.of[possible], low[keep], high[keep])

    def undecided(self, whole: np.ndarray) -> np.ndarray:
        """Of each copy with one, its first whole column with several values."""
        open_to = np.flatnonzero(whole[self.columns] & (self.low < self.high))
        _, first = np.unique(self.copy_of[open_to], return_index=True)
        return open_to[first]

    def split(self, at: np.ndarray) -> "Copies | None":
        """One copy for each value of the columns `at` (one of each copy at most);
        None where they are too many."""
        values = np.ones(len(self.of), int)
        count = self.high[at] - self.low[at] + 1
        if not (count <= MOST_OPTIONS).all():
            return None
        copy_of, begin = self.copy_of, self.begin
        values[copy_of[at]] = count.astype(int)
        source = np.repeat(np.arange(len(self.of)), values)
        nth = spread(np.zeros(len(values), int), values)
        sizes = np.diff(begin)[source]
        column = spread(begin[:-1][source], sizes)
        low, high = self.low[column], self.high[column]
        chosen = np.full(len(self.of), -1)
        chosen[copy_of[at]] = at - begin[:-1][copy_of[at]]
        first = np.concatenate([[0], np.cumsum(sizes)])[:-1]
        mine = chosen[source] >= 0
        place = first[mine] + chosen[source][mine]
        low[place] += nth[mine]
        high[place] = low[place]
        return Copies(self.blocks, self.of[source], low, high)


@dataclass(frozen=True)
class Equations:
    """Equations of all copies: row, column and value of each entry; right sides."""

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray
    right: np.ndarray

    @staticmethod
    def of(copies: Copies, decisions: Decisions) -> "Equations":
        A, row = copies.rows()
        same = decisions.row_low[row] == decisions.row_high[row]
        entries = A[same].tocoo()
        right = decisions.row_low[row][same]
        return Equations(entries.row, entries.col, entries.data, right)

    def tie(self, at: np.ndarray, per: np.ndarray, tied: np.ndarray) -> None:
        """Columns that an equation with no other unknown makes a line in the output;
        `at`, `per` and `tied` (N,) change in place."""
        row, column, value = self.row, self.column, self.value
        while True:
            loose = ~tied[column]
            unknown = np.bincount(row, loose, len(self.right))
            entry = np.flatnonzero(loose & (unknown[row] == 1))
            if not len(entry):
                return
            _, first = np.unique(column[entry], return_index=True)
            entry = entry[first]
            known = np.where(loose, 0.0, value)
            constant = np.bincount(row, known * at[column], len(self.right))
            rising = np.bincount(row, known * per[column], len(self.right))
            r, c, a = row[entry], column[entry], value[entry]
            at[c], per[c] = (self.right[r] - constant[r]) / a, -rising[r] / a
            tied[c] = True

    def shared(
        self,
        at: np.ndarray,
        per: np.ndarray,
        tied: np.ndarray,
        output: np.ndarray,
        copies: int,
        copy_of: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Columns that together make what is sent: their shares (N,), and what is sent
        without them (copies,)."""
        row, column, value, count = self.row, self.column, self.value, len(self.right)
        sends = output[column]
        size = np.bincount(row, np.where(sends, value, 0.0), count)
        known = np.where(tied[column] & ~sends, value, 0.0)
        rising = np.bincount(row, np.abs(known * per[column]), count)
        constant = np.bincount(row, known * at[column], count)
        loose = ~tied[column]
        sign = np.where(loose, -value * np.sign(size[row]), 1.0)
        fits = (size != 0) & (rising == 0)
        fits &= np.bincount(row, loose & (sign <= 0), count) == 0
        fits &= np.bincount(row, loose, count) > 1
        share, base = np.zeros(len(at)), np.zeros(copies)
        of_row = np.zeros(count, int)
        of_row[row] = copy_of[column]
        # Of several such equations of a copy the first is taken.
        chosen = np.flatnonzero(fits)
        _, first = np.unique(of_row[chosen], return_index=True)
        chosen = chosen[first]
        base[of_row[chosen]] = (self.right[chosen] - constant[chosen]) / size[chosen]
        mine = np.zeros(count, bool)
        mine[chosen] = True
        entry = np.flatnonzero(mine[row] & loose)
        share[column[entry]] = -value[entry] / size[row[entry]]
        return share, base
