"""OR-Tools: one sparse matrix by ModelBuilder, solved by the SCIP that it brings.

Its bound is told at the end only. CP-SAT is left out: deliveries are continuous.
"""

from collections.abc import Callable

import numpy as np
from generators.location import LocationProblem
from ortools.linear_solver.python import model_builder

from peers.arrays import Arrays, arrays_of, plan_of
from peers.peer import Answer, Clock, Ended, Limits, Seen, finite

ENDED: dict[model_builder.SolveStatus, Ended] = {
    model_builder.SolveStatus.OPTIMAL: "solved",
    model_builder.SolveStatus.INFEASIBLE: "infeasible",
}


def prepare(problem: LocationProblem) -> Callable[[Limits, Seen], Answer]:
    problem.cost  # noqa: B018, the clock starts with the matrix of costs in memory

    def solve(limits: Limits, seen: Seen) -> Answer:
        clock = Clock(limits.time_limit_s)
        model = make_model(arrays_of(problem))
        solver = model_builder.Solver("scip")
        solver.set_solver_specific_parameters(
            f"limits/gap = {limits.gap!r}\n"
            f"randomization/randomseedshift = {limits.seed}\n"
            f"lp/threads = {limits.threads}"
        )
        build_seconds = clock.seconds
        solver.set_time_limit_in_seconds(clock.left)
        status = solver.solve(model)
        solve_seconds = clock.seconds - build_seconds
        ended = ENDED.get(status, "stopped")
        if status not in (
            model_builder.SolveStatus.OPTIMAL,
            model_builder.SolveStatus.FEASIBLE,
        ):
            return Answer(ended, None, None, build_seconds, solve_seconds)
        z = np.array([solver.value(one) for one in model.get_variables()], float)
        y, x = plan_of(problem, z)
        return Answer(
            ended,
            float(solver.objective_value),
            finite(float(solver.best_objective_bound)),
            build_seconds,
            solve_seconds,
            y,
            x,
        )

    return solve


def make_model(arrays: Arrays) -> model_builder.Model:
    model = model_builder.Model()
    columns = len(arrays.cost)
    model.helper.fill_model_from_sparse_data(
        np.zeros(columns),
        np.ones(columns),
        arrays.cost,
        arrays.row_low,
        arrays.row_high,
        arrays.A,
    )
    for column in np.flatnonzero(arrays.whole).tolist():
        model.helper.set_var_integrality(column, True)
    return model
