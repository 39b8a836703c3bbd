"""The rules a plan was made under, and whether it keeps each by the rule's own check.

The check shares nothing with the rows that the solver saw (rules/rule.py).
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.catalogue import catalogue, dimension_of, make_rules, status_of
from dmopt.rules.rule import Rule

TYPES = {
    "id": "str",
    "kind": "str",
    "sentence": "str",
    "dimension": "str",
    "status": "str",
    "source": "str",
    "firm": "str",
    "price_per_unit": "float64",
    "kept": "bool",
    "missed": "float64",
    "missed_unit": "str",
    "places": "int64",
}


def rules_table(plan: Plan) -> pd.DataFrame:
    """One row per rule of the plan's instance that is on.

    Columns id, kind, sentence (what it asks), dimension ("D1 Network structure"),
    status (confirmed, or reconstructed: our words, not read in the source), source
    (where the user has it from; else the code of the catalogue), firm ("hard", "soft"),
    price_per_unit (money for each unit missed and year; NaN: hard), kept (by its own
    check), missed (by how much, all places and periods together), missed_unit, places
    (rows in which it is missed; a place in each period is one).
    A rule that misses in several units has a row for each.
    Raises InstanceError for rules that cannot be read.
    """
    rows = [row for rule in make_rules(plan.instance) for row in _rows(plan, rule)]
    return pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def _rows(plan: Plan, rule: Rule) -> Iterable[tuple[Any, ...]]:
    """The rows of one rule: more than one only where it is missed in several units."""
    says = (
        rule.id,
        rule.kind.name,
        rule.kind.sentence(),
        dimension_words(dimension_of(rule.kind.name)),
        status_of(rule),
        rule.about.get("source", "") or _code(rule),
        "hard" if rule.soft_price is None else "soft",
        rule.soft_price,
    )
    missed = missed_by_unit(rule.excess(plan.instance, plan))
    if not missed:
        yield (*says, True, 0.0, "", 0)
    for unit, (amount, places) in missed.items():
        yield (*says, False, amount, unit, places)


def missed_by_unit(violations: Iterable[Violation]) -> dict[str, tuple[float, int]]:
    """Unit -> by how much in all, in how many places."""
    found: dict[str, tuple[float, int]] = {}
    for violation in violations:
        amount, places = found.get(violation.unit, (0.0, 0))
        found[violation.unit] = (amount + violation.excess, places + 1)
    return found


def dimension_words(key: str) -> str:
    """ "D1 Network structure", "Local planning", "own rule"."""
    label = str(catalogue()["dimensions"].get(key, {}).get("label", ""))
    if not label:
        return "own rule"
    return f"{key} {label}" if key.startswith("D") else label


def _code(rule: Rule) -> str:
    """ "catalogue, R1.2"; "" for a user's own kind."""
    code = catalogue()["rules"].get(rule.kind.name, {}).get("code", "")
    return f"catalogue, {code}" if code else ""
