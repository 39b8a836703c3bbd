"""The decision layer compiled to arrays, with the columns the flow layer joins."""

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
import scipy.sparse as sp
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

JOINED = ("output", "input", "unmet")
DECIDED = (
    "open",
    "modules",
    "bought",
    "sold",
    "moved_in",
    "moved_out",
    "steps",
    "built",
    "uses",
    "draw",
    "activity",
    "disposal",
)


@dataclass(frozen=True)
class Decisions:
    """minimise cost @ x + offset,  row_low <= A x <= row_high,  low <= x <= high.

    A: (rows, n) csr; the vectors are float64 of length n or rows; whole: (n,) bool.
    column: family -> {key: column}: the families that flows join (`JOINED`) and
        those that a plan is read from (`DECIDED`).
    row_names: Pyomo constraint of each row.
    """

    A: sp.csr_matrix
    cost: np.ndarray
    offset: float
    low: np.ndarray
    high: np.ndarray
    row_low: np.ndarray
    row_high: np.ndarray
    whole: np.ndarray
    column: dict[str, dict[tuple[str, ...], int]]
    row_names: list[str]

    @property
    def size(self) -> int:
        return len(self.cost)


def compile_decisions(m: pyo.ConcreteModel) -> Decisions:
    """Compile a decision layer. Joined variables get a column even if unused."""
    form = LinearStandardFormCompiler().write(m, mixed_form=True)
    listed = {id(var) for var in form.columns}
    # A variable in no row gets no column from the compiler, but flows join it or a
    # plan is read from it.
    missing = [
        var
        for family in (*JOINED, *DECIDED)
        for var in getattr(m, family).values()
        if id(var) not in listed
    ]
    columns = [*form.columns, *missing]
    position = {id(var): n for n, var in enumerate(columns)}
    matrix = form.A.tocsr()
    matrix.resize(matrix.shape[0], len(columns))
    kind = np.array([row.bound_type for row in form.rows])
    right = np.asarray(form.rhs, float)
    cost = np.zeros(len(columns))
    cost[: form.c.shape[1]] = np.asarray(form.c.todense()).ravel()
    return Decisions(
        A=matrix,
        cost=cost,
        offset=float(np.asarray(form.c_offset).ravel()[0]),
        low=np.array([-np.inf if v.lb is None else v.lb for v in columns], float),
        high=np.array([np.inf if v.ub is None else v.ub for v in columns], float),
        row_low=np.where(kind == 1, -np.inf, right),
        row_high=np.where(kind == -1, np.inf, right),
        whole=np.array([not v.is_continuous() for v in columns], bool),
        column={
            family: {key: position[id(var)] for key, var in getattr(m, family).items()}
            for family in (*JOINED, *DECIDED)
        },
        row_names=[row.constraint.name for row in form.rows],
    )
