"""One change of a table, as a scenario writes it."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from dmopt.data.column import Table
from dmopt.data.rows import LISTED, nearest, show
from dmopt.data.schema import TABLES
from dmopt.errors import Fault

Value = str | int | float | bool
Values = dict[str, Value | dict[str, Value]]
Tables = Mapping[str, pd.DataFrame]

ACTIONS = ("set", "multiply", "remove", "add", "replace")


class Change(BaseModel):
    """One `[[change]]`: which rows of which table, and the one thing done to them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    table: str
    where: dict[str, Value | list[Value]] = {}
    by: str = ""
    set: Values | None = None
    multiply: Values | None = None
    remove: Literal[True] | None = None
    add: list[dict[str, Value]] | str | None = None
    replace: list[dict[str, Value]] | str | None = None

    @property
    def values(self) -> Values:
        """What `set` or `multiply` has for each column."""
        return self.set or self.multiply or {}


def change_faults(change: Change, place: str) -> list[Fault]:
    """What is wrong with a change before any row is looked at."""
    done = [name for name in ACTIONS if getattr(change, name) is not None]
    if len(done) != 1:
        read = " and ".join(done) or "none of them"
        return [Fault(place, None, "", read, f"one of {', '.join(ACTIONS)}")]
    if change.table not in TABLES:
        hint = nearest(change.table, list(TABLES))
        return [Fault(place, None, "", show(change.table), "a known table", hint)]
    known = list(TABLES[change.table].column)
    named = [*change.where, *change.values, *([change.by] if change.by else [])]
    faults = [
        Fault(
            place,
            None,
            "",
            show(name),
            f"a column of {change.table}",
            nearest(name, known),
        )
        for name in named
        if name not in known
    ]
    if change.remove and not change.where:
        faults.append(Fault(place, None, "", "", "where, to say which rows to remove"))
    return faults or [*_value_faults(change, place)]


def _value_faults(change: Change, place: str) -> Iterator[Fault]:
    columns = TABLES[change.table].column
    for name, value in change.values.items():
        if bool(change.by) != isinstance(value, dict):
            expected = (
                "a value for each value of `by`" if change.by else "one value, or `by`"
            )
            yield Fault(place, None, name, "", expected)
        if change.multiply is None:
            continue
        if columns[name].kind not in ("number", "integer"):
            yield Fault(
                place, None, name, columns[name].kind, "a column of numbers to multiply"
            )
        for factor in value.values() if isinstance(value, dict) else (value,):
            if isinstance(factor, bool | str):
                yield Fault(place, None, name, show(factor), "a number to multiply by")


def changed(
    change: Change, rows: pd.DataFrame | None, tables: Tables, place: str
) -> tuple[pd.DataFrame, list[Fault]]:
    """The table after a change without `change_faults`, and what is wrong with it.

    rows: those to add or to replace all rows with. tables: as they are before.
    """
    frame = tables[change.table]
    if rows is not None:
        kept = [] if change.replace is not None else [frame.astype(object)]
        return pd.concat([*kept, rows.astype(object)], ignore_index=True), []
    picked = _picked(frame, change.where)
    if not picked.any():
        expected = f"rows of {change.table} that fit"
        return frame, [Fault(place, None, "where", show(str(change.where)), expected)]
    if change.remove:
        return frame[~picked], []
    if change.by == "period" and change.table != "periods":
        table = TABLES[change.table]
        frame, picked = _spread(table, frame, picked, tables["periods"])
    return _with_values(change, frame, picked, place)


def _picked(frame: pd.DataFrame, where: Mapping[str, Any]) -> np.ndarray:
    """True where every column is the value, or one of the values, asked for."""
    picked = np.ones(len(frame), bool)
    for name, value in where.items():
        wanted = value if isinstance(value, list) else [value]
        fits = frame[name].isin(wanted)
        if "" in wanted:
            fits |= frame[name].isna()
        picked &= fits.to_numpy(bool)
    return picked


def _spread(
    table: Table, frame: pd.DataFrame, picked: np.ndarray, periods: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Picked rows without a period, once for each period that has no row of its own;
    and where the picked rows are now."""
    general = picked & (frame.period == "").to_numpy(bool)
    names = periods.period.to_numpy()
    times = np.where(general, len(names), 1)
    spread = frame.iloc[np.repeat(np.arange(len(frame)), times)].reset_index(drop=True)
    copied = np.repeat(general, times)
    spread.loc[copied, "period"] = np.tile(names, int(general.sum()))
    kept = ~(copied & spread.duplicated(list(table.unique), keep=False).to_numpy(bool))
    return spread[kept], np.repeat(picked, times)[kept]


def _with_values(
    change: Change, frame: pd.DataFrame, picked: np.ndarray, place: str
) -> tuple[pd.DataFrame, list[Fault]]:
    frame = frame.reset_index(drop=True)
    faults: list[Fault] = []
    for name, value in change.values.items():
        if isinstance(value, dict):
            groups = frame.loc[picked, change.by]
            faults += _group_faults(change, value, groups, name, place)
            new = groups.astype(str).map(value)
        else:
            new = pd.Series([value] * int(picked.sum()), index=frame.index[picked])
        if change.multiply is not None:
            new = frame.loc[picked, name].astype(float) * new.astype(float)
        frame[name] = frame[name].astype(object)
        frame.loc[picked, name] = new.astype(object)
    return frame, faults


def _group_faults(
    change: Change, value: Mapping[str, Any], groups: pd.Series, column: str, place: str
) -> list[Fault]:
    """Each value of `by` needs a number, and each number a value of `by`."""
    there = list(dict.fromkeys(groups.astype(str)))
    missing = [group for group in there if group not in value]
    strange = [group for group in value if group not in there]
    return [
        Fault(place, None, column, "", f"a value for {change.by} {show(group)}")
        for group in missing[:LISTED]
    ] + [
        Fault(
            place,
            None,
            column,
            show(group),
            f"a {change.by} of the rows picked",
            nearest(group, there),
        )
        for group in strange[:LISTED]
    ]
