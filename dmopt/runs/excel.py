"""A plan as an Excel workbook: a summary, then one sheet for each table.

Texts are stored as texts even where they begin like a formula (= + - @).
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from dmopt.data.atomic import atomic_file
from dmopt.plan.plan import Plan
from dmopt.runs.summary import summary
from dmopt.runs.tables import run_tables
from dmopt.solving.result import Result

MOST_ROWS = 1_000_000
"""Rows on one sheet; Excel takes 1,048,576 with the header."""
WIDEST, NARROWEST = 48, 9
SAMPLE = 500
HEADER = PatternFill("solid", fgColor="FFDDE4EA")

UNITS = (
    ("cost_per_yr", "cost", "{} a year"),
    ("value_per_yr", "value", "{} a year"),
    ("annuity_per_yr", "annuity", "{} a year"),
    ("vehicle_km_per_yr", "vehicle km", "a year"),
    ("kg_per_yr", "emissions", "kg CO2e a year"),
    ("t_per_yr", "weight", "t a year"),
    ("per_yr", "", "a year"),
    ("price_per_unit", "price", "{} a unit and year"),
    ("cost", "cost", "{}"),
    ("hours", "hours", "h"),
    ("km", "way", "km"),
)
"""Last words of a column's name: what they are called, and their unit; {} stands for
the currency."""
SHARES = ("_share", "utilisation")


def write_workbook(
    plan: Plan,
    path: str | Path,
    result: Result | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Write the tables for people, and a summary before them; whole or not at all.

    result: what the plan came from, for the badge.  tables: those of the plan, where
    they are there already.  Gives the path.
    Raises OSError where the file cannot be written, InstanceError for rules that
    cannot be read.
    """
    currency = plan.instance.settings.currency
    book = Workbook(write_only=True)
    tables = run_tables(plan) if tables is None else tables
    sheets = {"summary": summary(plan, result), **tables}
    for name, table in sheets.items():
        for number, start in enumerate(range(0, max(len(table), 1), MOST_ROWS), 1):
            title = name[:27] if number == 1 else f"{name[:27]} {number}"
            part = table.iloc[start : start + MOST_ROWS]
            _write_sheet(book.create_sheet(title), part, currency)
    path = Path(path)
    with atomic_file(path) as part_path:
        book.save(part_path)
    return path


def _write_sheet(sheet: WriteOnlyWorksheet, table: pd.DataFrame, currency: str) -> None:
    """Bold, frozen header with filters; columns as wide as their content."""
    headings = [heading(str(name), currency) for name in table.columns]
    for place, (name, words) in enumerate(zip(table.columns, headings, strict=True)):
        letter = get_column_letter(place + 1)
        sheet.column_dimensions[letter].width = _width(words, table[name])
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(len(headings), 1))
    sheet.auto_filter.ref = f"A1:{last}{len(table) + 1}"
    sheet.append([_header_cell(sheet, words) for words in headings])
    formats = [_number_format(name, table[name]) for name in table.columns]
    for row in table.itertuples(index=False, name=None):
        sheet.append(list(_cells(sheet, row, formats)))


def heading(column: str, currency: str) -> str:
    """Name of a column for people, its unit in brackets."""
    if column.endswith(SHARES):
        return f"{column.replace('_', ' ')} [%]"
    for end, name, unit in UNITS:
        if f"_{column}".endswith(f"_{end}"):
            begin = column.removesuffix(end).replace("_", " ")
            return f"{begin}{name}".strip() + f" [{unit.format(currency)}]"
    return column.replace("_", " ")


def _header_cell(sheet: WriteOnlyWorksheet, words: str) -> Cell:
    cell = _text_cell(sheet, words)
    cell.font, cell.fill = Font(bold=True), HEADER
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _cells(
    sheet: WriteOnlyWorksheet, row: tuple[Any, ...], formats: list[str]
) -> Iterator[Any]:
    """The cells of one row; numbers with their format, texts never as formulas."""
    for value, shown in zip(row, formats, strict=True):
        if isinstance(value, (bool, np.bool_)):
            yield "yes" if value else "no"
        elif isinstance(value, str):
            yield _shown_text(sheet, value)
        elif value is None or (isinstance(value, float) and math.isnan(value)):
            yield None
        elif isinstance(value, float) and math.isinf(value):
            yield "unlimited" if value > 0 else "-unlimited"
        else:
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = shown or _format_of(value)
            yield cell


def _shown_text(sheet: WriteOnlyWorksheet, text: str) -> str | Cell:
    """A text as it is; as a cell of its own where it is risky, or long and wrapped."""
    if not _is_risky(text) and len(text) <= WIDEST:
        return text
    cell = _text_cell(sheet, text)
    cell.alignment = Alignment(vertical="top", wrap_text=len(text) > WIDEST)
    return cell


def _is_risky(text: str) -> bool:
    """Whether a text could be taken for a formula, or holds control characters."""
    return text[:1] in ("=", "+", "-", "@") or bool(ILLEGAL_CHARACTERS_RE.search(text))


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that is text whatever it begins with, also after it is edited."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
    cell.data_type = "s"
    cell.quotePrefix = _is_risky(text)
    return cell


def _number_format(name: str, column: pd.Series) -> str:
    """Excel's format for a column of numbers; "" where each cell has its own."""
    if not pd.api.types.is_numeric_dtype(column):
        return ""
    if name.endswith(SHARES):
        return "0.0%"
    if pd.api.types.is_integer_dtype(column):
        return "0" if name.endswith("year") else "#,##0"
    money = ("cost", "cost_per_yr", "value_per_yr", "annuity_per_yr")
    return "#,##0" if name.endswith(money) else "#,##0.00"


def _format_of(value: float) -> str:
    """Format of a lone number: no decimals for large and whole ones."""
    return "#,##0" if abs(value) >= 1000 or value == int(value) else "#,##0.0000"


def _width(words: str, column: pd.Series) -> float:
    """Width of a column in characters, from its heading and first cells."""
    shown = column.head(SAMPLE)
    if pd.api.types.is_float_dtype(shown):
        shown = shown.round(2)
    longest = max((len(str(value)) for value in shown.to_list()), default=0)
    return float(min(max(len(words) + 3, longest + 2, NARROWEST), WIDEST))
