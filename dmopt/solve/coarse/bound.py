"""Work on the bound: coarse programs whose bound holds for all zones and arcs."""

from dataclasses import dataclass, replace

import numpy as np

from dmopt.solve.coarse.aggregate import coarse_layer
from dmopt.solve.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solve.coarse.groups import group_demands
from dmopt.solve.coarse.state import State
from dmopt.solve.highs import Limits, run_highs
from dmopt.solve.problem import Problem
from dmopt.solve.program import assemble
from dmopt.solve.strong import with_strong_rows

GROUPS = (60, 160, 400, 1200)
"""Groups in all, round by round: few solve fast, many lose little."""
CUT_SHARE = 0.1
"""Share of a round's time for strong rows."""
ROUND_SHARE = 0.6
"""Share of the time left that a round may take, but for the last."""


@dataclass
class BoundWork:
    """One step is one coarse program; its bound counts while it is still running.

    relaxed: the relaxation of everything, all columns.
    """

    problem: Problem
    evaluator: Evaluator
    state: State
    u: np.ndarray
    relaxed: np.ndarray
    round: int = 0

    def step(self) -> bool:
        """Solve the next coarse program. False when there is none left to try."""
        state, problem = self.state, self.problem
        if self.round >= len(GROUPS):
            return False
        last = self.round == len(GROUPS) - 1
        seconds = state.seconds_left * (1.0 if last else ROUND_SHARE)
        limits = Limits(seconds, state.limits.gap / 4, state.limits.seed, 1)
        used = state.origins_used(problem, self.relaxed)
        groups = group_demands(
            problem.layer, self.u, used, GROUPS[self.round], state.limits.seed
        )
        layer = coarse_layer(problem.layer, groups, self.u, "bound")
        program, _ = assemble(problem.decisions, layer)
        program, _ = with_strong_rows(
            program, problem.decisions, layer,
            replace(limits, time_limit_s=CUT_SHARE * seconds), state.stop,
        )
        certificate = {"multipliers": self.u, "groups": groups}
        proof = (
            f"HiGHS's bound on a coarse program of {groups.max() + 1} groups of demands, "
            "a relaxation of all zones and all arcs."
        )

        def found(cost: float, bound: float, x: np.ndarray | None) -> None:
            if np.isfinite(bound):
                state.prove(bound, proof, certificate)

        answer = run_highs(program, limits, found=found, cancel=state.stop)
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
