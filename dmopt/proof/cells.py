"""Cells: what stands at a site in a period, option by option.

A cell is a site in a period: the columns that count its modules, what they make
(activity) and what it sends out (output). An option says how many modules of each
technology stand there; a plan takes exactly one of each cell. Of an option q the rows
of the model imply

    (capacity)  sum_r use[r] activity[r]  <=  cap[q,w]     for each capacity row w
    (made)      output[c]  <=  sum_r yield[r] activity[r]
    (implied)   x[j]  >=  least[q,j]    of any other column: the site open, steps of
                infrastructure, connections, draws; whole ones rounded up

The last is what a fraction of a module hides: half a line asks for half a step of the
grid and half a hub in a relaxation of single columns; by options it asks for half of
all that a line asks for. Ranges are those that rows near the cell imply (ranges.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import scipy.sparse as sp

from dmopt.formulation.compiled import Decisions
from dmopt.proof.near import implied_near, near_rows
from dmopt.proof.rates import Rates, rates_of

MOST_OPTIONS = 64
"""Options of one cell; with more, they are not gone through."""
WHOLE = 1e-6
"""Rounding that ranges of whole columns may have."""

Key = tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """Options of all cells, cell by cell.

    private (n,) bool: columns that only options speak of: outputs, and the activities
    that make them.
    counted (J,): columns that count modules. of (Q,): cell of each option.
    standing (Q, J) csr: modules that stand. implied (I,): a column for each row of
    (implied), least (Q, I) csr: at least so much of it.
    capacity (P,): cap[q,w] of each option and row w with room, pair_of (P,) the option.
    ways (W,): an activity in an option: pair (its capacity), sale, column, use, yield;
    sale by sale.
    sales (X,): an output of an option: the option, the output's number.
    """

    private: np.ndarray
    counted: np.ndarray
    of: np.ndarray
    standing: sp.csr_matrix
    implied: np.ndarray
    least: sp.csr_matrix
    pair_of: np.ndarray
    capacity: np.ndarray
    way_pair: np.ndarray
    way_sale: np.ndarray
    way_column: np.ndarray
    way_use: np.ndarray
    way_yield: np.ndarray
    sale_of: np.ndarray
    sale_output: np.ndarray

    @property
    def count(self) -> int:
        return int(self.of.max(initial=-1)) + 1


NO_OPTIONS = "no site has anything that it could do"


def cells_of(decisions: Decisions, low: np.ndarray, high: np.ndarray) -> Cells | str:
    """The cells of a decision layer, or why there are none.

    low, high (n,): ranges of its columns that its rows imply.
    """
    rates = rates_of(decisions, low)
    if isinstance(rates, str):
        return rates
    modules = _counted(decisions)
    if not decisions.whole[list(decisions.column["modules"].values())].all():
        return "modules need not be whole"
    options: list[tuple[int, np.ndarray, np.ndarray]] = []
    cells: list[Key] = sorted({(key[0], key[-1]) for key in decisions.column["output"]})
    for number, cell in enumerate(cells):
        columns = modules.get(cell, np.empty(0, int))
        values = _values(low[columns], high[columns])
        if values is None:
            return f"{cell[0]} may have more modules than can be gone through"
        options += [(number, columns, each) for each in values]
    if not options:
        return NO_OPTIONS
    private = np.zeros(decisions.size, bool)
    private[rates.private] = True
    near = implied_near(decisions, options, private, low, high)
    options = [options[n] for n in near.possible]
    if not options:
        return NO_OPTIONS
    return _read_off(private, cells, options, rates, near.column, near.least)


READ = ("capacity", "balance", "made_here")
"""Families of rows with activities or outputs that options are read from."""


def read_alike(
    before: Decisions,
    ranges: tuple[np.ndarray, np.ndarray],
    after: Decisions,
    now: tuple[np.ndarray, np.ndarray],
    private: np.ndarray,
) -> bool:
    """Whether all that options are read from is the same in two decision layers, so
    that their cells are. ranges, now: of their columns, (n,) each. private (n,) bool:
    as the cells of the one before have it."""
    A, B = before.A, after.A
    if not (
        A.shape == B.shape
        and np.array_equal(A.indptr, B.indptr)
        and np.array_equal(A.indices, B.indices)
        and np.array_equal(A.data, B.data)
        and np.array_equal(before.whole, after.whole)
        and before.row_keys == after.row_keys
        and before.column == after.column
        and np.array_equal(ranges[0], now[0])
    ):
        return False
    near = near_rows(A, private)
    read = near | np.array([key[0] in READ for key in before.row_keys], bool)
    asked = A[near].getnnz(axis=0) > 0
    asked[list(before.column["modules"].values())] = True
    return (
        np.array_equal(before.row_low[read], after.row_low[read])
        and np.array_equal(before.row_high[read], after.row_high[read])
        and np.array_equal(ranges[1][asked], now[1][asked])
    )


def _counted(decisions: Decisions) -> dict[Key, np.ndarray]:
    """Columns that count modules, by (site, period)."""
    found: dict[Key, list[int]] = {}
    for key, column in decisions.column["modules"].items():
        found.setdefault((key[0], key[-1]), []).append(column)
    return {cell: np.array(columns) for cell, columns in found.items()}


def _values(low: np.ndarray, high: np.ndarray) -> list[np.ndarray] | None:
    """Every way to count within ranges; None where they are too many."""
    first, last = np.ceil(low - WHOLE), np.floor(high + WHOLE)
    if not np.prod(np.maximum(last - first + 1, 1.0)) <= MOST_OPTIONS:
        return None
    spans = [np.arange(a, b + 1) for a, b in zip(first, last, strict=True)]
    return [np.array(each, float) for each in product(*spans)]


def _read_off(
    private: np.ndarray,
    cells: list[Key],
    options: list[tuple[int, np.ndarray, np.ndarray]],
    rates: Rates,
    implied: np.ndarray,
    least: sp.csr_matrix,
) -> Cells:
    """Options as arrays."""
    by_cell: dict[Key, list[int]] = {}
    for n, (site, period) in enumerate(rates.place):
        by_cell.setdefault((site, period), []).append(n)
    of: list[int] = []
    entries: list[tuple[int, int, float]] = []
    pairs: list[tuple[int, float]] = []
    ways: list[tuple[int, int, int, float, float]] = []
    sales: list[tuple[int, int]] = []
    for q, (number, columns, values) in enumerate(options):
        of.append(number)
        standing = dict(zip(columns.tolist(), values.tolist(), strict=True))
        entries += [(q, at, count) for at, count in standing.items() if count]
        sold: dict[int, int] = {}
        for n in by_cell.get(cells[number], ()):
            room = rates.room(n, standing)
            if room <= 0:
                continue
            pairs.append((q, room))
            for made_by, use, output, yields in rates.made[n]:
                if output not in sold:
                    sold[output] = len(sales)
                    sales.append((q, output))
                ways.append((len(pairs) - 1, sold[output], made_by, use, yields))
    row, column, value = _columns(entries, 3)
    counted = np.unique(column.astype(int))
    standing_matrix = sp.csr_matrix(
        (value, (row.astype(int), np.searchsorted(counted, column))),
        (len(options), len(counted)),
    )
    pair_of, capacity = _columns(pairs, 2)
    ways.sort(key=lambda way: way[1])
    way = _columns(ways, 5)
    sale_of, sale_output = _columns(sales, 2)
    return Cells(
        private=private,
        counted=counted,
        of=np.array(of, int),
        standing=standing_matrix,
        implied=implied,
        least=least,
        pair_of=pair_of.astype(int),
        capacity=capacity,
        way_pair=way[0].astype(int),
        way_sale=way[1].astype(int),
        way_column=way[2].astype(int),
        way_use=way[3],
        way_yield=way[4],
        sale_of=sale_of.astype(int),
        sale_output=sale_output.astype(int),
    )


def _columns(rows: Sequence[tuple[float, ...]], width: int) -> list[np.ndarray]:
    """Each place of the tuples as an array."""
    table = np.array(rows, float).reshape(-1, width)
    return list(table.T)
