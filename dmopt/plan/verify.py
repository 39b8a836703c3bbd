"""The independent check of a plan: every row of the mathematics, and every rule."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.checks import (
    budgets,
    capacity,
    flows,
    form,
    infrastructure,
    modules,
    promises,
    recipes,
    returns,
    services,
    siting,
    stocks,
)
from dmopt.plan.costs import cost_table_of
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Checked, Plan
from dmopt.plan.violation import Violation

__all__ = ["Violation", "audit", "verify"]

BLOCKS = (
    siting,
    modules,
    promises,
    recipes,
    stocks,
    capacity,
    services,
    infrastructure,
    flows,
    returns,
    promises,
    budgets,
)


def verify(
    instance: Instance, plan: Plan, rules: Iterable[Checked] = ()
) -> list[Violation]:
    """All that is wrong with the plan, whoever made it; [] means it is sound.

    The plan is read against `instance`, not against its own. Rows that name unknown
    things or hold no finite amounts are reported, and then left out of the other
    checks and of the rules.
    """
    found, ledger = _read(instance, plan)
    return found + _broken(ledger, rules)


def audit(
    instance: Instance, plan: Plan, rules: Iterable[Checked] = ()
) -> tuple[list[Violation], pd.DataFrame]:
    """As `verify`, and what of the plan can be read costs (`cost_table`): its tables
    are read once for both."""
    found, ledger = _read(instance, plan)
    return found + _broken(ledger, rules), cost_table_of(ledger)


def _read(instance: Instance, plan: Plan) -> tuple[list[Violation], Ledger]:
    """What is wrong with the form of the plan, and the books of what can be read."""
    found = list(form.check(instance, plan))
    # a plan of sound form can be read as it is
    kept = form.readable(instance, plan) if found else replace(plan, instance=instance)
    return found, Ledger(instance, kept)


def _broken(ledger: Ledger, rules: Iterable[Checked]) -> list[Violation]:
    found = [violation for block in BLOCKS for violation in block.check(ledger)]
    for rule in rules:
        found.extend(rule.check(ledger.instance, ledger.plan))
    return found
