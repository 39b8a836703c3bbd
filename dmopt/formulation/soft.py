"""Rows that may be broken at a price.

    low <= row <= high   becomes   low - excess <= row <= high + excess,  excess >= 0

Needs: a block whose rows end their index in the period.  Gives: its `excess`.
"""

from typing import Any

import pyomo.environ as pyo

Excess = list[tuple[str, Any]]
"""(period, variable) of each row's excess, in the row's own unit."""


def soften(b: Any, periods: Any) -> Excess:
    """Give each row of the block itself, not those of blocks in it, an excess."""
    found: Excess = []
    rows = list(b.component_data_objects(pyo.Constraint, descend_into=False))
    for row in rows:
        excess = new_excess(b)
        low, body, high = row.lower, row.body, row.upper
        if low is not None and high is not None:
            short = new_excess(b)
            row.set_value((low, body + short - excess, high))
            found.append((_period(row, periods), short))
        elif low is not None:
            row.set_value(body + excess >= low)
        else:
            row.set_value(body - excess <= high)
        found.append((_period(row, periods), excess))
    return found


def new_excess(b: Any) -> Any:
    """One more variable of 0 or more in `b.excess`."""
    if b.component("excess") is None:
        b.excess = pyo.VarList(domain=pyo.NonNegativeReals)
    return b.excess.add()


def _period(row: Any, periods: Any) -> str:
    index = row.index()
    last = index[-1] if isinstance(index, tuple) else index
    if last not in periods:
        raise ValueError(f"row {row.name} of a rule does not end in a period")
    return str(last)
