"""Work on the bound: coarse programs whose bound holds for all zones and arcs."""

from dataclasses import dataclass, replace

import numpy as np

from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Multipliers, coarse_program
from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.coarse.groups import group_demands
from dmopt.solving.coarse.state import State
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.strong import with_strong_rows

ROUNDS = ((60, 0.15), (60, 0.75), (180, 0.6), (500, 1.0))
"""Groups in all, and share of the time left: few solve fast, many lose little. The
first round knows the origins of the relaxation, the second those of a plan."""
CUT_SHARE = 0.1
"""Share of a round's time for strong rows."""


@dataclass
class BoundWork:
    """One step is one coarse program; its bound counts while it is still running.

    relaxed: the relaxation of everything, all columns.
    """

    problem: Problem
    evaluator: Evaluator
    state: State
    prices: Multipliers
    relaxed: np.ndarray
    round: int = 0

    def step(self) -> bool:
        """Solve the next coarse program. False when there is none left to try."""
        state, problem = self.state, self.problem
        if self.round >= len(ROUNDS):
            return False
        count, share = ROUNDS[self.round]
        seconds = share * state.seconds_left
        limits = Limits(seconds, state.limits.gap / 4, state.limits.seed, 1)
        used = state.origins_used(problem, self.relaxed)
        seed = state.limits.seed
        groups = group_demands(problem.layer, self.prices, used, count, seed)
        decisions, layer = coarse_program(
            problem.decisions, problem.layer, groups, self.prices, "bound"
        )
        program, _ = assemble(decisions, layer)
        program, _ = with_strong_rows(
            program,
            decisions,
            layer,
            replace(limits, time_limit_s=CUT_SHARE * seconds),
            state.stop,
        )
        certificate = {
            "multipliers": self.prices.demand,
            "rule_multipliers": self.prices.side,
            "groups": groups,
        }
        proof = (
            f"HiGHS's bound on a coarse program of {groups.max() + 1} groups of "
            "demands, a relaxation of all zones and all arcs."
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
        limits = Limits(
            min(30.0, self.state.seconds_left), 1e-4, self.state.limits.seed, 1
        )
        better = self.evaluator.solve(decided, limits, self.state.stop)
        if better is not None:
            self.state.offer(*better)
