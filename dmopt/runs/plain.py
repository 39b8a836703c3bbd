"""Anything a result holds, as values that JSON knows."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def plain(value: Any) -> Any:
    """The value as dicts, lists, text, numbers, booleans and None.

    NaN and infinities become None: JSON has no word for them. Tables become lists
    of rows; a meaningful index becomes columns. Anything else becomes its text.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer, np.bool_)):
        return value.item() if isinstance(value, np.generic) else int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, pd.DataFrame):
        return plain(rows_of(value).to_dict("records"))
    if isinstance(value, pd.Series):
        return plain(value.to_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {_name(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return [plain(inner) for inner in value]
    return str(value) if value is not pd.NaT else None


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its index as columns, unless it only counts rows."""
    if isinstance(table.index, pd.RangeIndex):
        return table
    return table.reset_index()


def _name(key: Any) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)
