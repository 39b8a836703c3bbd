"""The independent check of a plan: every row of the mathematics, and every rule."""

from collections.abc import Iterable
from dataclasses import replace

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
) -> tuple[list[Violation], Plan]:
    """As `verify`, and the plan as far as it can be read: what was computed of it for
    the check is at hand for its costs and its tables."""
    found, ledger = _read(instance, plan)
    return found + _broken(ledger, rules), ledger.plan


def _read(instance: Instance, plan: Plan) -> tuple[list[Violation], Ledger]:
    """What is wrong with the form of the plan, and the books of what can be read."""
    found = list(form.check(instance, plan))
    # a plan of sound form can be read as it is
    kept = form.readable(instance, plan) if found else replace(plan, instance=instance)
    return found, kept.ledger


def _broken(ledger: Ledger, rules: Iterable[Checked]) -> list[Violation]:
    found = [violation for block in BLOCKS for violation in block.check(ledger)]
    for rule in rules:
        found.extend(rule.check(ledger.instance, ledger.plan))
    return found
