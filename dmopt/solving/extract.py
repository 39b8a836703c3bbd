"""From a solution vector to a plan: the only place that reads variable values."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dmopt.plan.plan import Plan, make_plan
from dmopt.solving.problem import InUse, Problem, Solution

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
Key = tuple[str, ...]
LEAST = 1e-9
"""Shares below this are rounding of the solver, not decisions."""


def extract(problem: Problem, solution: Solution) -> Plan:
    """The plan that a solution of the problem's program stands for.

    Whole numbers are rounded; quantities below `LEAST` of their natural size go.
    """
    if isinstance(solution, InUse):
        problem, x = solution.columns()
    else:
        x = solution
    tables = {
        "opened": _chosen(problem, x, "open"),
        "modules": _counted(
            problem, x, ["modules", "bought", "sold", "moved_in", "moved_out"]
        ),
        "infrastructure": _counted(problem, x, ["steps", "built"]),
        "uses": _chosen(problem, x, "uses"),
        "draws": _amounts(problem, x, "draw", "service"),
        "activity": _amounts(problem, x, "activity", "recipe"),
        "stocks": _amounts(problem, x, "put", "commodity", "units"),
        "disposal": _amounts(problem, x, "disposal", "commodity"),
        **_flow_tables(problem, x),
    }
    return make_plan(problem.instance, tables, problem.rules)


def _values(
    problem: Problem, x: np.ndarray, family: str
) -> tuple[list[Key], np.ndarray]:
    """Keys of a family, and the value of each, (keys,)."""
    column = problem.decisions.column[family]
    return list(column), x[np.fromiter(column.values(), int, len(column))]


def _table(keys: list[Key], kept: np.ndarray, family: str) -> pd.DataFrame:
    """The keys that are kept, (keys,) bool, one column for each name in them."""
    rows = [keys[row] for row in np.flatnonzero(kept)]
    return pd.DataFrame(rows, columns=KEYS[family])


def _chosen(problem: Problem, x: np.ndarray, family: str) -> pd.DataFrame:
    keys, value = _values(problem, x, family)
    return _table(keys, value > 0.5, family)


def _counted(problem: Problem, x: np.ndarray, families: list[str]) -> pd.DataFrame:
    """One column of whole numbers per family, rows where any is not 0."""
    first, *others = families
    there, value = _values(problem, x, first)
    counts = [value]
    for family in others:
        column = problem.decisions.column[family]
        # -1, a thing that cannot change this way, reads the 0 put after the last value
        place = np.fromiter((column.get(key, -1) for key in there), int, len(there))
        counts.append(np.append(x, 0.0)[place])
    whole = np.array(counts).round().astype("int64")
    kept = (whole != 0).any(axis=0)
    table = _table(there, kept, first)
    return table.assign(**dict(zip(families, whole[:, kept], strict=True)))


def _amounts(
    problem: Problem,
    x: np.ndarray,
    family: str,
    kind: str,
    name: str = "quantity_per_yr",
) -> pd.DataFrame:
    """A family of quantities, measured by `kind`, one of its names."""
    keys, amount = _values(problem, x, family)
    place = KEYS[family].index(kind)
    kept = _counts(amount, [key[place] for key in keys])
    return _table(keys, kept, family).assign(**{name: amount[kept]})


def _counts(quantity: np.ndarray, of: Sequence[str] | pd.Series) -> np.ndarray:
    """Where a quantity is more than rounding, measured by the largest of its kind:
    loaves and doses are not of one size."""
    kind, kinds = pd.factorize(np.asarray(of, object))
    most = np.ones(len(kinds))
    np.maximum.at(most, kind, quantity)
    return np.asarray(quantity > LEAST * most[kind])


def _flow_tables(problem: Problem, x: np.ndarray) -> dict[str, pd.DataFrame]:
    layer, arcs, n = problem.layer, problem.arcs, problem.decisions.size
    to_zone = (arcs.destination_kind == "zone").to_numpy()
    share, quantity, short = np.split(
        x[n:], np.cumsum([len(layer.x_to), len(layer.y_to)])
    )
    amount = np.zeros(len(arcs))
    amount[to_zone] = np.where(share > LEAST, share, 0.0) * layer.quantity[layer.x_to]
    counts = _counts(quantity, arcs.commodity[~to_zone])
    amount[~to_zone] = np.where(counts, quantity, 0.0)
    columns = ["origin", "destination", "commodity", "mode", "period"]
    flows = arcs.loc[amount > 0, columns].assign(quantity_per_yr=amount[amount > 0])
    wanted = problem.instance.demand_by_period
    unmet = wanted[["zone", "commodity", "period"]].assign(
        quantity_per_yr=np.where(short > LEAST, short, 0.0) * layer.quantity
    )
    return {"flows": flows, "unmet": unmet[unmet.quantity_per_yr > 0]}
