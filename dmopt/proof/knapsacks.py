"""Continuous knapsacks: the most that options of sites can gain from deliveries.

Of things with weight w and gain g an option takes what its capacity allows, at a cost
`above` for each unit, best gain by weight first. At any place in that order

    gains before it, less above * weight before it, + (ratio there - above) * room left

is at least that, so an error in the place costs nothing; where there is room for all,
all of them are. Sums whose rounding counts are in extended precision.
"""

from typing import NamedTuple

import numpy as np

EPS = float(np.finfo(float).eps)
LONG = np.longdouble
SAMPLE = 64
"""Of so many things one is looked at to tell which of them may be taken."""
SLACK = 1 + 1e-9
"""Room above what is rounded: all demand, all that a part may take."""


class Things(NamedTuple):
    """What options of parts may take, (N,) each, part by part."""

    part: np.ndarray
    weight: np.ndarray
    gain: np.ndarray

    def only(self, chosen: np.ndarray) -> "Things":
        """Some of them (bool mask or places), in that order."""
        return Things(*(each[chosen] for each in self))


class Takers(NamedTuple):
    """Options, (C,) each: part, how much each can take, what each unit costs it."""

    of: np.ndarray
    capacity: np.ndarray
    above: np.ndarray

    def only(self, chosen: np.ndarray | slice) -> "Takers":
        """Some of them."""
        return Takers(*(each[chosen] for each in self))


def knapsacks(
    things: Things, options: Takers, doubt: float
) -> tuple[np.ndarray, np.ndarray]:
    """Greatest gain of each option (C,) from what its part can take, and what rounding
    may hide. doubt: up to which each gain is right."""
    part, of = things.part, options.of
    parts = 1 + int(of.max(initial=part.max(initial=0)))
    number = np.bincount(part, minlength=parts)[of]
    mass, worth = (np.bincount(part, each, parts)[of] for each in things[1:])
    profit, error = worth, (number + 8) * EPS * worth
    not_all = (options.capacity < mass * SLACK) | (options.above > 0)
    some = np.flatnonzero(not_all & (options.capacity > 0))
    if len(some):
        left = options.only(some)
        room = np.zeros(parts)
        np.maximum.at(room, left.of, left.capacity)
        full = np.zeros(parts, bool)
        full[left.of] = True
        mine = things.only(full[part])
        mine = mine.only(_first_of_all(mine, room))
        profit[some], error[some] = _filled(mine, left)
    # Of all that is there: what is not taken here may be by true gains.
    return profit, error + doubt * number


def _first_of_all(things: Things, room: np.ndarray) -> np.ndarray:
    """Things (bool) of which the best by weight fill the room of each part, and not
    many more: the others need not be sorted. A sample tells from which ratio on."""
    part, weight, gain = things
    ratio, parts = gain / weight, len(room)
    some = np.arange(0, len(part), SAMPLE)
    some = some[_by_part(part[some], -ratio[some])]
    before = np.cumsum(weight[some]) - weight[some]
    first = np.searchsorted(part[some], part[some])
    enough = SAMPLE * (before - before[first]) >= 2 * room[part[some]]
    least = np.full(parts, -np.inf)
    np.maximum.at(least, part[some][enough], ratio[some][enough])
    kept: np.ndarray = ratio >= least[part]
    filled = np.bincount(part[kept], weight[kept], parts) >= room * SLACK
    return kept | ~filled[part]


def _filled(things: Things, options: Takers) -> tuple[np.ndarray, np.ndarray]:
    """As `knapsacks`, where not all may be taken: in the order of gain by weight."""
    of, capacity, above = options
    order = _by_part(things.part, -things.gain / things.weight)
    part, weight, gain = things.only(order)
    ratio = gain / weight
    first, last = np.searchsorted(part, of), np.searchsorted(part, of, "right")
    weights = np.concatenate([[0], np.cumsum(weight, dtype=LONG)])
    worth = np.concatenate([[0], np.cumsum(gain, dtype=LONG)])
    # How many fit, and how many pay at this option's slope: the fewer are taken.
    fit = np.searchsorted(weights, weights[first] + capacity, "right") - 1
    place = np.clip(fit, first, last)
    place = np.minimum(place, _count_above(ratio, first, last, above))
    mass = (weights[place] - weights[first]).astype(float)
    full = (worth[place] - worth[first]).astype(float) - above * mass
    rest = np.where(place < last, np.append(ratio, 0.0)[place] - above, 0.0)
    # Less room than nothing is rounding: the dual price then counts the other way.
    more = np.maximum(rest, 0.0) * (capacity - mass)
    long_eps = float(np.finfo(LONG).eps) * (len(gain) + 8)
    error = 8 * EPS * (
        np.abs(full) + np.abs(above) * mass + np.abs(more)
    ) + long_eps * float(worth[-1] + np.abs(above).max(initial=0.0) * weights[-1])
    return np.maximum(full + more, 0.0), error


def _by_part(part: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Places in the order of parts, and of rising values in each: as `lexsort`, in less
    than half of its time, as small integers are sorted by their digits."""
    rising = np.argsort(value)
    small = part[rising].astype(np.min_scalar_type(int(part.max(initial=0))))
    return np.asarray(rising[np.argsort(small, kind="stable")])


def _count_above(
    ratio: np.ndarray, first: np.ndarray, last: np.ndarray, above: np.ndarray
) -> np.ndarray:
    """Of each stretch first .. last of falling ratios, the first place not > above."""
    place = last.copy()
    for n in np.flatnonzero(above > 0):
        stretch = -ratio[first[n] : last[n]]
        place[n] = first[n] + np.searchsorted(stretch, -above[n], "left")
    return place
