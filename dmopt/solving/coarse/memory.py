"""What a coarse-to-fine solve leaves for the next one of a problem of the same make.

Everything in it is a guess that costs nothing when it is wrong: multipliers and groups
are valid for any problem (aggregate.py), strong rows are made anew from the sets they
were of, splits are solved again. So the next solve begins where this one stood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from dmopt.solving.carry import Match, moved_sets, picked, same_deliveries
from dmopt.solving.coarse.aggregate import Coarse, Multipliers

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
    everything. grown: the last tree, if there is one. likely (n,): values of the
    decision layer in the relaxation that a first plan was dropped from, if one was.
    served (D,): multipliers of demands of the best bound by options, for all of each,
    if there was one."""

    prices: Multipliers
    relaxed: np.ndarray
    grown: Grown | None = None
    likely: np.ndarray | None = None
    served: np.ndarray | None = None

    def carried(self, match: Match) -> "Memory":
        """The same of the problem after."""
        side = picked(self.prices.side, match.side)
        likely = None if self.likely is None else _decided(self.likely, match)
        wanted = match.after.layer.quantity / match.before.layer.quantity
        served = None if self.served is None else self.served * wanted
        return replace(
            self,
            served=served,
            prices=Multipliers(self.prices.demand, side),
            relaxed=_columns(self.relaxed, match),
            likely=likely,
        )


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
