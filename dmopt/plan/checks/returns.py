"""What comes back, and what is got rid of.

(returned)  flow of b out of zone z in u <= sum of quantity[c,b] delivered[z,c,t]
            years[t] / years[u] over c and t = u - lag_periods[c,b]
(waste)     disposal at sites + what came back and no site took <= max_per_yr
"""

from collections.abc import Iterator

import numpy as np

from dmopt.plan.frames import names_in, rows_of
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken

UNIT = "units/yr"


def check(ledger: Ledger) -> Iterator[Violation]:
    instance = ledger.instance
    if not len(instance.returns) and not len(instance.disposals):
        return
    back = ledger.returned
    excess = over(back.collected, back.came)
    yield from broken("returned", back.index, excess, UNIT)
    limits = instance.disposals_by_period.dropna(subset="max_per_yr")
    by = ["commodity", "period"]
    disposal = ledger.plan.tables["disposal"].groupby(by).quantity_per_yr.sum()
    left = ledger.left_at_zones.set_index(by).quantity_per_yr
    gone = disposal.add(left, fill_value=0.0)
    row = rows_of(names_in(limits, by), gone.index.tolist())
    amount = np.append(gone.to_numpy(float), 0.0)[row]
    where = limits[by]
    yield from broken("waste", where, over(amount, limits.max_per_yr), UNIT)
