"""Rows that rules put on flows.

    sum_{a: row[a] = n} weight[a] flow[a] <= most[n] + sum of given        for all n

A rule states them over a table of arcs (`FlowRows`); every solve path takes them as
matrices over the columns it has (`SideRows`):

    X x + Y y <= most + G decisions          x shares of demands, y units of transfers

Where all weights of a hard row are 0 or more and nothing stands on its right, the
arcs with a weight cannot be used at all: they are left out, and so is the row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp


@dataclass(frozen=True)
class FlowRows:
    """The rows above, of one family of a rule.

    label: what each row n is about, ending in the period, as its check names it.
    row (arcs,): row of each arc, -1 if it is in none.
    weight (arcs,): coefficient per unit of flow.   most (rows,).
    given: (n, variable of the decision layer, coefficient), on the right-hand side.
    means: they only say what variables mean: they hold in soft rules too, and each
        stays a row of its own where zones are grouped.
    """

    label: Sequence[tuple[str, ...]]
    row: np.ndarray
    weight: np.ndarray
    most: np.ndarray
    given: Sequence[tuple[int, Any, float]] = field(default=())
    means: bool = False

    def only(self, arcs: np.ndarray) -> "FlowRows":
        """The same rows over some of the arcs (bool mask)."""
        if arcs.all():
            return self
        return replace(self, row=self.row[arcs], weight=self.weight[arcs])

    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """What they see in each arc, (arcs,) each: arcs alike in it are alike."""
        return np.where(self.weight == 0, -1, self.row), self.weight


def forbidden(rows: FlowRows) -> tuple[np.ndarray, np.ndarray]:
    """Arcs that these rows, if hard, shut out: bool (arcs,); and the rows that say no
    more than that: bool (rows,)."""
    filters = rows.most == 0
    filters[[n for n, _, _ in rows.given]] = False
    inside = rows.row >= 0
    filters[rows.row[inside & (rows.weight < 0)]] = False
    if not filters.any():
        return np.zeros(len(rows.row), bool), filters
    shut = inside & (rows.weight > 0) & filters[np.maximum(rows.row, 0)]
    return shut, filters


def numbered(
    labels: pd.DataFrame, inside: np.ndarray | None = None
) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """One row for each different label: (labels, row of each arc).

    labels: one line for each arc, its columns the parts of the label. inside: arcs
    that are in a row at all (bool); the others get -1.
    """
    chosen = labels if inside is None or inside.all() else labels[inside]
    number = np.zeros(len(chosen), np.int64)
    names: list[tuple[str, ...]] = [()]
    for name in chosen:
        codes, values = pd.factorize(chosen[name])
        number, both = pd.factorize(number * len(values) + codes)
        first, last = np.divmod(both, len(values))
        names = [(*names[n], str(values[m])) for n, m in zip(first, last, strict=True)]
    row = np.full(len(labels), -1, np.int32)
    row[slice(None) if chosen is labels else inside] = number
    return names, row


@dataclass(frozen=True)
class SideRows:
    """X x + Y y <= most + G decisions, one row for each row of the rules.

    x (R, X) csr, per share delivered. y (R, Y) csr, per unit. given (R, n) csr.
    most (R,). demand (R,): the one demand a row is about, -1 if about several or if it
    only says what a variable means.
    family (R,): number of the family of rows it is of.
    """

    x: sp.csr_matrix
    y: sp.csr_matrix
    given: sp.csr_matrix
    most: np.ndarray
    demand: np.ndarray
    family: np.ndarray

    def keep(self, x: np.ndarray, y: np.ndarray) -> "SideRows":
        """With only the deliveries `x` and transfers `y` (bool masks)."""
        return replace(self, x=self.x[:, x], y=self.y[:, y])


def side_rows(
    families: Iterable[FlowRows],
    column: dict[int, int],
    size: int,
    to_zone: np.ndarray,
    x_to: np.ndarray,
    quantity: np.ndarray,
) -> SideRows:
    """All families in one, over the columns of a flow layer.

    column: id of a Pyomo variable -> its column; size: columns of the decision layer.
    to_zone (arcs,) bool: deliveries. x_to: demand of each delivery. quantity: of each
    demand, units/yr.
    """
    families = list(families)
    count = [len(family.most) for family in families]
    begin = np.cumsum([0, *count])
    given = [
        (begin[order] + n, column[id(var)], coef)
        for order, family in enumerate(families)
        for n, var, coef in family.given
    ]
    lines, columns, values = (
        np.array([each[i] for each in given], kind)
        for i, kind in ((0, int), (1, int), (2, float))
    )
    right = sp.csr_matrix((values, (lines, columns)), shape=(begin[-1], size))
    limit = np.concatenate([np.empty(0), *(family.most for family in families)])
    brought = [_over(each, to_zone, quantity, x_to) for each in families]
    moved = [_over(each, ~to_zone) for each in families]
    x, y = _stacked(brought, len(x_to)), _stacked(moved, len(to_zone) - len(x_to))
    # What filters said is said by the arcs that are left: 0 <= 0 need not stand here.
    says = np.diff(x.indptr) + np.diff(y.indptr) + np.diff(right.indptr) > 0
    says |= limit < 0
    means = np.repeat(np.array([family.means for family in families], bool), count)
    if not says.all():
        x, y, right = x[says], y[says], right[says]
    return SideRows(
        x,
        y,
        right,
        most=limit[says],
        demand=np.where(means[says], -1, _one_demand(x, y, x_to)),
        family=np.repeat(np.arange(len(families)), count)[says],
    )


def _over(
    family: FlowRows,
    chosen: np.ndarray,
    quantity: np.ndarray | None = None,
    x_to: np.ndarray | None = None,
) -> sp.csr_matrix:
    """A family's rows over the chosen arcs (bool), per share of the demand that each
    goes to if that is given, else per unit."""
    arc = np.flatnonzero(chosen & (family.row >= 0) & (family.weight != 0))
    column = arc if chosen.all() else (np.cumsum(chosen) - 1)[arc]
    weight = family.weight[arc]
    if quantity is not None and x_to is not None:
        weight = weight * quantity[x_to[column]]
    shape = len(family.most), np.count_nonzero(chosen)
    return sp.csr_matrix((weight, (family.row[arc], column)), shape=shape)


def _stacked(rows: list[sp.csr_matrix], columns: int) -> sp.csr_matrix:
    if len(rows) == 1:
        return rows[0]
    return sp.csr_matrix(sp.vstack([sp.csr_matrix((0, columns)), *rows], format="csr"))


def _one_demand(x: sp.csr_matrix, y: sp.csr_matrix, x_to: np.ndarray) -> np.ndarray:
    """The demand that all deliveries of a row go to, -1 where there is not just one."""
    demand = np.full(x.shape[0], -1)
    some = np.flatnonzero(np.diff(x.indptr))
    if len(some):
        to, begin = x_to[x.indices], x.indptr[some]
        least, most = np.minimum.reduceat(to, begin), np.maximum.reduceat(to, begin)
        demand[some] = np.where(least == most, most, -1)
    demand[np.diff(y.indptr) > 0] = -1
    return demand
