"""The decision layer compiled to arrays, with the columns the flow layer joins.

It is compiled in parts: what stands without rules, and each rule's block. Joined they
are one program; a part that has not changed need not be compiled again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
    "put",
    "disposal",
)


RowKey = tuple[str, tuple[Any, ...], str]
Columns = dict[str, dict[tuple[str, ...], int]]
"""Family -> {key: column}."""


@dataclass(frozen=True)
class Decisions:
    """minimise cost @ x + offset,  row_low <= A x <= row_high,  low <= x <= high.

    A: (rows, n) csr; the vectors are float64 of length n or rows; whole: (n,) bool.
    column: the families that flows join (`JOINED`) and
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
    column: Columns
    row_keys: list[RowKey]
    of_var: dict[int, int] = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.cost)


@dataclass(frozen=True)
class Part:
    """Rows of one block of the model, over the variables in them.

    variables (n,): Pyomo variables in the order of the columns; also such as other
    parts have. A (rows, n) csr; row_low, row_high (rows,); low, high, whole (n,).
    cost (n,): weighted money, to be added to that of other parts.
    """

    variables: list[Any] = field(repr=False)
    A: sp.csr_matrix
    row_low: np.ndarray
    row_high: np.ndarray
    row_keys: list[RowKey]
    cost: np.ndarray
    offset: float
    low: np.ndarray
    high: np.ndarray
    whole: np.ndarray

    @cached_property
    def position(self) -> dict[int, int]:
        """id of a variable -> its column."""
        return {id(var): n for n, var in enumerate(self.variables)}


@dataclass(frozen=True)
class Foundation:
    """What stands without rules. column: as in `Decisions`."""

    part: Part
    column: Columns


def compile_foundation(m: pyo.ConcreteModel) -> Foundation:
    """Compile a decision layer but for the rules on it.

    Variables of `JOINED` and `DECIDED` get a column even if they are in no row.
    """
    named = [v for family in (*JOINED, *DECIDED) for v in getattr(m, family).values()]
    m.rule.deactivate()
    part = compile_part(m, named)
    m.rule.activate()
    column = {
        family: {key: part.position[id(var)] for key, var in getattr(m, family).items()}
        for family in (*JOINED, *DECIDED)
    }
    return Foundation(part, column)


def compile_part(
    block: Any, named: Iterable[Any] = (), money: Iterable[tuple[Any, float]] = ()
) -> Part:
    """Compile the rows of a block and what is in it, and its objective if it has one.

    named: variables that get a column even if they are in no row. money: cost of
    variables besides.
    """
    form = LinearStandardFormCompiler().write(block, mixed_form=True)
    priced = list(money)
    listed = {id(var) for var in form.columns}
    also = [*named, *(variable for variable, _ in priced)]
    missing = {id(var): var for var in also if id(var) not in listed}
    variables = [*form.columns, *missing.values()]
    matrix = form.A.tocsr()
    matrix.resize(matrix.shape[0], len(variables))
    kind = np.array([row.bound_type for row in form.rows])
    right = np.asarray(form.rhs, float)
    cost = np.zeros(len(variables))
    offset = 0.0
    if form.c.shape[0]:
        cost[: form.c.shape[1]] = np.asarray(form.c.todense()).ravel()
        offset = float(np.asarray(form.c_offset).ravel()[0])
    part = Part(
        variables,
        A=matrix,
        row_low=np.where(kind == 1, -np.inf, right),
        row_high=np.where(kind == -1, np.inf, right),
        row_keys=[_key(block.model(), row.constraint) for row in form.rows],
        cost=cost,
        offset=offset,
        low=np.array([-np.inf if v.lb is None else v.lb for v in variables], float),
        high=np.array([np.inf if v.ub is None else v.ub for v in variables], float),
        whole=np.array([not v.is_continuous() for v in variables], bool),
    )
    for variable, amount in priced:
        cost[part.position[id(variable)]] += amount
    return part


def join(foundation: Foundation, rules: Sequence[Part]) -> Decisions:
    """One program of all parts; columns of the foundation come first."""
    base = foundation.part
    position = dict(base.position)
    places, new = [], []
    for part in rules:
        fresh = [n for n, v in enumerate(part.variables) if id(v) not in position]
        for n in fresh:
            position[id(part.variables[n])] = len(position)
        new.append(fresh)
        at = (position[id(v)] for v in part.variables)
        places.append(np.fromiter(at, int, len(part.variables)))
    size = len(position)

    def columns(name: str) -> np.ndarray:
        parts = zip(rules, new, strict=True)
        added = [getattr(part, name)[fresh] for part, fresh in parts]
        return np.concatenate([getattr(base, name), *added])

    def rows(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in (base, *rules)])

    cost = np.zeros(size)
    cost[: len(base.cost)] = base.cost
    for part, place in zip(rules, places, strict=True):
        cost[place] += part.cost
    first = base.A.copy()
    first.resize(base.A.shape[0], size)
    own = [
        _placed(part.A, place, size)
        for part, place in zip(rules, places, strict=True)
        if part.A.shape[0]
    ]
    return Decisions(
        A=sp.csr_matrix(sp.vstack([first, *own], format="csr")),
        cost=cost,
        offset=base.offset + sum(part.offset for part in rules),
        low=columns("low"),
        high=columns("high"),
        row_low=rows("row_low"),
        row_high=rows("row_high"),
        whole=columns("whole").astype(bool),
        column=foundation.column,
        row_keys=[key for part in (base, *rules) for key in part.row_keys],
        of_var=position,
    )


def _placed(A: sp.csr_matrix, place: np.ndarray, size: int) -> sp.csr_matrix:
    """Rows over a part's columns as rows over all columns; the part stays as it is."""
    own = A.data.copy(), place[A.indices], A.indptr.copy()
    placed = sp.csr_matrix(own, (A.shape[0], size))
    placed.sort_indices()
    return placed


def _key(m: pyo.ConcreteModel, row: Any) -> RowKey:
    index, block = row.index(), row.parent_block()
    asks = block.parent_component() is m.component("rule")
    return (
        row.parent_component().local_name,
        index if isinstance(index, tuple) else (index,),
        str(block.index()) if asks else "",
    )
