"""The workbook form (.xlsx): one sheet for each table, a sheet `settings`.

A cell of Excel holds 32,767 characters: longer text runs on in columns named
geometry_2, geometry_3 ... Sheets named `read me`, or with a name that starts with
an underscore, are the user's own. Cells hold values: a formula is a fault, because
the value that stands with it may be an old one.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook

from dmopt.data.atomic import atomic_file
from dmopt.data.column import Table
from dmopt.data.folder import written
from dmopt.data.instance import Instance, Settings
from dmopt.data.raw import Raw, check_rows, one_fault
from dmopt.data.rows import LISTED, nearest
from dmopt.data.schema import TABLES
from dmopt.data.settings import SETTINGS, settings_of_rows
from dmopt.data.sheets import BROKEN, check_workbook, odd_cells
from dmopt.errors import Fault

READ_ME = "read me"

PIECE = 16_383
"""Characters put in one cell: half as many as it holds, since some count double."""

MOST_ROWS = 1_048_575
"""Most rows of a table in a workbook."""

_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""Text that Excel would take for an escaped character."""


def read_workbook(path: Path) -> Raw:
    """Raw cells of a workbook."""
    check_workbook(path)
    raw = Raw(lambda name: f"{path.name}, sheet {name}")
    try:
        sheets = _sheets(path)
        raw.faults.extend(_odd_faults(path, sheets, raw.place))
    except (CalamineError, *BROKEN) as error:
        hint = str(error)[:100]
        raise one_fault(path.name, "an Excel workbook (.xlsx)", "", hint) from error
    for name, rows in sheets.items():
        if name == SETTINGS:
            raw.settings.update(settings_of_rows(rows))
        elif name not in TABLES:
            hint = nearest(name, [SETTINGS, *TABLES])
            raw.faults.append(
                Fault(raw.place(name), None, "", "", "only known sheets", hint)
            )
        elif found := check_rows(raw.place(name), len(rows)):
            raw.faults.extend(found)
        else:
            raw.tables[name] = _joined(TABLES[name], _frame(rows))
    if SETTINGS not in sheets:
        raw.faults.append(Fault(raw.place(SETTINGS), None, "", "", "this sheet"))
    return raw


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Cells of the sheets that are not the user's own."""
    with CalamineWorkbook.from_path(path) as book:
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
            if name != READ_ME and not name.startswith("_")
        }


def _odd_faults(
    path: Path, sheets: dict[str, list[list[Any]]], place: Callable[[str], str]
) -> Iterator[Fault]:
    """Formulas and error values: of each sheet the first, and the rest counted."""
    counts: dict[str, int] = {}
    for sheet, letters, row, kind in odd_cells(path):
        if sheet not in sheets:
            continue
        counts[sheet] = counts.get(sheet, 0) + 1
        if counts[sheet] <= LISTED:
            header = sheets[sheet][0]
            names = {
                get_column_letter(i): str(name) for i, name in enumerate(header, 1)
            }
            expected = f"a value, not {kind}"
            yield Fault(place(sheet), row, names.get(letters, letters), kind, expected)
    for sheet, count in counts.items():
        if count > LISTED:
            more = f"{count - LISTED:,} more like these"
            yield Fault(place(sheet), None, "", more, "values")


def _frame(rows: list[list[Any]]) -> pd.DataFrame:
    """The first row is the header."""
    header = [_name(cell) for cell in rows[0]] if rows else []
    return pd.DataFrame(rows[1:], columns=pd.Index(header, dtype="str"), dtype=object)


def _name(cell: Any) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell)


def _joined(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Text that runs on in columns `name_2`, `name_3` ... put together."""
    for column in table.columns:
        number = 2
        while column.kind in ("text", "geometry") and column.name in frame.columns:
            more = f"{column.name}_{number}"
            if more not in frame.columns or more in table.column:
                break
            frame[column.name] = frame[column.name].astype(str) + frame[more].astype(
                str
            )
            frame = frame.drop(columns=more)
            number += 1
    return frame


def write_workbook(instance: Instance, path: Path) -> None:
    """Write an instance as a workbook."""
    for name, value in instance.settings:
        if len(str(value)) > PIECE:
            place = f"{path.name}, sheet {SETTINGS}"
            raise one_fault(place, f"at most {PIECE:,} characters", name)
    for name in TABLES:
        if len(instance.tables[name]) > MOST_ROWS:
            expected = f"at most {MOST_ROWS:,} rows in a workbook"
            hint = "write a folder or a GeoPackage"
            count = f"{len(instance.tables[name]):,}"
            raise one_fault(f"{path.name}, sheet {name}", expected, count, hint)
    with atomic_file(path) as new:
        book = Workbook(write_only=True)
        fill(book.create_sheet(SETTINGS), settings_rows(instance.settings))
        for name, table in TABLES.items():
            frame = instance.tables[name]
            if len(frame) or table.required:
                fill(book.create_sheet(name), rows_of(table, frame))
        book.save(new)


def settings_rows(settings: Settings) -> list[list[Any]]:
    """Rows of the sheet `settings`: setting, value, meaning."""
    rows: list[list[Any]] = [["setting", "value", "meaning"]]
    for name, field in Settings.model_fields.items():
        rows.append([name, getattr(settings, name), field.description])
    return rows


def rows_of(table: Table, frame: pd.DataFrame) -> Iterator[list[Any]]:
    """Header and rows of a table's sheet."""
    cells = written(table, frame)
    parts = {}
    for column in table.columns:
        values = cells[column.name].astype(object)
        values = values.where(values.notna(), None)
        for number, part in enumerate(_split(values.tolist()), 1):
            parts[column.name + (f"_{number}" if number > 1 else "")] = part
    yield list(parts)
    yield from map(list, zip(*parts.values(), strict=True))


def _split(values: list[Any]) -> list[list[Any]]:
    """Cells cut into as many columns as the longest text needs."""
    columns = []
    rest = values
    while any(isinstance(value, str) and len(value) > PIECE for value in rest):
        columns.append([v[:PIECE] if isinstance(v, str) else v for v in rest])
        rest = [v[PIECE:] or None if isinstance(v, str) else None for v in rest]
    return [*columns, rest]


def fill(sheet: Any, rows: Iterable[list[Any]]) -> None:
    """Append rows of plain values to a sheet of openpyxl."""
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any) -> Cell | Any:
    """Text stays text, even where it looks like a formula; floats keep every digit."""
    if isinstance(value, float):
        cell = WriteOnlyCell(sheet, repr(value))
        cell.data_type = "n"
        return cell
    if not isinstance(value, str) or not value:
        return value or (None if isinstance(value, str) else value)
    cell = WriteOnlyCell(sheet, _ESCAPE.sub("_x005F_", value))
    cell.data_type = "s"
    cell.quotePrefix = value[0] in "=+-@"
    return cell
