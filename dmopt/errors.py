"""Faults in what the user gave: collected, then raised all at once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in an instance.

    place: file, sheet or layer, as the user knows it ("sites.csv").
    row: row as a spreadsheet counts it (the header is row 1), or None.
    column: column name, or "" where the fault is not in one column.
    read: the value as it was read, shortened; "" where there is none.
    expected: what should have stood there, in words.
    hint: nearest valid name or another way out, or "".
    """

    place: str
    row: int | None = None
    column: str = ""
    read: str = ""
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = self.place
        if self.row is not None:
            where += f", row {self.row}"
        if self.column:
            where += f", column {self.column}"
        text = f"{where}: "
        if self.read:
            text += f"read {self.read}, "
        text += f"expected {self.expected}"
        return text + (f" ({self.hint})" if self.hint else "")


class InstanceError(Exception):
    """An instance cannot be used: every fault found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class PlanRejected(Exception):
    """A plan failed its independent check, so it is not handed out as a result."""

    def __init__(self, violations: Sequence[object]) -> None:
        self.violations = list(violations)
        super().__init__("\n".join(str(violation) for violation in self.violations))
