"""What the plan rests on: every row of every input table, by how far it can be
trusted, the least trusted first."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from dmopt.data.column import CONFIDENCE
from dmopt.data.instance import Instance, Settings
from dmopt.data.schema import TABLES
from dmopt.report.table import Table

WORST_FIRST = ("", "assumption", "modelled", "derived", "published", "measured")
SAID = {
    "": "not stated",
    "assumption": "assumption",
    "modelled": "modelled",
    "derived": "derived from other figures",
    "published": "published",
    "measured": "measured",
}
"""Confidence -> what it is called here."""
assert set(WORST_FIRST) == {"", *CONFIDENCE}
MOST_NAMED = 8


@dataclass(frozen=True)
class Group:
    """Rows of one table with the same source, confidence and note.

    rows: how many. named: the first of them, in words.
    """

    table: str
    confidence: str
    source: str
    note: str
    rows: int
    named: str


def groups(instance: Instance) -> list[Group]:
    """Every row of every table is in one group; worst confidence first, then by how
    many rows rest on it."""
    found = [group for name in TABLES for group in _of_table(instance, name)]
    return sorted(
        found,
        key=lambda g: (WORST_FIRST.index(g.confidence), -g.rows, g.table, g.source),
    )


def _of_table(instance: Instance, name: str) -> Iterator[Group]:
    rows = instance.tables[name].reset_index()
    declared = TABLES[name]
    label = [declared.key] if declared.key else list(declared.unique)
    by = ["confidence", "source", "note"]
    for key, part in rows.groupby(by, sort=False):
        confidence, source, note = map(str, key)
        yield Group(name, confidence, source, note, len(part), _named(part, label))


def _named(rows: pd.DataFrame, label: list[str]) -> str:
    """Names of the first rows: "van, e_van and 3 more"."""
    shown = rows[label].head(MOST_NAMED).astype("str")
    names = [
        " / ".join(cell for cell in row if cell)
        for row in shown.itertuples(index=False, name=None)
    ]
    left = len(rows) - len(names)
    return "; ".join(names) + (f" and {left:,} more" if left else "")


def counts_table(found: list[Group]) -> Table:
    """How many rows rest on what, table by table."""
    frame = pd.DataFrame(found).pivot_table(
        index="table", columns="confidence", values="rows", aggfunc="sum", fill_value=0
    )
    frame = frame.reindex(columns=list(WORST_FIRST), fill_value=0)
    frame = frame.reindex([name for name in TABLES if name in frame.index])
    rows = [
        [str(name), *(f"{int(n):,}" for n in frame.loc[name]), f"{int(total):,}"]
        for name, total in zip(frame.index, frame.sum(axis=1), strict=True)
    ]
    total = frame.sum()
    rows.append(["all", *(f"{int(n):,}" for n in total), f"{int(total.sum()):,}"])
    head = ["Table", *(SAID[each] for each in WORST_FIRST), "rows"]
    return Table("Rows of input, by how far they can be trusted", head, rows)


def shares(found: list[Group]) -> dict[str, int]:
    """Confidence -> rows."""
    rows = dict.fromkeys(WORST_FIRST, 0)
    for group in found:
        rows[group.confidence] += group.rows
    return rows


def group_tables(found: list[Group]) -> Iterator[tuple[str, int, Table]]:
    """(what it is called, rows, table) for each confidence that occurs, worst first."""
    for confidence in WORST_FIRST:
        mine = [group for group in found if group.confidence == confidence]
        if not mine:
            continue
        rows = [
            [g.table, f"{g.rows:,}", g.named, g.source or "not stated", g.note]
            for g in mine
        ]
        head = ["Table", "Rows", "Which", "Source", "Note"]
        caption = f"Input whose confidence is: {SAID[confidence]}"
        count = sum(group.rows for group in mine)
        yield SAID[confidence], count, Table(caption, head, rows, words=3)


def settings_table(settings: Settings) -> Table:
    """Rates and ways of counting that hold for the whole instance."""
    fields = Settings.model_fields
    rows = [
        [name.replace("_", " "), str(value), fields[name].description or ""]
        for name, value in settings.model_dump().items()
        if value not in ("", None)
    ]
    head = ["Setting", "Value", "What it is"]
    return Table("Settings of the whole instance", head, rows, numbers=3)
