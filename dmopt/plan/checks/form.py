"""Form: the plan names what the instance has, in whole and finite amounts, once.

    (id)         every name is one of the instance's
    (number)     every amount is finite and >= 0
    (whole)      modules, steps and their changes are whole
    (duplicate)  no two rows of a table have the same names

Rows that break (id) or are not finite cannot be read further: `readable` leaves them
out, so that the other checks see a plan without them.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.frames import names_in, positions, rows_of
from dmopt.plan.plan import COLUMNS, Plan
from dmopt.plan.tolerance import RELATIVE
from dmopt.plan.violation import Violation, broken

TABLE_OF = {
    "site": "sites",
    "technology": "technologies",
    "period": "periods",
    "until": "periods",
    "infrastructure": "infrastructure",
    "service": "services",
    "recipe": "recipes",
    "commodity": "commodities",
    "zone": "zones",
    "mode": "modes",
}


def check(instance: Instance, plan: Plan) -> Iterator[Violation]:
    """Violations of the form of every table; `where` begins with the table."""
    for name in COLUMNS:
        for violation in _faults(instance, plan, name):
            yield replace(violation, where=(name, *violation.where))


def _faults(instance: Instance, plan: Plan, name: str) -> Iterator[Violation]:
    """Violations of the form of one table."""
    table, names, amounts = _split(plan, name)
    if table.empty:
        return
    where = table[names]
    unknown = ~_known(instance, table, names)
    yield from broken("id", where, unknown.astype(float), "row")
    for column in amounts:
        amount = table[column].to_numpy(float)
        wrong = np.where((amount >= 0) & (amount < np.inf), 0.0, amount)
        yield from broken("number", where, wrong, column)
        if COLUMNS[name][column] == "int64":
            yield from broken("whole", where, _fraction(amount), column)
    again = table.duplicated(names).to_numpy().astype(float)
    yield from broken("duplicate", where, again, "row")


def readable(instance: Instance, plan: Plan) -> Plan:
    """The plan without rows that name unknown things or hold no finite amounts."""
    tables = {}
    for name in COLUMNS:
        table, names, amounts = _split(plan, name)
        if table.empty:
            tables[name] = table
            continue
        finite = np.isfinite(table[amounts].to_numpy(float)).all(axis=1)
        kept = _known(instance, table, names) & finite
        tables[name] = table if kept.all() else table[kept].reset_index(drop=True)
    return Plan(instance, tables, plan.rules)


def _split(plan: Plan, name: str) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The table, its columns of names and its columns of amounts."""
    kinds = COLUMNS[name]
    names = [column for column, kind in kinds.items() if kind == "str"]
    return plan.tables[name], names, [c for c in kinds if c not in names]


def _known(instance: Instance, table: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Whether each row names only what the instance has, shape (rows,)."""
    known = np.ones(len(table), bool)
    for column in names:
        if column == "location":
            by = ["infrastructure", "location"]
            listed = names_in(instance.locations, by)
            known &= rows_of(names_in(table, by), listed) >= 0
        else:
            known &= positions(_ids(instance, column), table[column]) >= 0
    return known


def _ids(instance: Instance, column: str) -> pd.Index:
    if column == "origin":
        sellers = instance.suppliers.index.append(instance.sites.index)
        return sellers.append(instance.zones.index)
    if column == "destination":
        return instance.zones.index.append(instance.sites.index)
    return instance.tables[TABLE_OF[column]].index


def _fraction(amount: np.ndarray) -> np.ndarray:
    """What each amount is away from a whole number; 0 where it is one or not finite."""
    finite = np.where(np.isfinite(amount), amount, 0.0)
    away = np.abs(finite - np.round(finite))
    return np.where(away > RELATIVE, away, 0.0)
