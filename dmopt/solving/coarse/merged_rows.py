"""Rows that rules put on flows, over groups of demands.

Row n of a rule is  sum_a w[n,a] D x[a] + (transfers) <= most[n] + given[n].  Rows of
one family about one demand each are summed over a group, N = {n}; others stay single.
With any price p[n] >= 0 of each row, pbar[N] = min p[n], and for each coarse arc

    v[N,o,g]  = min over its arcs of w[n,a]   (0 where an arc is in no row of N)

the coarse program has

    sum v Q X + rest[N] <= sum_{n in N} (most + given)
    0 <= rest[N] <= sum (max w - min w) Q X

and its cost gains, as every term is at most 0 or exactly 0 for a plan of all zones,

    sum_n (p[n] - pbar[N]) (w x - most[n] - given[n])
    + sum_N pbar[N] (sum (w - v) x - rest[N])

So it stays a relaxation; and with the prices of the relaxation of everything nothing
of that relaxation is lost. A row whose weights are alike in every group is kept as it
is. docs/mathematics.md, "Bound over groups".
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.flows.rows import SideRows
from dmopt.formulation.compiled import Decisions

ALIKE = 1e-9
"""Relative difference of weights up to which they are the same."""


@dataclass(frozen=True)
class Merged:
    """decisions: with a column for each rest, and what the prices change of costs.
    side: the coarse rows. kept (P,): of each coarse arc, the money per unit that stays
    in its rows and so is not in its cost."""

    decisions: Decisions
    side: SideRows
    kept: np.ndarray


@dataclass(frozen=True)
class _Entries:
    """Weights per unit of flow of (coarse row, coarse arc): least, greatest, mean."""

    row: np.ndarray
    arc: np.ndarray
    least: np.ndarray
    greatest: np.ndarray
    mean: np.ndarray


def merge_rows(
    decisions: Decisions,
    layer: FlowLayer,
    group_of: np.ndarray,
    arc: np.ndarray,
    size: np.ndarray,
    price: np.ndarray,
) -> Merged:
    """The rows of a bound.

    arc (X,): coarse arc of each delivery. size (P,): units of each coarse arc's group.
    price (R,): p[n].
    """
    fine = layer.side
    row_of, rows = coarse_rows(fine, group_of)
    entries = _entries(layer, row_of, arc, len(size))
    low_price = np.full(rows, np.inf)
    np.minimum.at(low_price, row_of, price)
    differ = entries.greatest - entries.least
    differ = np.where(differ > ALIKE * np.abs(entries.greatest), differ, 0.0)
    spread = np.zeros(rows, bool)
    spread[entries.row[differ > 0]] = True
    rest = np.flatnonzero(spread & (low_price > 0))
    place = np.full(rows, -1)
    place[rest] = np.arange(len(rest))

    summed = sp.csr_matrix(
        (np.ones(len(row_of)), (row_of, np.arange(len(row_of)))),
        shape=(rows, len(row_of)),
    )
    n, more = decisions.size, len(rest)
    above = price - low_price[row_of]
    given = sp.hstack(
        [
            summed @ fine.given,
            sp.csr_matrix((-np.ones(more), (rest, np.arange(more))), (rows, more)),
        ],
        format="csr",
    )
    linked = place[entries.row] >= 0
    link = sp.csr_matrix(
        (
            -(differ * size[entries.arc])[linked],
            (place[entries.row[linked]], entries.arc[linked]),
        ),
        shape=(more, len(size)),
    )
    x = sp.csr_matrix(
        (entries.least * size[entries.arc], (entries.row, entries.arc)),
        shape=(rows, len(size)),
    )
    limits = sp.hstack([sp.csr_matrix((more, n)), -sp.eye(more)], format="csr")
    y_columns = fine.y.shape[1]
    side = SideRows(
        x=sp.vstack([x, link], format="csr"),
        y=sp.vstack([summed @ fine.y, sp.csr_matrix((more, y_columns))], format="csr"),
        given=sp.vstack([given, limits], format="csr"),
        most=np.concatenate([summed @ fine.most, np.zeros(more)]),
        demand=np.full(rows + more, -1),
        family=np.zeros(rows + more, int),
    )
    priced = _with_rests(decisions, low_price[rest], above, fine)
    kept = np.bincount(entries.arc, low_price[entries.row] * entries.least, len(size))
    return Merged(priced, side, kept)


def mean_rows(
    layer: FlowLayer, group_of: np.ndarray, arc: np.ndarray, size: np.ndarray
) -> SideRows:
    """The rows with mean weights: no bound, but a good guess of what they ask."""
    fine = layer.side
    row_of, rows = coarse_rows(fine, group_of)
    entries = _entries(layer, row_of, arc, len(size))
    summed = sp.csr_matrix(
        (np.ones(len(row_of)), (row_of, np.arange(len(row_of)))),
        shape=(rows, len(row_of)),
    )
    x = sp.csr_matrix(
        (entries.mean * size[entries.arc], (entries.row, entries.arc)),
        shape=(rows, len(size)),
    )
    return SideRows(
        x=x,
        y=sp.csr_matrix(summed @ fine.y),
        given=sp.csr_matrix(summed @ fine.given),
        most=np.asarray(summed @ fine.most),
        demand=np.full(rows, -1),
        family=np.zeros(rows, int),
    )


def coarse_rows(fine: SideRows, group_of: np.ndarray) -> tuple[np.ndarray, int]:
    """Coarse row of each row (R,), and how many there are."""
    single = fine.demand < 0
    group = np.where(single, -1 - np.arange(len(single)), group_of[fine.demand])
    both = np.column_stack([fine.family, group])
    _, row_of = np.unique(both, axis=0, return_inverse=True)
    row_of = row_of.reshape(-1)
    return row_of, int(row_of.max(initial=-1)) + 1


def _entries(
    layer: FlowLayer, row_of: np.ndarray, arc: np.ndarray, arcs: int
) -> _Entries:
    fine = layer.side.x.tocoo()
    demand = layer.quantity[layer.x_to]
    weight = fine.data / demand[fine.col]
    key, place = np.unique(
        row_of[fine.row].astype(np.int64) * arcs + arc[fine.col], return_inverse=True
    )
    least, greatest = np.full(len(key), np.inf), np.full(len(key), -np.inf)
    np.minimum.at(least, place, weight)
    np.maximum.at(greatest, place, weight)
    row, to = key // arcs, key % arcs
    partly = (
        np.bincount(place, minlength=len(key)) < np.bincount(arc, minlength=arcs)[to]
    )
    total = np.bincount(arc, demand, arcs)[to]
    return _Entries(
        row=row,
        arc=to,
        least=np.where(partly, np.minimum(least, 0.0), least),
        greatest=np.where(partly, np.maximum(greatest, 0.0), greatest),
        mean=np.bincount(place, fine.data, len(key)) / total,
    )


def _with_rests(
    decisions: Decisions, price: np.ndarray, above: np.ndarray, fine: SideRows
) -> Decisions:
    """The decision layer with a column for each rest, and with what stands on the
    right of the rows priced at `above` (R,)."""
    more = len(price)
    matrix = decisions.A.copy()
    matrix.resize(matrix.shape[0], decisions.size + more)
    return replace(
        decisions,
        A=matrix,
        cost=np.concatenate([decisions.cost - above @ fine.given, -price]),
        offset=decisions.offset - float(above @ fine.most),
        low=np.concatenate([decisions.low, np.zeros(more)]),
        high=np.concatenate([decisions.high, np.full(more, np.inf)]),
        whole=np.concatenate([decisions.whole, np.zeros(more, bool)]),
    )
