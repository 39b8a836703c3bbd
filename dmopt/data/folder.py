"""The folder form: `instance.toml` with the settings, one CSV for each table.

Rules may stand in `instance.toml` instead of `rules.csv`:

    [[rule]]
    id = "near"
    rule = "proximity_service"
    parameters = {share = 0.9, within_km = 10}
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from dmopt.data.atomic import atomic_folder
from dmopt.data.column import Table
from dmopt.data.comma import decoded, read_csv
from dmopt.data.instance import Instance, Settings
from dmopt.data.raw import Raw, cannot, one_fault, read_bytes
from dmopt.data.rows import FIRST_ROW, nearest, show
from dmopt.data.schema import TABLES
from dmopt.data.settings import SETTINGS
from dmopt.errors import Fault

SETTINGS_FILE = "instance.toml"
RULES_PART = "rule"

FILES = {SETTINGS_FILE, *(f"{name}.csv" for name in TABLES)}
"""Every file of an instance, which may be replaced by another."""

EXACT = 400
"""Decimal places with which WKT loses nothing of any float."""


def read_folder(path: Path) -> Raw:
    """Raw cells of a folder. Files that are neither settings nor CSV are left alone."""
    content, faults = read_toml(path / SETTINGS_FILE, ("instance", RULES_PART))
    raw = Raw(_place, content.get("instance", {}), {}, faults)
    for file in csv_files(path):
        if file.stem not in TABLES:
            hint = nearest(file.stem, list(TABLES))
            raw.faults.append(Fault(file.name, None, "", "", "only known tables", hint))
            continue
        cells, found = read_csv(file)
        raw.faults.extend(found)
        if cells is not None:
            raw.tables[file.stem] = cells
    if RULES_PART in content:
        return _with_rules(raw, content[RULES_PART])
    return raw


def _with_rules(raw: Raw, given: Any) -> Raw:
    """Rules written in the settings' file, `[[rule]]` by `[[rule]]`."""
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raw.faults.append(Fault(SETTINGS_FILE, None, "", "", "rules under [[rule]]"))
        return raw
    if "rules" in raw.tables:
        expected = f"rules in {SETTINGS_FILE} or in rules.csv, not in both"
        raw.faults.append(Fault(SETTINGS_FILE, None, RULES_PART, "", expected))
    raw.tables["rules"] = pd.DataFrame([written_row(row) for row in given])
    raw.tables["rules"].attrs[FIRST_ROW] = 1

    def place(name: str) -> str:
        return f"{SETTINGS_FILE}, [[rule]]" if name == "rules" else _place(name)

    return replace(raw, place=place)


def written_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of TOML as cells: lists joined by ';', tables as name=value pairs."""
    return {name: _cell(value) for name, value in row.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, dict):
        pairs = ((name, _listed(each)) for name, each in value.items())
        return "; ".join(f"{name}={text}" for name, text in pairs)
    return value


def _listed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def csv_files(path: Path) -> list[Path]:
    """The CSV files of a folder, hidden ones aside."""
    try:
        files = sorted(path.iterdir())
    except OSError as error:
        raise one_fault(
            path.name, "a folder that can be read", "", cannot(error)
        ) from error
    return [f for f in files if f.suffix.lower() == ".csv" and f.name[0] != "."]


def read_toml(path: Path, parts: tuple[str, ...]) -> tuple[dict[str, Any], list[Fault]]:
    """A TOML file whose top level has only `parts`, and what is wrong with it."""
    text, faults = decoded(read_bytes(path), path.name)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = int(line[1]) if line else None
        return {}, [Fault(path.name, row, "", "", "TOML text", str(error))]
    if faults:
        return {}, faults
    faults = [
        Fault(
            path.name, None, "", show(name), f"only {' and '.join(parts)} at top level"
        )
        for name in content
        if name not in parts
    ]
    first = content.get(parts[0])
    if not isinstance(first, dict):
        faults.append(Fault(path.name, None, "", "", f"a part [{parts[0]}]"))
        content[parts[0]] = {}
    return content, faults


def write_folder(instance: Instance, path: Path) -> None:
    """Write an instance as a folder; an old instance there is replaced whole, unless
    it has other files beside it."""
    with atomic_folder(path, _replaceable) as new:
        (new / SETTINGS_FILE).write_text(toml(instance.settings), encoding="utf-8")
        for name, table in TABLES.items():
            frame = instance.tables[name]
            if len(frame) or table.required:
                cells = written(table, frame)
                cells.to_csv(new / f"{name}.csv", index=False, lineterminator="\n")


def _replaceable(path: Path) -> set[str]:
    """Files of a folder that are an instance's: none where there is no instance."""
    return FILES if (path / SETTINGS_FILE).is_file() else set()


def written(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Cells as people write them: yes and no, whole numbers without ".0", WKT."""
    cells = {
        column.name: _written(frame[column.name], column.kind)
        for column in table.columns
    }
    return pd.DataFrame(cells).reset_index(drop=True)


def _written(cells: pd.Series, kind: str) -> pd.Series:
    if kind == "flag":
        return cells.map({True: "yes", False: "no"})
    if kind == "geometry":
        text = shapely.to_wkt(cells.to_numpy(object), rounding_precision=EXACT)
        return pd.Series(text, index=cells.index, dtype=object)
    if kind == "number":
        whole = (cells % 1 == 0) & (cells.abs() < 1e15)
        return cells.astype("Int64") if (whole | cells.isna()).all() else cells
    return cells


def toml(settings: Settings) -> str:
    """Settings as the text of `instance.toml`; what they mean as comments."""
    lines = ["[instance]"]
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        lines.append(f"# {field.description}")
        said = (
            repr(value)
            if isinstance(value, float)
            else json.dumps(value, ensure_ascii=False)
        )
        lines.append(f"# {name} =" if value is None else f"{name} = {said}")
    return "\n".join(lines) + "\n"


def _place(name: str) -> str:
    return SETTINGS_FILE if name == SETTINGS else f"{name}.csv"
