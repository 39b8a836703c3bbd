"""Nodes split in two, bounded, left out or kept to go on from: one thread's part."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dmopt.solving.decomposed.location import Location
from dmopt.solving.decomposed.node import Bounds, Node
from dmopt.solving.decomposed.plans import Plans
from dmopt.solving.decomposed.splitting import Splits
from dmopt.solving.decomposed.tree import Tree

CHILD_STEPS, TRIAL_STEPS = 40, 12
CHILD_TURNS = 3
CANDIDATES = 12
IDLE = 3
"""Candidates in turn that are no better, after which no more are tried."""
ROOM = 1e-7
"""Relative lack of capacity that is surely more than rounding."""

COVER = -1
"""In place of a split's number: the number of sites that serve, at its least."""

Proof = tuple[float, float, np.ndarray]
"""Value, price of the count and V of options at a node's best multipliers."""


@dataclass
class Branching:
    """location is levelled. tree: shared with other threads; bounds: of this one.
    over: whether to stop."""

    location: Location
    splits: Splits
    tree: Tree
    plans: Plans
    bounds: Bounds
    over: Callable[[], bool]

    def beside(self, over: Callable[[], bool]) -> "Branching":
        """The same for another thread."""
        return replace(self, bounds=self.bounds.beside(), over=over)

    def cover(self, root: Node) -> None:
        """Split the root by the least number of serving sites: fewer have not the room.

        Multipliers t D and the price t K of the count, K what the site sends at most
        that would be one too many, prove t (demand - room of one too few) there.
        """
        loc, tree = self.location, self.tree
        one_less = loc.least - 1
        short = loc.total - float(loc.largest_first[:one_less].sum())
        t = (2 * abs(tree.closing) + float(np.abs(loc.fixed).sum())) / short
        fewer = replace(root, u=t * loc.demand)
        tree.add(root, COVER, (fewer, root))
        tree.keep(fewer, -t * float(loc.largest_first[one_less]))

    def prune(self, node: Node, proof: Proof) -> bool:
        """Leave out options that cost enough; whether the multipliers are needed."""
        tree = self.tree
        if not np.isfinite(tree.enough):
            return False
        out = self.bounds.leave_out(node, *proof, tree.closing)
        if out:
            tree.close()
        return out > 0

    # --- splitting

    def step(self, wait: bool) -> tuple[Node, list[Node]] | None:
        """Split the node of least bound: it, and its children that are left. None if
        there is none. wait: for what other threads split."""
        with self.tree.taken(wait) as node:
            return None if node is None else (node, self.branch(node))

    def branch(self, node: Node) -> list[Node]:
        """Split a node; its children that are left are pushed, and given back."""
        candidates = self._candidates(node)
        if not len(candidates):
            self._finish(node)
            return []
        best, chosen, kids = -1.0, -1, None
        top, idle = self.tree.closing, 0
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
        self.tree.add(node, chosen, tuple(kid for kid, _ in kids))
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
                    kid, steps, self._aim(node), self.tree.closing, 0.15
                )
                kid.bound = max(node.bound, proof[0])
            pair.append((kid, proof))
        return pair

    def _aim(self, node: Node) -> float:
        top = self.tree.closing
        return top + 0.3 * (top - node.value) + 1e-4 * abs(top)

    def _settled(self, kid: Node, proof: Proof | None, parent: Node) -> bool:
        """More steps for a child; then it is closed, or pushed (True)."""
        if self._short_of_room(kid):
            return False
        for turn in range(CHILD_TURNS):
            if proof is not None and (proof[0] >= self.tree.closing or self.over()):
                break
            before = kid.value
            proof = self.bounds.rise(
                kid, CHILD_STEPS, self._aim(parent), self.tree.closing,
                0.05 if turn == 0 else 0.02, 6,
            )  # fmt: skip
            kid.bound = max(kid.bound, proof[0])
            left = self.tree.closing - kid.value
            slow = kid.value - before < 0.2 * left / CHILD_TURNS
            if turn and (slow or left > 3 * (self.tree.closing - parent.value)):
                break
        assert proof is not None
        value, price, _ = proof
        if not np.isfinite(value):
            self.impossible(kid)
            return False
        self.tree.keep(kid, price)
        if value >= self.tree.closing:
            self.tree.close(value)
            return False
        self.prune(kid, proof)
        self.tree.push(kid)
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
        size = 2 * abs(self.tree.closing) + float(np.abs(loc.fixed).sum())
        node.u = loc.demand * (size / short)
        self.tree.keep(node, 0.0)
        self.tree.close()
        return True

    def impossible(self, node: Node) -> None:
        """No choice keeps the count: a great enough price of it proves any bound. (A
        site without an option needs no proof.)"""
        loc, allow, first = self.location, node.allow, self.location.first[:-1]
        counted = np.add.reduceat(allow & loc.counted, first) > 0
        other = np.add.reduceat(allow & ~loc.counted, first) > 0
        size = 1e6 * abs(self.tree.closing)
        if (counted & ~other).sum() > loc.most:
            self.tree.keep(node, -size)
        elif counted.sum() < loc.least:
            self.tree.keep(node, size)

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
                lift = size * abs(self.tree.closing) / loc.total
                kid = replace(node, u=node.u + lift * u)
            else:
                kid = replace(node, u=u)
            top = self.tree.closing
            value, price, _ = self.bounds.rise(kid, 0, top, top, 0.1)
            if np.isfinite(cost) or value >= self.tree.closing:
                break
        self.tree.keep(kid, price)
        if value >= self.tree.closing:
            self.tree.close(value)
        else:
            self.tree.stick(max(value, node.bound))
