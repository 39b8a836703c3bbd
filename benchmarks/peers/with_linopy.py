"""linopy, handed over to HiGHS directly; HiGHS then runs as in `with_highs`."""

from collections.abc import Callable
from dataclasses import replace

import linopy
import pandas as pd
import xarray as xr
from generators.location import LocationProblem
from linopy.io import to_highspy

from peers.arrays import plan_of
from peers.highs_run import run_highs
from peers.peer import Answer, Clock, Limits, Seen


def prepare(problem: LocationProblem) -> Callable[[Limits, Seen], Answer]:
    problem.cost  # noqa: B018, the clock starts with the matrix of costs in memory

    def solve(limits: Limits, seen: Seen) -> Answer:
        clock = Clock(limits.time_limit_s)
        h = to_highspy(make_model(problem))
        answer, z = run_highs(h, limits, clock, seen)
        if z is None:
            return answer
        y, x = plan_of(problem, z)  # columns come in the order of variables
        return replace(answer, y=y, x=x)

    return solve


def make_model(problem: LocationProblem) -> linopy.Model:
    (sites, zones), levels = problem.cost.shape, problem.fixed.shape[1]
    i, j, k = (
        pd.RangeIndex(size, name=name)
        for name, size in (("i", sites), ("j", zones), ("k", levels))
    )
    m = linopy.Model()
    x = m.add_variables(lower=0, upper=1, coords=[i, j], name="x")
    y = m.add_variables(binary=True, coords=[i, k], name="y")
    m.add_constraints(x.sum("i") == 1, name="met")
    m.add_constraints(x - y.sum("k") <= 0, name="link")
    if problem.capacitated:
        sent = (x * xr.DataArray(problem.demand, coords=[j])).sum("j")
        room = (y * xr.DataArray(problem.capacity, coords=[i, k])).sum("k")
        m.add_constraints(sent - room <= 0, name="room")
        m.add_constraints(y.sum("k") <= 1, name="level")
    if problem.p is not None:
        m.add_constraints(y.sum() == problem.p, name="count")
    m.add_objective(
        (y * xr.DataArray(problem.fixed, coords=[i, k])).sum()
        + (x * xr.DataArray(problem.cost, coords=[i, j])).sum()
    )
    return m
