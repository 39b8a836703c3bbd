"""The program of what a plan has: its whole decisions fixed, rows of planning left out,
every demand allowed to fall short at a price."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from dmopt.errors import Fault, InstanceError
from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.solving.builder import make_problem
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram
from dmopt.solving.start import decided

DEAR = 1e4
PHYSICAL = frozenset(
    (
        *("balance", "made_here", "capacity", "service", "share", "draw_from", "cover"),
        *("connected", "open_user", "users_most", "store", "keep", "fresh"),
    )
)
"""Families of rows that hold on a bad day too; the others say how a plan is made."""


def standing(plan: Plan) -> tuple[Problem, np.ndarray]:
    """The problem of the plan's instance without rules, over arcs of sites that have
    modules, and what the plan decides in its columns (n,).

    Raises InstanceError where that is not what the instance allows.
    """
    problem = make_problem(plan.instance, ())
    values = decided(problem, plan)
    if values is None:
        expected = "a plan that decides only what the instance allows"
        raise InstanceError([Fault("plan", expected=expected)])
    values = np.nan_to_num(values)
    return _of_working_sites(problem, values), values


def price_of_worth(plan: Plan, problem: Problem, wanted: np.ndarray) -> float:
    """M of program.py: money for each unit of worth that is not served.

    wanted (demands,): worth of each.
    """
    layer, all_worth = problem.layer, float(wanted.sum())
    dearest = np.zeros(len(wanted))
    np.maximum.at(dearest, layer.x_to, layer.x_cost)
    money = abs(total_cost(plan)) + dearest.sum()
    return DEAR * max(money, all_worth * 1e-3) / all_worth


def program_of(
    problem: Problem, values: np.ndarray, wanted: np.ndarray, price: float
) -> LinearProgram:
    """The program with nothing lost. values (n,): what the plan decides. price: of each
    unit of worth `wanted` (demands,) that is not served."""
    decisions, whole = problem.decisions, problem.decisions.whole
    n, size = decisions.size, len(decisions.row_keys)
    program = problem.program
    kept = np.ones(program.A.shape[0], bool)
    kept[:size] = [family in PHYSICAL for family, _, _ in decisions.row_keys]
    A = _by_readiness(program.A, problem, values)[kept]
    low, high = program.low.copy(), program.high.copy()
    low[:n][whole] = high[:n][whole] = np.round(values[whole])
    short = len(low) - len(wanted) + np.arange(len(wanted))
    high[short] = 1.0
    high[problem.layer.gates.market] = np.inf
    cost = program.cost.copy()
    cost[short] += price * wanted
    return replace(
        program,
        A=sp.csr_matrix(A),
        cost=cost,
        offset=0.0,
        low=low,
        high=high,
        row_low=program.row_low[kept],
        row_high=program.row_high[kept],
        whole=np.zeros_like(program.whole),
    )


def _of_working_sites(problem: Problem, values: np.ndarray) -> Problem:
    """The problem with only the arcs from and to sites with modules."""
    modules = problem.decisions.column["modules"]
    working = {key[0] for key, n in modules.items() if values[n] > 0}
    arcs = problem.arcs
    busy = arcs.origin.isin(working) | (arcs.origin_kind != "site")
    busy &= arcs.destination.isin(working) | (arcs.destination_kind != "site")
    kept = busy.to_numpy()
    to_zone = (arcs.destination_kind == "zone").to_numpy()
    layer = problem.layer.keep(kept[to_zone], kept[~to_zone])
    layer = replace(layer, whole=np.zeros(len(layer.x_to), bool))
    return replace(problem, arcs=arcs[kept].reset_index(drop=True), layer=layer)


def _by_readiness(
    A: sp.csr_matrix, problem: Problem, values: np.ndarray
) -> sp.csr_matrix:
    """(capacity) with what the plan's modules can do spread evenly over them.

    What a row says of whole decisions, at the plan's values, is put on its modules:
    then a module that is switched off takes its share with it.
    """
    decisions, n = problem.decisions, problem.decisions.size
    rows = [
        (number, decisions.column["modules"][index])
        for number, (family, index, _) in enumerate(decisions.row_keys)
        if family == "capacity"
    ]
    at, column = np.array(rows, int).reshape(-1, 2).T
    count = len(at)
    pick = sp.csr_matrix((np.ones(count), (np.arange(count), at)), (count, A.shape[0]))
    is_whole = np.append(decisions.whole, np.zeros(A.shape[1] - n)).astype(float)
    said = pick @ A @ sp.diags(is_whole)
    ready = said[:, :n] @ values
    each = np.divide(ready, values[column], out=np.zeros(count), where=ready != 0)
    own = sp.csr_matrix((each, (np.arange(count), column)), said.shape)
    return sp.csr_matrix(A + pick.T @ (own - said))
