"""Budgets, per period, where given.

(capital)  sum of outlays <= capital_budget
(public)   sum of public_share outlay <= public_budget
"""

from collections.abc import Iterator

import numpy as np

from dmopt.plan.ledger import Ledger
from dmopt.plan.outlays import outlays
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken


def check(ledger: Ledger) -> Iterator[Violation]:
    periods = ledger.instance.periods
    if periods[["capital_budget", "public_budget"]].isna().all(axis=None):
        return
    spent = outlays(ledger)
    money = ledger.instance.settings.currency
    for row, budget in (
        ("capital", periods.capital_budget),
        ("public", periods.public_budget),
    ):
        most = np.where(budget.isna(), np.inf, budget)
        total = ledger.per_period(spent, spent[row])
        yield from broken(row, periods.index, over(total, most), money)
