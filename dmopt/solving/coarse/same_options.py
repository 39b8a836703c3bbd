"""Options of one problem found among those of another one of the same make.

Cells are the same ones, in the same order, wherever the same outputs stand; an option
is told by its cell and by what stands in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dmopt.proof.cells import Cells

Key = tuple[int, tuple[tuple[int, float], ...]]
"""Of an option: its cell, and how many stand of which column."""


def keys_of(cells: Cells) -> Iterator[Key]:
    """The key of each option."""
    standing = cells.standing
    ends = standing.indptr.tolist()
    stands = list(
        zip(
            cells.counted[standing.indices].tolist(),
            standing.data.tolist(),
            strict=True,
        )
    )
    for n, cell in enumerate(cells.of.tolist()):
        yield cell, tuple(sorted(stands[ends[n] : ends[n + 1]]))


@dataclass(frozen=True)
class Used:
    """How much of the decision layer is used (n,), and of which options."""

    decided: np.ndarray
    share: dict[Key, float]

    @staticmethod
    def of(used: np.ndarray, cells: Cells) -> "Used":
        """used (n + Q,): of the decision layer's columns, then of options."""
        size = len(used) - len(cells.of)
        shares = zip(keys_of(cells), used[size:].tolist(), strict=True)
        return Used(used[:size], {key: share for key, share in shares if share > 0})

    def carried(self, decided: np.ndarray, column: np.ndarray) -> "Used":
        """Of the problem after. decided: values of its columns. column: of each column
        before its number after, below 0 where it has none."""
        return Used(
            decided,
            {
                (cell, tuple(sorted((int(column[c]), k) for c, k in stands))): share
                for (cell, stands), share in self.share.items()
            },
        )

    def on(self, cells: Cells) -> np.ndarray:
        """The same (n + Q,) for these cells; an option that is gone is left out."""
        shares = [self.share.get(key, 0.0) for key in keys_of(cells)]
        return np.concatenate([self.decided, shares])
