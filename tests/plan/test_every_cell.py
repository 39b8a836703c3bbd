"""No row and no number of a sound plan can be changed without being found."""

import pandas as pd
import pytest

from dmopt.plan.plan import COLUMNS, Plan
from dmopt.plan.verify import verify
from tests.plan.damage import with_table
from tests.plan.town import town, town_plan

INSTANCE = town()
PLAN = town_plan(INSTANCE)
ROWS = [(name, n) for name, table in PLAN.tables.items() for n in range(len(table))]
CELLS = [
    (name, n, column)
    for name, n in ROWS
    for column, kind in COLUMNS[name].items()
    if kind != "str"
]


def sound(name: str, table: pd.DataFrame) -> bool:
    changed: Plan = with_table(PLAN, name, table)
    return verify(INSTANCE, changed) == []


@pytest.mark.parametrize(("name", "n"), ROWS)
def test_a_row_that_is_gone_is_missed(name, n):
    table = PLAN.tables[name].drop(index=n).reset_index(drop=True)
    assert not sound(name, table)


@pytest.mark.parametrize(("name", "n", "column"), CELLS)
def test_a_number_that_is_a_bit_off_is_noticed(name, n, column):
    # amounts a hundredth less (of services more may be drawn), counts one more
    table = PLAN.tables[name].copy()
    whole = table[column].dtype == "int64"
    old = table.loc[n, column]
    table.loc[n, column] = old + 1 if whole else old * 0.99
    assert not sound(name, table)
