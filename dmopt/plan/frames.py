"""Frames over time: one row per thing, one column per period of the instance.

And sums by names, and rows found by their names. Arrays and dicts rather than joins:
most plans are small, and on small tables pandas takes its time whatever it does.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

TEXT = pd.StringDtype(na_value=np.nan)
"""dtype "str"."""

Names = tuple[str, ...]
"""What a row is found by: one name or several."""


def wide(
    table: pd.DataFrame, by: Sequence[str], value: str, periods: pd.Index
) -> pd.DataFrame:
    """Sum of `value`: one row per `by`, one column per period, 0 where none."""
    row, things = grouped([table[name].to_numpy(object) for name in by], by)
    return over_time(table, value, row, things, periods)


def over_time(
    table: pd.DataFrame,
    value: str,
    row: np.ndarray,
    things: pd.Index,
    periods: pd.Index,
) -> pd.DataFrame:
    """Sum of `value`: things x periods; row: which thing each row of the table is
    about, -1 where it is about none of them."""
    column, amount = positions(periods, table.period), table[value].to_numpy()
    known = (row >= 0) & (column >= 0)
    sums = np.zeros((len(things), len(periods)), amount.dtype)
    np.add.at(sums, (row[known], column[known]), amount[known])
    return pd.DataFrame(sums, things, periods)


def grouped(
    columns: Sequence[np.ndarray], names: Sequence[str]
) -> tuple[np.ndarray, pd.Index]:
    """The group of each row, (n,), and the groups in order, an index with `names`.

    columns: one array (n,) of text for each of `names`; equal rows are a group.
    """
    codes, levels = zip(*map(_coded, columns), strict=True)
    shape = tuple(map(len, levels))
    if not all(shape):
        return np.zeros(0, int), index_of(levels, codes, names)
    groups, row = np.unique(np.ravel_multi_index(codes, shape), return_inverse=True)
    return row, index_of(levels, np.unravel_index(groups, shape), names)


def _coded(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of each cell among the different ones, and these in order."""
    codes, found = pd.factorize(cells)
    order = np.argsort(found)
    number = np.empty(len(order), int)
    number[order] = np.arange(len(order))
    return number[codes], found[order]


def index_of(
    levels: Iterable[np.ndarray | pd.Index],
    codes: Iterable[np.ndarray],
    names: Iterable[Hashable],
) -> pd.Index:
    """An index of text; codes: for each level, which of its names each row has."""
    texts = [pd.Index(level, dtype=TEXT) for level in levels]
    each: list[Any] = list(codes)
    if len(texts) == 1:
        return texts[0].take(each[0]).rename(next(iter(names)))
    # the codes are right by construction, and checking them takes longest
    return pd.MultiIndex(texts, each, names=list(names), verify_integrity=False)


def books(
    names: Sequence[str], parts: Mapping[str, tuple[pd.DataFrame, Sequence[str], str]]
) -> pd.DataFrame:
    """Sums of amounts under the same names: one column per part, 0 where none.

    parts: for each column a table, which of its columns stand for `names`, and which
    holds the amounts. Index: `names`, in order.
    """
    columns = [
        np.concatenate(
            [table[by[level]].to_numpy(object) for table, by, _ in parts.values()]
        )
        for level in range(len(names))
    ]
    row, index = grouped(columns, names)
    amounts = [table[value].to_numpy(float) for table, _, value in parts.values()]
    part = np.repeat(np.arange(len(parts)), [len(amount) for amount in amounts])
    sums = np.bincount(
        row * len(parts) + part, np.concatenate(amounts), len(index) * len(parts)
    )
    return pd.DataFrame(
        sums.reshape(len(index), len(parts)), index=index, columns=list(parts)
    )


def long(frame: pd.DataFrame, name: str, over: str = "period") -> pd.Series:
    """A frame with one entry per row and column, the columns' level named `over`."""
    things = frame.index
    row, column = np.indices(frame.shape).reshape(2, -1)
    levels: list[pd.Index] = [things]
    codes: list[np.ndarray] = [row]
    if isinstance(things, pd.MultiIndex):
        levels, codes = list(things.levels), [code[row] for code in things.codes]
    index = index_of([*levels, frame.columns], [*codes, column], [*things.names, over])
    return pd.Series(frame.to_numpy().ravel(), index=index, name=name)


def before(frame: pd.DataFrame, first: pd.Series | np.ndarray | int) -> np.ndarray:
    """What stood in the period before, in the shape of the frame; `first` is what
    stood before the first one."""
    start = np.broadcast_to(np.asarray(first), len(frame))
    return np.column_stack([start, frame.to_numpy()[:, :-1]])


def positions(index: pd.Index, names: pd.Series | pd.Index) -> np.ndarray:
    """Where each name stands in the index; -1 where it does not."""
    return index.get_indexer(pd.Index(names))


def names_in(table: pd.DataFrame, columns: Sequence[str]) -> list[Names]:
    """The names in each row of a table."""
    return list(zip(*(table[column].tolist() for column in columns), strict=True))


def rows_of(wanted: Sequence[Names], listed: Sequence[Names]) -> np.ndarray:
    """Where each of the wanted names is listed, (wanted,); -1 where they are not."""
    row = {names: number for number, names in enumerate(listed)}
    return np.array([row.get(names, -1) for names in wanted], int)


def paired(
    left: pd.Series | pd.Index, right: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both that have the same name: every pair, in the order of the left."""
    named: dict[str, list[int]] = {}
    for row, name in enumerate(right.tolist()):
        named.setdefault(name, []).append(row)
    pairs = [
        (first, second)
        for first, name in enumerate(left.tolist())
        for second in named.get(name, ())
    ]
    first, second = np.array(pairs, int).reshape(-1, 2).T
    return first, second


def cells(column: pd.Series, row: np.ndarray) -> np.ndarray:
    """Numbers in the rows of those positions; NaN where the position is -1."""
    return np.append(column.to_numpy(float), np.nan)[row]


def texts(column: pd.Series, row: np.ndarray) -> np.ndarray:
    """Text in the rows of those positions; "" where the position is -1."""
    return np.append(column.to_numpy(object), "")[row]
