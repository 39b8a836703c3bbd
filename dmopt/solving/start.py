"""A plan that is there already, as the beginning of another solve.

What the plan decides is fixed (open sites, modules, steps, connections), and what rules
and flows make of it in this problem is solved anew: the plan may come from another set
of rules or other prices, and its flows get no worse.
"""

from dataclasses import dataclass, replace
from threading import Event

import numpy as np

from dmopt.plan.plan import Plan
from dmopt.proof.certificate import Certificate
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.extract import KEYS
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem

MODULES = ("modules", "bought", "sold", "moved_in", "moved_out")
TABLES = {
    "open": "opened",
    "steps": "infrastructure",
    "built": "infrastructure",
    "uses": "uses",
    **dict.fromkeys(MODULES, "modules"),
}
"""Families of whole decisions, and the tables of a plan that have them. Quantities
follow from them."""
FIT_S = 20.0
"""Most seconds to fit a plan into a problem."""


@dataclass(frozen=True)
class Start:
    """What is known before a solve.

    x: a solution of the problem, all columns, or None; cost: its cost (inf without).
    bound: a lower bound that holds, from elsewhere; -inf if none; certificate: what
    proves it, if it is at hand.
    decided (n,): what a plan decides that may not fit, to look for one near it.
    around: sites where to look first.
    """

    x: np.ndarray | None = None
    cost: float = np.inf
    bound: float = -np.inf
    certificate: Certificate | None = None
    decided: np.ndarray | None = None
    around: tuple[str, ...] = ()


NOTHING = Start()


def decided(problem: Problem, plan: Plan) -> np.ndarray | None:
    """What the plan decides in columns of the decision layer, NaN where it says
    nothing (n,); None where it decides what the problem does not allow at all."""
    values = np.full(problem.decisions.size, np.nan)
    for family, name in TABLES.items():
        column, table = problem.decisions.column[family], plan.tables[name]
        keys = KEYS.get(family) or KEYS["steps" if family == "built" else "modules"]
        count = table[family] if family in table else np.ones(len(table))
        given = dict(
            zip(table[keys].itertuples(index=False, name=None), count, strict=True)
        )
        if any(amount and key not in column for key, amount in given.items()):
            return None
        for key, n in column.items():
            values[n] = given.get(key, 0)
    return values


def start_from(
    problem: Problem, plan: Plan | None, bound: float | None, limits: Limits
) -> Start:
    """A start from a plan and a bound; without a solution if the plan does not fit."""
    known = Start(bound=-np.inf if bound is None else bound)
    return known if plan is None else fitted(problem, plan, known, limits)


def fitted(
    problem: Problem,
    plan: Plan,
    known: Start,
    limits: Limits,
    cancel: Event | None = None,
) -> Start:
    """What is known, with a plan fitted into the problem as far as it fits."""
    values = decided(problem, plan)
    if values is None:
        return known
    fit = Limits(min(FIT_S, limits.time_limit_s), 1e-6, limits.seed, 1)
    found = Evaluator(problem).solve(values, fit, cancel)
    if found is None:
        return replace(known, decided=values)
    return replace(known, x=found[1], cost=found[0], decided=values)
