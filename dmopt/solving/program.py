"""One linear or mixed-integer program in arrays, put together and scaled.

    minimise cost @ x + offset   with   row_low <= A x <= row_high,  low <= x <= high

Columns: decisions, then deliveries x, transfers y, shortfalls (dmopt/flows/layer.py).
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions


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
class Rows:
    """Where the row families of an assembled program begin: decisions, then these."""

    demand: int
    sent: int
    brought: int
    supply: int
    unmet: int


def assemble(decisions: Decisions, layer: FlowLayer) -> tuple[LinearProgram, Rows]:
    """Decision layer and flow layer in one program; the rows of dmopt/flows/layer.py."""
    gates = layer.gates
    n, xs, ys, ds = (
        decisions.size,
        len(layer.x_to),
        len(layer.y_to),
        len(layer.quantity),
    )
    x, y, short = n + np.arange(xs), n + xs + np.arange(ys), n + xs + ys + np.arange(ds)
    outputs, inputs, markets = len(gates.output), len(gates.input), len(gates.market)
    supplies = len(gates.supply_most)
    rows = Rows(
        demand=(at := decisions.A.shape[0]),
        sent=(at := at + ds),
        brought=(at := at + outputs),
        supply=(at := at + inputs),
        unmet=(at := at + supplies),
    )
    ones = np.ones
    # (row, column, value) of each family; `sent` and `supply` rows differ only in place
    from_row = np.concatenate(
        [rows.sent + np.arange(outputs), rows.supply + np.arange(supplies)]
    )
    weight = layer.quantity
    triples = [
        (rows.demand + layer.x_to, x, ones(xs)),
        (rows.demand + np.arange(ds), short, ones(ds)),
        (from_row[layer.x_from], x, weight[layer.x_to]),
        (from_row[layer.y_from], y, ones(ys)),
        (rows.sent + np.arange(outputs), gates.output, -ones(outputs)),
        (rows.brought + layer.y_to, y, ones(ys)),
        (rows.brought + np.arange(inputs), gates.input, -ones(inputs)),
        (rows.unmet + layer.market_of, short, weight),
        (rows.unmet + np.arange(markets), gates.market, -ones(markets)),
    ]
    row, column, value = (np.concatenate(part) for part in zip(*triples, strict=True))
    total = rows.unmet + markets
    size = n + layer.columns
    body = sp.csr_matrix((value, (row, column)), shape=(total, size))
    top = decisions.A.copy()
    top.resize(total, size)
    zeros = np.zeros(outputs + inputs)
    return LinearProgram(
        A=(top + body).tocsr(),
        cost=np.concatenate(
            [decisions.cost, layer.x_cost, layer.y_cost, layer.short_cost]
        ),
        offset=decisions.offset,
        low=np.concatenate([decisions.low, np.zeros(layer.columns)]),
        high=np.concatenate(
            [
                decisions.high,
                layer.x_most,
                np.full(ys, np.inf),
                np.where(layer.may_fall_short, np.inf, 0.0),
            ]
        ),
        row_low=np.concatenate(
            [
                decisions.row_low,
                ones(ds),
                zeros,
                np.full(supplies, -np.inf),
                np.zeros(markets),
            ]
        ),
        row_high=np.concatenate(
            [decisions.row_high, ones(ds), zeros, gates.supply_most, np.zeros(markets)]
        ),
        whole=np.concatenate([decisions.whole, layer.whole, np.zeros(ys + ds, bool)]),
        shares=np.concatenate(
            [decisions.whole, ones(xs), np.zeros(ys), ones(ds)]
        ).astype(bool),
    ), rows


@dataclass(frozen=True)
class Scaling:
    """x = column * scaled x; row duals: dual = money * row * scaled dual."""

    column: np.ndarray
    row: np.ndarray
    money: float


def scaled(program: LinearProgram, rounds: int = 4) -> tuple[LinearProgram, Scaling]:
    """Geometric scaling by powers of two; whole columns and shares keep theirs.

    Costs and capacities span ten magnitudes (a loaf, a plant): without it the
    solver's absolute tolerances mean different things in different rows.
    """
    A = abs(program.A).tocsr()
    A.eliminate_zeros()
    by_column = A.tocsc()
    row, column = np.ones(A.shape[0]), np.ones(A.shape[1])
    free = ~(program.whole | program.shares)
    for _ in range(rounds):
        row = _middle(A, column)
        column = np.where(free, _middle(by_column.T.tocsr(), row), 1.0)
    row = _middle(A, column)
    row, column = np.exp2(np.round(np.log2(row))), np.exp2(np.round(np.log2(column)))
    cost = program.cost * column
    largest = np.abs(cost).max(initial=0.0)
    money = 2.0 ** np.round(np.log2(largest / 1e4)) if largest > 0 else 1.0
    matrix = sp.diags(row) @ program.A @ sp.diags(column)
    return replace(
        program,
        A=matrix.tocsr(),
        cost=cost / money,
        offset=program.offset / money,
        low=program.low / column,
        high=program.high / column,
        row_low=program.row_low * row,
        row_high=program.row_high * row,
    ), Scaling(column, row, money)


def _middle(A: sp.csr_matrix, other: np.ndarray) -> np.ndarray:
    """1 / sqrt(least * greatest) of each row's entries times `other`; 1 if empty."""
    value = A.data * other[A.indices]
    filled = np.diff(A.indptr) > 0
    start = A.indptr[:-1][filled]
    middle = np.ones(A.shape[0])
    if len(start):
        least = np.minimum.reduceat(value, start)
        greatest = np.maximum.reduceat(value, start)
        middle[filled] = 1 / np.sqrt(least * greatest)
    return middle
