"""The independent check of a plan: every row of the mathematics, and every rule."""

from collections.abc import Iterable

from dmopt.data.instance import Instance
from dmopt.plan.checks import (
    budgets,
    capacity,
    flows,
    form,
    infrastructure,
    modules,
    recipes,
    services,
    siting,
)
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Checked, Plan
from dmopt.plan.violation import Violation

__all__ = ["Violation", "verify"]

BLOCKS = (
    siting,
    modules,
    recipes,
    capacity,
    services,
    infrastructure,
    flows,
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
    found = list(form.check(instance, plan))
    known = form.readable(instance, plan)
    ledger = Ledger(instance, known)
    for block in BLOCKS:
        found.extend(block.check(ledger))
    for rule in rules:
        found.extend(rule.check(instance, known))
    return found
