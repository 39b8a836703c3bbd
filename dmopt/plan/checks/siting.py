"""Siting.

    (status)  excluded: open = 0;  committed: open = 1 from its `opens` on, else 0

Opening and closing follow from `open`, so (change) always holds.
"""

from collections.abc import Iterator

import numpy as np

from dmopt.plan.frames import positions
from dmopt.plan.ledger import Ledger
from dmopt.plan.violation import Violation, broken_over_time


def check(ledger: Ledger) -> Iterator[Violation]:
    sites, periods = ledger.instance.sites, ledger.periods
    is_open = ledger.open.to_numpy()
    # a blank `opens` is not among the periods: position -1, open from the first on
    first = positions(periods, sites.opens)
    due = np.arange(len(periods)) >= first[:, None]
    status = sites.status.to_numpy()[:, None]
    wrong = np.where(status == "excluded", is_open, 0)
    wrong = np.where(status == "committed", np.abs(due - is_open), wrong)
    yield from broken_over_time("status", ledger.open, wrong, "sites")
