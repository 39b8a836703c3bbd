"""What a column of a table of members means: its cell as parts of a member.

    model                       a shipped production model
    rules, set, off, on         as --rule, --set, --off and --on; several parted by |
    open, shut                  sites, several parted by |
    capital, public             most money in each period, or "no limit"
    gap, time_limit, seed       how far the member is solved
    ID.NAME                     a figure of a rule, as --set ID.NAME=VALUE
    transport_price ...         a knob (studies/knobs.py)

A blank cell leaves things as they are.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dmopt.data.instance import Instance
from dmopt.models.model import MODELS
from dmopt.studies.knobs import Knob, knobs
from dmopt.studies.whatif import NO_LIMIT

Part = tuple[str, Any]
"""Where in a member something stands ("rules.off", "knobs.demand"), and what."""
MEMBER = "member"
PARTING = "|"


class Unreadable(Exception):
    """A cell that cannot be read. Its text: what was expected."""


Reader = Callable[[Any], Part]


def reader_of(column: str, instance: Instance) -> Reader | None:
    """From a cell of a column to its part of a member; None: no such column."""
    if column in FIXED:
        return FIXED[column]
    for knob in knobs(instance):
        if knob.key == column:
            return _knob(knob)
    return _figure(column) if "." in column.strip(".") else None


def known_columns(instance: Instance) -> list[str]:
    """Every column but the figures of rules."""
    return [MEMBER, *FIXED, *(knob.key for knob in knobs(instance))]


def refuse_no_number(cell: Any) -> None:
    """Raise Unreadable for a whole number that no figure can be (TOML has 64 bits)."""
    if isinstance(cell, int) and abs(cell) >= 2**63:
        raise Unreadable("a number of at most 64 bits")


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _model(cell: Any) -> Part:
    if cell not in MODELS:
        raise Unreadable(f"one of {', '.join(MODELS)}")
    return "model", cell


def _texts(place: str) -> Reader:
    """A list as it is, a text parted."""

    def read(cell: Any) -> Part:
        parts = cell if isinstance(cell, list) else str(cell).split(PARTING)
        if not all(isinstance(each, str) for each in parts):
            raise Unreadable("texts")
        return place, [each.strip() for each in parts if each.strip()]

    return read


def _sites(state: str) -> Reader:
    def read(cell: Any) -> Part:
        _, names = _texts("sites")(cell)
        return "sites", dict.fromkeys(names, state)

    return read


def _budget(name: str) -> Reader:
    def read(cell: Any) -> Part:
        if isinstance(cell, Mapping) or cell == NO_LIMIT:
            return f"budget.{name}", cell
        return f"budget.{name}", _number(cell, 0.0, 1e15, f"money, or {NO_LIMIT!r}")

    return read


def _knob(knob: Knob) -> Reader:
    def read(cell: Any) -> Part:
        expected = f"{knob.low:g} to {knob.high:g} ({knob.unit})"
        return f"knobs.{knob.key}", _number(cell, knob.low, knob.high, expected)

    return read


def _figure(column: str) -> Reader:
    def read(cell: Any) -> Part:
        return "rules.change", [f"{column}={cell}"]

    return read


def _gap(cell: Any) -> Part:
    text = str(cell).strip()
    percent = text.endswith("%")
    value = _number(text.removesuffix("%"), 0.0, 100.0, "a share: 1% or 0.01")
    value = value / 100 if percent else value
    if value >= 1:
        raise Unreadable("a share from 0 to 1: 1% or 0.01")
    return "gap", value


def _time_limit(cell: Any) -> Part:
    value = _number(str(cell).strip().removesuffix("s"), 0.0, 1e9, "seconds above 0")
    if value == 0:
        raise Unreadable("seconds above 0")
    return "time_limit_s", value


def _seed(cell: Any) -> Part:
    value = _number(cell, 0, 2**31 - 1, "a whole number from 0")
    if value != int(value):
        raise Unreadable("a whole number from 0")
    return "seed", int(value)


def _changes(cell: Any) -> Part:
    if not isinstance(cell, list):
        raise Unreadable("changes as in a scenario; only a TOML file can hold them")
    return "changes", cell


def _number(cell: Any, low: float, high: float, expected: str) -> float:
    try:
        if isinstance(cell, bool):
            raise ValueError
        value = float(cell)
    except (TypeError, ValueError, OverflowError):
        raise Unreadable(expected) from None
    if not (low <= value <= high) or math.isnan(value):
        raise Unreadable(expected)
    return value


FIXED: dict[str, Reader] = {
    "model": _model,
    "rules": _texts("rules.add"),
    "set": _texts("rules.change"),
    "off": _texts("rules.off"),
    "on": _texts("rules.on"),
    "open": _sites("open"),
    "shut": _sites("shut"),
    "capital": _budget("capital"),
    "public": _budget("public"),
    "gap": _gap,
    "time_limit": _time_limit,
    "seed": _seed,
    "changes": _changes,
}


def joined(parts: Sequence[Part]) -> dict[str, Any]:
    """Parts as what `Member` is validated from, its name aside: lists are joined,
    so are sites; of anything else the last counts."""
    member: dict[str, Any] = {}
    wish: dict[str, Any] = {}
    for place, value in parts:
        first, _, rest = place.partition(".")
        if first in ("gap", "time_limit_s", "seed"):
            member[first] = value
        elif first in ("model", "changes"):
            wish[first] = value
        elif first == "sites":
            wish[first] = wish.get(first, {}) | value
        elif first == "rules":
            rules = wish.setdefault(first, {})
            rules[rest] = [*rules.get(rest, []), *value]
        else:
            wish.setdefault(first, {})[rest] = value
    return member | {"wish": wish}
