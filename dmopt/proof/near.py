"""What options of cells imply for other columns, by rows near the cell.

Rows are taken in hops: those with the cell's own columns, then those with columns these
have led to. A column of another site leads nowhere further, and neither does a long
row: fewer rows imply less, nothing false. All options are copies in one matrix, so that
ranges are found for all at once (ranges.py).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from dmopt.formulation.compiled import Decisions
from dmopt.proof.copies import spread
from dmopt.proof.ranges import implied_ranges

HOPS = 3
LONGEST = 100
"""Columns of a row; a longer one is left out."""
ROUNDS = 4
WHOLE, MORE = 1e-6, 1e-6
"""Rounding of whole columns; what is more than a column's own least value."""
SHARED, NOWHERE = -1, -2

Option = tuple[int, np.ndarray, np.ndarray]
"""A cell, its counting columns, their values."""


@dataclass(frozen=True)
class Near:
    """possible: numbers of the options that rows leave. column (I,), least
    (possible, I) csr: of each cell and column, what options ask of it at least."""

    possible: list[int]
    column: np.ndarray
    least: sp.csr_matrix


def implied_near(
    decisions: Decisions,
    options: list[Option],
    private: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> Near:
    """What options imply. private (n,): columns that are not asked for."""
    hood = _Neighbourhoods.of(decisions, private)
    columns: list[np.ndarray] = []
    rows: list[np.ndarray] = []
    first: dict[int, int] = {}
    for cell, counted, _ in options:
        if cell not in first:
            own, mine = hood.around(counted)
            first[cell] = len(columns)
            columns.append(own)
            rows.append(mine)
    place = np.array([first[cell] for cell, *_ in options])
    begin = np.concatenate([[0], np.cumsum([len(columns[n]) for n in place])])
    column = np.concatenate([np.empty(0, int), *(columns[n] for n in place)])
    own_low, own_high = low[column].copy(), high[column].copy()
    for n, (_, counted, values) in enumerate(options):
        at = begin[n] + np.searchsorted(columns[place[n]], counted)
        own_low[at] = own_high[at] = values
    A, row = _copies(decisions.A, columns, rows, place, begin)
    new_low, new_high = implied_ranges(
        A, decisions.row_low[row], decisions.row_high[row], own_low, own_high, ROUNDS
    )
    whole = decisions.whole[column]
    new_low = np.where(whole, np.ceil(new_low - WHOLE), new_low)
    new_high = np.where(whole, np.floor(new_high + WHOLE), new_high)
    option = np.repeat(np.arange(len(options)), np.diff(begin))
    room = new_high - new_low >= -WHOLE * np.maximum(1.0, np.abs(new_low))
    possible = np.bincount(option, ~room, len(options)) == 0
    counts = np.zeros(decisions.size, bool)
    for counted in {id(c): c for _, c, _ in options}.values():
        counts[counted] = True
    more = new_low > np.maximum(low[column], 0.0) + MORE * np.maximum(
        1.0, np.abs(low[column])
    )
    asked = np.flatnonzero(
        more & possible[option] & ~private[column] & ~counts[column]
        & (low[column] >= 0) & np.isfinite(new_low)
    )  # fmt: skip
    number = np.cumsum(possible) - 1
    of = np.array([cell for cell, *_ in options], np.int64)[option[asked]]
    both = of * decisions.size + column[asked]
    rows_of, at = np.unique(both, return_inverse=True)
    least = sp.csr_matrix(
        (new_low[asked], (number[option[asked]], at)),
        (int(possible.sum()), len(rows_of)),
    )
    return Near(np.flatnonzero(possible).tolist(), rows_of % decisions.size, least)


@dataclass(frozen=True)
class _Neighbourhoods:
    """inside: columns of each row, without rows that are left out; across: rows of each
    column. site (n,): number of a column's site, SHARED, or NOWHERE for one that leads
    nowhere."""

    inside: list[list[int]]
    across: list[list[int]]
    site: list[int]

    @staticmethod
    def of(decisions: Decisions, private: np.ndarray) -> "_Neighbourhoods":
        site = np.full(decisions.size, NOWHERE)
        number: dict[str, int] = {}
        for family, column in decisions.column.items():
            for key, n in column.items():
                if family in ("steps", "built"):
                    site[n] = SHARED
                elif family != "unmet":
                    site[n] = number.setdefault(key[0], len(number))
        A = decisions.A.copy()
        A.eliminate_zeros()
        kept = near_rows(decisions.A, private)
        A = sp.csr_matrix(sp.diags(kept.astype(float)) @ A)
        A.eliminate_zeros()
        return _Neighbourhoods(_lists(A), _lists(A.tocsc()), site.tolist())

    def around(self, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns and rows near the counting columns of a cell."""
        rows: set[int] = set()
        reached, new = set(counted.tolist()), counted.tolist()
        near = {self.site[column] for column in new} | {SHARED}
        for _ in range(HOPS):
            found = {row for column in new for row in self.across[column]} - rows
            new = []
            for row in found:
                leads = [c for c in self.inside[row] if self.site[c] in near]
                if len(leads) > 1:
                    rows.add(row)
                    new += [c for c in leads if c not in reached]
                    reached.update(leads)
        inside = {column for row in rows for column in self.inside[row]}
        return np.array(sorted(inside | set(counted.tolist())), int), np.array(
            sorted(rows), int
        )


def near_rows(A: sp.csr_matrix, private: np.ndarray) -> np.ndarray:
    """Rows (R,) bool that options are followed along: not too long, and without columns
    that only options speak of, private (n,) bool."""
    A = A.copy()
    A.eliminate_zeros()
    short = A.getnnz(axis=1) <= LONGEST
    return np.asarray(short & (A[:, private].getnnz(axis=1) == 0))


def _lists(A: sp.csr_matrix | sp.csc_matrix) -> list[list[int]]:
    """Places of the entries of each row of a csr matrix, each column of a csc one."""
    ends, places = A.indptr.tolist(), A.indices.tolist()
    return [places[a:b] for a, b in pairwise(ends)]


def _copies(
    A: sp.csr_matrix,
    columns: list[np.ndarray],
    rows: list[np.ndarray],
    place: np.ndarray,
    begin: np.ndarray,
) -> tuple[sp.csr_matrix, np.ndarray]:
    """Rows of all options, each over its own columns; and which they are."""
    entry_row, entry_column, entry = [], [], []
    for own, mine in zip(columns, rows, strict=True):
        part = A[mine].tocoo()
        entry_row.append(part.row.astype(int))
        entry_column.append(np.searchsorted(own, part.col))
        entry.append(part.data)
    none = np.empty(0, int)
    size = np.array([len(each) for each in entry], int)
    start = np.concatenate([[0], np.cumsum(size)])[:-1]
    heights = np.array([len(each) for each in rows], int)
    top = np.concatenate([[0], np.cumsum(heights[place])])
    e = spread(start[place], size[place])
    row = np.concatenate([none, *entry_row])[e] + np.repeat(top[:-1], size[place])
    column = np.concatenate([none, *entry_column])[e] + np.repeat(
        begin[:-1], size[place]
    )
    shape = (int(top[-1]), int(begin[-1]))
    value = np.concatenate([np.empty(0), *entry])[e]
    which = np.concatenate([none, *(rows[n] for n in place)])
    return sp.csr_matrix((value, (row, column)), shape), which
