"""Numbers for texts: places, commodities and periods by their rows in their tables.

Texts are compared once, where they are few; over arcs there are only numbers, and
those are gone through in blocks, so that nothing beside the result is as long as arcs.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance, Numbers

Key = tuple[str, ...]
BLOCK = 1_000_000
"""Arcs looked at in one go."""


def blocks(count: int) -> Iterator[slice]:
    """All of 0 .. count, a block at a time."""
    for begin in range(0, count, BLOCK):
        yield slice(begin, min(begin + BLOCK, count))


def numbers_of(instance: Instance, keys: Iterable[Key]) -> Numbers:
    """Numbers of (place, commodity, period) by name."""
    names = pd.DataFrame(list(keys), columns=list(Numbers._fields), dtype=object)
    indexes = zip(Numbers._fields, _indexes(instance), strict=True)
    return Numbers(*(i.get_indexer(pd.Index(names[field])) for field, i in indexes))


def numbers_at(instance: Instance, arcs: pd.DataFrame, end: str) -> Numbers:
    """Numbers of the origin or the destination of arcs, with what goes and when."""
    indexes = zip((end, "commodity", "period"), _indexes(instance), strict=True)
    return Numbers(*(_codes(arcs[name], index) for name, index in indexes))


def _codes(column: pd.Series, names: pd.Index) -> np.ndarray:
    """Row in `names` of each cell of a categorical column, int (n,); -1: not there."""
    cells = column.array
    return names.get_indexer(cells.categories).astype(np.int32)[cells.codes]


class Lookup:
    """From numbers to their row in a list without repeats."""

    def __init__(self, instance: Instance, listed: Numbers) -> None:
        self._row = np.full([len(index) for index in _indexes(instance)], -1, np.int32)
        self._row[listed] = np.arange(len(listed.place))

    def rows(self, wanted: Numbers) -> np.ndarray:
        """Row of each in the list, int32 (n,); -1 where it is not listed."""
        return self._row[wanted]


def _indexes(instance: Instance) -> tuple[pd.Index, pd.Index, pd.Index]:
    return instance.places.index, instance.commodities.index, instance.periods.index
