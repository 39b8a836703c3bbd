"""What a check says when a plan breaks a row of the mathematics or a rule."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

MEANING = {
    "id": "names something the instance does not have",
    "number": "is negative or not a finite number",
    "whole": "is not a whole number",
    "duplicate": "stands in the table more than once",
    "status": "open or shut against its status",
    "room": "more modules than may stand there",
    "committed": "modules differ from what is committed",
    "stand": "modules do not follow from the period before and the changes",
    "move": "modules moved in and out do not match, or may not be moved",
    "take": "more modules leave than stood there before",
    "balance": "what comes in and is made is not what is used up and goes out",
    "made here": "sends out more than it makes",
    "disposal": "gets rid of a commodity that cannot be disposed of",
    "shelf": "is held where or for longer than it may be",
    "store": "more is held from one period to the next than may be",
    "keep": "is held at a site that is shut",
    "fresh": "sets aside more than it makes or is brought",
    "running": "a module left before it was running",
    "capacity": "more work than the running modules can do",
    "least use": "running modules are used less than is viable",
    "service": "needs more of a service than there is",
    "share": "more is drawn than the infrastructure provides",
    "draw": "draws from infrastructure that it does not use, or without such a service",
    "connected": "uses infrastructure that does not stand, or while shut",
    "max users": "more users than the running infrastructure may have",
    "reach": "uses infrastructure that does not reach it",
    "grow": "steps do not follow from the period before and what was built",
    "max steps": "more steps than may stand there",
    "first": "stands without the infrastructure it requires",
    "apart": "stands nearer to another one than allowed",
    "demand": "delivered and unmet do not add up to the demand",
    "unmet": "leaves demand unmet that must be met",
    "lane": "goes by a mode or between places that no lane allows",
    "far": "goes farther than allowed",
    "slow": "takes longer than allowed",
    "origin": "comes from where the commodity is not sold or cannot be made",
    "destination": "goes to where the commodity is not wanted or cannot be used",
    "shut": "comes from or goes to a site that is not open",
    "supply": "more is bought than the supplier sells",
    "returned": "takes more from a zone than came back to it",
    "waste": "gets rid of more than is allowed in the period",
    "firm": "is not as it was promised for good",
    "capital": "more capital is spent than the budget of the period",
    "public": "more public capital is spent than the budget of the period",
}
"""Row of the mathematics -> what it means that it is broken."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that a plan breaks.

    row: name of the row in the mathematics, or id of the rule.
    where: ids of what it is about: site, technology, period ...
    excess: by how much it is broken, in `unit` (NaN: it cannot be computed).
    """

    row: str
    where: tuple[str, ...]
    excess: float
    unit: str

    def __str__(self) -> str:
        text = f"{self.row} [{', '.join(self.where)}]: "
        if meaning := MEANING.get(self.row):
            text += f"{meaning}, by "
        return f"{text}{self.excess:,.6g} {self.unit}".rstrip()


def broken(
    row: str, where: pd.Index | pd.DataFrame, excess: ArrayLike, unit: str
) -> Iterator[Violation]:
    """A violation for each entry of `excess` (n,) that is not 0, named by `where`:
    the labels of an index or the cells of a table, one per entry."""
    amounts = np.asarray(excess, float)
    found = np.flatnonzero(amounts != 0)
    if not len(found):
        return
    table = where if isinstance(where, pd.DataFrame) else where.to_frame()
    names = table.iloc[found].itertuples(index=False, name=None)
    for ids, amount in zip(names, amounts[found], strict=True):
        yield Violation(row, tuple(map(str, ids)), float(amount), unit)


def broken_over_time(
    row: str, frame: pd.DataFrame, excess: ArrayLike, unit: str
) -> Iterator[Violation]:
    """The same for `excess` (n, periods) in the shape of `frame`: things x periods."""
    amounts = np.asarray(excess, float)
    things, periods = np.nonzero(amounts != 0)
    for thing, period in zip(things.tolist(), periods.tolist(), strict=True):
        label = frame.index[thing]
        ids = label if isinstance(label, tuple) else (label,)
        where = (*map(str, ids), str(frame.columns[period]))
        yield Violation(row, where, float(amounts[thing, period]), unit)
