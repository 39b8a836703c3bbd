"""Splits: a tree that divides all plans by totals of whole decisions.

A total is the sum of some whole columns of the decision layer, such as the bread lines
of all sites in a period: a whole number in every plan. An inner node splits one total
at a whole number k: its first child has  total <= k,  its second  total >= k + 1,  and
no plan lies between. So a bound that holds at every leaf, holds for every plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from dmopt.formulation.compiled import Decisions
from dmopt.proof.duals import Rows

ROOT = -1


@dataclass(frozen=True)
class Limited:
    """Numbers of totals, and their limits as rows."""

    total: np.ndarray
    rows: Rows


@dataclass(frozen=True)
class Tree:
    """totals (T, n) csr of ones. For each node after the root, in order: parent
    (node number, 0 is the root), total (its number), at (k), above (bool): whether it
    is the child with total >= k + 1. All (N,)."""

    totals: sp.csr_matrix
    parent: np.ndarray
    total: np.ndarray
    at: np.ndarray
    above: np.ndarray

    @property
    def leaves(self) -> np.ndarray:
        """Numbers of the nodes that are not split."""
        return np.setdiff1d(np.arange(len(self.parent) + 1), self.parent)

    def rows(self, leaf: int) -> Rows:
        """Limits of every total that is split on the way to a leaf."""
        return self.limits(leaf).rows

    def limits(self, leaf: int, only: np.ndarray | None = None) -> "Limited":
        """Totals that are split on the way to a node, and their limits. only (T,) bool:
        of these totals."""
        low: dict[int, float] = {}
        high: dict[int, float] = {}
        while leaf:
            total, at = int(self.total[leaf - 1]), float(self.at[leaf - 1])
            if self.above[leaf - 1]:
                low[total] = max(low.get(total, -np.inf), at + 1)
            else:
                high[total] = min(high.get(total, np.inf), at)
            leaf = int(self.parent[leaf - 1])
        split = sorted({*low, *high})
        if only is not None:
            split = [n for n in split if only[n]]
        rows = Rows(
            self.totals[split],
            np.array([low.get(n, -np.inf) for n in split], float),
            np.array([high.get(n, np.inf) for n in split], float),
        )
        return Limited(np.array(split, np.int64), rows)

    def faults(self, decisions: Decisions) -> Iterator[str]:
        """Why the leaves may not hold every plan; nothing where they do."""
        count = len(self.parent)
        if not (
            len(self.total) == len(self.at) == len(self.above) == count
            and self.totals.shape[1] == decisions.size
        ):
            yield "the tree's arrays do not fit each other or the instance"
            return
        if self.above.dtype != bool:
            yield "a node says of neither side which it is"
            return
        inside = (self.total >= 0) & (self.total < self.totals.shape[0])
        before = (self.parent >= 0) & (self.parent <= np.arange(count))
        if not (inside.all() and before.all()):
            yield "a node has no parent or no total"
            return
        if not (self.totals.data == 1).all():
            yield "a total counts a column other than once"
        if not decisions.whole[self.totals.indices].all():
            yield "a total has columns that need not be whole"
        if not (self.at == np.round(self.at)).all():
            yield "a split is not at a whole number"
        for node in np.unique(self.parent):
            pair = np.flatnonzero(self.parent == node)
            fits = (
                len(pair) == len((False, True))
                and len(np.unique(self.total[pair])) == 1
                and len(np.unique(self.at[pair])) == 1
                and sorted(self.above[pair].tolist()) == [False, True]
            )
            if not fits:
                yield f"node {node} is not split in two that leave nothing out"
