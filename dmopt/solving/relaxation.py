"""A relaxation kept hot: limits of totals change and rows are added, few pivots each.

    rows of the program, then those of the totals, then rows added on the way

HiGHS starts each solve from a basis that fits: of the solve before, or one that is
given back to it.
"""

from dataclasses import dataclass, field
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
    """The relaxation of `program`, with limits on `totals` (T, n)."""

    def __init__(
        self, program: LinearProgram, totals: sp.csr_matrix, seed: int, cancel: Event
    ) -> None:
        count = totals.shape[0]
        free = np.full(count, np.inf)
        self.first = program.A.shape[0]
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
            np.array(answer.col_value) * self._column,
            np.array(answer.row_dual) * self._row * self._money,
            self._h.getBasis(),
        )

    def limit(self, columns: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        """Other limits for some columns, in the program's units."""
        scale = self._column[columns]
        self._h.changeColsBounds(
            len(columns), columns.astype(np.int32), low / scale, high / scale
        )

    def price(self, cost: np.ndarray) -> None:
        """Other costs of all columns, (n,), without an offset."""
        own = cost * self._column / self._money
        columns = np.arange(len(own), dtype=np.int32)
        self._h.changeColsCost(len(own), columns, own)

    def reduced(self) -> np.ndarray:
        """Reduced costs of the last solution, (n,) money per unit."""
        costs = np.array(self._h.getSolution().col_dual)
        return costs / self._column * self._money

    def add(self, A: sp.csr_matrix) -> None:
        """More rows  A x <= 0  at the end; they keep their scale."""
        count = A.shape[0]
        own = sp.csr_matrix(A @ sp.diags(self._column))
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
