"""Starting points: a worked example with all columns explained."""

import textwrap
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from dmopt.data.atomic import atomic_file, atomic_folder
from dmopt.data.cells import wanted
from dmopt.data.column import PROVENANCE, Column, Table
from dmopt.data.example import example
from dmopt.data.folder import SETTINGS_FILE, toml, written
from dmopt.data.geopackage import write_geopackage
from dmopt.data.instance import Settings
from dmopt.data.raw import cannot, one_fault
from dmopt.data.schema import TABLES
from dmopt.data.settings import SETTINGS
from dmopt.data.workbook import READ_ME, fill, rows_of, settings_rows

ROWS = 10_000
"""Rows below the header that have drop-down lists."""

WAY = (
    "An instance for dmopt: a worked example. Replace its rows by your own.",
    "One table for each kind of thing. Some columns must be filled (a workbook has "
    "them in bold); a blank cell of another column means what is said below. Tables "
    "that are not needed may stay empty or be taken out.",
    "Names tie the tables together: a site in site_services is a site of sites. "
    "Numbers have a decimal point and no thousands separator.",
    "source, confidence and note can be filled in any table.",
)


def write_template(path: str | Path) -> None:
    """Write a template: a folder (no suffix), a workbook (.xlsx) or a GeoPackage.

    Raises InstanceError where something is there already, or it cannot be written.
    """
    target = Path(path)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise one_fault(str(target), "a new name", "something that is there")
    writers = {"": _write_folder, ".xlsx": _write_workbook, ".gpkg": _write_geopackage}
    writer = writers.get(target.suffix.lower())
    if writer is None:
        expected = "a name without suffix (a folder), or with .gpkg or .xlsx"
        raise one_fault(str(target), expected, repr(target.suffix))
    try:
        writer(target)
    except OSError as error:
        raise one_fault(
            str(target), "a place to write to", "", cannot(error)
        ) from error


def blank_means(column: Column) -> str:
    """What a blank cell of a column says, in words."""
    if _must(column):
        return "must be filled"
    if column.default in (None, ""):
        return "none"
    if column.kind == "flag":
        return "yes" if column.default else "no"
    return (
        f"{column.default:g}"
        if isinstance(column.default, float)
        else str(column.default)
    )


def _must(column: Column) -> bool:
    return column.default is None and not column.optional


def _write_geopackage(path: Path) -> None:
    write_geopackage(example(), path)


def _write_folder(path: Path) -> None:
    instance = example()
    with atomic_folder(path, lambda folder: ()) as new:
        (new / SETTINGS_FILE).write_text(toml(instance.settings), encoding="utf-8")
        (new / "README.txt").write_text(_read_me(), encoding="utf-8")
        for name, table in TABLES.items():
            cells = written(table, instance.tables[name])
            cells.to_csv(new / f"{name}.csv", index=False, lineterminator="\n")


def _read_me() -> str:
    """All tables and columns, as plain text."""
    parts = [textwrap.fill(text, 78) for text in WAY]
    for table in TABLES.values():
        lines = [f"{table.name}.csv" + ("" if table.required else " (may be left out)")]
        lines.append(textwrap.fill(table.meaning, 78))
        for column in table.columns:
            if column not in PROVENANCE:
                text = f"{column.name}: {_help(column)}"
                lines.append(textwrap.indent(textwrap.fill(text, 74), "  "))
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _help(column: Column) -> str:
    blank = "Must be filled" if _must(column) else f"Blank: {blank_means(column)}"
    return f"{column.meaning}. Give {wanted(column)}. {blank}."


def _write_workbook(path: Path) -> None:
    instance = example()
    with atomic_file(path) as new:
        book = Workbook()
        _fill_read_me(book.active)
        sheet = book.create_sheet(SETTINGS)
        fill(sheet, settings_rows(instance.settings))
        _dress_settings(sheet)
        for name, table in TABLES.items():
            sheet = book.create_sheet(name)
            fill(sheet, rows_of(table, instance.tables[name]))
            _dress(sheet, table)
        book.save(new)


def _fill_read_me(sheet: Any) -> None:
    sheet.title = READ_ME
    fill(sheet, [[text] for text in WAY])
    sheet.append([])
    sheet.append(["table", "column", "meaning", "give", "blank means"])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for table in TABLES.values():
        fill(sheet, [[table.name, "", table.meaning]])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
        for column in table.columns:
            row = ["", column.name, column.meaning, wanted(column), blank_means(column)]
            fill(sheet, [row])
    for letter, width in zip("ABCDE", (24, 24, 70, 40, 16), strict=True):
        sheet.column_dimensions[letter].width = width


def _dress_settings(sheet: Any) -> None:
    _dress_header(sheet, 3)
    for letter, width in zip("ABC", (18, 40, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    for row, (name, field) in enumerate(
        Settings.model_json_schema()["properties"].items(), 2
    ):
        if field.get("enum"):
            _offer(sheet, f"B{row}", '"' + ",".join(field["enum"]) + '"', name)


def _dress(sheet: Any, table: Table) -> None:
    """Header and drop-down lists of a table's sheet."""
    _dress_header(sheet, len(table.columns))
    for number, column in enumerate(table.columns, 1):
        letter = get_column_letter(number)
        header = sheet.cell(1, number)
        header.font = Font(bold=_must(column), italic=column in PROVENANCE)
        header.comment = Comment(_help(column), "dmopt", height=110, width=260)
        sheet.column_dimensions[letter].width = max(12, len(column.name) + 3)
        offered = _offered(column)
        if offered:
            _offer(sheet, f"{letter}2:{letter}{ROWS}", offered, column.name)


def _dress_header(sheet: Any, width: int) -> None:
    sheet.freeze_panes = "A2"
    for number in range(1, width + 1):
        header = sheet.cell(1, number)
        header.font = Font(bold=True)
        header.fill = PatternFill("solid", fgColor="E4EAF0")


def _offered(column: Column) -> str:
    """What a drop-down list offers, as Excel writes it; "" where there is none."""
    if column.kind == "flag":
        return '"yes,no"'
    if column.choices:
        return '"' + ",".join(column.choices) + '"'
    return f"={column.refers}!$A$2:$A${ROWS}" if column.refers else ""


def _offer(sheet: Any, cells: str, offered: str, name: str) -> None:
    choice = DataValidation(
        "list", formula1=offered, allow_blank=True, showErrorMessage=True
    )
    choice.errorTitle, choice.error = name, "Choose from the list."
    choice.add(cells)
    sheet.add_data_validation(choice)
