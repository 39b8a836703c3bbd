"""Work on the bound: coarse programs whose bound holds for all zones and arcs."""

from dataclasses import dataclass

import numpy as np

from dmopt.solve.coarse.aggregate import coarse_layer
from dmopt.solve.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solve.coarse.groups import group_demands
from dmopt.solve.coarse.state import State
from dmopt.solve.highs import Limits, run_highs
from dmopt.solve.problem import Problem
from dmopt.solve.program import assemble

GROUPS = (16, 40, 90, 200)
"""Groups in each market, round by round: few solve fast, many lose little."""


@dataclass
class BoundWork:
    """One step is one coarse program; its bound counts while it is still running."""

    problem: Problem
    evaluator: Evaluator
    state: State
    u: np.ndarray
    round: int = 0

    def step(self) -> bool:
        """Solve the next coarse program. False when there is none left to try."""
        state, problem = self.state, self.problem
        if self.round >= len(GROUPS):
            return False
        groups = group_demands(problem.layer, self.u, GROUPS[self.round], state.limits.seed)
        layer = coarse_layer(problem.layer, groups, self.u, "bound")
        program, _ = assemble(problem.decisions, layer)
        certificate = {"multipliers": self.u, "groups": groups}
        proof = (
            f"HiGHS's bound on a coarse program of {groups.max() + 1} groups of demands, "
            "a relaxation of all zones and all arcs."
        )

        def found(cost: float, bound: float, x: np.ndarray | None) -> None:
            if np.isfinite(bound):
                state.prove(bound, proof, certificate)

        last = self.round == len(GROUPS) - 1
        slice_s = state.seconds_left * (1.0 if last else 0.6)
        answer = run_highs(
            program,
            Limits(slice_s, state.limits.gap / 4, state.limits.seed, 1),
            found=found,
            cancel=state.stop,
        )
        self.round += 1
        if answer.status in ("infeasible", "infeasible_or_unbounded"):
            state.prove(np.inf, "A relaxation over groups has no plan.", certificate)
            return False
        state.prove(answer.bound, proof, certificate)
        if answer.x is not None and not state.over:
            self._try(answer.x)
        return True

    def _try(self, x: np.ndarray) -> None:
        decided = whole_decisions(self.problem.decisions, x)
        limits = Limits(min(30.0, self.state.seconds_left), 1e-4, self.state.limits.seed, 1)
        better = self.evaluator.solve(decided, limits, cancel=self.state.stop)
        if better is not None:
            self.state.offer(*better)
