"""Work on the plan: a first one by dropping (drop.py), then neighbourhoods of the best.

All on a coarse program with mean costs, of zones that lie together (places.py): plans
are looked for from the first second on, before anything is known of the bound.

A neighbourhood frees some whole decisions and keeps the rest of the best plan. It is
solved on the coarse program, which is fast; what it finds is then evaluated on all
zones and arcs, and only that counts. Three kinds take turns:

    near      sites near each other, some in use and some not
    family    all technologies that share no commodity with the others
    likely    what the relaxation uses, and what it would use next by reduced cost

Shared infrastructure is free in all of them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dmopt.data.distances import straight_km
from dmopt.proof.duals import Bounding
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse
from dmopt.solving.coarse.drop import drop
from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.coarse.first_bound import mean_program
from dmopt.solving.coarse.state import USED, State
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram
from dmopt.solving.start import NOTHING, Start

GROUPS = 130
MORE_GROUPS = 4
FIRST_SHARE = 0.1
"""Share of the time limit that HiGHS may take for each try at a first plan."""
EFFORT = 0.3
"""Share of HiGHS's work spent looking for plans; its own default is 0.05."""
AROUND = 0.1
"""Share of the time limit for the search around a plan that was there before."""
LEAST_S = 1.5
"""Least seconds of any of these searches: in less HiGHS hardly begins."""
NEAR_ENOUGH = 0.03
"""Gap up to which a plan found around a change is gone on from."""
PATIENCE = 4.0
"""Times what a plan took to evaluate until the next one is, while a search runs."""
SEARCH_SHARE = 0.05
"""Share of the time limit that one neighbourhood may take."""


@dataclass
class PlanWork:
    """The first step is the first plan, each later one a neighbourhood.

    near: what another plan decides; the first search is around it. relaxed, reduced
    (n,): values and reduced costs of the decision layer in a relaxation, once there.
    """

    problem: Problem
    bounding: Bounding
    evaluator: Evaluator
    state: State
    relaxed: np.ndarray | None = None
    reduced: np.ndarray | None = None
    near: Start = NOTHING
    groups: int = GROUPS
    turn: int = 0
    later: list[np.ndarray] = field(default_factory=list)
    sites_free: int = 10
    likely_share: float = 0.2
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.state.limits.seed)

    def step(self) -> bool:
        """One search. True while it is worth going on."""
        if not self.problem.decisions.whole.any():
            return False
        near, self.near = self.near, NOTHING
        if near.decided is not None and near.around:
            self._around(near.decided, near.around)
        elif self.state.x is not None and self.later:
            self._more(self.state.x)
        elif self.state.x is not None and self.turn > 0:
            self._neighbourhood(self.state.x)
        elif self.turn == 0:
            self._first()
        elif self.groups < len(self.problem.layer.quantity):
            # Without any plan yet, finer groups come nearer to what is possible.
            self.groups *= MORE_GROUPS
            self.__dict__.pop("coarse", None)
            self.__dict__.pop("program", None)
            self._first()
        else:
            return False
        self.turn += 1
        return True

    @cached_property
    def coarse(self) -> Coarse:
        """Zones that lie together, with mean costs."""
        return mean_program(self.problem, self.groups, self.state.limits.seed)

    @cached_property
    def program(self) -> LinearProgram:
        return assemble(self.coarse.decisions, self.coarse.layer)[0]

    def _first(self) -> None:
        """A plan of what is left after dropping; of everything, if there is none."""
        state, program = self.state, self.program
        dropped = drop(
            program, self.coarse, self.bounding, state.limits.seed, state.stop
        )
        if dropped is None:
            self._solve(program, None, FIRST_SHARE)
            return
        self.relaxed, self.reduced = dropped.relaxed, dropped.reduced
        rounds = len(dropped.highs) - 1
        self._solve(replace(program, high=dropped.highs[rounds]), None, FIRST_SHARE)
        self.later = [dropped.highs[number] for number in {rounds // 2} - {rounds, 0}]
        if state.x is None and not state.over:
            self._solve(program, None, FIRST_SHARE)

    def _more(self, best: np.ndarray) -> None:
        """A better plan of what had been dropped least."""
        whole, n = self.problem.decisions.whole, self.problem.decisions.size
        start = np.full(self.program.A.shape[1], np.nan)
        start[:n][whole] = whole_decisions(self.problem.decisions, best)[whole]
        self._solve(replace(self.program, high=self.later.pop()), start, FIRST_SHARE)

    def _solve(
        self, program: LinearProgram, start: np.ndarray | None, share: float
    ) -> bool:
        """Solve a coarse program, evaluate plans found; True if one is better.

        A search finds plans faster than they can be evaluated: one that comes while
        the last was hardly looked at waits, and the newest is looked at in the end.
        """
        state, better, waiting, free_at = self.state, False, None, 0.0

        def look(x: np.ndarray) -> None:
            nonlocal better, waiting, free_at
            begin = time.monotonic()
            better |= self._evaluate(whole_decisions(self.problem.decisions, x))
            waiting, free_at = None, time.monotonic()
            free_at += PATIENCE * (free_at - begin)

        def found(cost: float, bound: float, x: np.ndarray | None) -> None:
            nonlocal waiting
            if x is not None and time.monotonic() >= free_at:
                look(x)
            elif x is not None:
                waiting = x

        seconds = max(LEAST_S, share * state.limits.time_limit_s)
        seconds = min(seconds, state.seconds_left)
        limits = Limits(seconds, state.limits.gap / 4, state.limits.seed + self.turn, 1)
        run_highs(
            program,
            limits,
            start=start,
            found=found,
            cancel=state.stop,
            options={"mip_heuristic_effort": EFFORT},
        )
        if waiting is not None:
            look(waiting)
        return better

    def _evaluate(self, decided: np.ndarray) -> bool:
        limits = Limits(min(30.0, self.state.seconds_left), 1e-4, 0, 1)
        plan = self.evaluator.solve(decided, limits, self.state.stop)
        return plan is not None and self.state.offer(*plan)

    def _neighbourhood(self, best: np.ndarray) -> None:
        n, whole = self.problem.decisions.size, self.problem.decisions.whole
        decided = whole_decisions(self.problem.decisions, best)
        pick = (self._likely, self._near, self._family)[self.turn % 3]
        if pick == self._likely and self.relaxed is None:
            pick = self._near
        free = pick(decided) | (self.evaluator.owners.of_column < 0)
        start = np.full(self.program.A.shape[1], np.nan)
        start[:n][whole] = decided[whole]
        better = self._solve(self._part(free, decided), start, SEARCH_SHARE)
        if not better and pick == self._near:
            self.sites_free = min(len(self.evaluator.owners.sites), self.sites_free + 1)
        if not better and pick == self._likely:
            self.likely_share = min(1.0, 1.5 * self.likely_share)

    def _around(self, decided: np.ndarray, sites: Sequence[str]) -> None:
        """Search near some sites around a plan that may not fit."""
        n, whole = self.problem.decisions.size, self.problem.decisions.whole
        owners = self.evaluator.owners
        decided = np.where(np.isnan(decided), 0.0, decided)
        free = np.zeros(n, bool)
        for site in sites:
            free |= self._near_site(owners.sites.index(site), decided, 1.0)
        start = None
        if self.state.x is not None:
            start = np.full(self.program.A.shape[1], np.nan)
            start[:n][whole] = decided[whole]
        self._solve(self._part(free | (owners.of_column < 0), decided), start, AROUND)
        if self.state.x is None or self.state.gap > NEAR_ENOUGH:
            self.turn = -1  # a first plan from anywhere may be better

    def _part(self, free: np.ndarray, decided: np.ndarray) -> LinearProgram:
        """The coarse program with whole decisions fixed but for `free` ones (n,)."""
        fix = np.zeros(self.program.A.shape[1], bool)
        fix[: len(free)] = self.problem.decisions.whole & ~free
        return self.program.fixed(fix, decided[fix[: len(free)]])

    def _near(self, decided: np.ndarray) -> np.ndarray:
        """Columns of sites near a random one, half of them in use."""
        sites = len(self.evaluator.owners.sites)
        centre, blur = self.random.integers(sites), self.random.uniform(0.7, 1.3, sites)
        return self._near_site(int(centre), decided, blur)

    def _near_site(
        self, site: int, decided: np.ndarray, blur: float | np.ndarray
    ) -> np.ndarray:
        """Columns of the sites nearest to one, by distances times `blur`."""
        owners = self.evaluator.owners
        places = self.problem.instance.places.loc[owners.sites]
        centre = places.iloc[np.repeat(site, len(places))]
        km = straight_km(self.problem.instance, places, centre) * blur
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
        whole, reduced, relaxed = (
            self.problem.decisions.whole,
            self.reduced,
            self.relaxed,
        )
        assert reduced is not None and relaxed is not None
        next_ones = reduced <= np.quantile(reduced[whole], self.likely_share)
        return next_ones | (relaxed > USED) | (decided > 0.5)

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
