"""From a solution vector to a plan: the only place that reads variable values."""

import numpy as np
import pandas as pd

from dmopt.plan.plan import Plan, make_plan
from dmopt.solving.problem import Problem

KEYS = {
    "open": ["site", "period"],
    "modules": ["site", "technology", "period"],
    "steps": ["infrastructure", "location", "period"],
    "uses": ["site", "infrastructure", "location", "period"],
    "draw": ["site", "infrastructure", "location", "service", "period"],
    "activity": ["site", "recipe", "period"],
    "put": ["site", "commodity", "period", "until"],
    "disposal": ["site", "commodity", "period"],
}
LEAST = 1e-9
"""Shares below this are rounding of the solver, not decisions."""


def extract(problem: Problem, x: np.ndarray) -> Plan:
    """The plan that a solution `x` (n,) of the problem's program stands for.

    Whole numbers are rounded; quantities below `LEAST` of their natural size go.
    """
    modules = _wide(problem, x, ["modules", "bought", "sold", "moved_in", "moved_out"])
    steps = _wide(problem, x, ["steps", "built"])
    tables = {
        "opened": _taken(problem, x, "open"),
        "modules": modules,
        "infrastructure": steps,
        "uses": _taken(problem, x, "uses"),
        "draws": _quantities(problem, x, "draw"),
        "activity": _quantities(problem, x, "activity"),
        "stocks": _stocks(problem, x),
        "disposal": _quantities(problem, x, "disposal"),
        **_flow_tables(problem, x),
    }
    return make_plan(problem.instance, tables, problem.rules)


def _family(
    problem: Problem, x: np.ndarray, family: str, name: str = "quantity"
) -> pd.DataFrame:
    column = problem.decisions.column[family]
    keys = KEYS.get(family) or KEYS["steps" if family == "built" else "modules"]
    table = pd.DataFrame(list(column), columns=keys)
    table[name] = x[np.fromiter(column.values(), int, len(column))]
    return table


def _taken(problem: Problem, x: np.ndarray, family: str) -> pd.DataFrame:
    """What is decided yes, of a family of yes and no."""
    table = _family(problem, x, family)
    return table[table.quantity > 0.5][KEYS[family]]


def _wide(problem: Problem, x: np.ndarray, families: list[str]) -> pd.DataFrame:
    """One column of whole numbers per family, rows where any is not 0."""
    first, *others = families
    table = _family(problem, x, first, first)
    there = problem.decisions.column[first]
    for family in others:
        column = problem.decisions.column[family]
        # -1, a thing that cannot change this way, reads the 0 put after the last value
        place = np.fromiter((column.get(key, -1) for key in there), int, len(there))
        table[family] = np.append(x, 0.0)[place]
    table[families] = table[families].round().astype("int64")
    return table[(table[families] != 0).any(axis=1)]


def _quantities(problem: Problem, x: np.ndarray, family: str) -> pd.DataFrame:
    table = _family(problem, x, family, "quantity_per_yr")
    by = {"activity": "recipe", "disposal": "commodity", "draw": "service"}[family]
    return table[_counts(table.quantity_per_yr, table[by])]


def _stocks(problem: Problem, x: np.ndarray) -> pd.DataFrame:
    table = _family(problem, x, "put", "units")
    return table[_counts(table.units, table.commodity)]


def _counts(quantity: pd.Series, of: pd.Series) -> pd.Series:
    """Where a quantity is more than rounding, measured by the largest of its kind:
    loaves and doses are not of one size."""
    return quantity > LEAST * quantity.groupby(of).transform("max").clip(lower=1.0)


def _flow_tables(problem: Problem, x: np.ndarray) -> dict[str, pd.DataFrame]:
    layer, arcs, n = problem.layer, problem.arcs, problem.decisions.size
    to_zone = (arcs.destination_kind == "zone").to_numpy()
    share, quantity, short = np.split(
        x[n:], np.cumsum([len(layer.x_to), len(layer.y_to)])
    )
    amount = np.zeros(len(arcs))
    amount[to_zone] = np.where(share > LEAST, share, 0.0) * layer.quantity[layer.x_to]
    moved = pd.Series(quantity, arcs.index[~to_zone])
    amount[~to_zone] = moved.where(_counts(moved, arcs.commodity[~to_zone]), 0.0)
    columns = ["origin", "destination", "commodity", "mode", "period"]
    flows = arcs.loc[amount > 0, columns].assign(quantity_per_yr=amount[amount > 0])
    wanted = problem.instance.demand_by_period
    unmet = wanted[["zone", "commodity", "period"]].assign(
        quantity_per_yr=np.where(short > LEAST, short, 0.0) * layer.quantity
    )
    return {"flows": flows, "unmet": unmet[unmet.quantity_per_yr > 0]}
