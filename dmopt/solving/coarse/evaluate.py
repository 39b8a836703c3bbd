"""From decisions to a whole plan: whole numbers fixed, flows solved over all zones."""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event

import numpy as np

from dmopt.formulation.compiled import Decisions
from dmopt.solving.assemble import Rows
from dmopt.solving.coarse.near_first import solve_near_first
from dmopt.solving.highs import Answer, Basis, Limits, run_highs
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

    def modules(self, decided: np.ndarray) -> np.ndarray:
        """Modules of each site, (sites,), in all periods together."""
        columns, of_column = self._modules
        count = np.nan_to_num(decided[columns])
        return np.bincount(of_column[columns], count, len(self.owners.sites))

    def busy(self, decided: np.ndarray) -> np.ndarray:
        """Sites (bool) that have modules in some period under `decided` (n,)."""
        return self.modules(decided) > 0.5

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
        None where nothing feasible was found in time, or a value is out of its limits.
        Of flows that cost the same, which are found depends on those found before.
        """
        problem, decisions = self.problem, self.problem.decisions
        whole = decisions.whole & ~np.isnan(decided)
        values = np.round(decided[whole])
        if (values < decisions.low[whole]).any() or (
            values > decisions.high[whole]
        ).any():
            return None
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

        def run(program: LinearProgram, basis: Basis | None = None) -> Answer:
            left = replace(limits, time_limit_s=max(0.0, until - time.monotonic()))
            return run_highs(program, left, cancel=cancel, basis=basis)

        def fixed(program: LinearProgram, rows: Rows, some: np.ndarray) -> Answer:
            fix = np.zeros(len(program.cost), bool)
            fix[: len(whole)] = whole
            program = program.fixed(fix, values)
            program = replace(program, whole=program.whole & ~fix)
            if program.whole.any():
                return run(program)
            last, kept = problem.last_flows, self._kept(x, y, some)
            basis = last.over(kept, problem.layer, whole, rows)
            answer = run(program, basis)
            if basis is not None and answer.status == "stopped":  # it led nowhere
                answer = run(program)
            if answer.basis is not None:
                last.keep(Basis.of(answer.basis), kept)
            return answer

        linear = bool(whole[problem.decisions.whole].all())
        answer, some = solve_near_first(
            problem, problem.layer.keep(x, y), fixed, linear, limits.gap
        )
        if answer.x is None:
            return None
        kept = self._kept(x, y, some)
        full = np.zeros(len(kept))
        full[kept] = answer.x
        return answer.cost, full

    def _kept(self, x: np.ndarray, y: np.ndarray, some: np.ndarray) -> np.ndarray:
        """Columns of the problem (N,) bool: of deliveries x only `some`."""
        n, demands = self.problem.decisions.size, len(self.problem.layer.quantity)
        x = x.copy()
        x[x] = some
        return np.concatenate([np.ones(n, bool), x, y, np.ones(demands, bool)])


def whole_decisions(decisions: Decisions, x: np.ndarray) -> np.ndarray:
    """The decision layer's part of a solution, whole columns rounded."""
    decided = x[: decisions.size].copy()
    decided[decisions.whole] = np.round(decided[decisions.whole])
    return decided
