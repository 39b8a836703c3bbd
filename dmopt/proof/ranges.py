"""What the rows of a program imply for the range of each column.

For a row low <= sum_j a_j x_j <= high and a column i with a_i > 0

    x_i <= (high - sum_{j != i} least of a_j x_j) / a_i

and likewise for the other signs and sides. Ranges only ever shrink; a few rounds carry
limits along chains (modules -> capacity -> activity -> output).
"""

import numpy as np
import scipy.sparse as sp

ROUNDS = 6
SLACK = 1e-9
"""Relative to the terms: ranges are left a little wider than computed, so that rounding
in them never cuts off a plan."""


def implied_ranges(
    A: sp.csr_matrix,
    row_low: np.ndarray,
    row_high: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    rounds: int = ROUNDS,
) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest value of each column, (n,) each; infinite where nothing is
    implied. Ranges may come out empty (low > high) where no solution exists."""
    entry_row = np.repeat(np.arange(A.shape[0]), np.diff(A.indptr))
    entry_column, a = A.indices, A.data
    filled = a != 0
    entry_row, entry_column, a = entry_row[filled], entry_column[filled], a[filled]
    low, high = low.astype(float), high.astype(float)
    for _ in range(rounds):
        before = low.copy(), high.copy()
        for sign, limit in ((1.0, row_high), (-1.0, -row_low)):
            _tighten(entry_row, entry_column, sign * a, limit, low, high)
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, high


def _tighten(
    row: np.ndarray,
    column: np.ndarray,
    a: np.ndarray,
    limit: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> None:
    """Shrink `low` and `high` by rows  sum a x <= limit."""
    least = np.where(a > 0, a * low[column], a * high[column])
    free = np.isinf(least)
    rows = len(limit)
    total = np.bincount(row, np.where(free, 0.0, least), rows)
    size = np.bincount(row, np.where(free, 0.0, np.abs(least)), rows)
    frees = np.bincount(row, free, rows)
    others = frees[row] - free == 0  # all other columns of the row have a least value
    usable = np.flatnonzero(others & np.isfinite(limit[row]))
    r, c, w = row[usable], column[usable], a[usable]
    rest = total[r] - np.where(free[usable], 0.0, least[usable])
    value = (limit[r] - rest) / w
    slack = SLACK * (np.abs(limit[r]) + size[r]) / np.abs(w)
    up = w > 0
    np.minimum.at(high, c[up], value[up] + slack[up])
    np.maximum.at(low, c[~up], value[~up] - slack[~up])
