"""The key figures of a plan, a line each, for the margin of its map."""

import math

from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.runs.words import quantity

LINES = (
    ("jobs", "{} jobs in the region"),
    ("people_5km", "{} of people within 5 km"),
    ("local_share", "{} of value from the region"),
    ("unmet_share", "{} of demand not met"),
    ("emissions_t", "{} t CO2e a year"),
    ("vehicle_km", "{} vehicle km a year"),
)
"""Indicators shown, and how; shares as per cent."""


def key_figures(plan: Plan, period: str | None) -> list[str]:
    """Key figures of a period, or of all of them (None); those without a value are
    left out."""
    table = indicators(plan)
    table = table[table.period == (ALL if period is None else period)]
    values = table.set_index("indicator").value
    units = table.set_index("indicator").unit
    return [
        words.format(_shown(values[name], units[name] == "share"))
        for name, words in LINES
        if name in values.index and not math.isnan(values[name])
    ]


def _shown(value: float, is_share: bool) -> str:
    if not is_share:
        return quantity(value)
    if 0 < value < 0.001:
        return "under 0.1 %"
    decimals = 1 if 0 < value < 0.1 or 0.99 < value < 1 else 0
    return f"{100 * value:.{decimals}f} %"
