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
from dmopt.proof.copies import MOST_OPTIONS, Blocks, Copies, Equations


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
    blocks = Blocks.of(decisions, left_out, part, count)
    low, high = decisions.low.copy(), decisions.high.copy()
    low[output] = np.maximum(low[output], 0.0)
    high[output] = np.minimum(high[output], most)
    copies = Copies(blocks, np.arange(count), low[blocks.column], high[blocks.column])
    while True:
        copies = copies.tightened(decisions)
        open_to = copies.undecided(decisions.whole)
        if not len(open_to):
            break
        split = copies.split(open_to)
        if split is None or np.bincount(split.of).max(initial=0) > MOST_OPTIONS:
            return None
        copies = split
    return _read_off(copies, decisions, part, sends)


def _read_off(
    copies: Copies, decisions: Decisions, part: np.ndarray, sends: np.ndarray
) -> Options:
    columns, copy_of = copies.columns, copies.copy_of
    output = columns == sends[copies.of][copy_of]
    per = output.astype(float)
    tied = output | (copies.low == copies.high)
    at = np.where(tied & ~output, copies.low, 0.0)
    equations = Equations.of(copies, decisions)
    equations.tie(at, per, tied)
    share, base = equations.shared(at, per, tied, output, len(copies.of), copy_of)
    capacity = np.zeros(len(copies.of))
    capacity[copy_of[output]] = np.maximum(copies.high[output], 0.0)
    return Options(
        part, copies.of, capacity, copy_of, columns, at, per, tied,
        np.where(output, 0.0, copies.low), copies.high, share, base,
    )  # fmt: skip
