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
        return replace(self, row=self.row[arcs], weight=self.weight[arcs])

    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """What they see in each arc, (arcs,) each: arcs alike in it are alike."""
        return np.where(self.weight == 0, -1, self.row), self.weight


def forbidden(rows: FlowRows) -> tuple[np.ndarray, np.ndarray]:
    """Arcs that these rows, if hard, shut out: bool (arcs,); and the rows that say no
    more than that: bool (rows,)."""
    count = len(rows.most)
    filters = rows.most == 0
    filters[[n for n, _, _ in rows.given]] = False
    inside = rows.row >= 0
    filters[np.unique(rows.row[inside & (rows.weight < 0)])] = False
    if not count:
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
    chosen = np.ones(len(labels), bool) if inside is None else inside
    groups = labels[chosen].groupby(list(labels.columns), sort=False, observed=True)
    row = np.full(len(labels), -1)
    row[chosen] = groups.ngroup().to_numpy()
    first = labels[chosen][~labels[chosen].duplicated()]
    names = [tuple(map(str, each)) for each in first.itertuples(index=False, name=None)]
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
    row, arc, weight, most, given, number, means = [], [], [], [], [], [], []
    at = 0
    for order, family in enumerate(families):
        inside = np.flatnonzero((family.row >= 0) & (family.weight != 0))
        row.append(family.row[inside] + at)
        arc.append(inside)
        weight.append(family.weight[inside])
        most.append(family.most)
        given += [(n + at, column[id(var)], coef) for n, var, coef in family.given]
        number.append(np.full(len(family.most), order))
        means.append(np.full(len(family.most), family.means))
        at += len(family.most)
    rows, arcs, weights = (
        np.concatenate([np.empty(0, kind), *part])
        for part, kind in ((row, int), (arc, int), (weight, float))
    )
    everything = sp.csr_matrix((weights, (rows, arcs)), shape=(at, len(to_zone)))
    lines, columns, values = (
        np.array([each[i] for each in given], kind)
        for i, kind in ((0, int), (1, int), (2, float))
    )
    right = sp.csr_matrix((values, (lines, columns)), shape=(at, size))
    limit = np.concatenate([np.empty(0), *most])
    # What filters said is said by the arcs that are left: 0 <= 0 need not stand here.
    says = (np.diff(everything.indptr) > 0) | (np.diff(right.indptr) > 0) | (limit < 0)
    everything, right, limit = everything[says], right[says], limit[says]
    x = sp.csr_matrix(everything[:, to_zone] @ sp.diags(quantity[x_to]))
    y = sp.csr_matrix(everything[:, ~to_zone])
    of_family = np.concatenate([np.empty(0, int), *number])[says]
    meaning = np.concatenate([np.empty(0, bool), *means])[says]
    demand = np.where(meaning, -1, _one_demand(x, y, x_to))
    return SideRows(x, y, right, limit, demand, of_family)


def _one_demand(x: sp.csr_matrix, y: sp.csr_matrix, x_to: np.ndarray) -> np.ndarray:
    """The demand that all deliveries of a row go to, -1 where there is not just one."""
    least = np.full(x.shape[0], np.iinfo(np.int64).max)
    most = np.full(x.shape[0], -1)
    line = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    np.minimum.at(least, line, x_to[x.indices])
    np.maximum.at(most, line, x_to[x.indices])
    alone = (least == most) & (np.diff(y.indptr) == 0)
    return np.where(alone, most, -1)
