"""Branch and bound on the multipliers' bound, best first.

1. A plan by interchange; multipliers between its nearest and second nearest cost.
2. Steps upwards at the root; options left out that cost as much as the best plan less
   the gap; plans from what the steps used on average; again.
3. The node of least bound is split at the site that is least decided: a few candidates
   take a dozen steps on both sides, the one that lifts both most is split. Children
   begin with their parent's multipliers. Now and then plans from a node's averages.

The bound is the least of: nodes left, and what options and nodes were left out at,
best cost (1 - gap).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np

from dmopt.solving.decomposed.branching import Branching, Proof
from dmopt.solving.decomposed.location import Location, Served
from dmopt.solving.decomposed.node import DECAY, LEAST_WEIGHT, WEIGHT, Bounds, Node
from dmopt.solving.decomposed.plans import Plans
from dmopt.solving.decomposed.polish import polished
from dmopt.solving.decomposed.seeking import Seeker
from dmopt.solving.decomposed.splitting import Splits
from dmopt.solving.decomposed.starting import (
    first_multipliers,
    first_open,
    rounded,
)
from dmopt.solving.decomposed.tree import MARGIN, Tree

ROOT_TURNS, ROOT_STEPS = 8, 50
ROOT_MORE = 20
LOOKS = (2, 4, 7)
"""Turns of steps at the root after which plans are looked for."""
LOOK_EVERY = 10
RELIST = (2, 5, 9)
"""Turns after which arcs are listed anew: the first multipliers reach too far."""
STALLED = 2e-6
POLISH_S = 5.0


@dataclass
class Search:
    """One search. offer: told of each better plan. tell: told of each better bound.
    over: whether to stop; stop: the same as an event. gap: relative gap to prove.
    threads: with two or more plans are looked for beside the bound, by a thread that
    splits nodes too where that is in vain."""

    location: Location
    splits: Splits
    gap: float
    offer: Callable[[Served], None]
    tell: Callable[[float], None]
    over: Callable[[], bool]
    seed: int = 0
    stop: Event = field(default_factory=Event)
    threads: int = 1
    bound: float = -np.inf

    def __post_init__(self) -> None:
        self.location = self.location.levelled()
        self.plans = Plans(self.location, self.offer, self.over)
        self.bounds = Bounds(self.location)
        self.tree = Tree(self.plans, self.gap, self.over)
        self.branching = Branching(
            self.location, self.splits, self.tree, self.plans, self.bounds, self.over
        )
        self.seeker = Seeker(
            self.location, self.plans, self.over, self.seed, self.tolerance
        )

    @property
    def tolerance(self) -> float:
        """Relative gain below which a better plan is not looked for."""
        return min(1e-6, max(self.gap / 10, 1e-9))

    def run(self, start: np.ndarray | None = None) -> None:
        """Search until proven, or over. start: options of a plan at hand."""
        try:
            root = self._root(start)
            if root is not None:
                self._search(root)
        finally:
            self.seeker.end()
        if root is not None:
            self._state(self.tree.bound)

    def _search(self, root: Node) -> None:
        self.tree.push(root)
        self.seeker.lend(self.branching)
        turn, over = 0, self.seeker.over
        while not over() and (done := self.branching.step(wait=True)) is not None:
            node, kids = done
            turn += 1
            if kids and turn % LOOK_EVERY == 1:
                self.seeker.follow(kids[0])
                self.seeker.look(kids[0], 0.3, (1.0,))
            self._state(self.tree.bound)
            self.seeker.seek(node)

    def _state(self, found: float) -> None:
        """Tell the bound that holds now."""
        if np.isfinite(found) and found > self.bound:
            self.bound = found
            self.tell(found)

    # --- the root

    def _root(self, start: np.ndarray | None) -> Node | None:
        """The root with its bound; None where there is nothing to split."""
        plans, tree = self.plans, self.tree
        root = self._begun(start)
        if self.location.covers:
            if plans.choice is None:
                return None
            self.branching.cover(root)
        if self.threads > 1 and plans.choice is not None:
            self.seeker.start(root)
        value = -np.inf
        for turn in range(ROOT_TURNS + ROOT_MORE):
            before = value
            weight = max(WEIGHT * DECAY**turn, LEAST_WEIGHT)
            proof = self.bounds.rise(
                root, ROOT_STEPS, self._target(value), tree.closing, weight,
                fresh=turn == 0,
            )  # fmt: skip
            value = proof[0]
            if np.isposinf(value):
                self._nothing_left(root)
                return None
            root.bound = max(root.bound, value)
            if turn in RELIST:
                self.bounds.list_for(root)
            if turn in LOOKS:
                self.seeker.look(root, 0.5, (1.0, 0.95, 1.05))
            self.seeker.seek(root)
            self._proven(root, proof)
            if value >= tree.closing or self.over():
                break
            if turn >= ROOT_TURNS and value - before < STALLED * abs(value):
                break
        tree.keep(root, proof[1])
        self._polish(root, value)
        self.bounds.list_for(root)
        return root if plans.choice is not None else None

    def _begun(self, start: np.ndarray | None) -> Node:
        """A first plan, and the root with multipliers made from it."""
        loc, plans = self.location, self.plans
        opened = first_open(loc, plans, self.seed)
        self.seeker.improve(self._fitted(opened), 0.5)
        if start is not None:
            plans.value(start)
            self.seeker.improve(start, 1.0)
        base = opened if plans.choice is None else loc.capacity[plans.choice] > 0
        u = first_multipliers(loc, base, self.bounds.low, self.bounds.high)
        options, n = len(loc.fixed), len(loc.demand)
        return Node(
            0, -np.inf, np.ones(options, bool), u, np.zeros(n), np.zeros(options)
        )

    def _nothing_left(self, root: Node) -> None:
        """All options are left out: the plan is proven, or there never was one."""
        if np.isfinite(self.tree.closed):
            self.branching.impossible(root)
            self._state(self.tree.bound)
        else:
            self.bound = -np.inf  # for another path to prove

    def _proven(self, root: Node, proof: Proof) -> None:
        """Leave options out at the root, and tell what holds."""
        if self.branching.prune(root, proof):
            self.tree.keep(root, proof[1])
        found = min(root.bound, self.tree.enough)
        self._state(found - MARGIN * abs(found) if np.isfinite(found) else found)

    def _polish(self, root: Node, value: float) -> None:
        """A better bound by a linear program, where it is small. Its multipliers stand
        at a corner, bad to go on from: steps of children begin where steps ended."""
        if value >= self.tree.closing or self.over():
            return
        u = polished(self.location, root.allow, root.u, POLISH_S, self.stop)
        if u is None:
            return
        trial = replace(root, u=np.clip(u, self.bounds.low, self.bounds.high))
        proof = self.bounds.rise(trial, 0, value, self.tree.closing, WEIGHT)
        if np.isfinite(proof[0]) and proof[0] > value:
            root.bound = max(root.bound, proof[0])
            self.tree.keep(trial, proof[1])
            self._proven(root, proof)

    def _target(self, value: float) -> float:
        if np.isfinite(self.plans.cost):
            return self.plans.cost
        return value + 0.1 * abs(value) if np.isfinite(value) else 0.0

    def _fitted(self, opened: np.ndarray) -> np.ndarray:
        """Options for a set of sites: middle ones, and larger where room is short."""
        loc = self.location
        if loc.simple:
            return self.plans.options_of(opened)
        mean = np.zeros(len(loc.fixed))
        for i in np.flatnonzero(opened & (self.plans.largest >= 0)):
            mine = np.arange(loc.first[i], loc.first[i + 1])
            serving = mine[loc.capacity[mine] > 0]
            middle = np.argsort(loc.capacity[serving])[(len(serving) - 1) // 2]
            mean[serving[middle]] = 1.0
        return rounded(loc, self.plans, mean, 1.0)
