"""A relaxation kept hot: limits of totals change and rows are added, few pivots each.

    rows of the program, then those of the totals, then rows added on the way

HiGHS starts each solve from a basis that fits: of the solve before, or one that is
given back to it.
"""

from dataclasses import dataclass, field, replace
from threading import Event

import highspy
import numpy as np
import scipy.sparse as sp

from dmopt.solving.highs import Limits, load, run, stop_on
from dmopt.solving.program import LinearProgram, scaled


@dataclass(frozen=True)
class Solved:
    """value: money, inf if infeasible. x (n,), dual (rows,) in the program's units; of
    an infeasible one there is no x, and the dual is a ray: what it adds to the duals
    of any solution raises the bound without end. basis: to go on from."""

    value: float
    x: np.ndarray | None
    dual: np.ndarray
    basis: highspy.HighsBasis = field(repr=False)


class Relaxation:
    """The relaxation of `program`, with limits on `totals` (T, n).

    lacking (T,): money for each of a total that is missing or too many, where `miss`
    allows that; without it, limits are always kept.
    """

    def __init__(
        self,
        program: LinearProgram,
        totals: sp.csr_matrix,
        seed: int,
        cancel: Event,
        lacking: np.ndarray | None = None,
    ) -> None:
        count = totals.shape[0]
        free = np.full(count, np.inf)
        self.first, self._size = program.A.shape
        if lacking is not None:
            program, totals = _with_lacking(program, totals, lacking)
        whole = program.relaxed().with_rows(totals, -free, free)
        scaled_program, scaling = scaled(whole)
        self._column, self._row, self._money = (
            scaling.column,
            scaling.row,
            scaling.money,
        )
        self._failures: list[BaseException] = []
        self._h = load(scaled_program, Limits(1e9, 1e-9, seed, 1), "simplex", {})
        stop_on(self._h, cancel, self._failures)
        self._low, self._high = -free, free.copy()

    def solve(
        self,
        low: np.ndarray,
        high: np.ndarray,
        basis: highspy.HighsBasis | None = None,
    ) -> Solved | None:
        """With these limits on the totals, (T,) each; None where it was stopped."""
        for n in np.flatnonzero((low != self._low) | (high != self._high)):
            row = self.first + int(n)
            scale = self._row[row]
            self._h.changeRowBounds(row, float(low[n] * scale), float(high[n] * scale))
        self._low, self._high = low.copy(), high.copy()
        if basis is not None:
            self._h.setBasis(self._grown(basis))
        status = run(self._h, self._failures)
        if status == "infeasible":
            return Solved(np.inf, None, self._ray(), self._h.getBasis())
        if status != "optimal":
            return None
        answer = self._h.getSolution()
        return Solved(
            self._h.getInfo().objective_function_value * self._money,
            (np.array(answer.col_value) * self._column)[: self._size],
            np.array(answer.row_dual) * self._row * self._money,
            self._h.getBasis(),
        )

    def limit(self, columns: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        """Other limits for some columns, in the program's units."""
        scale = self._column[columns]
        self._h.changeColsBounds(
            len(columns), columns.astype(np.int32), low / scale, high / scale
        )

    def miss(self, allowed: bool) -> None:
        """Whether limits of totals may be missed, for what is then `lacking`."""
        columns = np.arange(self._size, len(self._column))
        high = np.full(len(columns), np.inf if allowed else 0.0)
        self.limit(columns, np.zeros(len(columns)), high)

    def price(self, cost: np.ndarray) -> None:
        """Other costs of all columns, (n,), without an offset."""
        own = cost * self._column[: self._size] / self._money
        columns = np.arange(len(own), dtype=np.int32)
        self._h.changeColsCost(len(own), columns, own)

    def reduced(self) -> np.ndarray:
        """Reduced costs of the last solution, (n,) money per unit."""
        costs = np.array(self._h.getSolution().col_dual)
        return (costs / self._column * self._money)[: self._size]

    def add(self, A: sp.csr_matrix) -> None:
        """More rows  A x <= 0  at the end; they keep their scale."""
        count = A.shape[0]
        own = sp.csr_matrix(A @ sp.diags(self._column[: self._size]))
        starts, places = own.indptr[:-1].astype(np.int32), own.indices.astype(np.int32)
        low, high = np.full(count, -np.inf), np.zeros(count)
        self._h.addRows(count, low, high, own.nnz, starts, places, own.data)
        self._row = np.concatenate([self._row, np.ones(count)])

    def _ray(self) -> np.ndarray:
        """Why the last one had no solution; zeros where HiGHS does not say."""
        _, there, ray = self._h.getDualRay()  # type: ignore[attr-defined]
        if not there:
            return np.zeros(len(self._row))
        return np.array(ray) * self._row * self._money

    def _grown(self, basis: highspy.HighsBasis) -> highspy.HighsBasis:
        """An older basis, rows added since then being slack."""
        missing = self._h.getNumRow() - len(basis.row_status)
        if missing:
            slack = [highspy.HighsBasisStatus.kBasic] * missing
            basis.row_status = [*basis.row_status, *slack]
        return basis


def _with_lacking(
    program: LinearProgram, totals: sp.csr_matrix, lacking: np.ndarray
) -> tuple[LinearProgram, sp.csr_matrix]:
    """Columns behind all others for what is missing of each total, then for what is too
    much; nothing may be, at first."""
    count = len(lacking)
    none, not_one = np.zeros(2 * count), np.zeros(2 * count, bool)
    of_none = sp.csr_matrix((program.A.shape[0], 2 * count))
    wider = replace(
        program,
        A=sp.csr_matrix(sp.hstack([program.A, of_none])),
        cost=np.concatenate([program.cost, lacking, lacking]),
        low=np.concatenate([program.low, none]),
        high=np.concatenate([program.high, none]),
        whole=np.concatenate([program.whole, not_one]),
        shares=np.concatenate([program.shares, not_one]),
    )
    return wider, sp.csr_matrix(sp.hstack([totals, sp.eye(count), -sp.eye(count)]))
