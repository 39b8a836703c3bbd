"""From raw settings and tables to an instance, or to every fault in them at once."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.cells import is_blank, no_column, read_column
from dmopt.data.column import Table
from dmopt.data.consistency import consistency_faults
from dmopt.data.coordinates import coordinate_faults, crs_faults
from dmopt.data.instance import Instance
from dmopt.data.references import reference_faults
from dmopt.data.rows import FIRST_ROW, Rows, Sheet, nearest, show
from dmopt.data.schema import TABLES
from dmopt.data.settings import SETTINGS, read_settings
from dmopt.errors import Fault, InstanceError

Where = Callable[[str], str]
"""From the name of a table to what faults call its place."""


def make_instance(
    settings: Mapping[str, Any],
    tables: Mapping[str, Any],
    place: str | Where = "",
    found: Sequence[Fault] = (),
) -> Instance:
    """Check raw settings and tables and make an instance of them.

    settings: values of `Settings` by name; blank ones take their default.
    tables: a DataFrame or a list of dicts for each table that is given, columns as
        in `schema.TABLES`. Cells may be text or typed; rows of blanks are skipped.
    place: what faults call the place of a table (or of "settings"): a function of
        its name, or a text that is put before the name.
    found: faults that a reader met before; what it could not read for them, and so
        did not give, is not said to be missing too.

    Raises InstanceError with every fault found.
    """
    where = place if callable(place) else _prefixed(place)
    unread = {fault.place for fault in found}
    given, faults = None, list(found)
    if where(SETTINGS) not in unread:
        given, wrong = read_settings(settings, where(SETTINGS))
        faults += wrong
    faults += _unknown_tables(tables, where)
    sheets: dict[str, Sheet] = {}
    sound: dict[str, Sheet] = {}
    for name, table in TABLES.items():
        if name not in tables and where(name) in unread:
            continue
        if name in tables:
            sheet, wrong = read_table(table, tables[name], where(name))
        else:
            none = Rows(where(name), np.empty(0, int))
            sheet, wrong = Sheet(_no_rows(name).copy(), none), []
            if table.required:
                wrong = [Fault(where(name), None, "", "", "this table", table.meaning)]
        faults += wrong
        if name in tables or not table.required:
            sheets[name] = sheet
        if not wrong:
            sound[name] = sheet
    faults += reference_faults(sheets)
    if given is not None:
        faults += crs_faults(tables, given.crs, where)
        faults += coordinate_faults(sheets, given.crs)
    faults += consistency_faults(given, sound)
    if faults or given is None:
        raise InstanceError(_in_order(faults, where))
    return Instance(given, {n: _indexed(TABLES[n], s.frame) for n, s in sheets.items()})


def read_table(table: Table, raw: Any, place: str) -> tuple[Sheet, list[Fault]]:
    """Typed cells of a raw table, and every fault in its columns and cells."""
    cells = pd.DataFrame(raw if isinstance(raw, pd.DataFrame | Mapping) else list(raw))
    first = cells.attrs.get(FIRST_ROW, 2)
    cells.columns = pd.Index([str(name) for name in cells.columns], dtype="str")
    cells = _without_blank_columns(cells.reset_index(drop=True))
    kept = ~_blank_rows(cells)
    rows = Rows(place, np.flatnonzero(kept) + first)
    cells = cells if kept.all() else cells[kept].reset_index(drop=True)
    faults = _header_faults(table, cells, place)
    typed = {}
    times = Counter(cells.columns)
    for column in table.columns:
        if times[column.name] == 1:
            typed[column.name], found = read_column(column, cells[column.name], rows)
            faults += found
        else:
            typed[column.name] = no_column(column, len(cells))
    if table.required and not len(cells) and not faults:
        faults = [Fault(place, None, "", "", "at least one row", table.meaning)]
    return Sheet(pd.DataFrame(typed), rows), faults


@cache
def _no_rows(name: str) -> pd.DataFrame:
    """A table that is not given: most of an instance's are not."""
    return pd.DataFrame({c.name: no_column(c, 0) for c in TABLES[name].columns})


def _without_blank_columns(cells: pd.DataFrame) -> pd.DataFrame:
    """Spreadsheets leave columns behind that have neither a name nor a cell."""
    ghost = [
        not name.strip() and bool(is_blank(cells.iloc[:, i]).all())
        for i, name in enumerate(cells.columns)
    ]
    return cells.loc[:, np.logical_not(ghost)] if any(ghost) else cells


def _blank_rows(cells: pd.DataFrame) -> np.ndarray:
    """True where all cells of a row are blank, shape (n,)."""
    blank = np.ones(len(cells), bool)
    for i in range(cells.shape[1]):
        if not blank.any():
            break
        blank &= is_blank(cells.iloc[:, i])
    return blank


def _header_faults(table: Table, cells: pd.DataFrame, place: str) -> list[Fault]:
    """Columns that are unknown, there twice, or missing."""
    faults = []
    known = list(table.column)
    absent = [name for name in known if name not in cells.columns]
    for name in dict.fromkeys(cells.columns):
        if list(cells.columns).count(name) > 1:
            faults.append(Fault(place, 1, name, "", "each column once"))
        elif name not in table.column:
            hint = nearest(name, absent) or f"columns are {', '.join(known)}"
            faults.append(Fault(place, 1, "", show(name), "a known column", hint))
    if not len(cells) and not len(cells.columns):
        return faults
    for name in absent:
        column = table.column[name]
        if column.default is None and not column.optional:
            faults.append(Fault(place, 1, name, "", "this column", column.meaning))
    return faults


def _unknown_tables(tables: Iterable[str], where: Where) -> list[Fault]:
    return [
        Fault(
            where(name), None, "", "", "only known tables", nearest(name, list(TABLES))
        )
        for name in tables
        if name not in TABLES
    ]


def _prefixed(text: str) -> Where:
    return lambda name: f"{text}, {name}" if text else name


def _in_order(faults: list[Fault], where: Where) -> list[Fault]:
    """Faults table by table, in the order of the schema, settings first."""
    order = {where(name): rank for rank, name in enumerate((SETTINGS, *TABLES))}
    return sorted(faults, key=lambda fault: order.get(fault.place, len(order)))


def _indexed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The table as `Instance` holds it: indexed by its key, if it has one."""
    if table.key:
        frame.index = pd.Index(frame[table.key]).rename(None)
    return frame
