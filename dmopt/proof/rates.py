"""What modules of a site can make in a period, read from the rows of the model.

    (capacity)  sum_r use[r] activity[r]  <=  base + sum of room[j] modules[j]
    (made)      output[c]  <=  sum_r yield[r] activity[r]

A row counts as one of these where its other columns can only make it tighter: they are
at least 0 and stand on the side that takes. Nothing is taken from tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dmopt.formulation.compiled import Decisions

Key = tuple[str, ...]
Made = tuple[int, float, int, float]
"""Of an activity: its column, use, number of the output, yield."""


@dataclass(frozen=True)
class Rates:
    """Capacity rows. place: (site, period) of each. base, rooms: the right side, room
    of each counting column. made: the activities in each; private: all that make
    something that is sent out, and what they make."""

    place: list[Key]
    base: list[float]
    rooms: list[dict[int, float]]
    made: list[list[Made]]
    private: list[int]

    def room(self, row: int, standing: Mapping[int, float]) -> float:
        """Capacity with what stands."""
        return self.base[row] + sum(
            room * standing.get(column, 0.0) for column, room in self.rooms[row].items()
        )


def rates_of(decisions: Decisions, low: np.ndarray) -> Rates | str:
    """Capacity rows and what is made of what; or why they cannot be read so.

    low (n,): least values of columns.
    """
    families: dict[int, str] = {}
    keys: dict[int, Key] = {}
    for family in ("activity", "output", "modules"):
        for key, column in decisions.column[family].items():
            families[column], keys[column] = family, key
    outputs = {c: n for n, c in enumerate(decisions.column["output"].values())}
    yields = _yields(decisions, families, outputs, low)
    if isinstance(yields, str):
        return yields
    place: list[Key] = []
    base: list[float] = []
    rooms: list[dict[int, float]] = []
    made: list[list[Made]] = []
    A = decisions.A
    seen: set[int] = set()
    for row, (name, _, rule) in enumerate(decisions.row_keys):
        if name != "capacity" or rule:
            continue
        taken: dict[int, float] = {}
        given: dict[int, float] = {}
        wrong = bool(np.isinf(decisions.row_high[row]))
        for at in range(A.indptr[row], A.indptr[row + 1]):
            column, value = int(A.indices[at]), float(A.data[at])
            family = families.get(column, "")
            if family == "activity" and value > 0:
                taken[column] = value
            elif family == "modules" and value <= 0:
                given[column] = -value
            elif not (value >= 0 and low[column] >= 0):
                wrong = True
        where = {(keys[c][0], keys[c][-1]) for c in (*taken, *given)}
        if wrong or len(where) != 1 or seen & set(taken):
            return "a capacity row is of another form"
        seen |= set(taken)
        place.append(where.pop())
        base.append(float(decisions.row_high[row]))
        rooms.append(given)
        made.append([(c, use, *yields[c]) for c, use in taken.items() if c in yields])
    if not set(yields) <= seen:
        return "an activity has no capacity row"
    return Rates(place, base, rooms, made, [*yields, *outputs])


def _yields(
    decisions: Decisions,
    families: Mapping[int, str],
    outputs: Mapping[int, int],
    low: np.ndarray,
) -> dict[int, tuple[int, float]] | str:
    """Of each activity the output it makes (number, yield); or why not."""
    A = decisions.A
    found: dict[int, tuple[int, float]] = {}
    done: set[int] = set()
    for row, (name, _, rule) in enumerate(decisions.row_keys):
        if name not in ("balance", "made_here") or rule:
            continue
        entries = [
            (int(A.indices[at]), float(A.data[at]))
            for at in range(A.indptr[row], A.indptr[row + 1])
        ]
        mine = [(c, a) for c, a in entries if families.get(c) == "output"]
        if len(mine) != 1 or outputs[mine[0][0]] in done:
            continue
        column, own = mine[0]
        # as  output <= sum of gives:  the upper side of the row where own > 0
        side = decisions.row_high[row] if own > 0 else -decisions.row_low[row]
        gives = [(c, -a / own) for c, a in entries if c != column]
        makes = [(c, a) for c, a in gives if families.get(c) == "activity" and a > 0]
        takes = [(c, -a) for c, a in gives if (c, a) not in makes]
        if side != 0 or not all(a >= 0 and low[c] >= 0 for c, a in takes):
            continue
        number = outputs[column]
        if any(c in found for c, _ in makes):
            return "a recipe makes several commodities that are sent out"
        found.update({c: (number, value) for c, value in makes})
        done.add(number)
    if len(done) != len(outputs):
        return "what is sent out is not what recipes make"
    return found
