"""The reference path: flows in Pyomo too, all in one readable model.

    (demand)   sum of flow into z of c + short[z,c,t] = D[z,c,t]
    (sent)     sum of flow out of s of c = output[s,c,t]
    (brought)  sum of flow into s of c = input[s,c,t]
    (supply)   sum of flow out of a supplier of c <= max_per_yr
    (unmet)    sum_z short[z,c,t] = unmet[c,t]
    (whole)    flow = D[z,c,t] all[a],  all[a] in {0, 1}        single sourcing
    (side)     sum of weight flow <= most + given               rules on flows

Slow (seconds per million nonzeros), deaf to `cancel` once it runs, and meant for
reading, tests and export (`build_reference(...).write("model.lp")`). It shares the
decision layer and the arcs with the other paths, and none of their arrays.
"""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.contrib.appsi.solvers.highs import Highs

from dmopt.flows.returns import return_rows
from dmopt.formulation.build import build, penalties
from dmopt.solving.builder import softened
from dmopt.solving.highs import Found, Limits
from dmopt.solving.outcome import Ended, Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.start import NOTHING, Start


def build_reference(problem: Problem) -> pyo.ConcreteModel:
    """The whole model in Pyomo; m.flow[a] in the order of the candidate arcs."""
    instance, arcs = problem.instance, problem.arcs
    m = build(instance, problem.scope, problem.rules)
    ends = list(
        zip(arcs.origin, arcs.destination, arcs.commodity, arcs.period, strict=True)
    )
    price = dict(enumerate(arcs.cost))
    m.flow = pyo.Var(range(len(ends)), domain=pyo.NonNegativeReals)
    out, into = defaultdict(list), defaultdict(list)
    for a, (o, d, c, t) in enumerate(ends):
        out[o, c, t].append(m.flow[a])
        into[d, c, t].append(m.flow[a])
    _demand_rows(m, instance, into)
    _gate_rows(m, instance, out, into)
    _whole_rows(m, problem, ends)
    _side_rows(m, problem)
    transport = sum(
        m.weight[t] * price[a] * m.flow[a] for a, (_, _, _, t) in enumerate(ends)
    )
    m.cost.set_value(m.cost.expr + penalties(m) + transport)
    return m


def _demand_rows(m: Any, instance: Any, into: Any) -> None:
    wanted = instance.demand_by_period
    D = {
        (r.zone, r.commodity, r.period): r.quantity_per_yr for r in wanted.itertuples()
    }
    may = instance.commodities.unmet_price.notna()
    m.short = pyo.Var(
        pyo.Set(initialize=list(D), dimen=3),
        bounds=lambda m, z, c, t: (0, D[z, c, t] if may[c] else 0),
    )

    @m.Constraint(m.short.index_set())
    def demand(m, z, c, t):
        return sum(into[z, c, t]) + m.short[z, c, t] == D[z, c, t]

    @m.Constraint(m.CT)
    def unmet_in_total(m, c, t):
        short = sum(m.short[key] for key in m.short if key[1:] == (c, t))
        return short == m.unmet[c, t]


def _gate_rows(m: Any, instance: Any, out: Any, into: Any) -> None:
    most = {
        (r.supplier, r.commodity, r.period): r.max_per_yr
        for r in instance.supplies_by_period.itertuples()
        if np.isfinite(r.max_per_yr)
    }

    @m.Constraint(m.output.index_set())
    def sent(m, s, c, t):
        return sum(out[s, c, t]) == m.output[s, c, t]

    @m.Constraint(m.input.index_set())
    def brought(m, s, c, t):
        return sum(into[s, c, t]) == m.input[s, c, t]

    @m.Constraint(pyo.Set(initialize=[key for key in most if out[key]], dimen=3))
    def supply_most(m, g, c, t):
        return sum(out[g, c, t]) <= most[g, c, t]


def _whole_rows(m: Any, problem: Problem, ends: list[Any]) -> None:
    named = frozenset[str]().union(
        *(rule.whole_deliveries(problem.instance) for rule in problem.rules)
    )
    zones = set(problem.instance.zones.index)
    chosen = [a for a, (_, d, c, _) in enumerate(ends) if d in zones and c in named]
    wanted = problem.instance.demand_by_period.set_index(
        ["zone", "commodity", "period"]
    )
    D = wanted.quantity_per_yr.to_dict()
    m.all_of = pyo.Var(chosen, domain=pyo.Binary)

    @m.Constraint(chosen)
    def whole(m, a):
        _, d, c, t = ends[a]
        return m.flow[a] == D[d, c, t] * m.all_of[a]


def _side_rows(m: Any, problem: Problem) -> None:
    m.nothing = pyo.Var(bounds=(0, 0))  # a row needs a variable, also without arcs
    asked = [*return_rows(m, problem.instance, problem.arcs)]
    asked += [
        softened(m.rule[rule.id], rule, rows)
        for rule in problem.rules
        for rows in rule.flow_rows(m.rule[rule.id], problem.instance, problem.arcs)
    ]
    m.side = pyo.ConstraintList()
    for rows in asked:
        left = [m.nothing * 1] * len(rows.most)
        for a in np.flatnonzero(rows.row >= 0):
            left[rows.row[a]] += rows.weight[a] * m.flow[a]
        right = list(rows.most)
        for n, variable, coefficient in rows.given:
            right[n] += coefficient * variable
        for some, most in zip(left, right, strict=True):
            m.side.add(some <= most)


def solve_reference(
    problem: Problem,
    limits: Limits,
    found: Found,
    cancel: Event,
    start: Start = NOTHING,
) -> Outcome:
    """Solve the reference model with Pyomo's HiGHS interface; it takes no start."""
    begin = time.monotonic()
    m = build_reference(problem)
    for presolve in ("choose", "off"):  # what presolve refutes may be (highs.py)
        left = limits.time_limit_s - (time.monotonic() - begin)
        if cancel.is_set() or left <= 0:
            return Outcome("stopped", None, np.inf, -np.inf, "Stopped before solving.")
        answer = _answer(m, limits, left, presolve)
        kind = answer.termination_condition.name
        if kind not in ("infeasible", "infeasibleOrUnbounded"):
            break
    else:
        proof = "HiGHS proved that no plan keeps all rows."
        return Outcome("infeasible", None, np.inf, np.inf, proof)
    proof = "Bound of HiGHS on the reference model in Pyomo."
    bound = answer.best_objective_bound
    bound = -np.inf if bound is None else float(bound)
    if answer.best_feasible_objective is None:
        return Outcome("stopped", None, np.inf, bound, proof)
    answer.solution_loader.load_vars()
    cost = float(pyo.value(m.cost))
    status: Ended = "solved" if kind == "optimal" else "stopped"
    return Outcome(status, _vector(problem, m), cost, min(bound, cost), proof)


def _answer(m: Any, limits: Limits, seconds: float, presolve: str) -> Any:
    """What HiGHS says, its solution not yet loaded."""
    solver = Highs()
    solver.config.time_limit = seconds
    solver.config.mip_gap = limits.gap
    solver.config.load_solution = False
    threads = {"random_seed": limits.seed, "threads": limits.threads}
    solver.highs_options = {**threads, "presolve": presolve}
    # HiGHS keeps one pool of threads for each thread that calls it, and refuses another
    # number of threads later: call it from a new one each time, as the other paths do.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(solver.solve, m).result()


def _vector(problem: Problem, m: Any) -> np.ndarray:
    """The model's values in the order of the problem's program, to read a plan from."""
    decisions, layer = problem.decisions, problem.layer
    x = np.zeros(decisions.size)
    for family, column in decisions.column.items():
        var = getattr(m, family)
        for key, n in column.items():
            x[n] = pyo.value(var[key], exception=False) or 0.0
    flow = np.array([pyo.value(v, exception=False) or 0.0 for v in m.flow.values()])
    to_zone = (problem.arcs.destination_kind == "zone").to_numpy()
    short = np.array([pyo.value(v, exception=False) or 0.0 for v in m.short.values()])
    share = flow[to_zone] / layer.quantity[layer.x_to]
    return np.concatenate([x, share, flow[~to_zone], short / layer.quantity])
