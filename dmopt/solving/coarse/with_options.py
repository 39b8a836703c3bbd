"""A program with columns for the options of cells, and the rows that tie them to it.

    sum_{q of a cell} z[q] = 1
    modules[j] = sum_q standing[q,j] z[q]
    x[j] >= sum_q least[q,j] z[q]

Every plan takes one option of each cell, so nothing is cut off but fractions:
dmopt/proof/cells.py says what options ask for.
"""

import numpy as np
import scipy.sparse as sp

from dmopt.proof.cells import Cells
from dmopt.solving.program import LinearProgram


def with_options(program: LinearProgram, cells: Cells) -> LinearProgram:
    """The program with a column for each option at its end, 0..1, and these rows at its
    end: of cells, of what stands, of what is implied. The decision layer comes first in
    its columns."""
    before, options = program.A.shape[1], len(cells.of)
    stands, asks = len(cells.counted), len(cells.implied)
    size, rows = before + options, cells.count + stands + asks
    one = sp.csr_matrix(
        (np.ones(options), (cells.of, before + np.arange(options))), (cells.count, size)
    )
    tied = sp.vstack(
        [
            one,
            sp.hstack([_picking(cells.counted, before), -cells.standing.T]),
            sp.hstack([_picking(cells.implied, before), -cells.least.T]),
        ],
        format="csr",
    )
    A = program.A.copy()
    A.resize(A.shape[0], size)
    none, right = np.zeros(options), np.ones(rows)
    right[cells.count :] = 0.0
    high = right.copy()
    high[cells.count + stands :] = np.inf
    return LinearProgram(
        A=sp.csr_matrix(sp.vstack([A, tied], format="csr")),
        cost=np.concatenate([program.cost, none]),
        offset=program.offset,
        low=np.concatenate([program.low, none]),
        high=np.concatenate([program.high, none + 1]),
        row_low=np.concatenate([program.row_low, right]),
        row_high=np.concatenate([program.row_high, high]),
        whole=np.concatenate([program.whole, none.astype(bool)]),
        shares=np.concatenate([program.shares, none == 0]),
    )


def _picking(columns: np.ndarray, size: int) -> sp.csr_matrix:
    """A one for each of the columns, a row each."""
    count = len(columns)
    return sp.csr_matrix((np.ones(count), (np.arange(count), columns)), (count, size))
