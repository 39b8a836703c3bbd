"""Whether a coarse program is a relaxation: every plan has a coarse plan no dearer.

A plan's deliveries are summed by coarse delivery A, X[A] = sum of D x / Q[g], its
shortfalls by group, and everything else stays. Then, with multipliers u[d] of demands,
p[n] of rows of rules, ubar[g] = sum of u D / Q[g], pbar[N] = least of p[n] in N:

    (groups)   Q[g] = sum of D;  a group lies in one market;  a coarse delivery has one
               origin and one group
    (same)     decision rows, gates and transfers are those of all zones
    (most)     most'[A] >= sum of D most / Q[g], and so for shortfalls
    (whole)    all or nothing only where a group is one demand
    (cost)     each delivery:  cost'[A] / Q - ubar  <=  cost[a] / D - u
                   + sum of (p - pbar) w + sum of pbar (w - w')
               each shortfall likewise, without rows of rules
    (rows)     each coarse row is a sum of rows of rules, its weights w' at most w, what
               they lack being its rest, if it has one

w, w' are per unit. It is the mathematics of dmopt/solving/coarse, stated as conditions
on what came out and checked delivery by delivery. Nothing of the code there is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions

TOLERANCE = 1e-9
"""Relative difference that rounding may make in any one condition."""


@dataclass(frozen=True)
class Pair:
    """A problem's two layers and those of a coarse program.

    group_of (D,), arc (X,): group of each demand, coarse delivery of each delivery.
    row_of (R,): coarse row of each row of rules. u (D,), p (R,): multipliers.
    """

    decisions: Decisions
    layer: FlowLayer
    coarse_decisions: Decisions
    coarse_layer: FlowLayer
    group_of: np.ndarray
    arc: np.ndarray
    row_of: np.ndarray
    u: np.ndarray
    p: np.ndarray

    def faults(self) -> Iterator[str]:
        """Conditions that do not hold; nothing where it is a relaxation."""
        if fault := self._misfit():
            yield fault
            return
        for name, holds in (
            ("groups", self._groups()),
            ("same", self._same()),
            ("most", self._most()),
            ("whole", self._whole()),
            ("rows", self._rows()),
            ("cost of deliveries", self._cost()),
            ("cost of shortfalls", self._short()),
        ):
            if not holds:
                yield f"condition ({name}) does not hold"

    def _misfit(self) -> str:
        layer = self.layer
        sizes = (
            (self.group_of, len(layer.quantity), len(self.coarse_layer.quantity)),
            (self.arc, len(layer.x_to), len(self.coarse_layer.x_to)),
            (self.row_of, len(layer.side.most), len(self.coarse_layer.side.most)),
        )
        for index, count, most in sizes:
            inside = (index >= 0) & (index < max(most, 1))
            if index.shape != (count,) or not inside.all():
                return "groups, deliveries or rows do not fit the instance"
        if (
            self.u.shape != layer.quantity.shape
            or self.p.shape != layer.side.most.shape
        ):
            return "multipliers do not fit the instance"
        if not (np.isfinite(self.u).all() and np.isfinite(self.p).all()):
            return "a multiplier is no number"
        return "" if (self.p >= 0).all() else "a multiplier of a rule is below 0"

    @property
    def _size(self) -> np.ndarray:
        """D / Q of each delivery, (X,)."""
        to = self.layer.x_to
        return self.layer.quantity[to] / self.coarse_layer.quantity[self.group_of[to]]

    def _groups(self) -> bool:
        layer, coarse = self.layer, self.coarse_layer
        Q = np.bincount(self.group_of, layer.quantity, len(coarse.quantity))
        return bool(
            (Q > 0).all()  # a group of nobody could not be served: no plan at all
            and _same(Q, coarse.quantity)
            and (coarse.market_of[self.group_of] == layer.market_of).all()
            and (coarse.x_from[self.arc] == layer.x_from).all()
            and (coarse.x_to[self.arc] == self.group_of[layer.x_to]).all()
        )

    def _same(self) -> bool:
        d, c = self.decisions, self.coarse_decisions
        layer, coarse, n = self.layer, self.coarse_layer, self.decisions.size
        gates, others = layer.gates, coarse.gates
        difference = c.A[:, :n] - d.A
        return bool(
            not difference.count_nonzero()
            and not c.A[:, n:].count_nonzero()
            and all(
                np.array_equal(getattr(c, name)[: len(getattr(d, name))], value)
                for name in ("low", "high", "whole")
                for value in [getattr(d, name)]
            )
            and np.array_equal(c.row_low, d.row_low)
            and np.array_equal(c.row_high, d.row_high)
            and (c.low[n:] == 0).all()
            and np.isposinf(c.high[n:]).all()
            and not c.whole[n:].any()
            and all(
                np.array_equal(getattr(gates, name), getattr(others, name))
                for name in ("output", "input", "supply_most", "market")
            )
            and all(
                np.array_equal(getattr(layer, name), getattr(coarse, name))
                for name in ("y_from", "y_to", "y_cost")
            )
        )

    def _most(self) -> bool:
        layer, coarse = self.layer, self.coarse_layer
        most = np.minimum(layer.x_most, 1.0) * self._size
        wanted = np.bincount(self.arc, most, len(coarse.x_to))
        fall = np.zeros(len(coarse.quantity), bool)
        fall[self.group_of[layer.may_fall_short]] = True
        enough = coarse.x_most >= wanted * (1 - TOLERANCE)
        full = wanted >= 1 - TOLERANCE  # the demand row says as much
        return bool((enough | full).all() and (coarse.may_fall_short >= fall).all())

    def _whole(self) -> bool:
        alone = np.bincount(self.group_of) == 1
        asked = self.coarse_layer.whole[self.arc]
        return bool(
            (~asked | (alone[self.group_of[self.layer.x_to]] & self.layer.whole)).all()
        )

    @property
    def _mean(self) -> np.ndarray:
        """ubar[g], (G,)."""
        Q = self.coarse_layer.quantity
        return np.bincount(self.group_of, self.u * self.layer.quantity, len(Q)) / Q

    @property
    def _least_price(self) -> np.ndarray:
        """pbar[N] of each coarse row, (rows,); 0 for rows that limit rests."""
        least = np.full(len(self.coarse_layer.side.most), np.inf)
        np.minimum.at(least, self.row_of, self.p)
        return np.where(np.isfinite(least), least, 0.0)

    @property
    def _lack(self) -> sp.csr_matrix:
        """w - w' of each coarse row and delivery, for all of the delivery's demand."""
        side, coarse = self.layer.side, self.coarse_layer.side
        summed = self._summed @ side.x
        spread = sp.csr_matrix(
            (self._size, (self.arc, np.arange(len(self.arc)))),
            (coarse.x.shape[1], len(self.arc)),
        )
        return sp.csr_matrix(summed - coarse.x[: summed.shape[0]] @ spread)

    @property
    def _summed(self) -> sp.csr_matrix:
        """Which rows of rules each coarse row sums, (N, R)."""
        rows = int(self.row_of.max(initial=-1)) + 1
        count = np.arange(len(self.row_of))
        return sp.csr_matrix(
            (np.ones(len(count)), (self.row_of, count)), (rows, len(count))
        )

    def _rows(self) -> bool:
        """Rows are sums; what their weights lack is 0 or more, and 0 without a rest;
        a rest is limited by no less than what is lacking."""
        side, coarse, n = self.layer.side, self.coarse_layer.side, self.decisions.size
        summed, rows = self._summed, self._summed.shape[0]
        rests = self.coarse_decisions.size - n
        given = coarse.given[:rows]
        if not (
            _close(summed @ side.y, coarse.y[:rows])
            and _close(summed @ side.given, given[:, :n])
            and _same(summed @ side.most, coarse.most[:rows])
            and coarse.x.shape[0] == rows + rests
        ):
            return False
        own = given[:, n:].tocoo()
        if not ((own.data == -1).all() and len(set(own.row)) == len(own.row) == rests):
            return False
        lack = self._lack.tocoo()
        scale = TOLERANCE * max(
            1.0, float(abs(coarse.x).max()) if coarse.x.nnz else 1.0
        )
        if (lack.data < -scale).any():
            return False
        place = np.full(rows, -1)
        place[own.row] = own.col
        left = lack.data > scale
        if not rests:
            return True  # less weight than there is asks less
        limits = coarse.x[rows:]
        limited = (
            not coarse.y[rows:].count_nonzero()
            and not coarse.most[rows:].any()
            and _close(
                coarse.given[rows:],
                sp.hstack([sp.csr_matrix((rests, n)), -sp.eye(rests)]),
            )
        )
        with_rest = left & (place[lack.row] >= 0)
        link = -np.asarray(
            limits[place[lack.row[with_rest]], self.arc[lack.col[with_rest]]]
        ).ravel()
        allowed = link * self._size[lack.col[with_rest]]
        return bool(limited and (lack.data[with_rest] <= allowed + scale).all())

    def _cost(self) -> bool:
        layer, coarse, n = self.layer, self.coarse_layer, self.decisions.size
        d, c, side = self.decisions, self.coarse_decisions, self.layer.side
        least = self._least_price
        above = self.p - least[self.row_of]
        rests = c.size - n
        given = coarse.side.given[: self._summed.shape[0]]
        own = given[:, n:].tocoo()
        rest_price = np.zeros(rests)
        rest_price[own.col] = least[own.row]
        if not (
            _same(c.cost[:n], d.cost - above @ side.given)
            and _same(c.cost[n:], -rest_price)
            and _same(np.array([c.offset]), np.array([d.offset - above @ side.most]))
            and ((above @ side.y) >= -TOLERANCE).all()
        ):
            return False
        with_rest = np.zeros(self._summed.shape[0])
        with_rest[own.row] = least[own.row]
        D = layer.quantity[layer.x_to]
        g = self.group_of[layer.x_to]
        left = (coarse.x_cost[self.arc] / coarse.quantity[g] - self._mean[g]) * D
        right = layer.x_cost - self.u[layer.x_to] * D + above @ side.x
        right = right + with_rest @ self._lack
        size = np.abs(left) + np.abs(right) + np.abs(layer.x_cost)
        return bool((left <= right + TOLERANCE * np.maximum(size, 1.0)).all())

    def _short(self) -> bool:
        layer, coarse = self.layer, self.coarse_layer
        fall, g = layer.may_fall_short, self.group_of
        left = coarse.short_cost[g] / coarse.quantity[g] - self._mean[g]
        right = layer.short_cost / layer.quantity - self.u
        size = np.abs(left) + np.abs(right)
        fits = left <= right + TOLERANCE * np.maximum(size, 1.0)
        return bool(fits[fall].all())


def _same(left: np.ndarray, right: np.ndarray) -> bool:
    return left.shape == right.shape and bool(
        np.allclose(left, right, rtol=TOLERANCE, atol=TOLERANCE)
    )


def _close(left: sp.csr_matrix, right: sp.csr_matrix) -> bool:
    difference = abs(sp.csr_matrix(left) - sp.csr_matrix(right))
    size = max(1.0, float(abs(left).max()) if left.nnz else 1.0)
    return not difference.nnz or float(difference.max()) <= TOLERANCE * size
