"""What is told of one plan after another: how good, and what differs."""

import math
from collections.abc import Iterator
from typing import Any

from dmopt.data.instance import Settings
from dmopt.explaining.words import amount, number
from dmopt.plan.called import INDICATORS
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.rules.words import percent
from dmopt.runs.words import badge, money, quantity
from dmopt.solving.result import Result

SAME = 5e-4
"""Share of the cost below which two costs are told as the same."""


def answer_lines(
    before: Result | None, result: Result, settings: Settings
) -> Iterator[str]:
    """How good it is, and what it costs and changes against the plan before."""
    took = f"({result.seconds:.1f} s)"
    if result.cost is None:
        yield f"{badge(result)} {took}; `undo` takes the change back"
    else:
        least = ""
        if result.bound is not None and result.gap:
            least = f"; no plan costs less than {money(result.bound, settings)}"
        yield f"{money(result.cost, settings)}: {badge(result)}{least} {took}"
    if before is not None:
        yield from difference_lines(before, result, settings, "the plan before")


def difference_lines(
    before: Result, after: Result, settings: Settings, than: str
) -> Iterator[str]:
    """What costs and sites differ by, as far as it is proven."""
    if before.cost is None or after.cost is None:
        return
    change = after.cost - before.cost
    share = abs(change) / max(abs(before.cost), 1e-9)
    if share < SAME:
        yield f"  costs the same as {than}"
    else:
        dear, cheap = (after, before) if change > 0 else (before, after)
        proven = dear.bound is not None and dear.bound > (cheap.cost or 0.0)
        words = "more" if change > 0 else "less"
        sure = "" if proven else "; the proofs leave open whether it must"
        much = f"{amount(abs(change), settings)} ({percent(share)})"
        yield f"  {much} {words} than {than}{sure}"
    found = difference(before, after)
    for word in ("opens", "shuts"):
        if found[word]:
            yield f"  {word} {', '.join(found[word])}"


def difference(before: Result | None, after: Result) -> dict[str, Any]:
    """Cost after less before, sites opened and shut; nothing without both plans."""
    if before is None or before.plan is None or after.plan is None:
        return {"cost_change": None, "opens": [], "shuts": []}
    was, now = open_sites(before.plan), open_sites(after.plan)
    assert before.cost is not None and after.cost is not None
    return {
        "cost_change": number(after.cost - before.cost),
        "opens": [site for site in now if site not in was],
        "shuts": [site for site in was if site not in now],
    }


def figure_lines(before: Result, after: Result) -> Iterator[str]:
    """Indicators that differ, before and after."""
    assert before.plan is not None and after.plan is not None
    was, now = (_values(result.plan) for result in (before, after) if result.plan)
    for name, called in INDICATORS.items():
        one, other = (_figure(each[name], called.unit) for each in (was, now))
        if one != other:
            yield f"  {called.heading}: {one} -> {other}"


def _figure(value: float, unit: str) -> str:
    if math.isnan(value):
        return "none"
    return f"{quantity(100 * value)} %" if unit == "share" else quantity(value)


def _values(plan: Plan) -> dict[str, float]:
    table = indicators(plan)
    whole = table[table.period == ALL]
    return dict(zip(whole.indicator, whole.value.astype(float), strict=True))


def open_sites(plan: Plan | None) -> list[str]:
    """Sites open in some period, in the order of the instance."""
    if plan is None:
        return []
    opened = set(plan.tables["opened"].site)
    return [str(site) for site in plan.instance.sites.index if site in opened]
