"""Every table for people that a run keeps: those of the plan, and its rules."""

import pandas as pd

from dmopt.plan.plan import Plan
from dmopt.plan.tables import all_tables
from dmopt.runs.rules import rules_table


def run_tables(plan: Plan) -> dict[str, pd.DataFrame]:
    """Table by name: `plan.tables.all_tables`, and `rules`.

    Raises InstanceError for rules that cannot be read.
    """
    return {**all_tables(plan), "rules": rules_table(plan)}
