"""Figures in the sentences of rules: three significant digits, no false precision."""

import math


def figure(value: float) -> str:
    """A number for people: 12.3, 1,250, 0.05."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.10g}"


def percent(share: float) -> str:
    """A share as per cent: "90 %"."""
    return f"{figure(100 * share)} %"


def bounds(least: int | None, most: int | None) -> str:
    """Bounds of a count: "at least 2 and at most 5"; "" where there are none."""
    both = (("at least", least), ("at most", most))
    return " and ".join(f"{words} {n}" for words, n in both if n is not None)
