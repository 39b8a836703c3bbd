"""Tables as the page shows them: texts only, formatted once, escaped by the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dmopt.runs.words import quantity

NONE = "\N{EN DASH}"
"""What stands where there is no figure."""


@dataclass(frozen=True)
class Table:
    """caption: what it shows. head: a heading for each column, units included.
    rows: cells as texts; the first of each row names it. numbers: columns from this one
    on are figures, but for `words` at the end. note: a line below it, or ""."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int = 1
    words: int = 0
    note: str = ""

    def is_number(self, column: int) -> bool:
        """Whether a column (from 0) holds figures."""
        return self.numbers <= column < len(self.head) - self.words


def figure(value: float | None) -> str:
    """A number for people; a dash where there is none."""
    if value is None or math.isnan(value):
        return NONE
    if math.isinf(value):
        return "unlimited"
    return quantity(value)


def per_cent(share: float | None) -> str:
    """A share as per cent, three significant figures: "94.1 %"."""
    if share is None or math.isnan(share):
        return NONE
    if 0 < share < 0.001:
        return "under 0.1 %"
    return f"{quantity(100 * share)} %"


def change(value: float | None) -> str:
    """A difference with its sign; "same" where there is none to be seen."""
    if value is None or math.isnan(value):
        return NONE
    if abs(value) < 1e-9:
        return "same"
    sign = "+" if value > 0 else "\N{MINUS SIGN}"
    return sign + quantity(abs(value))


def listing(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 site", "1,680 zones"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
