"""Faults in rows: where a table came from, and which of its cells are wrong.

A million wrong cells are one mistake made once: of each kind of fault in a column
the first `LISTED` are listed, and the rest counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from dmopt.errors import Fault

LISTED = 20
"""Faults of one kind listed for one column of one table."""

SHOWN = 40
"""Characters of a value that are shown."""

FIRST_ROW = "first_row"
"""Attribute of raw cells: how the user counts their first row, if not as 2."""

CANDIDATES = 2000
"""Names compared in the search for the nearest."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table as the user knows them.

    place: file, sheet or layer.
    numbers: row numbers as a spreadsheet counts them (the header is row 1), shape (n,).
    """

    place: str
    numbers: np.ndarray

    def faults(
        self,
        wrong: Any,
        column: str,
        read: Any,
        expected: str,
        hint: str | Callable[[int], str] = "",
    ) -> list[Fault]:
        """One fault for each row where `wrong` (bool, shape (n,)), up to `LISTED`.

        read: cells as they were read, shape (n,). hint: text, or from a row's
        position (0 .. n-1) to text.
        """
        positions = np.flatnonzero(np.asarray(wrong))
        if not len(positions):
            return []
        cells = read.array if isinstance(read, pd.Series) else read
        listed = [
            Fault(
                self.place,
                int(self.numbers[i]),
                column,
                show(cells[i]),
                expected,
                hint(i) if callable(hint) else hint,
            )
            for i in positions[:LISTED]
        ]
        more = len(positions) - len(listed)
        if more:
            rest = Fault(
                self.place, None, column, f"{more:,} more like these", expected
            )
            listed.append(rest)
        return listed


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table whose cells have been read: typed `frame`, and where its `rows` are."""

    frame: pd.DataFrame
    rows: Rows

    def faults(
        self,
        wrong: Any,
        column: str,
        expected: str,
        hint: str | Callable[[int], str] = "",
    ) -> list[Fault]:
        """Faults in a column of typed cells, as `Rows.faults`."""
        return self.rows.faults(wrong, column, self.frame[column], expected, hint)


def show(value: Any) -> str:
    """A value as a fault quotes it: short, on one line, never a raw control code."""
    if isinstance(value, BaseGeometry):
        return f"a {value.geom_type}"
    if value is None or value is pd.NA or value is pd.NaT:
        return "a blank cell"
    if isinstance(value, float | np.floating):
        return "a blank cell" if np.isnan(value) else f"{float(value):.15g}"
    if isinstance(value, int | np.integer | np.bool_):
        return str(value)
    if isinstance(value, tuple):
        return ", ".join(show(part) for part in value)
    text = str(value)
    if not text.strip():
        return "a blank cell"
    quoted = ascii_safe(text[:SHOWN])
    return f"'{quoted}...'" if len(text) > SHOWN else f"'{quoted}'"


def ascii_safe(text: str) -> str:
    """Text with everything unprintable escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )


def nearest(name: str, names: Sequence[str]) -> str:
    """A hint naming the valid name nearest to `name`, or "" where none is near."""
    folded = {other.strip().casefold(): other for other in reversed(names)}
    wanted = name.strip().casefold()
    found = wanted if wanted in folded else None
    if found is None:
        alike = (o for o in folded if o[:1] == wanted[:1] or len(folded) <= CANDIDATES)
        close = get_close_matches(wanted, list(islice(alike, CANDIDATES)), 1)
        found = close[0] if close else None
    return f"did you mean {show(folded[found])}?" if found is not None else ""
