"""spopt's PMedian, solved by CBC as PuLP brings it. It gives no bound and no log."""

from collections.abc import Callable

import numpy as np
import pulp
from generators.location import LocationProblem
from spopt.locate import PMedian

from peers.peer import Answer, Clock, Limits, Seen


def prepare(problem: LocationProblem) -> Callable[[Limits, Seen], Answer]:
    cost = np.ascontiguousarray(problem.cost.T)  # clients by facilities
    weight = np.ones(len(cost))  # demand is in the cost already

    def solve(limits: Limits, seen: Seen) -> Answer:
        clock = Clock(limits.time_limit_s)
        model = PMedian.from_cost_matrix(cost, weight, problem.p)
        build_seconds = clock.seconds
        cbc = pulp.PULP_CBC_CMD(
            msg=False,
            timeLimit=clock.left,
            gapRel=limits.gap,
            threads=limits.threads,
            options=[f"randomCbcSeed {limits.seed}"],
        )
        # the model's own `solve` raises where CBC stops at its limit with a plan
        model.problem.solve(cbc)
        solve_seconds = clock.seconds - build_seconds
        status = model.problem.sol_status
        if status == pulp.LpSolutionInfeasible:
            return Answer("infeasible", None, None, build_seconds, solve_seconds)
        solved = status == pulp.LpSolutionOptimal
        if not solved and status != pulp.LpSolutionIntegerFeasible:
            return Answer("stopped", None, None, build_seconds, solve_seconds)
        total = float(pulp.value(model.problem.objective))
        opened = np.array([one.value() for one in model.fac_vars], float)
        shares = np.array(
            [[one.value() for one in row] for row in model.cli_assgn_vars]
        )
        return Answer(
            "solved" if solved else "stopped",
            total,
            None,
            build_seconds,
            solve_seconds,
            opened[:, None],
            shares.T.astype(float),
        )

    return solve
