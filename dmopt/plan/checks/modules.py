"""Modules over time.

    (room)       modules <= limit open
    (stand)      modules[t] = modules[t-1] + bought + moved_in - sold - moved_out
    (committed)  at committed sites: modules = standing open, and no changes
    (move)       sum_s moved_in = sum_s moved_out;  only with a `move_cost`
    (take)       sold + moved_out <= modules[t-1]

limit: `max_modules` where the class of the site fits, else 0; at existing sites what
stands if that is more; at excluded sites 0.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.plan.frames import before, positions
from dmopt.plan.ledger import MODULE_COLUMNS, Ledger
from dmopt.plan.tolerance import apart, over
from dmopt.plan.violation import Violation, broken_over_time


def check(ledger: Ledger) -> Iterator[Violation]:
    yield from _at_committed_sites(ledger)
    yield from _over_time(ledger)
    yield from _moving(ledger)


def _open(ledger: Ledger) -> np.ndarray:
    """Whether the site of each pair is open, pairs x periods."""
    names = ledger.pairs.get_level_values("site")
    return ledger.open.reindex(names).to_numpy()


def _at_committed_sites(ledger: Ledger) -> Iterator[Violation]:
    fixed = (ledger.site_of_pairs("status") == "committed")[:, None]
    if not fixed.any():
        return
    given = ledger.per_pair(ledger.standing)[:, None] * _open(ledger)
    for column in MODULE_COLUMNS:
        frame = ledger.modules[column]
        due = given if column == "modules" else 0
        wrong = np.where(fixed, apart(frame, due), 0.0)
        yield from broken_over_time("committed", frame, wrong, f"modules ({column})")


def _over_time(ledger: Ledger) -> Iterator[Violation]:
    frame = ledger.modules["modules"]
    modules, bought, sold, moved_in, moved_out = (
        ledger.modules[column].to_numpy() for column in MODULE_COLUMNS
    )
    status = ledger.site_of_pairs("status")
    free = (status != "committed")[:, None]
    room = ledger.per_pair(ledger.limit)[:, None] * _open(ledger)
    standing = np.where(status == "existing", ledger.per_pair(ledger.standing), 0)
    stood = before(frame, standing)
    follows = stood + bought + moved_in - sold - moved_out
    for row, wrong in (
        ("room", over(modules, room)),
        ("stand", apart(modules, follows)),
        ("take", over(sold + moved_out, stood)),
    ):
        yield from broken_over_time(row, frame, np.where(free, wrong, 0.0), "modules")


def _moving(ledger: Ledger) -> Iterator[Violation]:
    kinds = ledger.instance.technologies
    kind = positions(kinds.index, ledger.pairs.get_level_values("technology"))
    moved_in, moved_out = np.zeros((2, len(kinds), len(ledger.periods)))
    np.add.at(moved_in, kind, ledger.modules["moved_in"].to_numpy())
    np.add.at(moved_out, kind, ledger.modules["moved_out"].to_numpy())
    most = np.where(kinds.move_cost.isna(), 0.0, np.inf)[:, None]
    wrong = np.maximum(apart(moved_in, moved_out), over(moved_in, most))
    moved = pd.DataFrame(moved_in, kinds.index, ledger.periods)
    yield from broken_over_time("move", moved, wrong, "modules")
