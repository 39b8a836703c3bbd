"""Nodes of the search: which options are left, and multipliers that bound them."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from dmopt.solving.decomposed.ascent import ascend, in_use, leave_out
from dmopt.solving.decomposed.kernels import list_arcs
from dmopt.solving.decomposed.location import Location

WEIGHT, DECAY = 0.3, 0.75
"""Of the newest violation in the mean: at first, and by how much less each turn."""
LEAST_WEIGHT = 0.004
MARGIN = 0.1
FAR = 1e3
"""Multipliers beyond this, in the greatest costs, say that there is no plan."""


@dataclass
class Node:
    """number: in the tree. bound: what is proven of it, by its own multipliers, its
    parent's or others. value: what its own prove, where its steps begin.

    allow (O,) bool: options left. u (n,): best multipliers. violation (n,), option
    (O,): their means, which tell where to step and what plans to look for.
    """

    number: int
    bound: float
    allow: np.ndarray
    u: np.ndarray
    violation: np.ndarray
    option: np.ndarray
    length: float = 0.05
    value: float = -np.inf

    def child(self, allow: np.ndarray) -> "Node":
        return Node(
            -1, self.bound, allow, self.u.copy(), self.violation.copy(),
            self.option.copy(), 0.15, self.value,
        )  # fmt: skip

    def __lt__(self, other: "Node") -> bool:
        return self.bound < other.bound


@dataclass
class Bounds:
    """The ascent of nodes, for one thread at a time. location is levelled; low, high
    (n,): where multipliers may lie."""

    location: Location
    evaluations: int = 0

    def __post_init__(self) -> None:
        loc = self.location
        self.options = (loc.first, loc.fixed, loc.slope, loc.capacity, loc.counted)
        self.high = np.minimum(loc.penalty, FAR * (loc.greatest + 1.0))
        self.low = np.where(np.isfinite(loc.lowest), loc.lowest, self.high)
        self.low = np.minimum(self.low, self.high)
        self.listed = np.ones(loc.sites, bool)
        self.reach = np.full(len(loc.demand), -np.inf)
        self.arcs = list_arcs(loc.cost, self.reach, self.listed)

    def rise(
        self,
        node: Node,
        steps: int,
        target: float,
        enough: float,
        weight: float,
        patience: int = 6,
        fresh: bool = False,
    ) -> tuple[float, float, np.ndarray]:
        """Steps at a node. Its bound (inf: it has no plan), the count's price and V, at
        its best multipliers; `node` is changed in place."""  # fmt: skip
        loc = self.location
        V = np.zeros(len(loc.fixed))
        value, price, length, done, self.arcs = ascend(
            loc.cost, loc.demand, self.low, self.high, self.options,
            (loc.least, loc.most), node.allow, node.u, V, node.violation, node.option,
            fresh, target - loc.constant, enough - loc.constant, steps, node.length,
            weight, patience, MARGIN, self.arcs, self.reach, self.listed,
        )  # fmt: skip
        self.evaluations += done
        node.length, node.value = length, value + loc.constant
        return node.value, price, V

    def values(self, u: np.ndarray) -> np.ndarray:
        """V of all options (O,) at these multipliers (n,)."""
        node = Node(
            0, -np.inf, np.ones(len(self.location.fixed), bool), u, np.zeros(len(u)),
            np.zeros(len(self.location.fixed)),
        )  # fmt: skip
        return self.rise(node, 0, 0.0, 0.0, 0.0)[2]

    def forget(self) -> None:
        """List arcs anew when they are needed: one ascent may have reached far."""
        self.reach = np.full(len(self.reach), -np.inf)

    def list_for(self, node: Node) -> None:
        """List arcs anew, of sites that may serve at a node: those below it need no
        other sites, and hardly other arcs."""
        loc = self.location
        self.listed = in_use(loc.first, loc.capacity, node.allow)
        self.reach = node.u + MARGIN * np.abs(node.u)
        self.arcs = list_arcs(loc.cost, self.reach, self.listed)

    def beside(self) -> "Bounds":
        """The same arcs listed for another thread: an ascent changes their order."""
        begin, zone, cost = self.arcs
        other = copy(self)
        other.arcs, other.reach = (begin, zone.copy(), cost.copy()), self.reach.copy()
        return other

    def leave_out(
        self, node: Node, value: float, price: float, V: np.ndarray, enough: float
    ) -> int:
        """Take out options that cost `enough` by what multipliers of a node prove."""
        loc = self.location
        return int(
            leave_out(value, price, V, loc.first, node.allow, loc.counted, enough)
        )
