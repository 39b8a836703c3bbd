"""Rows that rules put on flows.

    sum_{a: row[a] = n} weight[a] flow[a] <= most[n] + sum of given        for all n

A rule states them over a table of arcs (`FlowRows`); every solve path takes them as
matrices over the columns it has (`SideRows`):

    X x + Y y <= most + G decisions          x shares of demands, y units of transfers

Where all weights of a hard row are 0 or more and nothing stands on its right, the
arcs with a weight cannot be used at all: they are left out, and so is the row. A soft
row like that is all excess: it is a price on these arcs, and no row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from dmopt.flows.numbers import blocks

MOST_LABELS = 10_000_000
"""Most labels that there could be for a table of all of them to be worth it."""


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


def is_all_excess(rows: FlowRows) -> bool:
    """Whether all that soft rows count is excess: their limit is 0, and whatever counts
    adds to it. They are a price on flows and decisions then."""
    counted = rows.weight[rows.row >= 0]
    return (
        not rows.means
        and not rows.most.any()
        and bool((counted >= 0).all())
        and all(
            coefficient <= 0 and variable.lb is not None and variable.lb >= 0
            for _, variable, coefficient in rows.given
        )
    )


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
    columns = [labels[name].array for name in labels]
    if all(isinstance(column, pd.Categorical) for column in columns):
        sizes = [len(column.categories) for column in columns]
        if np.prod(sizes, dtype=float) <= MOST_LABELS:
            return _numbered_by_codes(columns, sizes, inside)
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


def _numbered_by_codes(
    columns: Sequence[pd.Categorical], sizes: Sequence[int], inside: np.ndarray | None
) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """The same from codes, a block at a time."""
    count = len(columns[0])
    row, row_of = np.full(count, -1, np.int32), np.full(np.prod(sizes), -1, np.int32)
    found: list[np.ndarray] = []
    known = 0
    for block in blocks(count):
        there = slice(None) if inside is None else np.flatnonzero(inside[block])
        key = np.ravel_multi_index(
            [column.codes[block][there] for column in columns], sizes
        )
        new, first = np.unique(key[row_of[key] < 0], return_index=True)
        found.append(new[np.argsort(first)])
        row_of[found[-1]] = known + np.arange(len(new))
        known += len(new)
        row[block][there] = row_of[key]
    parts = np.unravel_index(np.concatenate([np.empty(0, int), *found]), sizes)
    names = [
        column.categories.astype(str).to_numpy(object)[part].tolist()
        for column, part in zip(columns, parts, strict=True)
    ]
    return list(zip(*names, strict=True)), row


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
    goes to if that is given, else per unit. Filled a block of arcs at a time."""
    rows, columns = len(family.most), int(np.count_nonzero(chosen))
    begin = np.zeros(rows + 1, np.int64)
    for block in blocks(len(chosen)):
        row = family.row[block][_counts(family, chosen, block)]
        begin[1:] += np.bincount(row, minlength=rows)
    begin = np.cumsum(begin)
    column_of, value = np.empty(begin[-1], np.int32), np.empty(begin[-1])
    filled, before = begin[:-1].copy(), 0
    for block in blocks(len(chosen)):
        arc = np.flatnonzero(_counts(family, chosen, block))
        row = family.row[block][arc]
        order = np.argsort(row, kind="stable")
        arc, row = arc[order], row[order]
        column = before + np.cumsum(chosen[block])[arc] - 1
        before += int(np.count_nonzero(chosen[block]))
        weight = family.weight[block][arc]
        if quantity is not None and x_to is not None:
            weight = weight * quantity[x_to[column]]
        # behind what the row has already, and those of this block before it
        place = filled[row] + np.arange(len(row)) - np.searchsorted(row, row)
        column_of[place], value[place] = column, weight
        filled += np.bincount(row, minlength=rows)
    return sp.csr_matrix((value, column_of, begin), shape=(rows, columns))


def _counts(family: FlowRows, chosen: np.ndarray, block: slice) -> np.ndarray:
    """Chosen arcs of a block that have a weight in a row, bool."""
    return np.asarray(
        chosen[block] & (family.row[block] >= 0) & (family.weight[block] != 0)
    )


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
