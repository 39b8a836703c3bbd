"""A lower bound from prices of rows, over all zones and all arcs: weak duality.

Let the prices be  lambda (decision rows),  u[d] (demand),  v[o] (sent, supply),
w[i] (brought),  m[c,t] (unmet),  pi[r] >= 0 (rows of rules),  sigma[J] >= 0 (strong
rows: of a set J of deliveries of one output that ask for D(J) units,
sum D x / D(J) <= sum min(1, made / D(J)) of its carriers).  Then for every plan

    cost  >=  offset + sum of price * right-hand side                       rows
              + sum over columns of the least of (reduced cost * value)     columns

    x[a]    x_cost - u - D v + (X' pi)                 0 .. most, at most 1
            + sum of sigma D / D(J)
    y[b]    y_cost - v - w + (Y' pi)                   0 .. what the input can take
    short   short_cost - u - D m                       0 .. 1
    decisions   cost - A' lambda + v (output) + w (input) + m (unmet)
                - (G' pi) - sum of sigma (carriers)    their range (ranges.py)

whatever the prices are: a wrong price makes the bound weak, not false. A price of a
one-sided row with the wrong sign is taken as 0.

A strong row holds for whole numbers: J brings no more than D(J), and of a carrier no
more than it can make: without carriers (no module that makes the commodity, a site that
is shut) the output's range is nothing, which is checked in the ranges that the rows of
the model imply. What one module makes is computed from the data.

Sums are compensated (`math.fsum`); what rounding in the single terms can add up to is
subtracted. Source: weak duality of linear programs, e.g. Geoffrion (1974).
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.proof.ranges import implied_ranges

NOTHING = 1e-6
"""Share of an output's range up to which it is nothing."""
SPARE = 1e-6
"""Relative room above the most that a soft row can be broken by."""
EPS = float(np.finfo(float).eps)


Column = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Of each column of a family: reduced cost, least and greatest value, and the sum of
the absolute values that the reduced cost was added up from."""


@dataclass(frozen=True)
class Prices:
    """Prices of the rows of a program, weighted money per unit of the row.

    decisions (R,), demand (D,) (for all of the demand), sent (O + S,) of outputs, then
    of suppliers, brought (I,), unmet (M,), side (K,) of the rows of rules.
    strong, kind (P,): strong rows with a price: the price, which carriers they name.
    member, arc (E,): the deliveries J of each: number of the strong row, delivery.
    more (E,): of rows added to the decision layer (splits of a tree).
    """

    decisions: np.ndarray
    demand: np.ndarray
    sent: np.ndarray
    brought: np.ndarray
    unmet: np.ndarray
    side: np.ndarray
    strong: np.ndarray
    kind: np.ndarray
    member: np.ndarray
    arc: np.ndarray
    more: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Rows added to the decision layer:  low <= A x <= high."""

    A: sp.csr_matrix
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Bounding:
    """Everything that stays the same from one set of prices to the next.

    carriers: of each kind of strong row, (O, n): the most units a year that one of a
    whole column brings to an output; without any of them it is nothing.
    """

    decisions: Decisions
    layer: FlowLayer
    carriers: tuple[sp.csr_matrix, ...]

    @cached_property
    def ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """Range of each column of the decision layer, (n,) each, as rows imply; of an
        excess over a soft row, up to the most by which that row can be broken: a plan
        with more of it only costs more."""
        d = self.decisions
        low, high = implied_ranges(d.A, d.row_low, d.row_high, d.low, self._capped)
        loose = np.flatnonzero(np.isinf(high) & (d.cost >= 0) & (d.low == 0))
        high[loose] = self._most_broken(loose, low, high)
        return low, high

    def _most_broken(
        self, columns: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> np.ndarray:
        """Most by which the rows that each column relaxes can be broken without it; inf
        where it does more than relax rows, (columns,)."""
        d, side = self.decisions, self.layer.side
        asked = sp.csr_matrix(-side.given)
        rows = sp.csr_matrix(sp.vstack([d.A, asked]))
        plus, minus = rows.maximum(0), rows.minimum(0)
        # What relaxes a row counts with its least; without a limit the rest is endless.
        least, greatest = plus @ low + minus @ high, plus @ high + minus @ low
        flows = np.concatenate(
            [
                np.zeros(d.A.shape[0]),
                side.x.maximum(0) @ self._x_most
                + side.y.maximum(0) @ high[self.layer.gates.input][self.layer.y_to],
            ]
        )
        row_low = np.concatenate([d.row_low, np.full(len(side.most), -np.inf)])
        row_high = np.concatenate([d.row_high, side.most])
        of_columns = rows[:, columns].tocoo()
        r, a = of_columns.row, of_columns.data
        relaxes = np.where(a > 0, np.isposinf(row_high[r]), np.isneginf(row_low[r]))
        with np.errstate(invalid="ignore"):  # of two endless sides: not known
            gap = np.where(
                a > 0, row_low[r] - least[r], greatest[r] + flows[r] - row_high[r]
            ) / np.abs(a)
        known = relaxes & ~np.isnan(gap)
        needed = np.where(known, np.maximum(gap, 0.0) * (1 + SPARE), np.inf)
        most = np.zeros(len(columns))
        np.maximum.at(most, of_columns.col, needed)
        return most

    @cached_property
    def _capped(self) -> np.ndarray:
        """Unmet demand of a market is at most its demand."""
        layer, high = self.layer, self.decisions.high.copy()
        market = layer.gates.market
        wanted = np.bincount(layer.market_of, layer.quantity, len(market))
        high[market] = np.minimum(high[market], wanted * (1 + 1e-9))
        return high

    @cached_property
    def _y_most(self) -> np.ndarray:
        """Most that each transfer moves: what its input can take."""
        return self.ranges[1][self.layer.gates.input][self.layer.y_to]

    @cached_property
    def _x_most(self) -> np.ndarray:
        return np.minimum(self.layer.x_most, 1.0)

    @cached_property
    def _sides(self) -> tuple[sp.csr_matrix, sp.csr_matrix, sp.csr_matrix]:
        side = self.layer.side
        return side.x.T.tocsr(), side.y.T.tocsr(), side.given.T.tocsr()

    @cached_property
    def _transposed(self) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        A = self.decisions.A.T.tocsr()
        return A, abs(A)

    def carried(self) -> bool:
        """Whether outputs bring no more than their carriers say, for each kind.

        Shown is that none of them bring nothing. How much one brings at most is taken
        from the technologies (`Scope.made_by_module`), not shown from the rows: where
        several recipes share a module, ranges of single columns do not see it.
        """
        return all(self._carried(needed) for needed in self.carriers)

    def _carried(self, needed: sp.csr_matrix) -> bool:
        """Without carriers an output is nothing."""
        whole = self.decisions.whole
        if not (whole[needed.indices].all() and (needed.data > 0).all()):
            return False
        return self._within(needed)

    def _within(self, needed: sp.csr_matrix) -> bool:
        """Whether each output is nothing without its carriers. Columns that cannot be 0
        (they stand already) are left out with their outputs."""
        d, outputs = self.decisions, self.layer.gates.output
        high = self._capped.copy()
        high[np.unique(needed.indices)] = 0.0
        stands = d.low > high
        high[stands] = self._capped[stands]
        _, most = implied_ranges(d.A, d.row_low, d.row_high, d.low, high)
        asked = needed @ stands == 0
        nothing = NOTHING * np.maximum(1.0, self.ranges[1][outputs])
        return bool((most[outputs] <= nothing)[asked].all())

    def bound(self, prices: Prices, rows: Rows | None = None) -> float:
        """The bound that these prices prove, weighted money; -inf where a column whose
        range is not limited has a reduced cost of the wrong sign.

        rows: rows of a leaf, priced at `prices.more`.
        """
        prices = signed(prices, self.decisions, self.layer, rows)
        terms = [np.array([self.decisions.offset]), *self.right_sides(prices, rows)]
        steps = self.steps(prices)
        slack = sum(steps * EPS * float(np.abs(part).sum()) for part in terms)
        for reduced, low, high, size in (
            self.deliveries(prices),
            self.transfers(prices),
            self.shortfalls(prices),
            self.decided(prices, rows),
        ):
            least, error = least_of(reduced, low, high, size, steps)
            terms.append(least)
            slack += error
        if not all(np.isfinite(part).all() for part in terms):
            return -math.inf
        total = math.fsum(value for part in terms for value in part[part != 0].tolist())
        return total - 2 * slack

    def units(self, prices: Prices) -> np.ndarray:
        """D(J) of each strong row, units a year (P,)."""
        layer, arc = self.layer, prices.arc
        most = layer.quantity[layer.x_to[arc]] * self._x_most[arc]
        return np.bincount(prices.member, most, len(prices.strong))

    def origin(self, prices: Prices) -> np.ndarray:
        """The output of each strong row, (P,)."""
        origin = np.zeros(len(prices.strong), np.int64)
        origin[prices.member] = self.layer.x_from[prices.arc]
        return origin

    def steps(self, prices: Prices) -> int:
        """Most terms that any one reduced cost is added up from, with some to spare:
        so many roundings it may have seen."""
        counts = (np.diff(part.indptr).max(initial=0) for part in self._sides)
        own = np.diff(self._transposed[0].indptr).max(initial=0)
        return 16 + int(own + sum(counts)) + len(prices.arc) + len(prices.more)

    def right_sides(self, prices: Prices, rows: Rows | None) -> list[np.ndarray]:
        d, layer = self.decisions, self.layer
        parts = [
            _priced(prices.decisions, d.row_low, d.row_high),
            prices.demand,
            prices.sent[len(layer.gates.output) :]
            * np.where(
                prices.sent[len(layer.gates.output) :] < 0, layer.gates.supply_most, 0.0
            ),
            -prices.side * layer.side.most,
        ]
        if rows is not None:
            parts.append(_priced(prices.more, rows.low, rows.high))
        return [np.asarray(part, float) for part in parts]

    def served(self, prices: Prices) -> tuple[np.ndarray, np.ndarray]:
        """What serving all of a demand costs at these prices but for its own, weighted
        money: by each delivery (X,), by leaving it unmet (D,)."""
        own = replace(prices, demand=np.zeros(len(self.layer.quantity)))
        return self.deliveries(own)[0], self.shortfalls(own)[0]

    def deliveries(self, prices: Prices) -> Column:
        layer = self.layer
        quantity = layer.quantity[layer.x_to]
        u, v = prices.demand[layer.x_to], quantity * prices.sent[layer.x_from]
        asked = self._sides[0] @ prices.side
        strong = np.zeros(len(u))
        units = self.units(prices)
        per_unit = prices.strong / np.where(units > 0, units, 1.0)
        np.add.at(
            strong,
            prices.arc,
            per_unit[prices.member] * layer.quantity[layer.x_to[prices.arc]],
        )
        reduced = layer.x_cost - u - v + asked + strong
        size = np.abs(layer.x_cost) + np.abs(u) + np.abs(v) + strong
        size += abs(self._sides[0]) @ np.abs(prices.side)
        return reduced, np.zeros(len(u)), self._x_most, size

    def transfers(self, prices: Prices) -> Column:
        layer = self.layer
        v, w = prices.sent[layer.y_from], prices.brought[layer.y_to]
        asked = self._sides[1] @ prices.side
        reduced = layer.y_cost - v - w + asked
        size = np.abs(layer.y_cost) + np.abs(v) + np.abs(w)
        size += abs(self._sides[1]) @ np.abs(prices.side)
        return reduced, np.zeros(len(v)), self._y_most, size

    def shortfalls(self, prices: Prices) -> Column:
        layer = self.layer
        m = layer.quantity * prices.unmet[layer.market_of]
        reduced = layer.short_cost - prices.demand - m
        size = np.abs(layer.short_cost) + np.abs(prices.demand) + np.abs(m)
        most = layer.may_fall_short.astype(float)
        return reduced, np.zeros(len(m)), most, size

    def decided(self, prices: Prices, rows: Rows | None) -> Column:
        d, gates = self.decisions, self.layer.gates
        outputs = len(gates.output)
        A, absolute = self._transposed
        reduced = d.cost - A @ prices.decisions - self._sides[2] @ prices.side
        size = np.abs(d.cost) + absolute @ np.abs(prices.decisions)
        size += abs(self._sides[2]) @ np.abs(prices.side)
        joined = (
            (gates.output, prices.sent[:outputs]),
            (gates.input, prices.brought),
            (gates.market, prices.unmet),
        )
        for column, price in joined:
            np.add.at(reduced, column, price)
            np.add.at(size, column, np.abs(price))
        units, origin = self.units(prices), self.origin(prices)
        for kind, needed in enumerate(self.carriers):
            mine = np.flatnonzero(prices.kind == kind)
            brings = sp.csr_matrix(needed[origin[mine]])
            each = np.repeat(units[mine], np.diff(brings.indptr))
            brings.data = np.minimum(brings.data / each, 1.0)
            carried = brings.T @ prices.strong[mine]
            reduced -= carried
            size += carried
        if rows is not None:
            reduced -= rows.A.T @ prices.more
            size += abs(rows.A).T @ np.abs(prices.more)
        return reduced, *self.ranges, size


def signed(prices: Prices, d: Decisions, layer: FlowLayer, rows: Rows | None) -> Prices:
    """The prices with those of the wrong sign at 0.

    A row with no upper limit takes none below 0 (it would be -inf), and so on.
    """
    outputs = len(layer.gates.output)
    sent = prices.sent.copy()
    sent[outputs:] = np.minimum(sent[outputs:], 0.0)
    sent[outputs:][np.isinf(layer.gates.supply_most)] = 0.0
    return replace(
        prices,
        decisions=_one_sided(prices.decisions, d.row_low, d.row_high),
        sent=sent,
        side=np.maximum(prices.side, 0.0),
        strong=np.maximum(prices.strong, 0.0),
        more=prices.more
        if rows is None
        else _one_sided(prices.more, rows.low, rows.high),
    )


def _one_sided(price: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    price = np.where((price > 0) & np.isinf(low), 0.0, price)
    return np.where((price < 0) & np.isinf(high), 0.0, price)


def _priced(price: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Price times the side of the row it is of: the lower one where above 0."""
    side = np.where(price > 0, low, np.where(price < 0, high, 0.0))
    return price * np.where(price == 0, 0.0, side)


def least_of(
    reduced: np.ndarray, low: np.ndarray, high: np.ndarray, size: np.ndarray, terms: int
) -> tuple[np.ndarray, float]:
    """Least of reduced * value over each range, and what rounding may be wrong by.

    size: sum of the absolute values that `reduced` was added up from, in up to `terms`
    steps. Where that leaves the sign open, both ends of the range may be the least.
    """
    doubt = terms * EPS * size
    open_sign = np.abs(reduced) <= doubt
    at = np.where(reduced >= 0, low, high)
    farthest = np.where(open_sign, np.maximum(np.abs(low), np.abs(high)), np.abs(at))
    with np.errstate(invalid="ignore"):
        least = np.where(size == 0, 0.0, np.where(open_sign, 0.0, reduced * at))
        error = np.where(size == 0, 0.0, 2 * doubt * farthest)
    least = np.where(np.isfinite(error), least, -np.inf)
    return least, float(error[np.isfinite(error)].sum())
