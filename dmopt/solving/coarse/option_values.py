"""What options are worth at given multipliers of demands, and what they then serve.

The prices that are not searched for by steps are set here:

    unmet     the least with which leaving any demand unmet gains nothing
    brought   the cheapest way to bring an input in
    mu        capacity of each option: halved until what is sold at it just fits
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmopt.proof.by_cells import CellBounding
from dmopt.proof.worth import Worth

HALVINGS, FIRST_HALVINGS = 12, 40
"""How finely capacity is priced from one step to the next, and at first. Where less
finely, what is served is no slope of the bound, and steps stall below its top."""
TIE = 1e-6
"""Relative difference of a gain and a price at which a delivery is as good as not."""
NEAR = 0.6
"""Share of a price of capacity down to which the next one is looked for."""


@dataclass(frozen=True)
class Valued:
    """Options at some multipliers: what deliveries gain, reduced costs of the decision
    layer (n,), prices of unmet demand (M,) and of capacity (P,), gains (Q,)."""

    demand: np.ndarray
    worth: Worth
    decided: np.ndarray
    unmet: np.ndarray
    mu: np.ndarray
    gains: np.ndarray
    given: float


@dataclass(frozen=True)
class OptionValues:
    """Values options."""

    checker: CellBounding

    @cached_property
    def _ranks(self) -> list[np.ndarray]:
        """Capacities of options, the first of each, then the second, ..: (P,) bool."""
        of = self.checker.cells.pair_of
        first = np.searchsorted(of, of)
        rank = np.arange(len(of)) - first
        return [rank == n for n in range(int(rank.max(initial=-1)) + 1)]

    @cached_property
    def most(self) -> np.ndarray:
        """More than this no demand is worth: what leaving it unmet costs, (D,);
        inf where it must be served."""
        b = self.checker.bounding
        layer = b.layer
        unmet = b.decisions.cost[layer.gates.market][layer.market_of]
        most = layer.short_cost + layer.quantity * unmet
        return np.where(layer.may_fall_short, most, np.inf)

    @cached_property
    def brought(self) -> np.ndarray:
        """Prices of what is brought in, per unit (I,)."""
        layer = self.checker.bounding.layer
        least = np.full(len(layer.gates.input), np.inf)
        np.minimum.at(least, layer.y_to, layer.y_cost)
        return np.where(np.isfinite(least), least, 0.0)

    @cached_property
    def input_rows(self) -> np.ndarray:
        """Prices of the rows of the decision layer that inputs stand in, (R,)."""
        b = self.checker.bounding
        A, gates = b.decisions.A, b.layer.gates
        entries = A[:, gates.input].tocoo()
        sends = A[:, gates.output].getnnz(axis=1) > 0
        equal = b.decisions.row_low == b.decisions.row_high
        price = np.zeros(A.shape[0])
        good = equal[entries.row] & ~sends[entries.row] & (entries.data != 0)
        cost = self.brought + b.decisions.cost[gates.input]
        price[entries.row[good]] = cost[entries.col[good]] / entries.data[good]
        return price

    @cached_property
    def _costs(self) -> np.ndarray:
        """Costs of the decision layer with inputs in them, (n,)."""
        d = self.checker.bounding.decisions
        cost = d.cost - d.A.T @ self.input_rows
        np.add.at(cost, self.checker.bounding.layer.gates.input, self.brought)
        return cost

    @cached_property
    def _right(self) -> float:
        """What the rows of inputs have on their right, times their prices."""
        d = self.checker.bounding.decisions
        priced = np.flatnonzero(self.input_rows)
        return float(self.input_rows[priced] @ d.row_low[priced])

    def at(self, demand: np.ndarray, mu: np.ndarray | None) -> Valued:
        """demand (D,): multipliers, of which none is too high. mu: prices of capacity
        to begin from, None if none are known."""
        b = self.checker.bounding
        layer = b.layer
        market = np.full(len(layer.gates.market), -np.inf)
        fall = layer.may_fall_short
        spare = (demand - layer.short_cost)[fall] / layer.quantity[fall]
        np.maximum.at(market, layer.market_of[fall], spare)
        unmet = np.where(np.isfinite(market), -market, 0.0)
        decided = self._costs.copy()
        np.add.at(decided, layer.gates.market, unmet)
        reduced = layer.x_cost - demand[layer.x_to]
        worth = self.checker.worth(reduced)
        mu = self._capacity(worth, decided, mu)
        gains = self.checker.gains(worth, decided, mu)
        rest = np.minimum(reduced[~self.checker.from_cells], 0.0)
        given = b.decisions.offset + self._right + float(demand.sum() + rest.sum())
        return Valued(demand, worth, decided, unmet, mu, gains, given)

    def _capacity(
        self, worth: Worth, decided: np.ndarray, mu: np.ndarray | None
    ) -> np.ndarray:
        """Prices of capacity at which what is sold fits, or a little more than that:
        one after the other, the others held."""
        c = self.checker.cells
        dearest = np.full(len(c.capacity), self._dearest(worth, decided))
        now = dearest if mu is None else np.minimum(mu, dearest)
        halvings = FIRST_HALVINGS if mu is None else HALVINGS

        def fits(turn: np.ndarray, price: np.ndarray) -> np.ndarray:
            asked = self._asked(worth, decided, np.where(turn, price, now))
            return np.asarray(asked <= c.capacity)

        for turn in self._ranks:
            low, high = np.zeros(len(now)), dearest
            if mu is not None:  # near the price before, unless it must lie outside
                near, far = NEAR * now, np.minimum(now / NEAR, dearest)
                below, above = fits(turn, near), ~fits(turn, far)
                low = np.where(below, 0.0, np.where(above, far, near))
                high = np.where(below, near, np.where(above, dearest, far))
            for _ in range(halvings):
                middle = (low + high) / 2
                fit = fits(turn, middle)
                high, low = np.where(fit, middle, high), np.where(fit, low, middle)
            now = np.where(turn, high, now)
            now = np.where(turn, self._next(worth, decided, now), now)
        return now

    def _next(self, worth: Worth, decided: np.ndarray, mu: np.ndarray) -> np.ndarray:
        """The price of each capacity at which the next delivery begins to be worth it:
        down to it no more is sold, (P,)."""
        c = self.checker.cells
        unit = self.checker.unit_costs(decided, mu)
        place = worth.taken(c.sale_output, unit.sold)
        more = place < worth.begin[c.sale_output + 1]
        ratio = worth.ratio[np.minimum(place, len(worth.ratio) - 1)]
        output = self.checker.bounding.layer.gates.output[c.sale_output]
        made = np.where(more, ratio - decided[output], -np.inf)[c.way_sale]
        price = (c.way_yield * made - decided[c.way_column]) / c.way_use
        least = np.zeros(len(mu))
        np.maximum.at(least, c.way_pair, price)
        return np.minimum(least, mu)

    def _dearest(self, worth: Worth, decided: np.ndarray) -> float:
        """No unit of capacity is worth more."""
        c = self.checker.cells
        if not len(worth.ratio):
            return 0.0
        gain = max(float(worth.ratio.max()), 0.0) * c.way_yield
        gain += np.maximum(-decided[c.way_column], 0.0)
        return float((gain / c.way_use).max(initial=0.0)) * 1.001 + 1e-9

    def _asked(self, worth: Worth, decided: np.ndarray, mu: np.ndarray) -> np.ndarray:
        """What of each capacity is asked for at these prices, (P,)."""
        c = self.checker.cells
        unit = self.checker.unit_costs(decided, mu)
        place = worth.taken(c.sale_output, unit.sold)
        sold = worth.sold(c.sale_output, place)
        way = self._cheapest(unit.through)
        use = c.way_use[way] / c.way_yield[way]
        return np.bincount(c.way_pair[way], sold * use, len(c.capacity))

    def _cheapest(self, through: np.ndarray) -> np.ndarray:
        """The way that makes each sale for the least, (X,)."""
        c, first = self.checker.cells, self.checker.first_way
        each = through / c.way_yield
        least = np.minimum.reduceat(each, first)[c.way_sale]
        cheapest = np.flatnonzero(each <= least)
        _, place = np.unique(c.way_sale[cheapest], return_index=True)
        return cheapest[place]

    def serves(self, valued: Valued, taken: np.ndarray) -> np.ndarray:
        """How much of each demand is served where options are taken so much, (D,).

        taken (Q,): 0..1. The last delivery of an option brings what capacity is left.
        """
        b, c, worth = self.checker.bounding, self.checker.cells, valued.worth
        unit = self.checker.unit_costs(valued.decided, valued.mu)
        sale = np.flatnonzero(taken[c.sale_of] > 1e-9)
        origin, weight = c.sale_output[sale], taken[c.sale_of[sale]]
        place = worth.taken(origin, unit.sold[sale])
        count = len(worth.order)
        change = np.bincount(worth.begin[origin], weight, count + 1)
        change -= np.bincount(place, weight, count + 1)
        share = np.cumsum(change)[:count]

        way = self._cheapest(unit.through)[sale]
        use, pair = c.way_use[way] / c.way_yield[way], c.way_pair[way]
        asked = np.bincount(pair, use * worth.sold(origin, place), len(c.capacity))
        spare = c.capacity - asked
        more = np.flatnonzero((place < worth.begin[origin + 1]) & (spare[pair] > 0))
        if len(more):
            ratio = worth.ratio[place[more]] - unit.sold[sale[more]]
            order = np.lexsort([-ratio, pair[more]])
            _, first = np.unique(pair[more][order], return_index=True)
            more = more[order[first]]
            at = place[more]
            units = worth.units[at + 1] - worth.units[at]
            part = np.minimum(spare[pair[more]] / use[more] / units, 1.0)
            price = unit.sold[sale[more]]  # else the option would rather sell no more
            near = worth.ratio[at] >= price - TIE * np.abs(price)
            np.add.at(share, at, np.where(near, part * weight[more], 0.0))
        layer = b.layer
        to = layer.x_to[self.checker.from_cells][worth.order]
        most = np.minimum(layer.x_most[self.checker.from_cells], 1.0)[worth.order]
        return np.bincount(to, share * most, len(layer.quantity))
