"""One thing that can stand in the way of a plan, and how its figures are loosened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.rules.words import figure

TIMES = 10
"""How many times as large capacities may become when their limit is dropped."""

SHARE = "%"
"""Unit of figures that are shares: told as per cent."""

Edit = Callable[[Instance, float], Instance]


@dataclass(frozen=True)
class Figure:
    """A number of a suspect that can be loosened.

    name: what it is called where the user wrote it. unit. now, most: value today and
    the farthest it makes sense to go. whole: counts in whole numbers.
    edit: (instance, value) -> instance with the value in its place.
    """

    name: str
    unit: str
    now: float
    most: float
    whole: bool
    edit: Edit = field(compare=False)

    def says(self, value: float) -> str:
        """ "within_km: 10 -> 12.4 km"."""
        scale = 100 if self.unit == SHARE else 1
        unit = f" {self.unit}" if self.unit else ""
        now, then = figure(scale * self.now), figure(scale * value)
        return f"{self.name}: {now} -> {then}{unit}"


@dataclass(frozen=True)
class Suspect:
    """One thing that may be in a conflict.

    kind: "rule", "demand", "budget", "supply", "capacity", "use", "infrastructure",
        "prerequisite", "service", "delivery time", "excluded site", "disposal" or
        "promise".
    name: names in the instance: a rule's id, (commodity,), (period, "capital") ...
    says: what it asks, with its figures. figures: how it can be loosened.
    drop: (instance) -> instance without it, and what that is in words.
    """

    kind: str
    name: tuple[str, ...]
    says: str
    figures: Sequence[Figure] = ()
    drop: Callable[[Instance], Instance] | None = field(default=None, compare=False)
    dropped: str = ""

    @property
    def label(self) -> str:
        return " ".join([self.kind, *filter(None, self.name)])


def with_cells(
    instance: Instance, table: str, rows: Any, column: str, value: Any
) -> Instance:
    """The instance with one column of some rows of a table (mask or labels) changed."""
    frame = instance.tables[table].copy()
    frame.loc[rows, column] = value
    return replace(instance, tables={**instance.tables, table: frame})


def at_value(edit: Edit, value: float) -> Callable[[Instance], Instance]:
    """The edit to one value."""
    return lambda instance: edit(instance, value)


def many_more(most: pd.Series) -> pd.Series:
    """A limit dropped: so many times as large, as far as the tables allow."""
    return (most * TIMES).clip(upper=10_000).where(most < 10_000, most)
