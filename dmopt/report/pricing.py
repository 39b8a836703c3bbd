"""The price of rules, from prices at hand or from what `dmopt price --json` printed."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmopt.errors import Fault, InstanceError
from dmopt.explaining.price import Price, Prices
from dmopt.explaining.words import amount, price_object, price_words
from dmopt.report.option import Option
from dmopt.report.table import NONE, Table, change
from dmopt.rules import make_rules
from dmopt.rules.catalogue import catalogue
from dmopt.runs.rules import dimension_words

SAME = 1e-6
"""Relative difference up to which a cost is not below a bound, and a price nothing."""


def read_prices(path: str | Path) -> dict[str, Any]:
    """What `dmopt price --json` printed into a file.

    Raises InstanceError where it is not that.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise _unreadable(path, reason) from None
    if not isinstance(found, dict) or not isinstance(found.get("prices"), list):
        raise _unreadable(path, "no list of prices in it")
    return found


def _unreadable(path: str | Path, reason: str) -> InstanceError:
    expected = "what `dmopt price INSTANCE --run RUN --json` prints"
    return InstanceError([Fault(str(path), expected=expected, hint=reason)])


def prices_table(
    option: Option, prices: Prices | Mapping[str, Any], place: str = "prices"
) -> Table:
    """Price of all rules, of each dimension and of each rule.

    prices: of the option's own instance. place: file to name in faults.
    Raises InstanceError where they are of other rules, or contradict the option's
    cost or bound.
    """
    found = price_object(prices) if isinstance(prices, Prices) else dict(prices)
    each = _parsed(found, place)
    _refuse_others(option, found, each, place)
    settings = option.instance.settings
    nothing = SAME * abs(option.result.cost or 0.0)
    each = [replace(one, high=0.0) if one.high <= nothing else one for one in each]
    rows = [
        [
            _name(one),
            price_words(one, settings),
            "no plan found" if one.cost is None else amount(one.cost, settings),
            change(one.change.get("emissions_t")),
            change(one.change.get("sites_open")),
            change(one.change.get("jobs")),
            one.says,
        ]
        for one in each
    ]
    return Table(
        "What the plan would cost without rules",
        [
            "Without",
            "Price of it",
            "Cost without",
            "Emissions, t a year",
            "Sites",
            "Jobs",
            "What it asks",
        ],
        rows,
        words=1,
        note="The price is what is paid for keeping it: cost with it less cost without "
        "it, between what is proven of both. Emissions, sites and jobs: without it, "
        f"less with it; {NONE} where not known.",
    )


def _name(one: Price) -> str:
    if one.kind == "dimension":
        status = catalogue()["dimensions"].get(one.name, {}).get("status", "")
        mark = f" ({status})" if status == "reconstructed" else ""
        return f"all of {dimension_words(one.name)}{mark}"
    return one.name


def _parsed(found: Mapping[str, Any], place: str) -> list[Price]:
    """Prices from plain values; what JSON cannot say (infinity, NaN) is None there."""
    try:
        return [_price(row) for row in found["prices"]]
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise _unreadable(place, f"{type(problem).__name__}: {problem}") from None


def _price(row: Mapping[str, Any]) -> Price:
    low = math.nan if row["low"] is None else float(row["low"])
    high = math.inf if row["high"] is None else float(row["high"])
    return Price(
        kind=str(row["kind"]),
        name=str(row["name"]),
        says=str(row["says"]),
        dropped=frozenset(map(str, row["rules"])),
        low=low,
        high=math.nan if math.isnan(low) else high,
        cost=None if row["cost"] is None else float(row["cost"]),
        bound=-math.inf if row["bound"] is None else float(row["bound"]),
        change={str(k): float(v) for k, v in row["change"].items() if v is not None},
        solved=bool(row["solved"]),
    )


def _refuse_others(
    option: Option, found: Mapping[str, Any], each: list[Price], place: str
) -> None:
    """Prices of other rules or of other data, as far as they show it."""
    faults = []
    mine = {rule.id: rule.kind.sentence() for rule in make_rules(option.instance)}
    theirs = {one.name: one.says for one in each if one.kind == "rule"}
    for name in mine.keys() | theirs.keys():
        if mine.get(name) != theirs.get(name):
            read = theirs.get(name, f"no price of {name!r}")
            expected = mine.get(name, f"no rule {name!r}: the plan has none")
            faults.append(Fault(place, None, "prices", read, expected))
    cost, bound = found.get("cost"), found.get("bound")
    result = option.result
    below = _below(cost, result.bound) or _below(result.cost, bound)
    if below:
        read = f"a cost of {cost} and a bound of {bound}"
        expected = f"those of the plan, {result.cost} and {result.bound}"
        faults.append(Fault(place, None, "cost", read, expected))
    if faults:
        raise InstanceError(sorted(faults, key=str))


def _below(cost: Any, bound: Any) -> bool:
    """Whether a cost is below a bound that should hold for it."""
    if not isinstance(cost, int | float) or not isinstance(bound, int | float):
        return False
    return cost < bound - SAME * abs(bound)
