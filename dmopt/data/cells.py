"""Raw cells of one column to typed cells, a whole column at a time.

Raw cells may be text (CSV), typed (Excel, GeoPackage, Python) or mixed. Nothing is
repaired: what cannot be read is a fault, and stands as "none" until it is raised.
A cell of nothing but white space is blank. Minus zero is zero, and heights in
outlines are dropped.
"""

import re
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dmopt.data.column import INF, Column
from dmopt.data.rows import Rows, nearest
from dmopt.errors import Fault

LONGEST_KEY = 100
"""Most characters of a key."""

UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What text may not hold: control characters but tab and line feed, and what is not
a character at all; no workbook could hold them."""

FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

DTYPES = {"number": "float64", "integer": "int64", "flag": "bool", "geometry": "object"}
"""dtype of a typed column; otherwise "str"."""

TEXT = pd.StringDtype(na_value=np.nan)
"""dtype "str": made once, as pandas takes long to find it by its name."""

Typed = np.ndarray | pd.api.extensions.ExtensionArray
"""Cells of a typed column; arrays, as pandas takes long to make series."""

Read = tuple[np.ndarray, list[Fault]]
"""Cells that a reader found, its own to change: objects for text and geometry, float64
for both kinds of number, bool; and the faults in them."""


def read_column(
    column: Column, raw: pd.Series, rows: Rows
) -> tuple[Typed, list[Fault]]:
    """Typed cells of a column (as `Instance` says) and every fault in it."""
    blank = is_blank(raw)
    cells, faults = _READERS[column.kind](column, raw, blank, rows)
    if column.default is not None:
        cells[blank] = column.default
    elif not column.optional:
        faults = rows.faults(blank, column.name, raw, wanted(column)) + faults
    return _typed(column, cells), faults


def no_column(column: Column, count: int) -> Typed:
    """Typed cells of a column that is not there: its default, or none."""
    none = {"number": np.nan, "integer": 0, "flag": False, "geometry": None}
    value = column.default if column.default is not None else none.get(column.kind, "")
    return _typed(column, np.full(count, value, object))


def _typed(column: Column, cells: np.ndarray) -> Typed:
    if column.kind in DTYPES:
        return cells.astype(DTYPES[column.kind])
    return pd.array(cells, dtype=TEXT)


def is_blank(raw: pd.Series) -> np.ndarray:
    """True where a cell holds nothing, shape (n,)."""
    blank = np.asarray(pd.isna(raw.array))
    if raw.dtype == TEXT or raw.dtype == object:
        empty = [isinstance(c, str) and (not c or c.isspace()) for c in _plain(raw)]
        blank = blank | np.array(empty, bool)
    return blank


def _plain(raw: pd.Series) -> np.ndarray:
    """Cells as Python's own objects, over which loops are quick."""
    return raw.to_numpy(object)


def wanted(column: Column) -> str:
    """What should stand in the cell, in words."""
    if column.choices:
        return "one of " + ", ".join(column.choices)
    if column.refers:
        return f"a name from {column.refers}"
    names = {"flag": "yes or no", "geometry": "a polygon as WKT", "key": "a name"}
    if column.kind not in ("number", "integer"):
        return names.get(column.kind, "text")
    number = "a whole number" if column.kind == "integer" else "a number"
    if column.high < INF:
        start = "above" if column.above else "from"
        return f"{number} {start} {column.low:g} to {column.high:g}"
    if column.low > -INF:
        return f"{number} {'above' if column.above else 'of at least'} {column.low:g}"
    return number


def _number(column: Column, raw: pd.Series, blank: np.ndarray, rows: Rows) -> Read:
    numbers = _to_numbers(raw)
    numbers[blank] = np.nan
    asked = wanted(column)
    unread = ~blank & np.isnan(numbers)
    faults = rows.faults(unread, column.name, raw, asked, _number_hint(raw))
    endless = np.isinf(numbers)
    faults += rows.faults(endless, column.name, raw, f"{asked}, not infinity")
    low = numbers <= column.low if column.above else numbers < column.low
    outside = ~endless & (low | (numbers > column.high))
    if column.kind == "integer":
        outside |= ~endless & ~np.isnan(numbers) & (numbers != np.floor(numbers))
    faults += rows.faults(outside, column.name, raw, asked)
    return np.where(endless | outside, np.nan, numbers) + 0.0, faults


def _to_numbers(raw: pd.Series) -> np.ndarray:
    """float64, NaN where a cell is no number (a flag or a date is none)."""
    if pd.api.types.is_bool_dtype(raw.dtype):
        return np.full(len(raw), np.nan)
    if pd.api.types.is_numeric_dtype(raw.dtype):
        return raw.to_numpy("float64", na_value=np.nan, copy=True)
    if raw.dtype == object:
        cells = [
            cell if isinstance(cell, str | Real) and not _is_flag(cell) else None
            for cell in _plain(raw)
        ]
        raw = pd.Series(cells, dtype=object)
    elif raw.dtype != TEXT:
        return np.full(len(raw), np.nan)
    return pd.to_numeric(raw, errors="coerce").to_numpy("float64", copy=True)


def _number_hint(raw: pd.Series) -> Callable[[int], str]:
    def hint(i: int) -> str:
        text = str(raw.array[i]).strip()
        if re.fullmatch(r"[-+]?\d+,\d+", text):
            return "decimal point, not comma; no thousands separator"
        if text.casefold() in ("nan", "na", "n/a", "none", "null", "-"):
            return "leave the cell blank for none"
        return ""

    return hint


def _integer(column: Column, raw: pd.Series, blank: np.ndarray, rows: Rows) -> Read:
    numbers, faults = _number(column, raw, blank, rows)
    return np.nan_to_num(numbers), faults


def _flag(column: Column, raw: pd.Series, blank: np.ndarray, rows: Rows) -> Read:
    if pd.api.types.is_bool_dtype(raw.dtype) and not blank.any():
        return raw.to_numpy(bool, copy=True), []
    flags = [FLAGS.get(_flag_word(cell)) for cell in _plain(raw)]
    unread = ~blank & np.fromiter((flag is None for flag in flags), bool, len(flags))
    faults = rows.faults(unread, column.name, raw, wanted(column))
    return np.array([bool(flag) for flag in flags], bool), faults


def _flag_word(cell: Any) -> str:
    word = str(cell) if _is_flag(cell) else _one_text(cell) or ""
    return word.strip().casefold()


def _choice(column: Column, raw: pd.Series, blank: np.ndarray, rows: Rows) -> Read:
    text, unread = _to_text(raw, blank)
    unknown = np.array([cell not in column.choices for cell in text], bool)
    faults = rows.faults(
        ~blank & (unread | unknown),
        column.name,
        raw,
        wanted(column),
        lambda i: nearest(text[i], column.choices),
    )
    return text, faults


def _text(column: Column, raw: pd.Series, blank: np.ndarray, rows: Rows) -> Read:
    text, unread = _to_text(raw, blank)
    faults = rows.faults(unread, column.name, raw, "text")
    if UNWRITABLE.search("".join(text)):
        odd = [UNWRITABLE.search(cell) is not None for cell in text]
        faults += rows.faults(odd, column.name, raw, "text without control characters")
    return text, faults


def _key(column: Column, raw: pd.Series, blank: np.ndarray, rows: Rows) -> Read:
    text, faults = _text(column, raw, blank, rows)
    lined = np.array(["\t" in cell or "\n" in cell for cell in text], bool)
    faults += rows.faults(lined, column.name, raw, "a name on one line")
    spaced = ~lined & np.array([cell.strip() != cell for cell in text], bool)
    expected = "a name without white space before or after it"
    faults += rows.faults(spaced, column.name, raw, expected)
    long = [len(cell) > LONGEST_KEY for cell in text]
    expected = f"a name of at most {LONGEST_KEY} characters"
    return text, faults + rows.faults(long, column.name, raw, expected)


def _to_text(raw: pd.Series, blank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """str objects ("" where blank), and where a cell is neither text nor a number."""
    cells = _plain(raw).copy()
    cells[blank] = ""
    if raw.dtype == TEXT:
        return cells, np.zeros(len(raw), bool)
    texts = [_one_text(cell) for cell in cells]
    unread = np.array([text is None for text in texts], bool)
    return np.array([text or "" for text in texts], object), unread


def _one_text(cell: Any) -> str | None:
    """A name typed as a number is meant as text: 101 is "101"; a date is not."""
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, Integral) and not _is_flag(cell):
        return str(int(cell))
    if not isinstance(cell, Real) or _is_flag(cell):
        return None
    number = float(cell)
    return str(int(number)) if number.is_integer() else repr(number)


def _is_flag(cell: Any) -> bool:
    """Python counts flags among the numbers."""
    return isinstance(cell, bool | np.bool_)


def _geometry(column: Column, raw: pd.Series, blank: np.ndarray, rows: Rows) -> Read:
    shapes = raw.to_numpy(object, copy=True)
    shapes[blank] = None
    # WKT is ASCII: half a character of something else makes the reader fail
    texts = np.array([isinstance(c, str) and c.isascii() for c in shapes], bool)
    shapes[texts] = shapely.from_wkt(shapes[texts].astype(object), on_invalid="ignore")
    known = shapely.is_geometry(shapes)
    asked = wanted(column)
    faults = rows.faults(~blank & ~known, column.name, raw, asked)
    shapes[~known] = None
    empty = known & shapely.is_empty(shapes)
    faults += rows.faults(empty, column.name, raw, f"{asked}, not an empty one")
    area = np.isin(shapely.get_type_id(shapes), (3, 6))
    faults += rows.faults(known & ~empty & ~area, column.name, raw, asked)
    broken = known & ~empty & area & ~shapely.is_valid(shapes)
    faults += rows.faults(
        broken,
        column.name,
        raw,
        f"{asked}, and a valid one",
        lambda i: shapely.is_valid_reason(shapes[i]),
    )
    return shapely.force_2d(shapes), faults


_READERS: dict[str, Callable[[Column, pd.Series, np.ndarray, Rows], Read]] = {
    "key": _key,
    "text": _text,
    "number": _number,
    "integer": _integer,
    "flag": _flag,
    "choice": _choice,
    "geometry": _geometry,
}
"""A reader for each kind of column."""
