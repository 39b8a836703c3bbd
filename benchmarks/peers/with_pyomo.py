"""Pyomo, handed over by appsi_highs; HiGHS then runs as in `with_highs`.

The changes that appsi looks for before each solve are left out: that is to its favour.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
from generators.location import LocationProblem
from pyomo.contrib.appsi.solvers import Highs

from peers.highs_run import run_highs
from peers.peer import Answer, Clock, Limits, Seen


def prepare(problem: LocationProblem) -> Callable[[Limits, Seen], Answer]:
    # plain lists: indexing numpy one number at a time would slow Pyomo down
    cost, fixed = problem.cost.tolist(), problem.fixed.tolist()
    capacity, demand = problem.capacity.tolist(), problem.demand.tolist()

    def solve(limits: Limits, seen: Seen) -> Answer:
        clock = Clock(limits.time_limit_s)
        model = make_model(problem, cost, fixed, capacity, demand)
        solver = Highs()
        solver.set_instance(model)
        answer, z = run_highs(solver._solver_model, limits, clock, seen)
        if z is None:
            return answer
        column = solver._pyomo_var_to_solver_var_map

        def values(var: Any, shape: tuple[int, ...]) -> np.ndarray:
            # a variable in no row is no column: it stays at 0
            at = [column.get(id(one), -1) for one in var.values()]
            return np.append(z, 0.0)[at].reshape(shape)

        x = values(model.x, problem.cost.shape)
        return replace(answer, y=values(model.y, problem.fixed.shape), x=x)

    return solve


def make_model(
    problem: LocationProblem, cost: Any, fixed: Any, capacity: Any, demand: Any
) -> pyo.ConcreteModel:
    m = pyo.ConcreteModel()
    m.I = pyo.RangeSet(0, len(fixed) - 1)
    m.J = pyo.RangeSet(0, len(demand) - 1)
    m.L = pyo.RangeSet(0, len(fixed[0]) - 1)
    m.x = pyo.Var(m.I, m.J, bounds=(0, 1))
    m.y = pyo.Var(m.I, m.L, domain=pyo.Binary)
    m.total = pyo.Objective(
        expr=pyo.quicksum(fixed[i][k] * m.y[i, k] for i in m.I for k in m.L)
        + pyo.quicksum(cost[i][j] * m.x[i, j] for i in m.I for j in m.J)
    )
    m.met = pyo.Constraint(
        m.J, rule=lambda m, j: pyo.quicksum(m.x[i, j] for i in m.I) == 1
    )
    m.link = pyo.Constraint(
        m.I,
        m.J,
        rule=lambda m, i, j: m.x[i, j] <= sum(m.y[i, k] for k in m.L),
    )
    if problem.capacitated:
        m.room = pyo.Constraint(
            m.I,
            rule=lambda m, i: (
                pyo.quicksum(demand[j] * m.x[i, j] for j in m.J)
                <= sum(capacity[i][k] * m.y[i, k] for k in m.L)
            ),
        )
        m.level = pyo.Constraint(
            m.I, rule=lambda m, i: sum(m.y[i, k] for k in m.L) <= 1
        )
    if problem.p is not None:
        m.count = pyo.Constraint(expr=pyo.quicksum(m.y.values()) == problem.p)
    return m
