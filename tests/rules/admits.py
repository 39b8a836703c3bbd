"""Whether the rows let a plan through: the solver's side of a rule, asked about a plan.

All that the plan decides is fixed, helping variables of rules are free, and HiGHS says
whether anything is left. The checker (`broken`) says the same from the plan's tables.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.formulation.compiled import DECIDED
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.extract import KEYS
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem

TABLE = {
    "open": "opened",
    "steps": "infrastructure",
    "built": "infrastructure",
    "draw": "draws",
    "put": "stocks",
}
AMOUNT = "quantity_per_yr"
SLACK = 1e-5


def broken(instance: Instance, plan: Plan) -> list[Violation]:
    """What the rules of the instance find wrong with a plan."""
    return [v for rule in make_rules(instance) for v in rule.check(instance, plan)]


def admits(instance: Instance, plan: Plan) -> bool:
    """Whether the model with all its rules has a solution that is this plan."""
    problem = _problem(Same(instance))
    flows = _flows(problem, plan)
    if flows is None:
        return False
    decided = np.full(problem.decisions.size, np.nan)
    for family in DECIDED:
        column = problem.decisions.column[family]
        given = _given(family, plan)
        for key, n in column.items():
            decided[n] = given.get(key, 0.0)
        if any(amount > SLACK for key, amount in given.items() if key not in column):
            return False
    x = np.concatenate([decided, flows])
    known = np.isfinite(x)
    program = problem.program
    low, high = program.low.copy(), program.high.copy()
    slack = SLACK * np.maximum(np.abs(x[known]), 1.0) * ~program.whole[known]
    low[known] = np.maximum(x[known] - slack, low[known])
    high[known] = np.minimum(x[known] + slack, high[known])
    if (low > high + 1e-9).any():
        return False
    fixed = program.__class__(**{**program.__dict__, "low": low, "high": high})
    # As loose as its tolerance for whole numbers, presolve takes the slack for nothing.
    tight = {"mip_feasibility_tolerance": SLACK / 10}
    return run_highs(fixed, Limits(30.0), options=tight).status == "optimal"


class Same:
    """An instance, compared as an object."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.instance is other.instance

    def __hash__(self) -> int:
        return id(self.instance)


@lru_cache(maxsize=50)
def _problem(same: Same) -> Problem:
    return make_problem(same.instance, make_rules(same.instance))


def _given(family: str, plan: Plan) -> dict[tuple[str, ...], float]:
    table = plan.tables[
        TABLE.get(family, family if family in plan.tables else "modules")
    ]
    keys = KEYS.get(family) or KEYS["steps" if family == "built" else "modules"]
    amount = "units" if family == "put" else family if family in table else AMOUNT
    values = table[amount] if amount in table else [1.0] * len(table)
    return dict(
        zip(table[keys].itertuples(index=False, name=None), values, strict=True)
    )


def _flows(problem: Problem, plan: Plan) -> np.ndarray | None:
    """Shares, transfers and shortfalls of a plan; None where it uses an arc that the
    problem does not have."""
    keys = ["origin", "destination", "commodity", "mode", "period"]
    arcs = problem.arcs
    place = pd.MultiIndex.from_frame(arcs[keys].astype(str))
    flows = plan.tables["flows"]
    where = place.get_indexer(pd.MultiIndex.from_frame(flows[keys]))
    if (where < 0).any():
        return None
    amount = np.zeros(len(arcs))
    amount[where] = flows.quantity_per_yr
    to_zone = (arcs.destination_kind == "zone").to_numpy()
    layer = problem.layer
    wanted = problem.instance.demand_by_period[["zone", "commodity", "period"]]
    unmet = plan.tables["unmet"].set_index(["zone", "commodity", "period"])
    short = unmet.quantity_per_yr.reindex(pd.MultiIndex.from_frame(wanted)).fillna(0)
    return np.concatenate(
        [
            amount[to_zone] / layer.quantity[layer.x_to],
            amount[~to_zone],
            short.to_numpy() / layer.quantity,
        ]
    )
