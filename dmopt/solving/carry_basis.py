"""The basis of the flows of one problem, said of another one of the same make."""

import numpy as np

from dmopt.flows.layer import FlowLayer
from dmopt.solving.carry import Match, picked
from dmopt.solving.highs import BASIC, NONBASIC, Basis


def carried_basis(match: Match) -> Basis | None:
    """That of the flows last solved, over rows and columns after; None where there is
    none. New rows are basic, new columns are not; limits may be others, so that what is
    not basic is told to be at no certain one. Of how many there are `over` takes care
    (last_flows.py)."""
    known, before, after = match.before.last_flows.basis, match.before, match.after
    if known is None or not _same_transfers(before.layer, after.layer):
        return None
    column, row = (
        np.where(k == BASIC, BASIC, NONBASIC) for k in (known.column, known.row)
    )
    n, deliveries = before.decisions.size, len(before.layer.x_to)
    own = [
        _placed(column[:n], match.column, after.decisions.size),
        _placed(column[n : n + deliveries], match.delivery, len(after.layer.x_to)),
        column[n + deliveries :],
    ]
    first, side = before.decisions.A.shape[0], len(before.layer.side.most)
    flows = row[first : len(row) - side]
    asked = [
        picked(row[:first], match.row, BASIC),
        flows,
        picked(row[len(row) - side :], match.side, BASIC),
    ]
    return Basis(
        np.concatenate(own).astype(np.int8), np.concatenate(asked).astype(np.int8)
    )


def _placed(status: np.ndarray, place: np.ndarray, size: int) -> np.ndarray:
    """Of columns after, from those before and where each of them is."""
    own = np.full(size, NONBASIC)
    own[place[place >= 0]] = status[place >= 0]
    return own


def _same_transfers(before: FlowLayer, after: FlowLayer) -> bool:
    return np.array_equal(before.y_from, after.y_from) and np.array_equal(
        before.y_to, after.y_to
    )
