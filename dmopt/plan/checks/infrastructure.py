"""Infrastructure.

(grow)       steps[t] = steps[t-1] + built[t];  before the first: existing_steps
(max steps)  steps <= max(max_steps, existing_steps)
(first)      where it stands, something of each prerequisite that reaches it stands
(apart)      two of one kind nearer than `least_km` (straight) do not both stand
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.data.distances import straight_km
from dmopt.plan.checks.reach import covers
from dmopt.plan.frames import before
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import apart, over
from dmopt.plan.violation import Violation, broken_over_time


def check(ledger: Ledger) -> Iterator[Violation]:
    steps, given = ledger.steps, ledger.locations
    if given.empty:
        return
    existing = given.existing_steps
    most = np.maximum(given.max_steps.to_numpy(), existing.to_numpy())[:, None]
    wrong = apart(steps, before(steps, existing) + ledger.built.to_numpy())
    yield from broken_over_time("grow", steps, wrong, "steps")
    yield from broken_over_time("max steps", steps, over(steps, most), "steps")
    yield from _first(ledger)
    yield from _apart(ledger)


def _of(ledger: Ledger, infrastructure: str) -> pd.DataFrame:
    """Steps (locations x periods) of one infrastructure where some ever stand."""
    kind = ledger.steps.index.get_level_values("infrastructure")
    steps = ledger.steps[kind == infrastructure]
    return steps[(steps >= 1).any(axis=1)]


def _pairs(
    ledger: Ledger, rows: pd.DataFrame, columns: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Locations of every (row, column) pair, row by row."""
    given = ledger.locations
    first = given.reindex(rows.index.repeat(len(columns)))
    second = given.reindex(columns.index[np.tile(np.arange(len(columns)), len(rows))])
    return first, second


def _first(ledger: Ledger) -> Iterator[Violation]:
    needed = ledger.instance.prerequisites
    for name, required in zip(needed.infrastructure, needed.requires, strict=True):
        steps, others = _of(ledger, name), _of(ledger, required)
        there, found = _pairs(ledger, steps, others)
        reached = covers(ledger, found, there).reshape(len(steps), len(others))
        served = reached.astype(int) @ (others.to_numpy() >= 1).astype(int)
        wrong = (steps.to_numpy() >= 1) & (served == 0)
        yield from broken_over_time("first", steps, wrong, required)


def _apart(ledger: Ledger) -> Iterator[Violation]:
    least = ledger.instance.infrastructure.least_km
    for name, least_km in least[least > 0].items():
        steps = _of(ledger, str(name))
        here, there = _pairs(ledger, steps, steps)
        km = straight_km(ledger.instance, here, there).reshape(len(steps), len(steps))
        short = np.triu(over(least_km, np.where(np.isnan(km), np.inf, km)), k=1)
        stands = steps.to_numpy() >= 1
        for one, other in zip(*np.nonzero(short), strict=True):
            both = np.where(stands[one] & stands[other], short[one, other], 0.0)
            pair = steps.iloc[[one]].set_axis(
                [(*steps.index[one], steps.index[other][1])], axis=0
            )
            yield from broken_over_time("apart", pair, both[None, :], "km")
