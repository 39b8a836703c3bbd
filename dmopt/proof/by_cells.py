"""A lower bound by options of cells: what a site can do is decided as a whole.

Prices of rows as in duals.py; besides, with z[q] = 1 for the option q that a plan takes
in a cell, and 0 for its others,

    nu[j]     of  modules[j] = sum_q standing[q,j] z[q]
    omega     of  x[j] >= sum_q least[q,j] z[q], at least 0         (cells.py)
    mu[q,w]   of capacity w in option q, at least 0

For every plan

    cost >= what duals.py says of rows and of columns but those of cells, the reduced
            cost of column j being less by nu[j] + omega[j]
            + sum over cells of the least over options of
                - V[q] + nu standing[q] + omega least[q]

    V[q]   = sum_w mu cap[q,w] + sum over outputs of F[o](p)
             + sum over ways of cap / use max(0, yield p' - cost' - use mu)
    p'     = max(0, least over ways to make it of (cost' + use mu) / yield)
    p      = p' + cost'[output]

cost' are reduced costs of activities and outputs, F what deliveries gain (worth.py) at
theirs. V is at least what an option can gain, by weak duality of what its own rows
leave open; only deliveries to zones and what makes them are in it.

It is Lagrangian relaxation of demand rows with sites that decide on all their modules,
products and needs at once, e.g. Geoffrion (1974); by options it is as strong as the
convex hull of what each cell can do.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dmopt.proof.cells import Cells, cells_of, read_alike
from dmopt.proof.duals import EPS, Bounding, Prices, least_of, signed
from dmopt.proof.splits import Tree
from dmopt.proof.worth import Worth

NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class CellPrices:
    """prices: of rows (no strong rows). nu (J,), omega (I,), mu (P,): see above."""

    prices: Prices
    nu: np.ndarray
    omega: np.ndarray
    mu: np.ndarray


@dataclass(frozen=True)
class ByCells:
    """What proves a bound at each leaf of a tree: demand, unmet and mu are the same at
    all. node (N,): the leaves. decisions (N, R), nu (N, J), omega (N, I) their prices;
    more (N, T): of limits of totals that are split on the way, else 0."""

    demand: np.ndarray
    unmet: np.ndarray
    brought: np.ndarray
    side: np.ndarray
    mu: np.ndarray
    node: np.ndarray
    decisions: np.ndarray
    nu: np.ndarray
    omega: np.ndarray
    more: np.ndarray
    bound: float


@dataclass(frozen=True)
class CellBounding:
    """Everything that stays the same from one set of prices to the next."""

    bounding: Bounding
    cells: Cells

    @staticmethod
    def of(bounding: Bounding) -> "CellBounding | str":
        """Of a problem; or why it has no cells that could be gone through."""
        if not len(bounding.layer.x_to):
            return "nothing is delivered"
        outputs = bounding.decisions.column["output"]
        if len(bounding.layer.gates.output) != len(outputs):
            return "there are several worlds"
        cells = cells_of(bounding.decisions, *bounding.ranges)
        return cells if isinstance(cells, str) else CellBounding(bounding, cells)

    def of_another(self, bounding: Bounding) -> "CellBounding | None":
        """The same cells of another problem, where nothing that they are read from is
        other than in this one."""
        one, other = self.bounding, bounding
        alike = read_alike(
            one.decisions,
            one.ranges,
            other.decisions,
            other.ranges,
            self.cells.private,
        )
        return CellBounding(bounding, self.cells) if alike else None

    @cached_property
    def from_cells(self) -> np.ndarray:
        """Deliveries of outputs; the others are of suppliers, (X,) bool."""
        return self.bounding.layer.x_from < len(self.bounding.layer.gates.output)

    @cached_property
    def first_way(self) -> np.ndarray:
        """Where the ways of each sale begin, (X,)."""
        return np.searchsorted(self.cells.way_sale, np.arange(len(self.cells.sale_of)))

    @cached_property
    def units(self) -> np.ndarray:
        """What each of them brings at most, units a year."""
        layer, mine = self.bounding.layer, self.from_cells
        most = np.minimum(layer.x_most[mine], 1.0)
        return np.asarray(layer.quantity[layer.x_to[mine]] * most)

    def worth(self, reduced: np.ndarray) -> Worth:
        """reduced (X,): reduced costs of deliveries, for all of the demand."""
        layer, mine = self.bounding.layer, self.from_cells
        gain = -reduced[mine] * np.minimum(layer.x_most[mine], 1.0)
        outputs = len(layer.gates.output)
        return Worth.of(layer.x_from[mine], gain, self.units, outputs)

    def unit_costs(self, reduced: np.ndarray, mu: np.ndarray) -> "UnitCosts":
        """reduced (n,): reduced costs of the decision layer."""
        c = self.cells
        through = reduced[c.way_column] + c.way_use * mu[c.way_pair]
        least = np.minimum.reduceat(through / c.way_yield, self.first_way)
        made = np.maximum(least, 0.0)
        output = self.bounding.layer.gates.output[c.sale_output]
        return UnitCosts(through, made, made + reduced[output])

    def gains(self, worth: Worth, reduced: np.ndarray, mu: np.ndarray) -> np.ndarray:
        """V of each option, (Q,)."""
        c, unit = self.cells, self.unit_costs(reduced, mu)
        options = len(c.of)
        spare = np.maximum(0.0, c.way_yield * unit.made[c.way_sale] - unit.through)
        spare *= c.capacity[c.way_pair] / c.way_use
        return np.asarray(
            np.bincount(c.pair_of, mu * c.capacity, options)
            + np.bincount(c.sale_of, worth.at(c.sale_output, unit.sold), options)
            + np.bincount(c.pair_of[c.way_pair], spare, options)
        )

    def least(self, value: np.ndarray) -> np.ndarray:
        """Least over the options of each cell, (cells,)."""
        least = np.full(self.cells.count, np.inf)
        np.minimum.at(least, self.cells.of, value)
        return least

    def bound(self, given: ByCells, at: int, tree: Tree) -> float:
        """What the prices of the leaf `given.node[at]` prove, weighted money."""
        b, c = self.bounding, self.cells
        limited = tree.limits(int(given.node[at]))
        prices = _prices(given, at, b, given.more[at][limited.total])
        prices = signed(prices, b.decisions, b.layer, limited.rows)
        nu, omega = given.nu[at], np.maximum(given.omega[at], 0.0)
        mu = np.maximum(given.mu, 0.0)
        terms = [np.array([b.decisions.offset]), *b.right_sides(prices, limited.rows)]
        steps = b.steps(prices) + len(c.implied)
        slack = sum(steps * EPS * float(np.abs(part).sum()) for part in terms)

        reduced, low, high, size = b.decided(prices, limited.rows)
        np.subtract.at(reduced, c.counted, nu)
        np.add.at(size, c.counted, np.abs(nu))
        np.subtract.at(reduced, c.implied, omega)
        np.add.at(size, c.implied, omega)
        others = ~c.private
        x_reduced, x_low, x_high, x_size = b.deliveries(prices)
        rest = ~self.from_cells
        families = (
            (reduced[others], low[others], high[others], size[others]),
            (x_reduced[rest], x_low[rest], x_high[rest], x_size[rest]),
            b.transfers(prices),
            b.shortfalls(prices),
        )
        for each, from_, up_to, sums in families:
            least, error = least_of(each, from_, up_to, sums, steps)
            terms.append(least)
            slack += error

        worth = self.worth(x_reduced)
        value = c.standing @ nu + c.least @ omega - self.gains(worth, reduced, mu)
        terms.append(self.least(value))
        slack += self._doubt(worth, nu, omega, mu, (x_size, size), steps)
        if not all(np.isfinite(part).all() for part in terms):
            return -math.inf
        total = math.fsum(v for part in terms for v in part[part != 0].tolist())
        return total - 2 * slack

    def _doubt(
        self,
        worth: Worth,
        nu: np.ndarray,
        omega: np.ndarray,
        mu: np.ndarray,
        sizes: tuple[np.ndarray, np.ndarray],
        steps: int,
    ) -> float:
        """What rounding in the options may amount to: of each cell the option where it
        is most."""
        c, mine = self.cells, self.from_cells
        options = len(c.of)
        layer = self.bounding.layer
        x_size, size = sizes
        # gains of deliveries, and what the price of a unit may take from each of them
        of_output = np.bincount(
            layer.x_from[mine], x_size[mine], len(layer.gates.output)
        )
        asked = np.bincount(layer.x_from[mine], self.units, len(layer.gates.output))
        through = size[c.way_column] + c.way_use * mu[c.way_pair]
        dearest = np.maximum.reduceat(through / c.way_yield, self.first_way)
        dearest += size[layer.gates.output[c.sale_output]]
        each = of_output[c.sale_output] + dearest * asked[c.sale_output]
        room = c.capacity[c.way_pair] / c.way_use
        spare = (c.way_yield * dearest[c.way_sale] + through) * room
        magnitude = (
            np.bincount(c.sale_of, each, options)
            + np.bincount(c.pair_of, mu * c.capacity, options)
            + np.bincount(c.pair_of[c.way_pair], spare, options)
            + abs(c.standing) @ np.abs(nu)
            + abs(c.least) @ omega
        )
        most = -self.least(-magnitude)
        return 2 * steps * EPS * float(most.sum()) + 2 * worth.doubt * self.cells.count


@dataclass(frozen=True)
class UnitCosts:
    """through (W,): cost of one activity with its capacity. made, sold (X,): of one
    unit of each sale at the gate, and with what sending it out costs."""

    through: np.ndarray
    made: np.ndarray
    sold: np.ndarray


def _prices(given: ByCells, at: int, bounding: Bounding, more: np.ndarray) -> Prices:
    gates = bounding.layer.gates
    sent = len(gates.output) + len(gates.supply_most)
    return Prices(
        decisions=given.decisions[at],
        demand=given.demand,
        sent=np.zeros(sent),
        brought=given.brought,
        unmet=given.unmet,
        side=given.side,
        strong=np.empty(0),
        kind=NONE,
        member=NONE,
        arc=NONE,
        more=more,
    )


def leaf_bounds(checker: CellBounding, tree: Tree, given: ByCells) -> np.ndarray:
    """What is proven at each leaf, (N,)."""
    return np.array(
        [checker.bound(given, at, tree) for at in range(len(given.node))], float
    )


def stated(checker: CellBounding, tree: Tree, given: ByCells) -> ByCells:
    """The same with the bound that it proves."""
    least = float(leaf_bounds(checker, tree, given).min(initial=math.inf))
    return replace(given, bound=least)


def faults(bounding: Bounding, tree: Tree, given: ByCells) -> Iterator[str]:
    """What does not hold; nothing where all does."""
    checker = CellBounding.of(bounding)
    if isinstance(checker, str):
        yield f"the instance has no cells to prove it by: {checker}"
        return
    if wrong := misfit(checker, tree, given):
        yield wrong
        return
    if sorted(given.node.tolist()) != tree.leaves.tolist():
        yield "not every leaf of the tree has prices"
        return
    for node, proven in zip(given.node, leaf_bounds(checker, tree, given), strict=True):
        if not proven >= given.bound - SAME * abs(given.bound):
            yield f"leaf {node}: its prices prove {proven:.12g}, not {given.bound:.12g}"


SAME = 1e-12
"""Relative difference that another machine's sums may show."""


def misfit(checker: CellBounding, tree: Tree, given: ByCells) -> str:
    """Why prices cannot be read at all, or ""."""
    b, c, count = checker.bounding, checker.cells, len(given.node)
    wanted = {
        "demand": (len(b.layer.quantity),),
        "unmet": (len(b.layer.gates.market),),
        "brought": (len(b.layer.gates.input),),
        "side": (len(b.layer.side.most),),
        "mu": (len(c.capacity),),
        "decisions": (count, b.decisions.A.shape[0]),
        "nu": (count, len(c.counted)),
        "omega": (count, len(c.implied)),
        "more": (count, tree.totals.shape[0]),
    }
    for name, shape in wanted.items():
        array = getattr(given, name)
        if array.shape != shape or not np.isfinite(array).all():
            return f"{name}: finite prices of shape {shape} expected"
    return "" if np.isfinite(given.bound) else "a bound expected"
