"""The decision layer compiled to arrays, with the columns the flow layer joins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

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


RowKey = tuple[str, tuple[Any, ...], str]


@dataclass(frozen=True)
class Decisions:
    """minimise cost @ x + offset,  row_low <= A x <= row_high,  low <= x <= high.

    A: (rows, n) csr; the vectors are float64 of length n or rows; whole: (n,) bool.
    column: family -> {key: column}: the families that flows join (`JOINED`) and
        those that a plan is read from (`DECIDED`).
    row_keys: of each row (name of its family, its index, id of the rule that asks for
        it or "").
    of_var: id of a Pyomo variable -> its column. Means nothing once the model is gone.
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
    row_keys: list[RowKey]
    of_var: dict[int, int] = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.cost)


def compile_decisions(m: pyo.ConcreteModel, joined: Iterable[Any] = ()) -> Decisions:
    """Compile a decision layer.

    joined: variables that rows over flows name (dmopt/flows/rows.py). They, and those
    of `JOINED` and `DECIDED`, get a column even if they are in no row of the layer.
    """
    form = LinearStandardFormCompiler().write(m, mixed_form=True)
    listed = {id(var) for var in form.columns}
    # A variable in no row gets no column from the compiler, but flows join it or a
    # plan is read from it.
    named = [v for family in (*JOINED, *DECIDED) for v in getattr(m, family).values()]
    missing = {id(var): var for var in (*named, *joined) if id(var) not in listed}
    columns = [*form.columns, *missing.values()]
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
        row_keys=[_key(m, row.constraint) for row in form.rows],
        of_var=position,
    )


def _key(m: pyo.ConcreteModel, row: Any) -> RowKey:
    index, block = row.index(), row.parent_block()
    asks = block.parent_component() is m.component("rule")
    return (
        row.parent_component().local_name,
        index if isinstance(index, tuple) else (index,),
        str(block.index()) if asks else "",
    )
