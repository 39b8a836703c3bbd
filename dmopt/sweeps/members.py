"""Members of a sweep from a user's table (CSV, TOML) or from a grid.

    member,model,transport_price,off           [[member]]
    today,distributed,,                        member = "dear"
    dear,distributed,2,near                    model = "distributed"
                                               transport_price = 2

A grid is every combination of some values for each of some columns. Whatever the
form, every fault of every row is told at once.
"""

import hashlib
import itertools
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from dmopt.data.comma import decoded, read_csv
from dmopt.data.instance import Instance
from dmopt.data.names import unlike
from dmopt.data.raw import one_fault, read_bytes
from dmopt.data.rows import nearest, show
from dmopt.errors import Fault, InstanceError
from dmopt.sweeps.columns import (
    MEMBER,
    Part,
    Reader,
    Unreadable,
    is_blank,
    joined,
    known_columns,
    reader_of,
    refuse_no_number,
)
from dmopt.sweeps.fit import Fit
from dmopt.sweeps.member import LONGEST_NAME, Member, name_fault

Row = Mapping[str, Any]
Numbered = tuple[int, Row]
MOST = 100_000
"""Members of one sweep."""
GRID = "--vary"
HASH_DIGITS = 12
"""Of a SHA-256 in a name: two of MOST are alike once in 50,000 grids, and numbered."""
OPTIONS = {
    "gap": "a share from 0, below 1",
    "time_limit_s": "seconds above 0, not without end",
    "seed": "a whole number from 0 to 2147483647",
}
"""What members may be given that do not say their own, and what is expected of it."""


def members_from_file(
    instance: Instance, path: str | Path, **unless_given: Any
) -> list[Member]:
    """Members as a CSV or TOML file lists them, each checked against the instance.

    unless_given: gap, time_limit_s, seed of members that do not say their own.
    Raises InstanceError with every fault, by file, row and column.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        cells, faults = read_csv(path)
        if cells is None:
            raise InstanceError(faults)
        rows = _filled(cells)
        return _members(instance, rows, path.name, unless_given)
    if path.suffix.lower() == ".toml":
        rows = _toml_rows(path)
        return _members(instance, rows, f"{path.name}, [[member]]", unless_given)
    raise one_fault(path.name, "a .csv or .toml file of members")


def _filled(cells: pd.DataFrame) -> list[Numbered]:
    """Rows that are not blank, numbered as a spreadsheet does."""
    rows = zip(*(cells[column] for column in cells.columns), strict=True)
    named = (dict(zip(map(str, cells.columns), row, strict=True)) for row in rows)
    return [
        (number, row)
        for number, row in enumerate(named, 2)
        if not all(map(is_blank, row.values()))
    ]


def _toml_rows(path: Path) -> list[Numbered]:
    text, faults = decoded(read_bytes(path), path.name)
    if faults:
        raise InstanceError(faults)
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number too long, parts too deep
        raise one_fault(path.name, "TOML text", "", str(error)) from None
    given = content.pop(MEMBER, [])
    if (
        content
        or not isinstance(given, list)
        or not all(isinstance(row, dict) for row in given)
    ):
        raise one_fault(path.name, f"[[{MEMBER}]] parts, and nothing else")
    return list(enumerate(given, 1))


def members_from_grid(
    instance: Instance, vary: Mapping[str, Sequence[Any]], **unless_given: Any
) -> list[Member]:
    """Every combination of the values of each column, named by them; where that is too
    long, by a hash of them, which stays as it is in a wider grid.

    vary: column -> its values, "" for as it is. unless_given: as in
    `members_from_file`. Raises InstanceError with every fault.
    """
    count = 1
    for column, values in vary.items():
        if not values:
            raise one_fault(GRID, f"values for {column}, as {column}=1,2")
        count *= len(values)
    _refuse_too_many(count, GRID)
    names = [_shortened(",".join(row)) for row in itertools.product(*_words(vary))]
    rows = [
        (number, {MEMBER: name, **dict(zip(vary, values, strict=True))})
        for number, (name, values) in enumerate(
            zip(unlike(names), itertools.product(*vary.values()), strict=True), 1
        )
    ]
    return _members(instance, rows, GRID, unless_given)


def _words(vary: Mapping[str, Sequence[Any]]) -> Iterator[list[str]]:
    """What each value adds to a name; signs that a folder's name cannot have as -."""
    for column, values in vary.items():
        texts = ("none" if is_blank(value) else str(value) for value in values)
        words = (f"{column}={text.strip()}".rstrip(".") for text in texts)
        yield [
            "".join(c if c.isalnum() or c in "._+=-" else "-" for c in word)
            for word in words
        ]


def _shortened(name: str) -> str:
    """The name, or by what it has of a hash where it is too long to be numbered."""
    if len(name.encode()) <= LONGEST_NAME - 10:
        return name
    return f"m-{hashlib.sha256(name.encode()).hexdigest()[:HASH_DIGITS]}"


def _members(
    instance: Instance, rows: Sequence[Numbered], place: str, unless_given: Row
) -> list[Member]:
    _refuse_options(unless_given)
    _refuse_too_many(len(rows), place)
    if not rows:
        raise one_fault(place, "at least one member")
    readers, faults = _readers(instance, rows, place)
    check = Fit(instance)
    members: list[Member] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        name, wrong = _name(row, number, place, seen)
        parts, more = _parts(row, number, place, readers)
        wrong += more + check.faults(parts, number, place)
        faults += wrong
        if not wrong and not faults:
            given = joined([part for _, part in parts])
            members.append(
                Member.model_validate({**unless_given, **given, "name": name})
            )
    if faults:
        raise InstanceError(faults)
    return members


def _refuse_options(unless_given: Row) -> None:
    """Raise InstanceError naming every option that no member can have."""
    given = {name: unless_given[name] for name in OPTIONS if name in unless_given}
    faults = [
        Fault("options", None, name, "", f"one of {', '.join(OPTIONS)}")
        for name in unless_given
        if name not in OPTIONS
    ]
    try:
        Member.model_validate({**given, "name": "any"})
    except ValidationError as error:
        for name in dict.fromkeys(str(each["loc"][0]) for each in error.errors()):
            read = show(given[name])
            faults.append(Fault("options", None, name, read, OPTIONS[name]))
    if faults:
        raise InstanceError(faults)


def _readers(
    instance: Instance, rows: Sequence[Numbered], place: str
) -> tuple[dict[str, Reader], list[Fault]]:
    """Reader of each column, and the columns that there are not."""
    readers, faults = {}, []
    known = known_columns(instance)
    columns = dict.fromkeys(column for _, row in rows for column in row)
    for column in columns:
        reader = reader_of(column, instance)
        if reader is not None:
            readers[column] = reader
        elif column != MEMBER:
            expected, hint = f"one of {', '.join(known)}", nearest(column, known)
            faults.append(Fault(place, None, column, "", expected, hint))
    return readers, faults


def _name(
    row: Row, number: int, place: str, seen: dict[str, int]
) -> tuple[str, list[Fault]]:
    cell = row.get(MEMBER)
    name = cell.strip() if isinstance(cell, str) else str(cell)
    expected = "a name" if is_blank(cell) else name_fault(name)
    first = seen.setdefault(name.casefold(), number)
    if not expected and first != number:
        expected = f"a name of its own, also in small letters (row {first} has it)"
    return name, [
        Fault(place, number, MEMBER, show(cell), expected)
    ] if expected else []


def _parts(
    row: Row, number: int, place: str, readers: Mapping[str, Reader]
) -> tuple[list[tuple[str, Part]], list[Fault]]:
    """(column, part) of each cell that says something, and cells that say nothing
    that can be read."""
    parts, faults = [], []
    for column, cell in row.items():
        if column not in readers or is_blank(cell):
            continue
        try:
            refuse_no_number(cell)
        except Unreadable as error:
            faults.append(Fault(place, number, column, "", str(error)))
            continue
        try:
            parts.append((column, readers[column](cell)))
        except Unreadable as error:
            faults.append(Fault(place, number, column, show(cell), str(error)))
    return parts, faults


def _refuse_too_many(count: int, place: str) -> None:
    if count > MOST:
        raise one_fault(place, f"at most {MOST:,} members", f"{count:,}")


def read_vary(texts: Iterable[str]) -> dict[str, list[str]]:
    """ "transport_price=0.5,1,2" and the like, as columns and their values.

    Raises InstanceError naming every text that is not of that form.
    """
    found: dict[str, list[str]] = {}
    faults = []
    for text in texts:
        column, mark, values = text.partition("=")
        column = column.strip()
        if not mark or not column or column in found:
            expected = "COLUMN=VALUE,VALUE, each column once"
            faults.append(Fault(GRID, None, "", show(text), expected))
        found[column] = [value.strip() for value in values.split(",")]
    if faults:
        raise InstanceError(faults)
    return found
