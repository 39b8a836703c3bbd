"""SCIP by PySCIPOpt, in its matrix form."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyscipopt as scip
from generators.location import LocationProblem

from peers.peer import Answer, Clock, Ended, Limits, Seen, finite

ENDED: dict[str, Ended] = {
    "optimal": "solved",
    "gaplimit": "solved",
    "infeasible": "infeasible",
}


def prepare(problem: LocationProblem) -> Callable[[Limits, Seen], Answer]:
    problem.cost  # noqa: B018, the clock starts with the matrix of costs in memory

    def solve(limits: Limits, seen: Seen) -> Answer:
        clock = Clock(limits.time_limit_s)
        model, y, x = make_model(problem)
        report_to(model, seen)
        build_seconds = clock.seconds
        model.setParam("limits/time", clock.left)
        model.setParam("limits/gap", limits.gap)
        model.setParam("randomization/randomseedshift", limits.seed)
        model.setParam("lp/threads", limits.threads)
        model.optimize()
        has_plan = model.getNSols() > 0
        return Answer(
            ENDED.get(model.getStatus(), "stopped"),
            float(model.getObjVal()) if has_plan else None,
            finite(model.getDualbound()),
            build_seconds,
            clock.seconds - build_seconds,
            np.asarray(model.getVal(y), float) if has_plan else None,
            np.asarray(model.getVal(x), float) if has_plan else None,
        )

    return solve


def make_model(problem: LocationProblem) -> tuple[scip.Model, Any, Any]:
    """The model, its openings y (m, L) and its shares x (m, n)."""
    m = scip.Model()
    m.hideOutput()
    shape, levels = problem.cost.shape, problem.fixed.shape
    x = m.addMatrixVar(shape, lb=0.0, ub=1.0, obj=problem.cost)
    y = m.addMatrixVar(levels, vtype="B", obj=problem.fixed)
    opened = y.sum(axis=1)
    m.addMatrixCons(x.sum(axis=0) == 1)
    m.addMatrixCons(x <= opened[:, None])
    if problem.capacitated:
        sent = (x * problem.demand[None, :]).sum(axis=1)
        m.addMatrixCons(sent <= (y * problem.capacity).sum(axis=1))
        m.addMatrixCons(opened <= 1)
    if problem.p is not None:
        m.addCons(y.sum() == problem.p)
    return m, y, x


def report_to(model: scip.Model, seen: Seen) -> None:
    """Pass on each better plan and bound."""

    class Watch(scip.Eventhdlr):  # type: ignore[misc]
        def eventinit(self) -> None:
            self.model.catchEvent(scip.SCIP_EVENTTYPE.BESTSOLFOUND, self)
            self.model.catchEvent(scip.SCIP_EVENTTYPE.DUALBOUNDIMPROVED, self)

        def eventexec(self, event: Any) -> None:
            seen(finite(self.model.getPrimalbound()), finite(self.model.getDualbound()))

    model.includeEventhdlr(Watch(), "watch", "passes on plans and bounds")
