"""A bound from multipliers of demands alone: every site chooses its best option.

With multipliers u[d] of the demand rows (weighted money for all of the demand) and
prices lambda[r] of rows that join sites, for every plan

    cost >= offset + sum u + sum_d min(0, short_d - u_d) + sum_r lambda_r (side of r)
            + sum over parts of the least  V[o]  of its options o

    V[o]    = fixed[o] - max { sum_d (u_d - c_d - slope[o] D_d) x_d :
                               sum_d D_d x_d <= capacity[o],  0 <= x <= 1 }

as what a site sends is what its deliveries bring (sent), and each brings at most all of
its demand. Costs of columns are less A' lambda. All other rows are left out. Limits
of the tree on totals over several sites are rows that join sites, like the others. The
greatest value is that of a continuous knapsack, taken in the order of (u - c) / D; at
any place t in that order  sum_{before t} + ratio_t (capacity - taken)  is at least it,
so rounding in the place costs nothing.

An option that is forced costs at least  (that sum) - (least V of its part) + V[o].
Where this is the bound B already, plans with the option need no more proof and it may
be left out. A leaf of the tree is proven by the multipliers of the nodes on the way to
it, in turn: the first leave options out, the last reach B with those left.

Source: Lagrangian relaxation, e.g. Geoffrion (1974); for location with capacities
Cornuejols, Sridharan and Thizy (1991). Nothing here is shared with the search.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import Demands
from dmopt.formulation.compiled import Decisions
from dmopt.proof.duals import Rows
from dmopt.proof.knapsacks import EPS, SLACK, Takers, Things, knapsacks
from dmopt.proof.options import Options, options_of

BLOCK = 250_000
"""Deliveries looked at in one go: few enough to stay in cache memory."""
TERMS = 64
"""Roundings in a sum beside those of rows with a price, and more."""
NEARLY = 1e-6
"""Relative room above what multipliers reach to, for their rounding."""


@dataclass(frozen=True)
class Multipliers:
    """Multipliers (P, D) of demands and (P, L) of the rows `linking`, for nodes (P,) of
    a tree: a parent's before its children's; those of one node in turn.

    totals (P, T): prices of the totals of the tree, where it limits them; those of
    totals within one site are not used.
    """

    node: np.ndarray
    demand: np.ndarray
    linking: np.ndarray
    rows: np.ndarray
    totals: np.ndarray


@dataclass(frozen=True)
class Values:
    """What multipliers prove: base + sum over parts of the least `option` (C,), with
    rounding in them accounted for."""

    base: float
    option: np.ndarray


@dataclass(frozen=True)
class Near:
    """Deliveries that cost less than `reach` (D,): part, demand and cost of each, part
    by part. parts: they are all of the parts from the first up to the second."""

    reach: np.ndarray
    parts: tuple[int, int]
    part: np.ndarray
    demand: np.ndarray
    cost: np.ndarray


@dataclass
class Located:
    """Checks bounds from multipliers. cost (O, D): weighted money of bringing all of
    each demand from each output, inf where there is no way. linking (L,): rows that are
    left out of parts."""

    decisions: Decisions
    demands: Demands
    cost: np.ndarray
    linking: np.ndarray
    _listed: Near | None = field(default=None, init=False)

    def unfit(self) -> str:
        """Why such a bound cannot be shown here, or ""."""
        if not self.cost.size:
            return "there is no demand or no site"
        if not (self.demands.quantity > 0).all():
            return "a demand is nothing"
        try:
            options = self.options
        except ValueError as fault:
            return str(fault)
        return "" if options is not None else "a site has too many options"

    @cached_property
    def options(self) -> Options | None:
        gates = self.demands.gates
        left_out = np.zeros(self.decisions.A.shape[0], bool)
        left_out[self.linking] = True
        apart = np.zeros(self.decisions.size, bool)
        apart[gates.market] = True
        most = math.fsum(self.demands.quantity.tolist()) * SLACK
        return options_of(self.decisions, left_out, apart, gates.output, most)

    @property
    def found(self) -> Options:
        assert self.options is not None
        return self.options

    @cached_property
    def _part_of_output(self) -> np.ndarray:
        return self.found.part[self.demands.gates.output]

    @cached_property
    def _unpriced(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Options as they are where no row has a price."""
        cost = self.decisions.cost
        return self.found.cost(cost, TERMS * EPS * np.abs(cost))

    @cached_property
    def _greatest(self) -> float:
        """Greatest cost of a delivery, whatever its sign."""
        rows = (np.abs(row[np.isfinite(row)]).max(initial=0.0) for row in self.cost)
        return float(max(rows, default=0.0))

    def values(
        self, demand: np.ndarray, rows: np.ndarray, more: Rows | None = None
    ) -> Values:
        """What multipliers (D,) and prices of linking rows (L,) prove. more: rows over
        several sites that hold besides; their prices stand behind those of `rows`."""
        d, wanted = self.decisions, self.demands
        A = d.A[self.linking]
        low, high = d.row_low[self.linking], d.row_high[self.linking]
        if more is not None and more.A.shape[0]:
            A = sp.csr_matrix(sp.vstack([A, more.A]))
            low = np.concatenate([low, more.low])
            high = np.concatenate([high, more.high])
        rows = _one_sided(rows, low, high)
        side = np.where(rows > 0, low, np.where(rows < 0, high, 0.0))
        cost, terms = d.cost, TERMS
        fixed, slope, doubt = self._unpriced
        if rows.any():
            cost = d.cost - A.T @ rows
            terms += int(np.bincount(A.indices).max(initial=0))
            size = np.abs(d.cost) + abs(A).T @ np.abs(rows)
            fixed, slope, doubt = self.found.cost(cost, terms * EPS * size)
        # Unmet demand is paid where its market's column has its price: nothing else is.
        market = wanted.gates.market[wanted.market_of]
        short = wanted.short_cost + wanted.quantity * cost[market]
        gain = np.where(wanted.may_fall_short, np.minimum(short - demand, 0.0), 0.0)
        priced = rows * side
        parts = [np.array([d.offset]), demand, gain, priced]
        base = math.fsum(np.concatenate(parts).tolist())
        slack = (
            terms
            * EPS
            * float(
                sum(np.abs(part).sum() for part in parts)
                + np.abs(short[wanted.may_fall_short]).sum()
            )
        )
        profit, error = self._profit(demand, slope)
        option = fixed - profit - error - doubt - terms * EPS * np.abs(fixed)
        return Values(base - 2 * slack, option)

    def _profit(
        self, u: np.ndarray, slope: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Most that each option can gain from its deliveries (C,), and by how much
        rounding may have made it too small."""
        options, quantity = self.found, self.demands.quantity
        sends = options.capacity > 0
        parts = 1 + max(options.of.max(initial=-1), self.found.part.max(initial=-1))
        least = np.full(parts, np.inf)
        np.minimum.at(least, options.of[sends], slope[sends])
        least = np.where(np.isfinite(least), least, 0.0)
        above = slope - least[options.of]
        takers = Takers(options.of, options.capacity, above)
        base = self._greatest + float(np.abs(least).max() * quantity.max())
        doubt = 8 * EPS * (float(np.abs(u).max(initial=0.0)) + base)
        profit, error = np.zeros((2, len(options.of)))
        for near in self._near_to(u, least, doubt):
            gain = u[near.demand] - near.cost
            if least.any():
                gain -= least[near.part] * quantity[near.demand]
            taken = np.flatnonzero(gain > -doubt)
            mine = slice(*np.searchsorted(options.of, near.parts))
            worth = np.maximum(gain[taken], 0.0)
            things = Things(near.part[taken], quantity[near.demand[taken]], worth)
            profit[mine], error[mine] = knapsacks(things, takers.only(mine), doubt)
        return np.where(sends, profit, 0.0), np.where(sends, error, 0.0)

    def _near_to(
        self, u: np.ndarray, least: np.ndarray, doubt: float
    ) -> Iterable[Near]:
        """All deliveries that may gain anything, and others: some parts at a time."""
        lower = max(0.0, -float(least.min(initial=0.0)))
        wanted = u + 2 * doubt + lower * self.demands.quantity
        if self._listed is not None and (wanted <= self._listed.reach).all():
            return (self._listed,)
        return self._below(wanted)

    def list_to(self, reach: np.ndarray) -> None:
        """Keep a list of deliveries that cost less than `reach` (D,): multipliers no
        greater than that need no others. For greater ones all are looked at."""
        reach = reach + NEARLY * np.abs(reach).max(initial=0.0)
        found = list(self._below(reach))
        self._listed = Near(
            reach,
            (0, int(self.found.of.max(initial=-1)) + 1),
            np.concatenate([each.part for each in found]),
            np.concatenate([each.demand for each in found]),
            np.concatenate([each.cost for each in found]),
        )

    def _below(self, reach: np.ndarray) -> Iterator[Near]:
        """Deliveries that cost less than `reach` (D,), a block of parts at a time."""
        outputs = np.argsort(self._part_of_output, kind="stable")
        step = max(1, BLOCK // max(1, len(reach)))
        for begin in range(0, len(outputs), step):
            some = outputs[begin : begin + step]
            of, cost = self._part_of_output[some], self.cost[some]
            row, demand = np.nonzero(cost < reach)
            part, ends = of[row].astype(np.int32), (int(of[0]), int(of[-1]) + 1)
            yield Near(reach, ends, part, demand.astype(np.int32), cost[row, demand])


def _one_sided(price: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Prices of the wrong sign for a row with one side, at 0."""
    price = np.where((price > 0) & np.isinf(low), 0.0, price)
    return np.where((price < 0) & np.isinf(high), 0.0, price)
