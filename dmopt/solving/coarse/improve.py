"""Work on the plan: a coarse program with mean costs, then neighbourhoods of the best.

A neighbourhood frees some whole decisions and keeps the rest of the best plan. It is
solved on the coarse program, which is fast; what it finds is then evaluated on all
zones and arcs, and only that counts. Three kinds take turns:

    near      sites near each other, some in use and some not
    family    all technologies that share no commodity with the others
    likely    what the relaxation uses, and what it would use next by reduced cost

Shared infrastructure is free in all of them.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dmopt.data.distances import straight_km
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Multipliers, coarse_program
from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.coarse.groups import group_demands
from dmopt.solving.coarse.state import USED, State
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram

GROUPS = 60
MORE_GROUPS = 4
FIRST_SHARE = 0.25
"""Share of the time limit that the first coarse program may take."""
EFFORT = 0.3
"""Share of HiGHS's work spent looking for plans; its own default is 0.05."""
SEARCH_SHARE = 0.05
"""Share of the time limit that one neighbourhood may take."""


@dataclass
class PlanWork:
    """The first step solves the coarse program, each later one a neighbourhood.

    relaxed, reduced: values and reduced costs of all columns in the relaxation of
    everything.
    """

    problem: Problem
    evaluator: Evaluator
    state: State
    prices: Multipliers
    relaxed: np.ndarray
    reduced: np.ndarray
    groups: int = GROUPS
    turn: int = 0
    sites_free: int = 10
    likely_share: float = 0.2
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.state.limits.seed)

    def step(self) -> bool:
        """One search. True while it is worth going on."""
        if not self.problem.decisions.whole.any():
            return False
        if self.state.x is not None and self.turn > 0:
            self._neighbourhood(self.state.x)
        elif self.turn == 0:
            self._solve(self.program, None, FIRST_SHARE)
        elif self.groups < len(self.problem.layer.quantity):
            # Without any plan yet, finer groups come nearer to what is possible.
            self.groups *= MORE_GROUPS
            self.__dict__.pop("program", None)
            self._solve(self.program, None, FIRST_SHARE)
        else:
            return False
        self.turn += 1
        return True

    @cached_property
    def program(self) -> LinearProgram:
        """The coarse program with mean costs."""
        layer = self.problem.layer
        used = self.state.origins_used(self.problem, self.relaxed)
        seed = self.state.limits.seed
        groups = group_demands(layer, self.prices, used, self.groups, seed)
        coarse = coarse_program(
            self.problem.decisions, layer, groups, self.prices, "plan"
        )
        return assemble(coarse.decisions, coarse.layer)[0]

    def _solve(
        self, program: LinearProgram, start: np.ndarray | None, share: float
    ) -> bool:
        """Solve a coarse program, evaluate each plan found; True if one is better."""
        state, better = self.state, False

        def found(cost: float, bound: float, x: np.ndarray | None) -> None:
            nonlocal better
            if x is not None:
                better |= self._evaluate(whole_decisions(self.problem.decisions, x))

        seconds = min(share * state.limits.time_limit_s, state.seconds_left)
        limits = Limits(seconds, state.limits.gap / 4, state.limits.seed + self.turn, 1)
        run_highs(
            program,
            limits,
            start=start,
            found=found,
            cancel=state.stop,
            options={"mip_heuristic_effort": EFFORT},
        )
        return better

    def _evaluate(self, decided: np.ndarray) -> bool:
        limits = Limits(min(30.0, self.state.seconds_left), 1e-4, 0, 1)
        plan = self.evaluator.solve(decided, limits, self.state.stop)
        return plan is not None and self.state.offer(*plan)

    def _neighbourhood(self, best: np.ndarray) -> None:
        n, whole = self.problem.decisions.size, self.problem.decisions.whole
        decided = whole_decisions(self.problem.decisions, best)
        pick = (self._likely, self._near, self._family)[self.turn % 3]
        free = pick(decided) | (self.evaluator.owners.of_column < 0)
        start = np.full(self.program.A.shape[1], np.nan)
        start[:n][whole] = decided[whole]
        better = self._solve(self._part(free, decided), start, SEARCH_SHARE)
        if not better and pick == self._near:
            self.sites_free = min(len(self.evaluator.owners.sites), self.sites_free + 1)
        if not better and pick == self._likely:
            self.likely_share = min(1.0, 1.5 * self.likely_share)

    def _part(self, free: np.ndarray, decided: np.ndarray) -> LinearProgram:
        """The coarse program with whole decisions fixed but for `free` ones (n,)."""
        fix = np.zeros(self.program.A.shape[1], bool)
        fix[: len(free)] = self.problem.decisions.whole & ~free
        return self.program.fixed(fix, decided[fix[: len(free)]])

    def _near(self, decided: np.ndarray) -> np.ndarray:
        """Columns of sites near a random one, half of them in use."""
        owners = self.evaluator.owners
        places = self.problem.instance.places.loc[owners.sites]
        centre = places.iloc[np.repeat(self.random.integers(len(places)), len(places))]
        km = straight_km(self.problem.instance, places, centre)
        km = km * self.random.uniform(0.7, 1.3, len(km))
        busy = self.evaluator.busy(decided)
        chosen = np.zeros(len(km), bool)
        half = max(1, self.sites_free // 2)
        for group in (np.flatnonzero(busy), np.flatnonzero(~busy)):
            chosen[group[np.argsort(km[group])][:half]] = True
        return chosen[np.maximum(owners.of_column, 0)] & (owners.of_column >= 0)

    def _family(self, decided: np.ndarray) -> np.ndarray:
        """Columns of everything but the modules of other families of technologies."""
        families = self._family_of_column
        if families.max() < 0:
            return families < 0
        chosen = self.random.integers(families.max() + 1)
        return (families < 0) | (families == chosen)

    def _likely(self, decided: np.ndarray) -> np.ndarray:
        """Columns the relaxation or the plan uses, and the next by reduced cost."""
        whole, n = self.problem.decisions.whole, len(decided)
        reduced = self.reduced[:n]
        next_ones = reduced <= np.quantile(reduced[whole], self.likely_share)
        return next_ones | (self.relaxed[:n] > USED) | (decided > 0.5)

    @cached_property
    def _family_of_column(self) -> np.ndarray:
        """Family of the technology whose modules a column counts, else -1."""
        scope, column = self.problem.scope, self.problem.decisions.column
        technologies = list(scope.recipes_of)
        commodities = {
            c: n for n, c in enumerate(self.problem.instance.commodities.index)
        }
        wanted = {c for c, _ in column["unmet"]}
        pairs = [
            (k, commodities[c])
            for k, name in enumerate(technologies)
            for r in scope.recipes_of[name]
            for c in scope.items[r]
            if c in wanted
        ]
        size = len(technologies) + len(commodities)
        rows = [k for k, _ in pairs]
        columns = [len(technologies) + c for _, c in pairs]
        graph = coo_matrix((np.ones(len(pairs)), (rows, columns)), shape=(size, size))
        _, label = connected_components(graph, directed=False)
        family = np.unique(label[: len(technologies)], return_inverse=True)[1]
        of_column = np.full(self.problem.decisions.size, -1)
        number = {name: n for n, name in enumerate(technologies)}
        for kind in ("modules", "bought", "sold", "moved_in", "moved_out"):
            for key, n in column[kind].items():
                of_column[n] = family[number[key[1]]]
        return of_column
