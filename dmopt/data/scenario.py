"""Scenarios: named changes of another instance, kept as `scenario.toml`.

    [scenario]
    name = "Lean years"
    base = "../city"                 # folder, .gpkg, .xlsx or another scenario

    [settings]                       # settings that differ
    discount_rate = 0.05

    [[change]]                       # changes are made in order
    table = "sites"
    where = {district = "Old Town", status = ["candidate", "existing"]}
    set = {status = "excluded", reason = "flood plain"}

    [[change]]
    table = "demand"
    where = {commodity = "bread"}
    by = "period"                    # one number for each value of this column
    multiply = {quantity_per_yr = {"2027" = 1.0, "2031" = 1.02, "2035" = 1.05}}

Each change does one thing: `set` or `multiply` columns, `remove` = true, `add` rows
or `replace` all rows. Rows are written there or are the name of a CSV file beside
the scenario. `where` picks rows: each column is the value, or one of the values; ""
is blank. `by = "period"` first turns rows without a period into one row for each
period that has none of its own.
"""

from pathlib import Path, PureWindowsPath
from typing import Any

import pandas as pd
from pydantic import ValidationError

from dmopt.data.change import Change, change_faults, changed
from dmopt.data.comma import read_csv
from dmopt.data.folder import csv_files, read_toml
from dmopt.data.instance import Instance
from dmopt.data.raw import Raw
from dmopt.data.rows import nearest, show
from dmopt.data.settings import SETTINGS
from dmopt.errors import Fault, InstanceError

SCENARIO_FILE = "scenario.toml"


def read_scenario(path: Path, base: Instance, content: dict[str, Any]) -> Raw:
    """Raw cells of a scenario: those of its base with all changes made.

    path: folder of the scenario. content: its file, as read by `scenario_content`.
    Raises InstanceError with every fault in the changes.
    """
    tables: dict[str, Any] = dict(base.tables)
    faults: list[Fault] = []
    touched: dict[str, list[int]] = {}
    files: set[Path] = set()
    for number, raw in enumerate(content["change"], 1):
        place = f"{SCENARIO_FILE}, change {number}"
        change, wrong = _change(raw, place)
        if change is not None:
            rows, wrong = _rows(change, path, files, place)
            if not wrong:
                touched.setdefault(change.table, []).append(number)
                tables[change.table], wrong = changed(change, rows, tables, place)
        faults += wrong
    faults += [
        Fault(file.name, None, "", "", "only files that a change names")
        for file in csv_files(path)
        if file.resolve() not in files
    ]
    if faults:
        raise InstanceError(faults)
    about = {k: v for k, v in content["scenario"].items() if k != "base"}
    settings = base.settings.model_dump() | content["settings"] | about
    return Raw(lambda name: _place(name, touched), settings, tables)


def _change(raw: dict[str, Any], place: str) -> tuple[Change | None, list[Fault]]:
    """A change from its part of the file, or what is wrong with it."""
    try:
        change = Change.model_validate(raw)
    except ValidationError as error:
        faults = []
        for detail in error.errors():
            name = str(detail["loc"][0])
            hint = nearest(name, list(Change.model_fields))
            strange = detail["type"] == "extra_forbidden"
            expected = "a known word" if strange else detail["msg"]
            faults.append(
                Fault(place, None, name, "", expected, hint if strange else "")
            )
        return None, list(dict.fromkeys(faults))
    faults = change_faults(change, place)
    return (None if faults else change), faults


def _rows(
    change: Change, path: Path, files: set[Path], place: str
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """The rows a change brings, from the scenario or a file beside it."""
    rows = change.add if change.add is not None else change.replace
    if not isinstance(rows, str):
        return (None if rows is None else pd.DataFrame(rows)), []
    if PureWindowsPath(rows).name != rows:  # it knows /, \ and drives
        column = "replace" if change.add is None else "add"
        expected = "the name of a file beside the scenario, without folders"
        return None, [Fault(place, None, column, show(rows), expected)]
    files.add((path / rows).resolve())
    try:
        return read_csv(path / rows)
    except InstanceError as error:
        return None, error.faults


def _place(name: str, touched: dict[str, list[int]]) -> str:
    """Where a table got its cells from: the base, and the changes made to it."""
    if name == SETTINGS:
        return SCENARIO_FILE
    numbers = [str(number) for number in touched.get(name, [])]
    after = f" after change {' and '.join(numbers)}" if numbers else ""
    return f"{SCENARIO_FILE}, {name}{after}"


def scenario_content(path: Path) -> dict[str, Any]:
    """The parts of a scenario's file: scenario, settings and change.

    Raises InstanceError with every fault in its outline.
    """
    content, faults = read_toml(
        path / SCENARIO_FILE, ("scenario", "settings", "change")
    )
    about = content.get("scenario", {})
    for name in about:
        if name not in ("name", "base", "description"):
            expected = "only name, base and description"
            faults.append(Fault(SCENARIO_FILE, None, name, "", expected))
    for name in ("name", "base"):
        if not faults and not isinstance(about.get(name), str):
            read = show(about[name]) if name in about else ""
            faults.append(
                Fault(SCENARIO_FILE, None, name, read, "this text in [scenario]")
            )
    if not isinstance(content.setdefault("settings", {}), dict):
        faults.append(Fault(SCENARIO_FILE, None, "", "", "a part [settings]"))
    changes = content.setdefault("change", [])
    if not isinstance(changes, list) or not all(isinstance(c, dict) for c in changes):
        faults.append(Fault(SCENARIO_FILE, None, "", "", "changes under [[change]]"))
    if faults:
        raise InstanceError(faults)
    return content
