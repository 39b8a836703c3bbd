"""What a column and a table are, and short ways to declare them (schema.py does).

Every table may also carry where its figures are from: `PROVENANCE`.
"""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["key", "text", "number", "integer", "flag", "choice", "geometry"]

INF = float("inf")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    name: column name, unit included.
    kind: key (text that names the row), text, number, integer, flag (yes/no),
        choice (one of `choices`), geometry (WKT polygon, instance CRS).
    meaning: what it says, in words, for templates and help.
    default: value of a blank cell; None means the cell must be filled,
        unless `optional`.
    optional: a blank cell means "none" (NaN for numbers, "" for text).
    low, high: least and greatest number allowed (`above`: low itself is not).
    choices: allowed texts of a choice.
    refers: table whose key this cell must be, or "".
    """

    name: str
    kind: Kind
    meaning: str
    default: float | int | bool | str | None = None
    optional: bool = False
    low: float = 0.0
    high: float = INF
    above: bool = False
    choices: tuple[str, ...] = ()
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: columns in order; `unique` columns together name a row."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    required: bool = False
    column: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", {c.name: c for c in self.columns})

    @property
    def key(self) -> str:
        """Name of the key column, or "" for a table whose rows have no name."""
        return next((c.name for c in self.columns if c.kind == "key"), "")


CONFIDENCE = ("measured", "published", "derived", "modelled", "assumption")

PROVENANCE = (
    Column("source", "text", "where the figures of this row are from", default=""),
    Column(
        "confidence",
        "choice",
        "how far the figures can be trusted",
        optional=True,
        choices=CONFIDENCE,
    ),
    Column("note", "text", "anything a reader should know", default=""),
)


def table(
    name: str,
    meaning: str,
    *columns: Column,
    unique: tuple[str, ...] = (),
    required: bool = False,
) -> Table:
    """A table of these columns and `PROVENANCE`; a row is named by its key unless
    `unique` says otherwise."""
    named = tuple(c.name for c in columns if c.kind == "key")
    return Table(name, meaning, columns + PROVENANCE, unique or named, required)


def key(name: str, meaning: str) -> Column:
    """Text that names the row."""
    return Column(name, "key", meaning)


def ref(name: str, table: str, meaning: str, optional: bool = False) -> Column:
    """The key of a row of another table."""
    return Column(name, "text", meaning, refers=table, optional=optional)


def text(name: str, meaning: str, default: str | None = "") -> Column:
    """Free text; with default None it must be filled."""
    return Column(name, "text", meaning, default=default)


def num(
    name: str,
    meaning: str,
    default: float | None = None,
    *,
    optional: bool = False,
    low: float = 0.0,
    high: float = INF,
    above: bool = False,
) -> Column:
    """A number, 0 or more unless said otherwise."""
    return Column(
        name, "number", meaning, default, optional, low=low, high=high, above=above
    )


def share(name: str, meaning: str, default: float) -> Column:
    """A number from 0 to 1."""
    return num(name, meaning, default, high=1.0)
