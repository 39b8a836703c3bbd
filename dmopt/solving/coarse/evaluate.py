"""From decisions to a whole plan: whole numbers fixed, flows solved over all zones."""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event

import numpy as np

from dmopt.formulation.compiled import Decisions
from dmopt.solving.coarse.near_first import solve_near_first
from dmopt.solving.highs import Answer, Limits, run_highs
from dmopt.solving.owners import Owners
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram


@dataclass(frozen=True)
class Evaluator:
    """Solves the flows of a problem for given decisions."""

    problem: Problem

    @property
    def owners(self) -> Owners:
        return self.problem.owners

    @cached_property
    def _modules(self) -> tuple[np.ndarray, np.ndarray]:
        column = self.problem.decisions.column["modules"]
        return np.fromiter(column.values(), int, len(column)), self.owners.of_column

    def busy(self, decided: np.ndarray) -> np.ndarray:
        """Sites (bool) that have modules in some period under `decided` (n,)."""
        columns, of_column = self._modules
        busy = np.zeros(len(self.owners.sites), bool)
        busy[of_column[columns[np.nan_to_num(decided[columns]) > 0.5]]] = True
        return busy

    def solve(
        self,
        decided: np.ndarray,
        limits: Limits,
        cancel: Event | None = None,
        also: np.ndarray | None = None,
    ) -> tuple[float, np.ndarray] | None:
        """Least cost and solution (all columns) with whole decisions fixed.

        decided (n,): values of the decision layer's columns; whole ones count, and
        those that are NaN stay free. also (sites,) bool: sites that may deliver
        besides those in use.
        None where nothing feasible was found in time.
        """
        problem = self.problem
        whole = problem.decisions.whole & ~np.isnan(decided)
        busy = self.busy(decided)
        busy = busy if also is None else busy | also
        active = np.concatenate(
            [
                busy[self.owners.of_output],
                np.ones(len(problem.layer.gates.supply_most), bool),
            ]
        )
        x, y = active[problem.layer.x_from], active[problem.layer.y_from]
        until = time.monotonic() + limits.time_limit_s

        def fixed(program: LinearProgram) -> Answer:
            fix = np.zeros(len(program.cost), bool)
            fix[: len(whole)] = whole
            program = program.fixed(fix, np.round(decided[whole]))
            left = replace(limits, time_limit_s=max(0.0, until - time.monotonic()))
            program = replace(program, whole=program.whole & ~fix)
            return run_highs(program, left, cancel=cancel)

        linear = bool(whole[problem.decisions.whole].all())
        answer, some = solve_near_first(
            problem, problem.layer.keep(x, y), fixed, linear, limits.gap
        )
        if answer.x is None:
            return None
        x[x] = some
        return answer.cost, self._all_columns(answer.x, x, y)

    def _all_columns(
        self, part: np.ndarray, x: np.ndarray, y: np.ndarray
    ) -> np.ndarray:
        n = self.problem.decisions.size
        kept = np.concatenate(
            [np.ones(n, bool), x, y, np.ones(len(self.problem.layer.quantity), bool)]
        )
        full = np.zeros(len(kept))
        full[kept] = part
        return full


def whole_decisions(decisions: Decisions, x: np.ndarray) -> np.ndarray:
    """The decision layer's part of a solution, whole columns rounded."""
    decided = x[: decisions.size].copy()
    decided[decisions.whole] = np.round(decided[decisions.whole])
    return decided
