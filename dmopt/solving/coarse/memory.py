"""What a coarse-to-fine solve leaves for the next one of a problem of the same make.

Everything in it is a guess that costs nothing when it is wrong: multipliers and groups
are valid for any problem (aggregate.py), strong rows are made anew from the sets they
were of, splits are solved again. So the next solve begins where this one stood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from dmopt.proof.by_cells import CellBounding
from dmopt.solving.carry import Match, moved_sets, picked, same_deliveries
from dmopt.solving.coarse.aggregate import Coarse, Multipliers
from dmopt.solving.coarse.same_options import Used

Split = tuple[int, int, float, bool]
"""(node that is split, total, k, whether total >= k + 1): a node of a tree."""


@dataclass(frozen=True)
class Grown:
    """A tree that has grown: its coarse program, the sets of its strong rows
    (P, X coarse) and their kinds (P,), and its splits in order."""

    coarse: Coarse
    sets: sp.csr_matrix
    kind: np.ndarray
    splits: Sequence[Split]

    def sets_over(self, coarse: Coarse) -> sp.csr_matrix:
        """Its sets over the deliveries of another coarse program of the same groups."""
        layer = coarse.layer
        place = same_deliveries(self.coarse.layer, layer)
        return moved_sets(self.sets, place, len(layer.x_to))


@dataclass(frozen=True)
class Memory:
    """prices: multipliers. relaxed: values of all columns in the relaxation of
    everything. Both None where options of cells were gone through without it. grown:
    the last tree, if there is one. likely (n,): values of the decision layer in the
    relaxation that a first plan was dropped from, if one was. served (D,): multipliers
    of demands of the best bound by options, for all of each, if there was one; used:
    what the mixture of solutions that belongs to it uses. read: cells as they were read
    for it, of the problem before."""

    prices: Multipliers | None = None
    relaxed: np.ndarray | None = None
    grown: Grown | None = None
    likely: np.ndarray | None = None
    served: np.ndarray | None = None
    used: Used | None = None
    read: CellBounding | None = None

    def carried(self, match: Match) -> "Memory":
        """The same of the problem after."""
        likely = None if self.likely is None else _decided(self.likely, match)
        wanted = match.after.layer.quantity / match.before.layer.quantity
        served = None if self.served is None else self.served * wanted
        return replace(
            self,
            served=served,
            used=None if self.used is None else _used(self.used, match),
            prices=None if self.prices is None else _priced(self.prices, match),
            relaxed=None if self.relaxed is None else _columns(self.relaxed, match),
            likely=likely,
        )


def _used(used: Used, match: Match) -> Used:
    return used.carried(_decided(used.decided, match), match.column)


def _priced(prices: Multipliers, match: Match) -> Multipliers:
    return Multipliers(prices.demand, picked(prices.side, match.side))


def _decided(values: np.ndarray, match: Match) -> np.ndarray:
    """Values of the decision layer after; 0 where it had no such column before."""
    own = np.zeros(match.after.decisions.size)
    known = match.column >= 0
    own[match.column[known]] = values[: len(match.column)][known]
    return own


def _columns(values: np.ndarray, match: Match) -> np.ndarray:
    """Values of all columns after; 0 where there was none before."""
    before, after = match.before, match.after
    n, x = before.decisions.size, len(before.layer.x_to)
    rest = len(after.layer.y_to) + len(after.layer.quantity)
    share = np.zeros(len(after.layer.x_to))
    there = match.delivery >= 0
    share[match.delivery[there]] = values[n : n + x][there]
    return np.concatenate([_decided(values, match), share, np.zeros(rest)])
