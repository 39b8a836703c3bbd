"""What is said of a result in a few words: how firm it is, what it costs."""

import math

from dmopt.data.instance import Settings
from dmopt.solving.result import Result

PROVEN_OPTIMAL_GAP = 1e-6
"""A smaller relative gap is beneath what the solver can tell apart."""


def badge(result: Result | None) -> str:
    """How far the plan is proven good: "proven within 0.8 %", "not proven" ...

    result: what a solve gave back; None for a plan that no solve stands behind.
    """
    if result is None:
        return "not proven"
    if result.status == "infeasible":
        return "no plan exists (proven)"
    if result.status == "no_plan_found":
        return "no plan found in the time given"
    if result.gap is None:
        return "feasible, not proven"
    if result.gap <= PROVEN_OPTIMAL_GAP:
        return "proven optimal"
    if result.status == "optimal":
        return f"proven within {percent_above(result.gap)}"
    return f"feasible, gap {percent_above(result.gap)}"


def percent_above(share: float) -> str:
    """A share as per cent, two significant figures, never rounded down."""
    percent = 100 * share
    digits = 1 - math.floor(math.log10(percent))
    # the subtraction forgives binary noise: 0.8 % must not become 0.81 %
    up = math.ceil(percent * 10.0**digits - 1e-6) / 10.0**digits
    words = f"{up:.{max(digits, 0)}f}"
    return (words.rstrip("0").rstrip(".") if "." in words else words) + " %"


def significant(value: float, figures: int = 3) -> float:
    """The value rounded to so many significant figures."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, figures - 1 - math.floor(math.log10(abs(value))))


def quantity(value: float) -> str:
    """A number for people: three significant figures, thousands apart."""
    value = significant(value)
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    decimals = 2 - math.floor(math.log10(abs(value)))
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def money(amount: float, settings: Settings) -> str:
    """A plan's cost for people, three significant figures: "GBP 12.3 million
    a year", or "..., present value" where the instance discounts."""
    amount = significant(amount)
    for size, name in ((1e9, " billion"), (1e6, " million")):
        if abs(amount) >= size:
            digits = 2 - math.floor(math.log10(abs(amount) / size))
            figure = f"{amount / size:,.{max(digits, 0)}f}{name}"
            break
    else:
        figure = quantity(amount)
    if settings.money == "discounted":
        return f"{settings.currency} {figure}, present value"
    return f"{settings.currency} {figure} a year"


def money_alone(amount: float, settings: Settings) -> str:
    """The same on a line with others, where it is known of what time it is."""
    text = money(amount, settings)
    return text.removesuffix(" a year").removesuffix(", present value")
