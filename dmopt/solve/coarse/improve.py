"""Work on the plan: a coarse program with mean costs, then neighbourhoods of the best.

A neighbourhood frees the whole decisions of a few sites near each other, and all shared
infrastructure, and keeps the rest of the best plan; flows are over all zones, so what
it finds is a plan as it stands.
"""

from dataclasses import dataclass, field

import numpy as np

from dmopt.solve.coarse.aggregate import coarse_layer
from dmopt.solve.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solve.coarse.groups import group_demands
from dmopt.solve.coarse.state import State
from dmopt.solve.highs import Limits, run_highs
from dmopt.solve.problem import Problem
from dmopt.solve.program import assemble

FIRST_GROUPS = 30
MORE_GROUPS = 4
FIRST_SHARE = 0.25
"""Share of the time limit that the first coarse program may take."""


@dataclass
class PlanWork:
    """The first step finds plans with mean costs, each later one a neighbourhood."""

    problem: Problem
    evaluator: Evaluator
    state: State
    u: np.ndarray
    groups: int = FIRST_GROUPS
    sites_free: int = 8
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.state.limits.seed)

    def step(self) -> bool:
        """One search. True while it is worth going on."""
        largest = np.bincount(self.problem.layer.market_of).max(initial=0)
        if self.state.x is not None and self.groups > FIRST_GROUPS:
            self._neighbourhood()
            return True
        if self.groups > MORE_GROUPS * max(FIRST_GROUPS, largest):
            return False
        # Without any plan yet, finer groups come nearer to what is possible.
        self._coarse_plans()
        self.groups *= MORE_GROUPS
        return True

    def _coarse_plans(self) -> None:
        problem, state = self.problem, self.state
        groups = group_demands(problem.layer, self.u, self.groups, state.limits.seed)
        layer = coarse_layer(problem.layer, groups, self.u, "plan")
        program, _ = assemble(problem.decisions, layer)

        def found(cost: float, bound: float, x: np.ndarray | None) -> None:
            if x is not None:
                self._evaluate(whole_decisions(problem.decisions, x))

        seconds = min(FIRST_SHARE * state.limits.time_limit_s, state.seconds_left)
        run_highs(
            program,
            Limits(seconds, state.limits.gap / 2, state.limits.seed, 1),
            found=found,
            cancel=state.stop,
        )

    def _evaluate(self, decided: np.ndarray) -> None:
        limits = Limits(max(1.0, min(30.0, self.state.seconds_left)), 1e-4, 0, 1)
        better = self.evaluator.solve(decided, limits)
        if better is not None:
            self.state.offer(*better)

    def _neighbourhood(self) -> None:
        state, owners = self.state, self.evaluator.owners
        decided = whole_decisions(self.problem.decisions, state.x)
        free_sites = self._pick(decided)
        of_column = owners.of_column
        free = (of_column < 0) | free_sites[np.maximum(of_column, 0)]
        before = state.cost
        limits = Limits(
            min(10.0, state.seconds_left), state.limits.gap / 10, state.limits.seed, 1
        )
        better = self.evaluator.solve(decided, limits, free=free, cancel=state.stop)
        if better is not None and state.offer(*better) and better[0] < before * (1 - 1e-5):
            return
        self.sites_free = min(len(owners.sites), self.sites_free + 1)

    def _pick(self, decided: np.ndarray) -> np.ndarray:
        """Sites near a random one, half of them in use, as a mask."""
        places = self.problem.instance.places.loc[self.evaluator.owners.sites]
        xy = places[["x", "y"]].to_numpy()
        centre = xy[self.random.integers(len(xy))]
        km = np.hypot(*(xy - centre).T) * self.random.uniform(0.7, 1.3, len(xy))
        busy = self.evaluator.busy(decided)
        mask = np.zeros(len(xy), bool)
        half = max(1, self.sites_free // 2)
        for group in (np.flatnonzero(busy), np.flatnonzero(~busy)):
            mask[group[np.argsort(km[group])][:half]] = True
        return mask
