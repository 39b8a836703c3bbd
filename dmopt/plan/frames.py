"""Frames over time: one row per thing, one column per period of the instance."""

from collections.abc import Iterable
from typing import cast

import numpy as np
import pandas as pd


def wide(
    table: pd.DataFrame, by: list[str], value: str, periods: pd.Index
) -> pd.DataFrame:
    """Sum of `value`: one row per `by`, one column per period, 0 where none."""
    return all_wide(table, by, [value], periods)[value]


def all_wide(
    table: pd.DataFrame, by: list[str], values: Iterable[str], periods: pd.Index
) -> dict[str, pd.DataFrame]:
    """As `wide`, of several columns of one table at once."""
    things = table.groupby(by)
    row, index = things.ngroup().to_numpy(), things.size().index
    column = positions(periods, table.period)
    known = column >= 0
    found = {}
    for value in values:
        amount = table[value].to_numpy()
        sums = np.zeros((len(index), len(periods)), amount.dtype)
        np.add.at(sums, (row[known], column[known]), amount[known])
        found[value] = pd.DataFrame(sums, index=index, columns=periods)
    return found


def long(frame: pd.DataFrame, name: str, over: str = "period") -> pd.Series:
    """A frame with one entry per row and column, the columns' level named `over`."""
    return cast(pd.Series, frame.rename_axis(columns=over).stack()).rename(name)


def before(frame: pd.DataFrame, first: pd.Series | np.ndarray | int) -> pd.DataFrame:
    """What stood in the period before; `first` is what stood before the first one."""
    shifted = frame.shift(1, axis=1, fill_value=0)
    shifted.isetitem(0, np.broadcast_to(np.asarray(first), len(frame)))
    return shifted


def positions(index: pd.Index, names: pd.Series) -> np.ndarray:
    """Where each name stands in the index; -1 where it does not."""
    return index.get_indexer(pd.Index(names))
