"""What differs in the tables of two instances, in few words."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.column import PROVENANCE
from dmopt.data.instance import Instance
from dmopt.data.schema import TABLES
from dmopt.rules.words import figure

MOST_NAMED = 3
SAME = 1e-9
"""Relative difference of factors that are one factor."""


def instance_difference(one: Instance, other: Instance) -> pd.DataFrame:
    """One row per thing that differs: table ("settings" too), column ("" for rows that
    only one has), rows (how many), says (in words). Sources and notes are left out."""
    rows = [*_settings(one, other)]
    for name in TABLES:
        rows += _table(name, one.tables[name], other.tables[name])
    return pd.DataFrame(rows, columns=["table", "column", "rows", "says"])


Row = tuple[str, str, int, str]


def _settings(one: Instance, other: Instance) -> Iterator[Row]:
    before, after = (i.settings.model_dump(mode="json") for i in (one, other))
    for name in before:
        if before[name] != after[name] and name not in ("name", "description"):
            yield "settings", name, 1, f"{name}: {before[name]} -> {after[name]}"


def _table(name: str, one: pd.DataFrame, other: pd.DataFrame) -> Iterator[Row]:
    if one is other or one.equals(other):
        return
    by = list(TABLES[name].unique)
    before, after = (_by_key(table, by) for table in (one, other))
    for here, there, word in ((before, after, "only before"), (after, before, "new")):
        alone = here.index.difference(there.index)
        if len(alone):
            yield name, "", len(alone), f"{name}: {_names(alone)} {word}"
    both = before.index.intersection(after.index)
    for column in TABLES[name].columns:
        if column.name in by or column in PROVENANCE:
            continue
        first, second = before.loc[both, column.name], after.loc[both, column.name]
        changed = _differ(first, second)
        if changed.any():
            says = _change(first[changed], second[changed], column.kind == "number")
            says = f"{name}.{column.name} of {_names(both[changed])}: {says}"
            yield name, column.name, int(changed.sum()), says


def _by_key(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Rows by what names them."""
    columns = table.reset_index() if by == [table.index.name] else table
    keyed = columns.set_index(by)
    return keyed[~keyed.index.duplicated()]


def _differ(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Where cells differ; none and none are the same."""
    blank = one.isna().to_numpy() & other.isna().to_numpy()
    return (one.to_numpy(object) != other.to_numpy(object)) & ~blank


def _change(one: pd.Series, other: pd.Series, number: bool) -> str:
    """ "x 1.2", "3 -> 5" or "3 values -> others"."""
    if len(one) == 1:
        return f"{_shown(one.iloc[0])} -> {_shown(other.iloc[0])}"
    if number and not one.isna().any() and not other.isna().any() and (one != 0).all():
        factor = (other / one).to_numpy(float)
        if np.ptp(factor) <= SAME * np.abs(factor).max():
            return f"x {figure(float(factor[0]))}"
    if other.astype(str).nunique() == 1:
        return f"all to {_shown(other.iloc[0])}"
    return f"{len(one):,} values changed"


def _shown(value: Any) -> str:
    if value is None or value != value or value == "":
        return "none"
    if hasattr(value, "wkt"):
        return "an outline"
    return figure(float(value)) if isinstance(value, float) else str(value)


def _names(keys: pd.Index) -> str:
    """The first few names: "bread, rolls and 12 more"."""
    names = [
        " ".join(filter(None, map(str, k))) if isinstance(k, tuple) else str(k)
        for k in keys
    ]
    shown, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown
