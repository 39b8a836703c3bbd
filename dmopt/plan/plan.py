"""The plan: what is decided, whoever decided it (solver, baseline, file or hand)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dmopt.data.instance import Instance

COLUMNS: dict[str, dict[str, str]] = {
    # one row per open site and period
    "opened": {"site": "str", "period": "str"},
    # modules standing in the period, and what changed at its start
    "modules": {
        "site": "str", "technology": "str", "period": "str", "modules": "int64",
        "bought": "int64", "sold": "int64", "moved_in": "int64", "moved_out": "int64",
    },
    # steps standing in the period, and those built for it
    "infrastructure": {
        "infrastructure": "str", "location": "str", "period": "str",
        "steps": "int64", "built": "int64",
    },
    # which site draws on which shared infrastructure
    "uses": {"site": "str", "infrastructure": "str", "location": "str", "period": "str"},
    # how much of a service it draws from there
    "draws": {
        "site": "str", "infrastructure": "str", "location": "str", "service": "str",
        "period": "str", "quantity_per_yr": "float64",
    },
    "activity": {
        "site": "str", "recipe": "str", "period": "str", "quantity_per_yr": "float64",
    },
    "disposal": {
        "site": "str", "commodity": "str", "period": "str", "quantity_per_yr": "float64",
    },
    "flows": {
        "origin": "str", "destination": "str", "commodity": "str", "mode": "str",
        "period": "str", "quantity_per_yr": "float64",
    },
    "unmet": {
        "zone": "str", "commodity": "str", "period": "str", "quantity_per_yr": "float64",
    },
}
"""Tables of a plan: columns and dtypes. Rows that are all zero are left out."""


@dataclass(frozen=True)
class Plan:
    """What is decided for an instance.

    instance: what it was decided for.
    tables: the tables of `COLUMNS`, complete and typed (`make_plan` sees to it).
    """

    instance: Instance
    tables: Mapping[str, pd.DataFrame]


def make_plan(instance: Instance, tables: Mapping[str, Any]) -> Plan:
    """A plan from tables (DataFrames, lists of dicts); missing tables are empty."""
    complete = {}
    for name, columns in COLUMNS.items():
        table = pd.DataFrame(tables.get(name, []), columns=list(columns))
        complete[name] = table.astype(columns).reset_index(drop=True)
    return Plan(instance, complete)
