"""A run on one page: how firm the plan is, what it costs, what it brings."""

from typing import Any

import pandas as pd

from dmopt.plan.costs import total_cost
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.runs.words import badge
from dmopt.solving.result import Result


def summary(plan: Plan, result: Result | None = None) -> pd.DataFrame:
    """Columns item, period ("" for the whole), value (number or text), unit."""
    settings = plan.instance.settings
    money = settings.currency + (
        ", present value" if settings.money == "discounted" else " a year"
    )
    cost = total_cost(plan) if result is None else result.cost
    rows: list[tuple[str, str, Any, str]] = [
        ("instance", "", settings.name, ""),
        ("how firm", "", badge(result), ""),
        ("cost", "", cost, money),
    ]
    if result is not None:
        rows += [
            ("proven lower bound", "", result.bound, money),
            ("gap", "", result.gap, "share of the cost"),
            ("solve path", "", result.path, ""),
            ("proof", "", result.proof, ""),
        ]
    return pd.DataFrame(
        [*rows, *_indicator_rows(plan)], columns=["item", "period", "value", "unit"]
    )


def _indicator_rows(plan: Plan) -> list[tuple[str, str, Any, str]]:
    """Every indicator, over all periods first."""
    table = indicators(plan)
    table = table.sort_values("period", key=lambda p: p != ALL, kind="stable")
    named = table.assign(
        indicator=table.indicator.str.replace("_", " "),
        period=table.period.where(table.period != ALL, ""),
    )
    columns = [named[name] for name in ("indicator", "period", "value", "unit")]
    return list(zip(*columns, strict=True))
