"""Stocks: what is held at a site from one period to a later one.

    (shelf)   set aside in t for use in u only where `stocks` says so, for u after t and
              at most shelf_periods after it
    (store)   what is carried from a period into the next, less losses, <= max_units
    (keep)    the site is open in all periods from t to u
    (fresh)   what is set aside <= what is made there; where none can be, what is
              brought in

That stock and all else add up is (balance) in recipes.py.
"""

from collections.abc import Iterator

import numpy as np

from dmopt.plan.checks.recipes import makes_at, throughput
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken, broken_over_time

UNIT = "units"


def check(ledger: Ledger) -> Iterator[Violation]:
    rows = ledger.stocks
    if not len(rows):
        return
    where = rows[["site", "commodity", "period", "until"]]
    units = rows.units.to_numpy()
    # NaN, of what may not be held at all, is not within any shelf life
    in_time = (rows.age >= 1) & (rows.age <= rows.shelf_periods)
    yield from broken("shelf", where, np.where(in_time, 0.0, units), UNIT)
    carried = ledger.carried
    most = ledger.most_stock(carried.index)[:, None]
    yield from broken_over_time("store", carried, over(carried, most), UNIT)
    is_open = ledger.open.reindex(rows.site).to_numpy() > 0
    number = np.arange(len(ledger.periods))
    during = (number >= rows["from"].to_numpy()[:, None]) & (
        number <= rows["to"].to_numpy()[:, None]
    )
    shut = (during & ~is_open).any(axis=1)
    yield from broken("keep", where, np.where(shut, units, 0.0), UNIT)
    through = throughput(ledger)
    makes = makes_at(ledger, through.index)
    new = np.where(makes, through.made, through.input)
    yield from broken("fresh", through.index, over(through.aside, new), "units/yr")
