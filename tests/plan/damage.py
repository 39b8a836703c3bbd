"""Ways of damaging a plan on purpose."""

from typing import Any

import pandas as pd

from dmopt.plan.plan import COLUMNS, Plan


def with_table(plan: Plan, name: str, table: pd.DataFrame) -> Plan:
    """The plan with one table replaced, as it is: nothing is cast or checked."""
    return Plan(plan.instance, {**plan.tables, name: table})


def chosen(plan: Plan, name: str, names: str) -> pd.Series:
    """Rows of a table that have all the names (separated by blanks, "_" for one)."""
    table = plan.tables[name]
    wanted = {part.replace("_", " ") for part in names.split()}
    texts = [c for c, kind in COLUMNS[name].items() if kind == "str"]
    rows = table[texts].apply(
        lambda row: wanted <= {text.replace("_", " ") for text in row}, axis=1
    )
    assert rows.any(), f"no row of {name} has {names}"
    return rows


def changed(plan: Plan, name: str, names: str, **values: Any) -> Plan:
    """The plan with new values in the rows that have all the names."""
    table, rows = plan.tables[name].copy(), chosen(plan, name, names)
    for column, value in values.items():
        table[column] = table[column].astype(object).where(~rows, value)
        table[column] = table[column].infer_objects()
    return with_table(plan, name, table)


def without(plan: Plan, name: str, names: str) -> Plan:
    """The plan without the rows that have all the names."""
    table = plan.tables[name][~chosen(plan, name, names)]
    return with_table(plan, name, table.reset_index(drop=True))


def added(plan: Plan, name: str, *row: Any) -> Plan:
    """The plan with one row more."""
    more = pd.DataFrame([row], columns=list(COLUMNS[name]))
    table = pd.concat([plan.tables[name], more], ignore_index=True)
    return with_table(plan, name, table)
