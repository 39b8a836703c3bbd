"""The rules there are, and how an instance's `rules` table becomes rule objects."""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
from pydantic import ValidationError

from dmopt.data.instance import Instance
from dmopt.data.tables.words import TRAITS, WORDS
from dmopt.errors import Fault, InstanceError
from dmopt.rules import (
    digital,
    governance,
    institutional,
    network_structure,
    physical,
    planning,
    process_flow,
    product_value,
)
from dmopt.rules.parameters import parameters_of
from dmopt.rules.rule import Kind, Rule
from dmopt.rules.where import TRAIT, listed, make_where

RULES: dict[str, type[Kind]] = {
    kind.name: kind
    for dimension in (
        network_structure,
        process_flow,
        governance,
        product_value,
        physical,
        digital,
        institutional,
        planning,
    )
    for kind in dimension.KINDS
}
"""Name of each kind of rule -> the kind, dimension by dimension."""

MOST_NAMED = 12
OTHER_WORDS = {
    "radius": "within",
    "distance": "within",
    "max": "most",
    "maximum": "most",
    "min": "least",
    "minimum": "least",
    "percent": "share",
    "fraction": "share",
}
"""Words that people write for those that names of parameters begin with."""
COVERS = ("districts", "areas", "periods", "products")
ABOUT = ("source", "author", "dated", "clause", "owner", "confidence", "note")


def register_rule(kind: type[Kind]) -> type[Kind]:
    """Make a user's own kind of rule known by its name until the program ends, and
    give it back: a decorator for the class. Again under the same name: the last holds.

    Raises ValueError for a name that the catalogue has.
    """
    if kind.name in catalogue()["rules"]:
        raise ValueError(f"{kind.name} is a rule of the catalogue; choose another name")
    RULES[kind.name] = kind
    return kind


@cache
def catalogue() -> Mapping[str, Any]:
    """`catalogue.toml`: source, dimensions, rules."""
    text = files("dmopt.rules").joinpath("catalogue.toml").read_text("utf-8")
    return tomllib.loads(text)


def make_rules(instance: Instance) -> tuple[Rule, ...]:
    """Rule objects of the instance's `rules` table that are on, in its order.

    Raises InstanceError with every unknown rule, bad parameter and unknown name, also
    in rules that are off.
    """
    rules: list[Rule] = []
    faults: list[Fault] = []
    for number, row in enumerate(instance.rules.itertuples(index=False), start=2):
        rule, wrong = _make_rule(instance, number, row)
        faults += wrong
        if rule is not None and row.on:
            rules.append(rule)
    if faults:
        raise InstanceError(faults)
    return tuple(rules)


def _make_rule(
    instance: Instance, number: int, row: Any
) -> tuple[Rule | None, list[Fault]]:
    given, unread = parameters_of(row.parameters)
    faults = [
        Fault("rules", number, "parameters", repr(part), "name=value, each name once")
        for part in unread
    ]
    covers = {each: listed(getattr(row, each)) for each in COVERS}
    faults += [
        _unknown(number, column, name, known)
        for column, known in _coverable(instance).items()
        for name in covers[column]
        if name not in known
    ]
    if row.rule not in RULES:
        return None, [_unknown(number, "rule", row.rule, RULES), *faults]
    faults += _in_part(number, row)
    try:
        kind = RULES[row.rule](**given)
    except ValidationError as error:
        return None, [*faults, *_invalid(number, row.rule, given, error)]
    for table, column, name in kind.refers():
        known = _values(instance, table, column)
        if name not in known:
            faults.append(_unknown(number, "parameters", name, known))
    if faults:
        return None, faults
    soft = None if pd.isna(row.soft_price) else float(row.soft_price)
    about = {each: getattr(row, each) for each in ABOUT} | {"status": row.status}
    return Rule(row.id, kind, make_where(instance, **covers), soft, about), []


def _coverable(instance: Instance) -> dict[str, list[str]]:
    districts = {*instance.zones.district, *instance.sites.district} - {""}
    return {
        "districts": sorted(districts),
        "areas": list(instance.areas.index[instance.areas.geometry.notna()]),
        "periods": list(instance.periods.index),
        "products": [
            *sorted(set(instance.demand.commodity)),
            *(f"{TRAIT}{trait}" for trait in TRAITS),
        ],
    }


def _in_part(number: int, row: Any) -> list[Fault]:
    """A rule that cannot hold in part of the instance says what it can cover; one that
    asks for whole deliveries alone cannot be soft either."""
    kind = RULES[row.rule]
    if hasattr(kind, "constrain") or hasattr(kind, "flow_rows"):
        covers = getattr(kind, "covers", COVERS)
        cells = {each: getattr(row, each) for each in COVERS if each not in covers}
    else:
        cells = {each: getattr(row, each) for each in ("districts", "areas", "periods")}
        cells["soft_price"] = "" if pd.isna(row.soft_price) else f"{row.soft_price:g}"
    expected = f"a blank cell, as {row.rule} holds everywhere or not at all"
    return [
        Fault("rules", number, column, repr(cell), expected)
        for column, cell in cells.items()
        if cell
    ]


def _values(instance: Instance, table: str, column: str) -> list[str]:
    """Values that a column of a table has, or usually has; parts where it is a list."""
    cells = instance.tables[table].reset_index(drop=True)[column]
    there = {part for cell in cells for part in listed(str(cell))}
    return sorted(there.union(WORDS.get((table, column), ())))


def _unknown(row: int, column: str, read: str, known: Iterable[str]) -> Fault:
    names = sorted(known)
    near = get_close_matches(read, names, 1)
    hint = f"nearest: {near[0]}" if near else ""
    some = ", ".join(names[:MOST_NAMED]) + (" ..." if names[MOST_NAMED:] else "")
    return Fault("rules", row, column, repr(read), f"one of {some}", hint)


def _invalid(
    row: int, rule: str, given: Mapping[str, str], error: ValidationError
) -> list[Fault]:
    """A fault for each parameter that is not what the rule wants."""
    known = list(getattr(RULES[rule], "model_fields", ()))
    whole = "; ".join(f"{name}={value}" for name, value in given.items())
    faults = []
    for each in error.errors():
        name = str(next(iter(each["loc"]), ""))
        read = repr(f"{name}={given[name]}" if name in given else whole)
        message = each["msg"].removeprefix("Value error, ")
        expected, hint = f"{name}: {message}" if name else message, ""
        if each["type"] == "extra_forbidden":
            expected = f"one of the parameters of {rule}: {', '.join(known)}"
            hint = _meant(name, [other for other in known if other not in given])
        faults.append(Fault("rules", row, "parameters", read, expected, hint))
    return faults


def _meant(name: str, known: list[str]) -> str:
    """A hint at the known parameter nearest to a name that is not: the same without
    its unit, spelt like it, or another word for it."""
    words = name.casefold().split("_")
    said = "_".join(OTHER_WORDS.get(word, word) for word in words)
    near = [other for other in known if other.startswith(f"{said}_")]
    near += get_close_matches(said, known, 1)
    return f"nearest: {near[0]}" if near else ""


def dimension_of(kind: str) -> str:
    """Key of the dimension that a kind of rule belongs to, "own" for a user's own."""
    return str(catalogue()["rules"].get(kind, {}).get("dimension", "own"))


def status_of(rule: Rule) -> str:
    """confirmed or reconstructed: as its row says, else as its dimension."""
    own = rule.about.get("status", "")
    dimension = catalogue()["dimensions"].get(dimension_of(rule.kind.name), {})
    return own or str(dimension.get("status", "confirmed"))
