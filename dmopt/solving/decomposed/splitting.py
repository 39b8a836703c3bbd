"""How the options of a site can be split in two: by a limit on one whole column.

A split leaves options with  column <= at  on one side, those with  column >= at + 1  on
the other: what a certificate's tree is made of (proof/splits.py).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from dmopt.proof.options import Options
from dmopt.solving.decomposed.location import Location

if TYPE_CHECKING:
    from dmopt.solving.decomposed.structure import Structure


@dataclass(frozen=True)
class Splits:
    """site (S,) of each split; low (S, O) csr of ones: options on its lower side.
    column, at (S,): how it is told to a tree."""

    site: np.ndarray
    low: sp.csr_matrix
    column: np.ndarray
    at: np.ndarray


Sides = dict[tuple[int, ...], tuple[int, int]]
"""Options on the lower side -> the column and the number that limit them."""


def sides_of(options: Options, whole: np.ndarray, stands: np.ndarray) -> Sides:
    """Every split of the options of every site, each once.

    stands (C,): the option that stands for each, -1 for none. An option lies on the
    side of the one that stands for it, or the split is left out: else what is proven
    for a side would not hold for it.
    """
    entry = np.flatnonzero((stands[options.option] >= 0) & whole[options.column])
    option = options.option[entry]
    column, value = options.column[entry], np.round(options.at[entry])
    order = np.lexsort((value, column))
    option, column, value = option[order], column[order], value[order]
    begin = np.flatnonzero(np.diff(column, prepend=-1))
    itself = stands == np.arange(len(stands))
    below = np.zeros(len(stands), bool)
    found: Sides = {}
    for a, b in zip(begin, [*begin[1:], len(column)], strict=True):
        mine = option[a:b]
        for at in np.unique(value[a:b])[:-1]:
            below[mine] = value[a:b] <= at
            if (below[mine] != below[stands[mine]]).any():
                continue
            low = mine[below[mine] & itself[mine]]
            if 0 < len(low) < itself[mine].sum():
                found.setdefault(tuple(sorted(low.tolist())), (int(column[a]), int(at)))
    return found


def inseparable(options: Options, whole: np.ndarray, stands: np.ndarray) -> np.ndarray:
    """Parts of which splits cannot tell all options that stand for themselves."""
    sides = sides_of(options, whole, stands)
    itself = np.flatnonzero(stands == np.arange(len(stands)))
    marks: dict[int, list[int]] = {int(o): [] for o in itself}
    for n, low in enumerate(sides):
        for o in low:
            marks[o].append(n)
    seen: set[tuple[int, tuple[int, ...]]] = set()
    alike = set()
    for o, splits in marks.items():
        mark = (int(options.of[o]), tuple(splits))
        if mark in seen:
            alike.add(mark[0])
        seen.add(mark)
    return np.array(sorted(alike), int)


def splits_of(structure: "Structure") -> Splits:
    """Every split of the options of every site."""
    location, options = structure.location, structure.located.found
    place = np.full(len(options.of), -1)
    place[structure.chosen] = np.arange(len(structure.chosen))
    whole = structure.problem.decisions.whole
    found = sides_of(options, whole, structure.stands)
    return _made(
        location,
        {tuple(place[list(low)].tolist()): told for low, told in found.items()},
    )


def plain_splits(location: Location) -> Splits:
    """Splits by capacity, where no decision layer stands behind a location problem."""
    found: Sides = {}
    for i in range(location.sites):
        mine = np.arange(location.first[i], location.first[i + 1])
        order = mine[np.argsort(location.capacity[mine], kind="stable")]
        for count in range(1, len(mine)):
            found[tuple(sorted(order[:count].tolist()))] = (-1, count)
    return _made(location, found)


def _made(location: Location, found: dict[tuple[int, ...], tuple[int, int]]) -> Splits:
    sides = list(found)
    count = np.array([len(side) for side in sides], int)
    indptr = np.concatenate([[0], np.cumsum(count)])
    indices = np.array([o for side in sides for o in side], int)
    low = sp.csr_matrix(
        (np.ones(len(indices)), indices, indptr), (len(sides), len(location.fixed))
    )
    first = indices[indptr[:-1]] if len(sides) else np.empty(0, int)
    return Splits(
        location.site_of[first],
        low,
        np.array([column for column, _ in found.values()], np.int64),
        np.array([at for _, at in found.values()], float),
    )
