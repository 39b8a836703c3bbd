"""The program of what a plan has: its whole decisions fixed, rows of planning left out,
every demand allowed to fall short at a price."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from dmopt.errors import Fault, InstanceError
from dmopt.flows.flows import Flows
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
    whole, n = problem.decisions.whole, problem.decisions.size
    ready = _by_readiness(problem.program.A, problem, values)
    program = on_a_bad_day(replace(problem.program, A=ready), problem)
    program.low[:n][whole] = program.high[:n][whole] = np.round(values[whole])
    program.cost[unserved(program, wanted)] += price * wanted
    return program


def on_a_bad_day(program: LinearProgram, problem: Problem) -> LinearProgram:
    """The relaxation of a problem's program with rows of planning left out, in which
    every demand may fall short. Its costs and ranges are its own."""
    keys, wanted = problem.decisions.row_keys, problem.layer.quantity
    kept = np.ones(program.A.shape[0], bool)
    kept[: len(keys)] = [family in PHYSICAL for family, _, _ in keys]
    high = program.high.copy()
    high[unserved(program, wanted)] = 1.0
    high[problem.layer.gates.market] = np.inf
    return replace(
        program,
        A=sp.csr_matrix(program.A[kept]),
        cost=program.cost.copy(),
        offset=0.0,
        low=program.low.copy(),
        high=high,
        row_low=program.row_low[kept],
        row_high=program.row_high[kept],
        whole=np.zeros_like(program.whole),
    )


def unserved(program: LinearProgram, wanted: np.ndarray) -> np.ndarray:
    """Columns of what each of the demands `wanted` (demands,) falls short by."""
    return np.arange(len(program.cost) - len(wanted), len(program.cost))


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
    flows = Flows(arcs[kept].reset_index(drop=True), layer)
    return replace(problem, flows=flows)


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
