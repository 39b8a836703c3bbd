"""The tree of a search, for several threads: nodes to go on from, what is proven."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition

import numpy as np

from dmopt.solving.decomposed.node import Node
from dmopt.solving.decomposed.plans import Plans

MARGIN = 2e-9
"""Relative, between what is found and what is stated: rounding of two computations."""
WAIT_S = 0.05


@dataclass
class Split:
    """A node after the root, as proof/splits.py tells it: parent, number of the split,
    and whether it is the upper side."""

    parent: int
    split: int
    above: bool


@dataclass(frozen=True)
class Kept:
    """Multipliers as they go in a certificate: of a node, for demands and the count."""

    node: int
    u: np.ndarray
    price: float


@dataclass
class Tree:
    """plans: with the best cost. gap: relative, to prove. over: whether to stop.

    made: nodes after the root. kept: what proves bounds and what was left out. heap:
    nodes to go on from; in_hand: those that threads are splitting. closed: least that
    nodes and options were left out at; stuck: least bound of what cannot be split.
    """

    plans: Plans
    gap: float
    over: Callable[[], bool]
    made: list[Split] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    heap: list[Node] = field(default_factory=list)
    in_hand: list[Node] = field(default_factory=list)
    closed: float = np.inf
    stuck: float = np.inf
    changed: Condition = field(default_factory=Condition)

    @property
    def enough(self) -> float:
        """A bound that needs no more search."""
        cost = self.plans.cost
        return cost - self.gap * abs(cost) if np.isfinite(cost) else np.inf

    @property
    def closing(self) -> float:
        """What nodes and options must cost to be left out: a little more."""
        cost = self.plans.cost
        return self.enough + MARGIN * abs(cost) if np.isfinite(cost) else np.inf

    @property
    def bound(self) -> float:
        """What holds for all plans now."""
        with self.changed:
            left = [node.bound for node in (*self.heap[:1], *self.in_hand)]
            found = min(*left, self.closed, self.stuck, self.plans.cost)
        return found - MARGIN * abs(found) if np.isfinite(found) else -np.inf

    def push(self, node: Node) -> None:
        with self.changed:
            heapq.heappush(self.heap, node)
            self.changed.notify()

    @contextmanager
    def taken(self, wait: bool) -> Iterator[Node | None]:
        """The node of least bound that is not closed, while it is split; None if there
        is none. wait: for what other threads split."""
        node = self._next(wait)
        try:
            yield node
        except BaseException:
            if node is not None:
                self.push(node)  # the bound stands; no more is proven of this tree
            raise
        finally:
            if node is not None:
                with self.changed:
                    self.in_hand = [each for each in self.in_hand if each is not node]
                    self.changed.notify_all()

    def _next(self, wait: bool) -> Node | None:
        with self.changed:
            while not self.over():
                while self.heap:
                    node = heapq.heappop(self.heap)
                    if node.bound < self.closing:
                        self.in_hand.append(node)
                        return node
                    self.close(node.bound)
                if not (wait and self.in_hand):
                    return None
                self.changed.wait(WAIT_S)
            return None

    def add(self, parent: Node, split: int, kids: tuple[Node, ...]) -> None:
        """The lower side of a split, and the upper one: they get their numbers."""
        with self.changed:
            number = parent.number
            for above, kid in enumerate(kids):
                self.made.append(Split(number, split, bool(above)))
                kid.number = len(self.made)

    def keep(self, node: Node, price: float) -> None:
        """The present multipliers of a node are needed to prove what they showed."""
        with self.changed:
            self.kept.append(Kept(node.number, node.u.copy(), price))

    def close(self, bound: float = np.inf) -> None:
        """A node is left out at its bound, or options of one: they are proven to cost
        `enough`, and no more."""
        with self.changed:
            self.closed = min(self.closed, bound, self.enough)

    def stick(self, bound: float) -> None:
        """A node cannot be split, nor proven to cost more than this."""
        with self.changed:
            self.stuck = min(self.stuck, bound)
