"""The decision tables of a plan as CSV, from which it is read back bit for bit.

Numbers are written in the fewest digits that give the same double; texts as they are
(UTF-8, quoted).
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.rows import Rows, nearest
from dmopt.errors import Fault, InstanceError
from dmopt.plan.checks.form import TABLE_OF
from dmopt.plan.plan import COLUMNS, LATER, Plan, make_plan
from dmopt.rules.catalogue import make_rules

FOLDER = "plan"


def write_exact(plan: Plan, folder: Path) -> None:
    """Write each decision table to FOLDER/NAME.csv; the folder is made. Tables that
    came later are written where they hold rows, and read as empty where they are not
    there: runs kept before they came are read still."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in plan.tables.items():
        if name in LATER and not len(table):
            continue
        columns = [table[column].tolist() for column in table.columns]
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
            writer.writerow(table.columns)
            writer.writerows(zip(*columns, strict=True))


def read_exact(instance: Instance, folder: Path) -> Plan:
    """The plan whose tables `write_exact` wrote there, under the instance's rules.

    Raises InstanceError naming every fault: a file that is missing or not CSV, wrong
    columns, cells that are no number, names that the instance does not have.
    """
    faults: list[Fault] = []
    tables = {
        name: _read_table(folder / f"{name}.csv", name, faults) for name in COLUMNS
    }
    if not faults:
        for name, table in tables.items():
            faults += _unknown_names(instance, table, f"{FOLDER}/{name}.csv")
    if faults:
        raise InstanceError(faults)
    return make_plan(instance, tables, make_rules(instance))


def _read_table(path: Path, name: str, faults: list[Fault]) -> pd.DataFrame:
    """One table, typed; adds to the faults."""
    place, columns = f"{FOLDER}/{name}.csv", COLUMNS[name]
    if name in LATER and not path.exists():
        return pd.DataFrame(columns=list(columns))
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file, strict=True)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        expected = f"a CSV table ({_reason(problem)})"
        faults.append(Fault(place, expected=expected))
        return pd.DataFrame(columns=list(columns))
    if header != list(columns):
        expected = "columns " + ", ".join(columns)
        faults.append(Fault(place, 1, read=", ".join(header)[:80], expected=expected))
        return pd.DataFrame(columns=list(columns))
    ragged = [number for number, row in enumerate(rows) if len(row) != len(columns)]
    if ragged:
        expected = f"{len(columns)} cells in each row"
        read = f"{len(rows[ragged[0]])} cells"
        faults.append(Fault(place, ragged[0] + 2, read=read, expected=expected))
        return pd.DataFrame(columns=list(columns))
    table = pd.DataFrame(rows, columns=header, dtype="str")
    for column, kind in columns.items():
        if kind != "str":
            table[column] = _numbers(table[column], kind, place, faults)
    return table


def _reason(problem: Exception) -> str:
    if isinstance(problem, FileNotFoundError):
        return "the file is missing"
    return str(getattr(problem, "strerror", None) or problem)


def _numbers(cells: pd.Series, kind: str, place: str, faults: list[Fault]) -> pd.Series:
    """Texts as int64 or float64; a fault for the first cell that is none."""
    try:
        values = cells.to_numpy(object).astype(kind)
        bad = ~np.isfinite(values)
    except (ValueError, OverflowError):
        bad = np.array([not _is_number(cell, kind) for cell in cells])
        values = np.zeros(len(cells), kind)
    if bad.any():
        row = int(bad.argmax())
        expected = "a whole number" if kind == "int64" else "a number"
        faults.append(
            Fault(place, row + 2, str(cells.name), repr(cells.iloc[row])[:40], expected)
        )
    return pd.Series(values, index=cells.index)


def _is_number(cell: str, kind: str) -> bool:
    try:
        np.array([cell], object).astype(kind)
    except (ValueError, OverflowError):
        return False
    return True


def _unknown_names(instance: Instance, table: pd.DataFrame, place: str) -> list[Fault]:
    """A fault for each name in a decision table that the instance does not have."""
    faults = []
    for column in table.columns:
        if column in TABLE_OF:
            known, kind = instance.tables[TABLE_OF[column]].index, TABLE_OF[column]
        elif column in ("origin", "destination"):
            known, kind = instance.places.index, "zones, sites or suppliers"
        elif column == "location":
            known, kind = pd.Index(instance.locations.location), "locations"
        else:
            continue
        cells = table[column]
        strange = cells[~cells.isin(known)].drop_duplicates()
        faults += _strangers(strange, known, kind, place)
    return faults


def _strangers(names: pd.Series, known: pd.Index, kind: str, place: str) -> list[Fault]:
    """Faults of names, none of which is known; their index counts rows from 0."""
    valid = known.tolist()
    return Rows(place, names.index.to_numpy() + 2).faults(
        np.ones(len(names), bool),
        str(names.name),
        names,
        f"a name from {kind} of the instance",
        lambda i: nearest(names.array[i], valid),
    )
