"""Capacity.

(running)    running >= 0: what was bought and is not set up yet does not leave
(capacity)   sum_{r of k} use[r] activity <= avail[s] avail[k] cap[k] running
(least use)  sum_{r of k} use[r] activity >= low[k] avail[s] avail[k] cap[k] running
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken_over_time


def check(ledger: Ledger) -> Iterator[Violation]:
    running = ledger.running
    below = over(0.0, running)
    yield from broken_over_time("running", running, below, "modules")
    work, full = work_and_capacity(ledger)
    names = work.index.get_level_values("technology")
    low = ledger.instance.technologies.least_use.reindex(names).to_numpy()[:, None]
    unit = "capacity units/yr"
    yield from broken_over_time("capacity", work, over(work, full), unit)
    too_little = over(low * full.to_numpy(), work)
    yield from broken_over_time("least use", work, too_little, unit)


def work_and_capacity(ledger: Ledger) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Capacity taken and there in capacity units/yr: (site, technology) x periods."""
    work, running = ledger.work, ledger.running
    if not work.index.equals(running.index):
        pairs = work.index.union(running.index)
        work = work.reindex(pairs, fill_value=0.0)
        running = running.reindex(pairs, fill_value=0.0)
    each = capacity_of_modules(ledger.instance, work.index)
    full = np.maximum(running.to_numpy(), 0.0) * each[:, None]
    return work, pd.DataFrame(full, index=work.index, columns=work.columns)


def capacity_of_modules(instance: Instance, pairs: pd.Index) -> np.ndarray:
    """What one module can do in a year at each (site, technology), capacity units."""
    kinds, sites = instance.technologies, instance.sites
    each = (kinds.availability * kinds.capacity_per_yr).reindex(
        pairs.get_level_values("technology")
    )
    there = sites.availability.reindex(pairs.get_level_values("site"))
    return np.asarray(each.to_numpy() * there.to_numpy())
