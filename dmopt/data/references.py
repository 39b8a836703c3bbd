"""Names: each row named once, each reference to a row that is there."""

from collections.abc import Iterator, Mapping

from dmopt.data.column import Column, Table
from dmopt.data.rows import Sheet, nearest
from dmopt.data.schema import TABLES
from dmopt.errors import Fault

PLACES = ("zones", "sites", "suppliers")
"""Tables whose keys are places, so no two of them may share a name."""


def reference_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Duplicate rows, shared names of places, and references to nothing.

    sheets: the tables that were given, those with faulty cells too.
    """
    for name, sheet in sheets.items():
        if not len(sheet.frame):
            continue
        yield from _duplicates(TABLES[name], sheet)
        for column in TABLES[name].columns:
            if column.refers in sheets:
                yield from _unknown(column, sheet, sheets[column.refers])
    yield from _shared(sheets)


def _duplicates(table: Table, sheet: Sheet) -> Iterator[Fault]:
    """Rows whose unique columns say what an earlier row has said."""
    names = list(table.unique)
    again = sheet.frame.duplicated(names).to_numpy(bool)
    if not again.any():
        return
    must = [n for n in names if not table.column[n].optional]
    again = again & (sheet.frame[must] != "").all(axis=1).to_numpy(bool)
    first = ~sheet.frame.duplicated(names)
    group = sheet.frame.groupby(names, sort=False, dropna=False).ngroup().to_numpy()
    first_row = sheet.rows.numbers[first.to_numpy(bool)]
    yield from sheet.rows.faults(
        again,
        ", ".join(names),
        list(sheet.frame[names].itertuples(index=False, name=None))
        if len(names) > 1
        else sheet.frame[names[0]],
        "a name given once" if table.key else "one row for each of these",
        lambda i: f"first in row {first_row[group[i]]}",
    )


def _unknown(column: Column, sheet: Sheet, target: Sheet) -> Iterator[Fault]:
    """References to rows that are not there."""
    key = TABLES[column.refers].key
    cells = sheet.frame[column.name].tolist()
    names = target.frame[key].tolist()
    known = {"", *names}
    yield from sheet.faults(
        [cell not in known for cell in cells],
        column.name,
        f"a name from {column.refers}",
        lambda i: nearest(cells[i], [name for name in names if name]),
    )


def _shared(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Two places of one name."""
    taken: dict[str, str] = {}
    for name in PLACES:
        if name not in sheets:
            continue
        sheet, key = sheets[name], TABLES[name].key
        ids = sheet.frame[key].tolist()
        hints = [taken.get(place, "") for place in ids]
        expected = "a name no zone, site or supplier has yet"
        wrong = [bool(hint) for hint in hints]
        yield from sheet.faults(wrong, key, expected, hints.__getitem__)
        for place, row in zip(ids, sheet.rows.numbers, strict=True):
            if place:
                taken.setdefault(place, f"it is in {sheet.rows.place}, row {row}")
