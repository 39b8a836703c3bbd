"""The tree of a search: nodes split in two, bounded, left out or kept to go on from."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from dmopt.solving.decomposed.location import Location
from dmopt.solving.decomposed.node import Bounds, Node
from dmopt.solving.decomposed.plans import Plans
from dmopt.solving.decomposed.splitting import Splits

CHILD_STEPS, TRIAL_STEPS = 40, 12
CHILD_TURNS = 3
CANDIDATES = 12
IDLE = 3
"""Candidates in turn that are no better, after which no more are tried."""
MARGIN = 2e-9
"""Relative, between what is found and what is stated: rounding of two computations."""
ROOM = 1e-7
"""Relative lack of capacity that is surely more than rounding."""

COVER = -1
"""In place of a split's number: the number of sites that serve, at its least."""

Proof = tuple[float, float, np.ndarray]
"""Value, price of the count and V of options at a node's best multipliers."""


@dataclass
class Split:
    """A node after the root, as proof/splits.py tells it: parent, number of the split,
    and whether it is the upper side."""

    parent: int
    split: int
    above: bool


@dataclass
class Tree:
    """location is levelled. gap: to prove. over: whether to stop.

    made: nodes after the root. heap: nodes to go on from. closed: least that nodes and
    options were left out at; stuck: least bound of nodes that cannot be split.
    """

    location: Location
    splits: Splits
    bounds: Bounds
    plans: Plans
    gap: float
    over: Callable[[], bool]
    made: list[Split] = field(default_factory=list)
    heap: list[Node] = field(default_factory=list)
    closed: float = np.inf
    stuck: float = np.inf

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

    def cover(self, root: Node) -> None:
        """Split the root by the least number of serving sites: fewer have not the room.

        Multipliers t D and the price t K of the count, K what the site sends at most
        that would be one too many, prove t (demand - room of one too few) there.
        """
        loc = self.location
        one_less = loc.least - 1
        short = loc.total - float(loc.largest_first[:one_less].sum())
        t = (2 * abs(self.closing) + float(np.abs(loc.fixed).sum())) / short
        self.made += [Split(0, COVER, False), Split(0, COVER, True)]
        fewer = replace(root, number=1, u=t * loc.demand)
        self.bounds.keep(fewer, -t * float(loc.largest_first[one_less]))
        root.number = len(self.made)

    @property
    def bound(self) -> float:
        """What holds for all plans now."""
        left = self.heap[0].bound if self.heap else np.inf
        found = min(left, self.closed, self.stuck, self.plans.cost)
        return found - MARGIN * abs(found) if np.isfinite(found) else -np.inf

    def push(self, node: Node) -> None:
        heapq.heappush(self.heap, node)

    def pop(self) -> Node | None:
        """The node of least bound that is not closed; None if there is none."""
        while self.heap:
            node = heapq.heappop(self.heap)
            if node.bound < self.closing:
                return node
            self.close(node.bound)
        return None

    def close(self, bound: float) -> None:
        """What is left out is proven to cost `enough` as it was, and no more."""
        self.closed = min(self.closed, bound, self.enough)

    def prune(self, node: Node, proof: Proof) -> bool:
        """Leave out options that cost enough; whether the multipliers are needed."""
        if not np.isfinite(self.enough):
            return False
        out = self.bounds.leave_out(node, *proof, self.closing)
        if out:
            self.closed = min(self.closed, self.enough)
        return out > 0

    # --- splitting

    def branch(self, node: Node) -> list[Node]:
        """Split a node; its children that are left are pushed, and given back."""
        candidates = self._candidates(node)
        if not len(candidates):
            self._finish(node)
            return []
        best, chosen, kids = -1.0, -1, None
        top, idle = self.closing, 0
        for s in candidates.tolist():
            pair = self._pair(node, s, TRIAL_STEPS if len(candidates) > 1 else 0)
            gains = [min(kid.value, top) - node.value for kid, _ in pair]
            least = 1e-9 * abs(top)
            score = max(gains[0], least) * max(gains[1], least)
            idle += 1
            if score > best:
                best, kids, chosen, idle = score, pair, s, 0
            if min(gains) >= top - node.value or idle == IDLE or self.over():
                break
        assert kids is not None
        for above, (kid, _) in enumerate(kids):
            self.made.append(Split(node.number, chosen, bool(above)))
            kid.number = len(self.made)
        return [kid for kid, proof in kids if self._settled(kid, proof, node)]

    def _candidates(self, node: Node) -> np.ndarray:
        """Splits of different sites that are least decided on average."""
        splits, allow, first = self.splits, node.allow, self.location.first[:-1]
        left = allow.astype(float)
        low = splits.low @ left
        site = np.add.reduceat(left, first)[splits.site]
        open_to = np.flatnonzero((low > 0) & (low < site))
        if not len(open_to):
            return open_to
        share = splits.low[open_to] @ (node.option * left)
        total = np.add.reduceat(node.option * left, first)
        total = np.maximum(total[splits.site[open_to]], 1e-12)
        doubt = np.abs(share / total - 0.5)
        order = open_to[np.argsort(doubt, kind="stable")]
        _, where = np.unique(splits.site[order], return_index=True)
        return order[np.sort(where)][:CANDIDATES]

    def _pair(self, node: Node, s: int, steps: int) -> list[tuple[Node, Proof | None]]:
        """Both sides of a split after a few steps."""
        low = np.zeros(len(node.allow), bool)
        low[self.splits.low[s].indices] = True
        mine = self.location.site_of == self.splits.site[s]
        pair: list[tuple[Node, Proof | None]] = []
        for side in (low, mine & ~low):
            kid = node.child(node.allow & (side | ~mine))
            proof = None
            if steps:
                proof = self.bounds.rise(
                    kid, steps, self._aim(node), self.closing, 0.15
                )
                kid.bound = max(node.bound, proof[0])
            pair.append((kid, proof))
        return pair

    def _aim(self, node: Node) -> float:
        top = self.closing
        return top + 0.3 * (top - node.value) + 1e-4 * abs(top)

    def _settled(self, kid: Node, proof: Proof | None, parent: Node) -> bool:
        """More steps for a child; then it is closed, or pushed (True)."""
        if self._short_of_room(kid):
            return False
        for turn in range(CHILD_TURNS):
            if proof is not None and (proof[0] >= self.closing or self.over()):
                break
            before = kid.value
            proof = self.bounds.rise(
                kid, CHILD_STEPS, self._aim(parent), self.closing,
                0.05 if turn == 0 else 0.02, 6,
            )  # fmt: skip
            kid.bound = max(kid.bound, proof[0])
            left = self.closing - kid.value
            slow = kid.value - before < 0.2 * left / CHILD_TURNS
            if turn and (slow or left > 3 * (self.closing - parent.value)):
                break
        assert proof is not None
        value, price, _ = proof
        if not np.isfinite(value):
            self.impossible(kid)
            return False
        self.bounds.keep(kid, price)
        if value >= self.closing:
            self.close(value)
            return False
        self.prune(kid, proof)
        self.push(kid)
        return True

    # --- nodes without a plan, or with only one choice

    def _short_of_room(self, node: Node) -> bool:
        """Whether the options left cannot send all demand together: then multipliers
        t D prove t (demand - room) and so any bound."""
        loc = self.location
        if np.isfinite(loc.penalty).any():
            return False
        room = np.where(node.allow, loc.capacity, 0.0)
        short = loc.total - float(np.maximum.reduceat(room, loc.first[:-1]).sum())
        if short <= ROOM * loc.total:
            return False
        size = 2 * abs(self.closing) + float(np.abs(loc.fixed).sum())
        node.u = loc.demand * (size / short)
        self.bounds.keep(node, 0.0)
        self.closed = min(self.closed, self.enough)
        return True

    def impossible(self, node: Node) -> None:
        """No choice keeps the count: a great enough price of it proves any bound. (A
        site without an option needs no proof.)"""
        loc, allow, first = self.location, node.allow, self.location.first[:-1]
        counted = np.add.reduceat(allow & loc.counted, first) > 0
        other = np.add.reduceat(allow & ~loc.counted, first) > 0
        size = 1e6 * abs(self.closing)
        if (counted & ~other).sum() > loc.most:
            self.bounds.keep(node, -size)
        elif counted.sum() < loc.least:
            self.bounds.keep(node, size)

    def _finish(self, node: Node) -> None:
        """One option is left at each site: its flows prove what it costs."""
        loc = self.location
        choice = np.zeros(loc.sites, np.int64)
        choice[loc.site_of[node.allow]] = np.flatnonzero(node.allow)
        self.plans.value(choice)
        cost, u, _, _ = self.plans.flows(choice)
        value = price = -np.inf
        for size in (1.0, 1e2, 1e4, 1e6):
            if not np.isfinite(cost):  # too little room: prices of it prove any bound
                lift = size * abs(self.closing) / loc.total
                kid = replace(node, u=node.u + lift * u)
            else:
                kid = replace(node, u=u)
            value, price, _ = self.bounds.rise(kid, 0, self.closing, self.closing, 0.1)
            if np.isfinite(cost) or value >= self.closing:
                break
        self.bounds.keep(kid, price)
        if value >= self.closing:
            self.close(value)
        else:
            self.stuck = min(self.stuck, max(value, node.bound))
