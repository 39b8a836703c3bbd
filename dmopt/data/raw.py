"""What a reader hands on: raw cells, where they stood, and what it could not read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from dmopt.errors import Fault, InstanceError

MOST_BYTES = 2_000_000_000
"""Greatest size of a file, unpacked."""

MOST_ROWS = 5_000_000
"""Most rows of a table."""


@dataclass(frozen=True, slots=True)
class Raw:
    """An instance as it was read, not yet checked.

    place: from the name of a table, or "settings", to what faults call its place.
    faults: what could not be read, at those places.
    """

    place: Callable[[str], str]
    settings: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def one_fault(
    place: str, expected: str, read: str = "", hint: str = ""
) -> InstanceError:
    """An error of a single fault, for what makes further reading pointless."""
    return InstanceError([Fault(place, None, "", read, expected, hint)])


def cannot(error: OSError) -> str:
    """What the system said, in words."""
    return error.strerror.lower() if error.strerror else str(error)


def read_bytes(path: Path) -> bytes:
    """All of a file; raises InstanceError where it cannot be had or is too large."""
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise one_fault(
            path.name, "a file that can be read", "", cannot(error)
        ) from error


def check_file(path: Path) -> None:
    """Raise InstanceError unless there is a file of a sensible size."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise one_fault(
            path.name, "a file that can be read", "", cannot(error)
        ) from error
    if not path.is_file():
        read = "a folder" if path.is_dir() else "something else"
        raise one_fault(path.name, "a file", read)
    if size > MOST_BYTES:
        raise one_fault(path.name, f"at most {MOST_BYTES:,} bytes", f"{size:,}")


def check_rows(place: str, count: int) -> list[Fault]:
    """A fault where a table has too many rows."""
    if count <= MOST_ROWS:
        return []
    return [Fault(place, None, "", f"{count:,}", f"at most {MOST_ROWS:,} rows")]
