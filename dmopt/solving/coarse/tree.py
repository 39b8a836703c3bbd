"""The tree over one coarse program: its nodes, their relaxations, and what they prove.

Nodes are solved hot (relaxation.py), with strong rows added where broken: they hold
everywhere, so one node's rows serve all. What the leaves prove together is a
certificate (dmopt/proof): prices of rows over all zones, computed anew.
"""

import heapq
from dataclasses import dataclass, replace
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.proof.certificate import Certificate, Leaf, mark
from dmopt.proof.duals import Bounding, Prices
from dmopt.proof.splits import Tree
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse, Multipliers
from dmopt.solving.coarse.memory import Grown, Split
from dmopt.solving.duals import Added, over_zones, prices_of, served_cheapest
from dmopt.solving.program import LinearProgram
from dmopt.solving.relaxation import Relaxation, Solved
from dmopt.solving.strong import Strong, StrongRows

LOOSE = 1e-3
"""How far strong rows must be broken before they are added."""
STEPS = 60
"""Doublings of a ray's length before it is given up."""


@dataclass
class Node:
    """A part of all plans.

    low, high (T,): limits of the totals. solver: HiGHS's own bound, -inf if not asked.
    turns: how often it was.
    done: whether nothing more is to be learnt here. leaf: what it proves, once asked.
    """

    number: int
    parent: "Node | None"
    low: np.ndarray
    high: np.ndarray
    solved: Solved
    solver: float = -np.inf
    turns: int = 0
    done: bool = False
    leaf: Leaf | None = None

    @property
    def bound(self) -> float:
        return max(self.solved.value, self.solver)


class SplitTree:
    """All nodes over one coarse program. Open ones wait, the least bound first."""

    def __init__(
        self,
        bounding: Bounding,
        coarse: Coarse,
        used: Multipliers,
        totals: sp.csr_matrix,
        seed: int,
        cancel: Event,
    ) -> None:
        """used: multipliers the coarse program was made with. totals (T, n)."""
        self._bounding, self.coarse, self._used = bounding, coarse, used
        self._stop = cancel
        self._totals = totals
        self.program, self._rows = assemble(coarse.decisions, coarse.layer)
        columns = self.program.A.shape[1]
        self.A = totals.copy()
        self.A.resize(totals.shape[0], columns)
        self._hot = Relaxation(self.program, self.A, seed, cancel)
        self._separator = Strong(
            coarse.decisions, coarse.layer, bounding.carriers, columns
        )
        self._strong: list[StrongRows] = []
        self.nodes: list[Node] = []
        self._splits: list[Split] = []
        self._inner: set[int] = set()
        self._waiting: list[tuple[float, int]] = []

    def solve(
        self,
        low: np.ndarray,
        high: np.ndarray,
        parent: Node | None = None,
        rounds: int = 0,
    ) -> Node | None:
        """A node with these limits, not yet in the tree; None where stopped.

        rounds: of strong rows at most.
        """
        solved = self._hot.solve(low, high, parent.solved.basis if parent else None)
        for _ in range(rounds):
            if solved is None or solved.x is None:
                break
            rows = self._separator.broken(solved.x, LOOSE)
            if rows is None:
                break
            self._add(rows)
            solved = self._hot.solve(low, high)
        if solved is None:
            return None
        return Node(-1, parent, low, high, solved)

    def _add(self, rows: StrongRows) -> None:
        self._hot.add(rows.A)
        self._strong.append(rows)

    def begin(self, rounds: int, like: Grown | None = None) -> Node | None:
        """The root, put in the tree; None where stopped.

        like: a tree over the same groups whose strong rows and splits are taken over,
        as far as their nodes matter.
        """
        if like is not None:
            self._take_strong_rows(like)
        free = np.full(self.A.shape[0], np.inf)
        root = self.solve(-free, free, None, rounds)
        if root is not None:
            self._enter(root)
        return root

    def _take_strong_rows(self, like: Grown) -> None:
        sets = like.sets_over(self.coarse)
        left = np.flatnonzero(np.diff(sets.indptr))
        if len(left):
            self._add(self._separator.rows(sp.csr_matrix(sets[left]), like.kind[left]))

    def grow_like(self, like: Grown, target: float) -> bool:
        """Make the splits of another tree again, but not where a node reaches
        `target`. False where stopped."""
        at = {0: self.nodes[0]}
        for number in range(0, len(like.splits), 2):
            parent, total, k, _ = like.splits[number]
            node = at.get(parent)
            if node is None or node.bound >= target or node.solved.x is None:
                continue
            sides = self.sides(node, total, k)
            if sides is None and self._stop.is_set():
                return False
            if sides is None:
                continue  # left undecided: it stays a leaf
            self.split(node, total, k, sides)
            at[number + 1], at[number + 2] = sides
        return True

    def sides(self, node: Node, total: int, at: float) -> tuple[Node, Node] | None:
        """The two sides of a split of a node, not yet in the tree; None if stopped."""
        high, low = node.high.copy(), node.low.copy()
        high[total], low[total] = at, at + 1
        below = self.solve(node.low, high, node)
        above = self.solve(low, node.high, node)
        return None if below is None or above is None else (below, above)

    def grown(self) -> Grown:
        """What another tree can begin with."""
        columns = len(self.coarse.layer.x_to)
        none = sp.csr_matrix((0, columns))
        return Grown(
            self.coarse,
            sp.csr_matrix(sp.vstack([none, *(rows.sets for rows in self._strong)])),
            np.concatenate([np.empty(0, int), *(rows.kind for rows in self._strong)]),
            tuple(self._splits),
        )

    def split(
        self, node: Node, total: int, at: float, sides: tuple[Node, Node]
    ) -> None:
        """Put the two sides of a split in the tree, in place of the node."""
        for side, above in zip(sides, (False, True), strict=True):
            side.parent = node
            self._splits.append((node.number, total, at, above))
            self._enter(side)
        node.done = True
        self._inner.add(node.number)

    def _enter(self, node: Node) -> None:
        node.number = len(self.nodes)
        self.nodes.append(node)
        self.wait(node)

    def wait(self, node: Node) -> None:
        """Put an open node in line."""
        heapq.heappush(self._waiting, (node.bound, node.number))

    def next(self) -> Node | None:
        """The open node with the least bound, taken out of the line."""
        while self._waiting:
            number = heapq.heappop(self._waiting)[1]
            if number not in self._inner:
                return self.nodes[number]
        return None

    @property
    def settled(self) -> float:
        """Least bound of leaves of which no more is to be learnt; inf if none."""
        return min((node.bound for node in self.leaves if node.done), default=np.inf)

    def limited(self, node: Node) -> LinearProgram:
        """The coarse program with all strong rows and the limits of a node."""
        program = self.program
        if self._strong:
            A = sp.csr_matrix(sp.vstack([rows.A for rows in self._strong]))
            count = A.shape[0]
            program = program.with_rows(A, np.full(count, -np.inf), np.zeros(count))
        limited = np.flatnonzero(np.isfinite(node.low) | np.isfinite(node.high))
        return program.with_rows(self.A[limited], node.low[limited], node.high[limited])

    @property
    def leaves(self) -> list[Node]:
        return [node for node in self.nodes if node.number not in self._inner]

    @property
    def bound(self) -> float:
        """What all leaves say, before it is computed again."""
        return min((node.bound for node in self.leaves), default=-np.inf)

    def certificate(self, wanted: float) -> Certificate:
        """What the leaves prove. wanted: where an infeasible part may stop."""
        leaves = self.leaves
        tree = self._tree()
        for node in leaves:
            endless = node.solved.x is None  # its ray proves as much as is wanted
            if node.leaf is None or (endless and node.leaf.arithmetic < wanted):
                node.leaf = self._leaf(node, tree, wanted)
            node.leaf = replace(node.leaf, solver=node.solver)
        coarse = {
            "multipliers": self._used.demand,
            "rule_multipliers": self._used.side,
            "groups": self.coarse.group_of,
        }
        model = mark(self._bounding.decisions, self._bounding.layer)
        return Certificate(model, tree, tuple(n.leaf for n in leaves if n.leaf), coarse)

    def _tree(self) -> Tree:
        return Tree(
            self._totals,
            np.array([parent for parent, *_ in self._splits], int),
            np.array([total for _, total, *_ in self._splits], int),
            np.array([at for *_, at, _ in self._splits], float),
            np.array([above for *_, above in self._splits], bool),
        )

    def _leaf(self, node: Node, tree: Tree, wanted: float) -> Leaf:
        rows = tree.rows(node.number)
        split = np.flatnonzero(np.isfinite(node.low) | np.isfinite(node.high))

        def proven(dual: np.ndarray) -> tuple[float, Prices]:
            prices = self._prices(dual, split)
            return self._bounding.bound(prices, rows), prices

        if node.solved.x is not None:
            bound, prices = proven(node.solved.dual)
            return Leaf(node.number, prices, bound)
        # No plan there: the ray raises the parent's bound without end.
        node.solver = np.inf
        ray = node.solved.dual
        start = np.zeros(len(ray))
        if node.parent is not None:
            start[: len(node.parent.solved.dual)] = node.parent.solved.dual
        best, length = proven(start), 1.0
        for _ in range(STEPS):
            if best[0] >= wanted:
                break
            longer = proven(start + length * ray)
            if longer[0] > best[0]:
                best = longer
            length *= 2
        return Leaf(node.number, best[1], best[0])

    def _prices(self, dual: np.ndarray, split: np.ndarray) -> Prices:
        added = Added(self.A.shape[0], self._strong)
        prices = prices_of(dual, self._rows, self.coarse.layer, added)
        prices = over_zones(prices, self.coarse, self._bounding.layer, self._used)
        prices = served_cheapest(prices, self._bounding)
        return replace(prices, more=prices.more[split])
