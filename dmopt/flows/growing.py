"""Columns that grow block by block, without a second copy of them in memory."""

import numpy as np

from dmopt.flows.lanes import Found

KINDS = {
    "origin": np.int32,
    "destination": np.int32,
    "period": np.int16,
    "km": np.float64,
    "minutes": np.float64,
    "cost": np.float64,
}
"""dtype of each column of `Found`."""
AHEAD = 1.125
"""How much is asked for, relative to what is there."""


class Growing:
    """Arcs of one lane, added block by block, then taken out column by column.

    Memory is asked for a little ahead and grown in place: many small arrays, kept apart
    until the end, would leave gaps as large as themselves.
    """

    def __init__(self, timed: bool) -> None:
        """timed: whether minutes are kept."""
        self.count = 0
        self._columns = {
            name: np.empty(0, kind)
            for name, kind in KINDS.items()
            if timed or name != "minutes"
        }

    def add(self, found: Found) -> None:
        """Put arcs behind those that are there."""
        end = self.count + len(found.km)
        for name, column in self._columns.items():
            values = getattr(found, name)
            if len(column) < end:
                column.resize(max(end, int(AHEAD * len(column))), refcheck=False)
            column[self.count : end] = values
        self.count = end

    def take(self, name: str) -> np.ndarray:
        """A column, which is gone from here then."""
        return self._columns.pop(name)[: self.count]
