"""Whether multipliers prove a bound at every leaf of a tree (located.py).

Plans at a leaf keep all splits on the way to it. On the way, what multipliers of each
node show to cost the bound already is left out, in turn; the last of them must reach
the bound with what is left. Often the last ones do by themselves.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from dmopt.proof.knapsacks import EPS
from dmopt.proof.located import Located, Multipliers, Values
from dmopt.proof.splits import Tree

FAR = 4.0
"""Times the usual greatest multiplier: beyond that it is none of a plan's."""


def faults(
    located: Located, tree: Tree, given: Multipliers, bound: float
) -> Iterator[str]:
    """What of a bound does not hold: nothing where the multipliers prove it."""
    wrong = located.unfit() or _misfit(located, given, tree)
    if wrong or not np.isfinite(bound):
        yield wrong or "the bound is no number"
        return
    if len(given.node):
        located.list_to(_usual(given.demand))
    walk = _Walk(located, tree, given, bound)
    for leaf in tree.leaves.tolist():
        if not walk.proven(leaf):
            yield f"leaf {leaf}: its multipliers do not prove {bound:.12g}"


def _misfit(located: Located, given: Multipliers, tree: Tree) -> str:
    count, nodes = len(given.node), len(tree.parent) + 1
    if not (
        given.demand.shape == (count, len(located.demands.quantity))
        and given.rows.shape == (count, len(located.linking))
        and given.totals.shape == (count, tree.totals.shape[0])
        and np.array_equal(given.linking, located.linking)
        and np.isin(given.node, np.arange(nodes)).all()
        and np.isfinite(given.demand).all()
        and np.isfinite(given.rows).all()
        and np.isfinite(given.totals).all()
    ):
        return "a finite multiplier of each demand expected, for nodes of the tree"
    return ""


def _usual(demand: np.ndarray) -> np.ndarray:
    """What nearly all multipliers (P, D) do not exceed, (D,): those that prove that a
    node has no plan may be far beyond."""
    size = demand.max(axis=1)
    return np.asarray(demand[size <= FAR * np.abs(size).min()].max(axis=0))


class _Walk:
    """A walk through a tree: what is left at each node, worked out when it is asked."""

    def __init__(
        self, located: Located, tree: Tree, given: Multipliers, bound: float
    ) -> None:
        self._located, self._tree = located, tree
        self._given, self._bound = given, bound
        self._of = located.found.of
        self._parts = int(self._of.max(initial=-1)) + 1
        order = np.argsort(given.node, kind="stable")
        nodes = np.arange(len(tree.parent) + 2)
        begin = np.searchsorted(given.node[order], nodes)
        self._mine = [order[a:b] for a, b in pairwise(begin)]
        self._several = np.array(
            [self._joins(n) for n in range(tree.totals.shape[0])], bool
        )
        everything = np.ones(len(self._of), bool)
        self._split: dict[int, np.ndarray] = {0: everything}
        self._rest: dict[int, np.ndarray | None] = {}
        self._values: dict[int, Values] = {}

    def proven(self, leaf: int) -> bool:
        """Whether a leaf's last multipliers prove the bound by themselves, or all on
        the way to it in turn."""
        own = self._mine[leaf]
        if len(own) and self._left(self._by_splits(leaf), leaf, own[-1]) is None:
            return True
        return self._left_at(leaf) is None

    def _path(self, node: int) -> list[int]:
        path = [node]
        while path[-1]:
            path.append(int(self._tree.parent[path[-1] - 1]))
        return path[::-1]

    def _by_splits(self, node: int) -> np.ndarray:
        """Options (C,) bool that the splits on the way to a node leave."""
        for at in self._path(node):
            if at not in self._split:
                above = self._split[int(self._tree.parent[at - 1])]
                self._split[at] = above & self._side(at)
        return self._split[node]

    def _left_at(self, node: int) -> np.ndarray | None:
        """Options left at a node by splits and multipliers; None if it is proven."""
        for at in self._path(node):
            if at in self._rest:
                continue
            above = self._rest[int(self._tree.parent[at - 1])] if at else self._split[0]
            mask = above if above is None or not at else above & self._side(at)
            for n in self._mine[at]:
                if mask is not None:
                    mask = self._left(mask, at, int(n))
            self._rest[at] = mask
        return self._rest[node]

    def _columns(self, total: int) -> np.ndarray:
        totals = self._tree.totals
        return totals.indices[slice(*totals.indptr[total : total + 2])]

    def _joins(self, total: int) -> bool:
        """Whether a total is over columns of several parts, or of none."""
        parts = set(self._located.found.part[self._columns(total)].tolist())
        return len(parts) != 1 or min(parts) < 0

    def _side(self, node: int) -> np.ndarray:
        """Options (C,) bool on a node's side of its split; all of them where it is over
        several sites: then it has a price instead."""
        tree, options = self._tree, self._located.found
        total, at = int(tree.total[node - 1]), tree.at[node - 1]
        if self._several[total]:
            return self._split[0]
        columns = self._columns(total)
        mine = np.isin(options.column, columns)
        value = np.bincount(options.option[mine], options.at[mine], len(self._of))
        keeps = value >= at + 1 if tree.above[node - 1] else value <= at
        side: np.ndarray = keeps | (self._of != options.part[columns[0]])
        return side

    def _valued(self, node: int, n: int) -> Values:
        if n not in self._values:
            limits, given = self._tree.limits(node, self._several), self._given
            prices = np.concatenate([given.rows[n], given.totals[n][limits.total]])
            self._values[n] = self._located.values(given.demand[n], prices, limits.rows)
        return self._values[n]

    def _left(self, mask: np.ndarray, node: int, n: int) -> np.ndarray | None:
        """Options left when those proven to cost the bound are out; None if proven."""
        values, of, bound = self._valued(node, n), self._of, self._bound
        least = np.full(self._parts, np.inf)
        np.minimum.at(least, of[mask], values.option[mask])
        if np.isposinf(least).any():
            return None  # a part with no option left
        whole = math.fsum([values.base, *least.tolist()])
        rounding = 4 * EPS * (abs(values.base) + float(np.abs(least).sum()))
        if whole - rounding >= bound:
            return None
        forced = whole - least[of] + values.option
        rounding += 8 * EPS * float(np.abs(values.option[mask]).max(initial=0.0))
        left: np.ndarray = mask & ~(forced - rounding >= bound)
        return left
