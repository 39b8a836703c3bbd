"""CSV text to raw cells, all text. What is not a plain table is a fault."""

import csv
import io
from pathlib import Path

import pandas as pd

from dmopt.data.raw import check_rows, read_bytes
from dmopt.data.rows import LISTED, show
from dmopt.errors import Fault

LONGEST_CELL = 100_000_000
"""Most characters of a cell: an outline may be long."""


def read_csv(path: Path) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Cells of a file as text ("" = blank), or None with what is wrong with it.

    Raises InstanceError where there is no file that can be read.
    """
    text, faults = decoded(read_bytes(path), path.name)
    if faults:
        return None, faults
    header, faults = _shape(text, path.name)
    if faults:
        return None, faults
    cells = pd.read_csv(
        io.StringIO(text),
        dtype="str",
        na_filter=False,
        skip_blank_lines=False,
        header=0,
        index_col=False,
        engine="c",
    )
    cells.columns = pd.Index(header, dtype="str")
    return cells, []


def decoded(raw: bytes, place: str) -> tuple[str, list[Fault]]:
    """Bytes as UTF-8 text, with or without a byte order mark."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        near = raw[max(0, error.start - 15) : error.start + 15].decode("latin-1")
        hint = "save it as UTF-8; Excel calls it 'CSV UTF-8'"
        return "", [Fault(place, row, "", show(near), "UTF-8 text", hint)]
    if (end := text.find("\0")) >= 0:
        row = text.count("\n", 0, end) + 1
        return "", [Fault(place, row, "", "a NUL byte", "UTF-8 text")]
    return text, []


def _shape(text: str, place: str) -> tuple[list[str], list[Fault]]:
    """The header, and rows that have not as many cells as it (blank lines aside)."""
    limit = csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    wrong: list[tuple[int, int]] = []
    header: list[str] = []
    number = 0
    try:
        header = next(rows, [])
        number = 1
        for number, row in enumerate(rows, 2):
            if len(row) != len(header) and row:
                wrong.append((number, len(row)))
    except csv.Error as error:
        return header, [Fault(place, number + 1, "", "", "CSV text", str(error))]
    finally:
        csv.field_size_limit(limit)
    if len(header) < 2:
        return header, [_no_header(header, place)]
    return header, check_rows(place, number) + _ragged(wrong, len(header), place)


def _no_header(header: list[str], place: str) -> Fault:
    """One cell, or none, in the first row."""
    other = next((mark for mark in (";", "\t", "|") if mark in "".join(header)), "")
    hint = f"cells look separated by {other!r}" if other else ""
    read = show(header[0]) if header else "nothing"
    return Fault(place, 1, "", read, "column names separated by commas", hint)


def _ragged(wrong: list[tuple[int, int]], width: int, place: str) -> list[Fault]:
    faults = [
        Fault(
            place,
            number,
            "",
            f"{count} cells",
            f"{width} cells, as in the header",
            "a comma inside a cell? put the cell in double quotes; "
            "numbers have a decimal point"
            if count > width
            else "",
        )
        for number, count in wrong[:LISTED]
    ]
    more = len(wrong) - len(faults)
    if more:
        faults.append(
            Fault(place, None, "", f"{more:,} more like these", f"{width} cells")
        )
    return faults
