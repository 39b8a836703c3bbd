"""Options: all that each part of the decision layer can decide, one by one.

Rows that join sites (how many are open, supply in total) are left out; what the other
rows join is a part, for most instances a site. A part is gone through whole column by
whole column: every value that its rows leave open becomes an option, until all whole
columns have a value. Then, for an option and what it sends out, q,

    a column   = at + per q      where rows say so (an equation with one more unknown)
               in low .. high    else, as rows imply (ranges.py)
    several    q = base + sum of share * column, share > 0 (modules side by side): the
               least of cost / share is paid for each unit
    cost       >= fixed + slope q,   0 <= q <= capacity

whatever the cost of columns is. Rows left out, and ranges too wide, only make options
better than they are: what is proven from them holds.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from dmopt.formulation.compiled import Decisions
from dmopt.proof.ranges import implied_ranges

MOST_OPTIONS = 64
"""Of one part, more than this is too many to go through."""
WHOLE = 1e-6
"""Rounding that ranges of whole columns may have."""


@dataclass(frozen=True)
class Options:
    """Options of the parts of a decision layer, part by part.

    part (n,): part of each column, -1 where rows name none (left_out).
    of (C,): part of each option. capacity (C,): most it sends out, units a year.
    An entry is a column of an option: option, column, and the line  at + per q  or,
    where `tied` is False, the range low .. high; all (E,), option by option.
    share (E,): of columns that share what is sent, else 0. base (C,): see above.
    """

    part: np.ndarray
    of: np.ndarray
    capacity: np.ndarray
    option: np.ndarray
    column: np.ndarray
    at: np.ndarray
    per: np.ndarray
    tied: np.ndarray
    low: np.ndarray
    high: np.ndarray
    share: np.ndarray
    base: np.ndarray

    def cost(
        self, cost: np.ndarray, doubt: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Least fixed cost, slope, and by how much both may be too high in all, of each
        option (C,), for costs of columns (n,) that are right up to `doubt` (n,)."""
        each, unsure = cost[self.column], doubt[self.column]
        count, o = len(self.of), self.option
        sent = self.capacity[o] + np.abs(self.base[o])
        shared = np.flatnonzero(self.share > 0)
        unit = np.full(count, np.inf)
        np.minimum.at(unit, o[shared], each[shared] / self.share[shared])
        unit = np.where(np.isfinite(unit), unit, 0.0)
        each = np.where(self.share > 0, each - unit[o] * self.share, each)
        open_sign = (np.abs(each) <= unsure) & (unsure > 0) & (self.share == 0)
        end = np.where((each >= 0) | (self.share > 0), self.low, self.high)
        far = np.maximum(np.abs(self.low), np.abs(self.high))
        end = np.where(self.tied, self.at, np.where(open_sign, far, end))
        with np.errstate(invalid="ignore"):
            # A column without cost costs nothing, however wide its range.
            fixed = np.where(each == 0, 0.0, each * end)
            wrong = np.where(unsure == 0, 0.0, unsure * np.abs(end))
            over = unsure * (4 * self.high + 2 * sent / np.maximum(self.share, 1e-300))
        fixed = np.where(open_sign & ~self.tied, 0.0, fixed)
        wrong = np.where(open_sign, 2.0, 1.0) * wrong
        wrong += np.where(self.tied, unsure * np.abs(self.per) * sent, 0.0)
        wrong += np.where((self.share > 0) & (unsure > 0), over, 0.0)
        slope = np.where(self.tied, each * self.per, 0.0)
        fixed, slope, wrong = (
            np.bincount(o, of_entry, count) for of_entry in (fixed, slope, wrong)
        )
        return fixed - unit * self.base, slope + unit, wrong


def parts_of(
    decisions: Decisions, left_out: np.ndarray, apart: np.ndarray
) -> tuple[int, np.ndarray]:
    """How many parts there are, and the part of each column (n,).

    left_out (R,) bool: rows that join nothing. apart (n,) bool: columns of no part.
    """
    joins = decisions.A[~left_out]
    joins.eliminate_zeros()
    rows, columns = joins.shape
    both = sp.bmat([[None, joins], [joins.T, None]], format="csr")
    _, label = connected_components(both, directed=False)
    used, part = np.unique(label[rows:][~apart], return_inverse=True)
    of_column = np.full(columns, -1)
    of_column[~apart] = part
    return len(used), of_column


def options_of(
    decisions: Decisions,
    left_out: np.ndarray,
    apart: np.ndarray,
    output: np.ndarray,
    most: float,
) -> Options | None:
    """All options; None where a part has more than can be gone through.

    output (O,): columns that send out, at most one in a part. most: units a year that
    any of them can ever send. Raises ValueError where two are in one part.
    """
    # A row with a column of no part cannot be kept by parts.
    left_out = left_out | (decisions.A[:, apart].getnnz(axis=1) > 0)
    count, part = parts_of(decisions, left_out, apart)
    sends = np.full(count, -1)
    sends[part[output]] = output
    if (sends >= 0).sum() != len(output) or (part[output] < 0).any():
        raise ValueError("two outputs are decided together")
    blocks = _Blocks.of(decisions, left_out, part, count)
    low, high = decisions.low.copy(), decisions.high.copy()
    low[output] = np.maximum(low[output], 0.0)
    high[output] = np.minimum(high[output], most)
    copies = _Copies(blocks, np.arange(count), low[blocks.column], high[blocks.column])
    while True:
        copies = copies.tightened(decisions)
        open_to = copies.undecided(decisions.whole)
        if not len(open_to):
            break
        split = copies.split(open_to)
        if split is None or np.bincount(split.of).max(initial=0) > MOST_OPTIONS:
            return None
        copies = split
    return copies.options(decisions, part, sends)


def spread(start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """start[0], start[0] + 1, .. (count[0] of them), then the same of the next."""
    ends = np.cumsum(count)
    return np.arange(int(count.sum())) + np.repeat(start - (ends - count), count)


@dataclass(frozen=True)
class _Blocks:
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
    ) -> "_Blocks":
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
        return _Blocks(
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
class _Copies:
    """Copies of parts, each with its own ranges: of (C,) part of each copy; low, high
    (N,) of its columns, copy by copy."""

    blocks: _Blocks
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

    def tightened(self, decisions: Decisions) -> "_Copies":
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
        return _Copies(self.blocks, self.of[possible], low[keep], high[keep])

    def undecided(self, whole: np.ndarray) -> np.ndarray:
        """Of each copy with one, its first whole column with several values."""
        open_to = np.flatnonzero(whole[self.columns] & (self.low < self.high))
        _, first = np.unique(self.copy_of[open_to], return_index=True)
        return open_to[first]

    def split(self, at: np.ndarray) -> "_Copies | None":
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
        return _Copies(self.blocks, self.of[source], low, high)

    def options(
        self, decisions: Decisions, part: np.ndarray, sends: np.ndarray
    ) -> Options:
        columns, copy_of = self.columns, self.copy_of
        output = columns == sends[self.of][copy_of]
        per = output.astype(float)
        tied = output | (self.low == self.high)
        at = np.where(tied & ~output, self.low, 0.0)
        equations = _Equations.of(self, decisions)
        equations.tie(at, per, tied)
        share, base = equations.shared(at, per, tied, output, len(self.of), copy_of)
        capacity = np.zeros(len(self.of))
        capacity[copy_of[output]] = np.maximum(self.high[output], 0.0)
        return Options(
            part, self.of, capacity, copy_of, columns, at, per, tied,
            np.where(output, 0.0, self.low), self.high, share, base,
        )  # fmt: skip


@dataclass(frozen=True)
class _Equations:
    """Equations of all copies: row, column and value of each entry; right sides."""

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray
    right: np.ndarray

    @staticmethod
    def of(copies: _Copies, decisions: Decisions) -> "_Equations":
        A, row = copies.rows()
        same = decisions.row_low[row] == decisions.row_high[row]
        entries = A[same].tocoo()
        right = decisions.row_low[row][same]
        return _Equations(entries.row, entries.col, entries.data, right)

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
