"""Promises of an earlier plan.

    (firm)   sites open, modules and steps are as many as promised, where change_cost is
             blank

What is fewer than promised elsewhere costs something: `Ledger.broken_promises`.
"""

from collections.abc import Iterator

import numpy as np

from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import apart
from dmopt.plan.violation import Violation, broken


def check(ledger: Ledger) -> Iterator[Violation]:
    rows = ledger.promises
    if not len(rows):
        return
    firm = rows.change_cost.isna().to_numpy()
    wrong = np.where(firm, apart(rows.there, rows["count"]), 0.0)
    names = ["site", "technology", "infrastructure", "location", "period"]
    for violation in broken("firm", rows[names], wrong, "sites, modules or steps"):
        where = tuple(name for name in violation.where if name)
        yield Violation(violation.row, where, violation.excess, violation.unit)
