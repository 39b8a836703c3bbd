"""The relaxation of one world, kept hot while totals, payments and splits change.

    pay (T,)    what the world pays for one more of each total of whole decisions
                (solving/totals.py), money; less than 0: what it is given
    limits      of the totals: a part of all plans (proof/splits.py)

Zones are merged, by place with mean costs at first, which guides; by what good plans
would lose, with least costs, which proves more (`sharper`). What is proven is computed
again over all zones and all arcs, whatever the relaxation says.
"""

from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np

from dmopt.proof.duals import Bounding, Prices, Rows
from dmopt.solving.assemble import Rows as Begins
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse, Multipliers, coarse_program
from dmopt.solving.coarse.first_bound import all_columns, mean_program, spread
from dmopt.solving.coarse.groups import group_demands
from dmopt.solving.coarse.state import USED
from dmopt.solving.duals import Added, over_zones, prices_of, served_cheapest
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram
from dmopt.solving.relaxation import Relaxation, Solved
from dmopt.solving.strong import Strong, StrongRows
from dmopt.solving.totals import Totals

BROKEN = 1e-3
"""How far strong rows must be broken before they are added."""
STEPS = 60
"""Doublings of a ray's length before it is given up."""
LACKING, LEAST_MONEY = 10.0, 1e-3
"""What one of a total costs where it is missing or too much, in times of its money; the
least money that counts in that, as a share of the dearest."""
FAR = 10.0
"""Times what a world costs that a part without a plan in it is proven to cost."""


@dataclass(frozen=True)
class Limits:
    """low, high (T,): of the totals; without a limit they are endless."""

    low: np.ndarray
    high: np.ndarray

    @property
    def some(self) -> np.ndarray:
        """Numbers of the totals that are limited."""
        return np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))


@dataclass
class Kept:
    """problem: of the world, without payments. used: multipliers that the coarse
    program was made with; None where its costs are means."""

    problem: Problem
    totals: Totals
    coarse: Coarse
    used: Multipliers | None
    seed: int
    stop: Event
    program: LinearProgram = field(init=False)
    _rows: Begins = field(init=False)
    _hot: Relaxation = field(init=False)
    _strong: Strong = field(init=False)
    _added: list[StrongRows] = field(init=False, default_factory=list)
    _last: np.ndarray | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.program, self._rows = assemble(self.coarse.decisions, self.coarse.layer)
        columns = self.program.A.shape[1]
        A, money = self.totals.A.copy(), self.totals.money
        A.resize(A.shape[0], columns)
        lacking = LACKING * np.maximum(money, LEAST_MONEY * money.max(initial=1.0))
        self._hot = Relaxation(self.program, A, self.seed, self.stop, lacking)
        carriers = self.problem.carriers
        self._strong = Strong(
            self.coarse.decisions, self.coarse.layer, carriers, columns
        )

    @staticmethod
    def by_place(
        problem: Problem, totals: Totals, groups: int, seed: int, stop: Event
    ) -> "Kept":
        """With about so many groups of demands that lie together, at mean costs."""
        coarse = mean_program(problem, groups, seed)
        return Kept(problem, totals, coarse, None, seed, stop)

    def sharper(self, pay: np.ndarray, solved: Solved, groups: int) -> "Kept":
        """With groups by what good plans would lose at the prices of a solution, and
        least costs."""
        assert solved.x is not None
        problem, layer = self.problem, self.problem.layer
        prices = self._prices(solved.dual, pay, self._free)
        used = Multipliers(prices.demand / layer.quantity, np.maximum(prices.side, 0.0))
        x = all_columns(solved.x, self.coarse, problem)
        n = problem.decisions.size
        origins = np.zeros(len(layer.gates.output) + len(layer.gates.supply_most), bool)
        origins[layer.x_from[x[n : n + len(layer.x_to)] > USED]] = True
        if groups < len(layer.quantity):
            group_of = group_demands(layer, used, origins, groups, self.seed)
        else:
            group_of = np.arange(len(layer.quantity))
        coarse = coarse_program(problem.decisions, layer, group_of, used, "bound")
        return Kept(problem, self.totals, coarse, used, self.seed, self.stop)

    @property
    def _free(self) -> Limits:
        endless = np.full(len(self.totals.money), np.inf)
        return Limits(-endless, endless)

    def solve(self, pay: np.ndarray, limits: Limits, rounds: int) -> Solved | None:
        """What the world costs with what it pays, within limits; None where stopped, or
        where what it is given for more of a total has no end.

        rounds: of strong rows at most.
        """
        solved = self._solved(pay, limits, rounds)
        if solved is not None and solved.x is not None:
            self._last = solved.dual
        return solved

    def at(self, totals: np.ndarray, rounds: int) -> tuple[float, np.ndarray] | None:
        """What the world costs at totals (T,), and what one more of each adds to that,
        (T,); None where stopped. It may miss them for what is dear (LACKING): there is
        an answer wherever it has a plan, and never more than it costs to keep them.
        """
        self._hot.miss(True)
        solved = self._solved(np.zeros(len(totals)), Limits(totals, totals), rounds)
        self._hot.miss(False)
        if solved is None or solved.x is None:
            return None
        first = self._hot.first
        return solved.value, solved.dual[first : first + len(totals)]

    def _solved(self, pay: np.ndarray, limits: Limits, rounds: int) -> Solved | None:
        """As `solve`, whatever is lacking; no ray begins with it."""
        A, cost = self.totals.A, self.program.cost.copy()
        cost[: A.shape[1]] += A.T @ pay
        self._hot.price(cost)
        solved = self._hot.solve(limits.low, limits.high)
        for _ in range(rounds):
            if solved is None or solved.x is None:
                break
            broken = self._strong.broken(solved.x, BROKEN)
            if broken is None:
                break
            self._hot.add(broken.A)
            self._added.append(broken)
            solved = self._hot.solve(limits.low, limits.high)
        return solved

    def proven(self, solved: Solved, pay: np.ndarray, limits: Limits) -> float:
        """What a solution proves of the world with what it pays, within limits, over
        all zones and arcs; of a part without a plan as much as is wanted of it."""
        bounding = self._bounding(pay)
        rows = Rows(
            self.totals.A[limits.some],
            limits.low[limits.some],
            limits.high[limits.some],
        )

        def bound(dual: np.ndarray) -> float:
            return bounding.bound(self._prices(dual, pay, limits), rows)

        if solved.x is not None:
            return bound(solved.dual)
        # its ray raises any bound without end
        start = np.zeros(len(solved.dual))
        if self._last is not None:
            start[: len(self._last)] = self._last
        best, length = bound(start), 1.0
        wanted = FAR * max(1.0, abs(best))
        for _ in range(STEPS):
            if best >= wanted:
                break
            best = max(best, bound(start + length * solved.dual))
            length *= 2
        return best

    def _bounding(self, pay: np.ndarray) -> Bounding:
        d = self.problem.decisions
        paying = replace(d, cost=d.cost + self.totals.A.T @ pay)
        return Bounding(paying, self.problem.layer, self.problem.carriers)

    def _prices(self, dual: np.ndarray, pay: np.ndarray, limits: Limits) -> Prices:
        count = len(self.totals.money)
        added = Added(count, self._added)
        # rows added since have no price yet
        behind = self._rows.side + len(self.coarse.layer.side.most) + count
        all_rows = behind + sum(len(each.kind) for each in self._added)
        dual = np.concatenate([dual, np.zeros(all_rows - len(dual))])
        prices = prices_of(dual, self._rows, self.coarse.layer, added)
        if self.used is None:
            prices = spread(prices, self.coarse, self.problem)
        else:
            layer = self.problem.layer
            prices = over_zones(prices, self.coarse, layer, self.used)
        prices = served_cheapest(prices, self._bounding(pay))
        return replace(prices, more=prices.more[limits.some])
