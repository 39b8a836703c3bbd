"""A bound on what worlds cost together, from each on its own.

    1  payments for common totals (payments.py) rise on relaxations of all worlds that
       are kept hot (kept.py)
    2  all plans are split at a total that worlds would agree on in part only: what is
       decided once is whole in all worlds at once. Each part has payments of its own;
       the part with the least value is split next
    3  what each world costs with the payments of each part is proven over all zones
       and arcs, with finer groups; by weight the worlds' bounds add up in each part,
       and the least of all parts holds for every plan

Source: dual decomposition with branching, Caroe and Schultz (1999).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

import numpy as np

from dmopt.proof.splits import Tree
from dmopt.solving.coarse.branching import fractions
from dmopt.solving.duals import bounding_of
from dmopt.solving.problem import Problem
from dmopt.solving.totals import Totals, totals_of
from dmopt.solving.worlds.kept import Kept, Limits
from dmopt.solving.worlds.payments import Offer, Points, next_payments

GROUPS, SHARP_GROUPS = 60, 300
"""Groups of demands of each world: while payments rise; for what is proven."""
FIRST_ROUNDS, ROUNDS, SHARP_ROUNDS = 6, 1, 8
"""Rounds of strong rows: of a first relaxation, every few payments, of a proof."""
EVERY = 4
"""Payments from one round of strong rows to the next."""
SIZE, LARGEST, SMALLEST = 0.1, 0.3, 1e-3
"""Of the box of payments: at first, at most, and where it ends."""
CALM = 0.03
"""The same at first for a part whose payments are of other worlds."""
WIDER, NARROWER = 1.4, 0.5
"""Times the box after payments that prove more, and that do not."""
STEPS, PART_STEPS = 40, 8
"""Payments tried at most: for all plans, for a part of them."""
MOST_PARTS = 100
"""Parts of all plans at most."""
WORTH = 1e-4
"""Share of the value that payments must be hoped to gain."""
LOST = 0.0035
"""Share of the value of these relaxations that is not proven in the end: the aim is so
much higher."""

Found = TypeVar("Found")


@dataclass
class Part:
    """A part of all plans. node: its number in the tree of splits. pay (W, T). value:
    what the relaxations say, not proven. common (T,): totals as worlds would agree on;
    None before any payments were looked for. improved: whether they were. closed: not
    to be split."""

    node: int
    limits: Limits
    pay: np.ndarray
    value: float
    points: Points
    common: np.ndarray | None = None
    improved: bool = False
    closed: bool = False


@dataclass
class Apart:
    """weight (W,): of the worlds, they add up to 1. aim: the bound that is enough, as
    it is known at the time. steps: payments tried at most for all plans. kept:
    relaxations, once there."""

    problems: Sequence[Problem]
    weight: np.ndarray
    aim: Callable[[], float]
    seed: int
    threads: int
    stop: Event
    steps: int = STEPS
    totals: Totals = field(init=False)
    kept: list[Kept] = field(init=False, default_factory=list)
    parts: list[Part] = field(init=False, default_factory=list)
    _splits: list[tuple[int, int, float, bool]] = field(
        init=False, default_factory=list
    )

    def __post_init__(self) -> None:
        self.totals = totals_of(self.problems[0].decisions)

    def pay(
        self,
        like: "Apart | None" = None,
        of: np.ndarray | None = None,
    ) -> None:
        """Payments for all plans at once, until they are enough, nothing helps, or
        stopped. like: of other worlds, whose parts and payments are taken over, each
        world paying what number `of` (W,) there does; by weight of these worlds that
        adds up to nothing."""
        T = len(self.totals.money)
        self.kept = self._each(
            lambda n: Kept.by_place(
                self.problems[n], self.totals.A, GROUPS, self.seed, self.stop
            )
        )
        if like is None or of is None or not like.parts:
            endless, none = np.full(T, np.inf), np.zeros((len(self.problems), T))
            free = Limits(-endless, endless)
            self.parts = [Part(0, free, none, -np.inf, Points.none(T))]
        else:
            self._splits = list(like._splits)
            self.parts = [
                Part(p.node, p.limits, p.pay[of], -np.inf, Points.none(T))
                for p in like.parts
            ]
        for number, part in enumerate(self.parts):
            self._try(part, part.pay, ROUNDS if number else FIRST_ROUNDS)
        if len(self.parts) == 1:
            self._improve(self.parts[0], self.steps, SIZE)
            self.parts[0].improved = True

    def split(self, most: int = MOST_PARTS) -> None:
        """Parts of all plans with payments of their own, likewise; at most so many."""
        while self.parts and not self.stop.is_set():
            part = min(self.parts, key=lambda one: one.value)
            if part.closed or self._is_enough(part.value):
                return
            if not part.improved:
                part.improved = True
                self._improve(part, PART_STEPS, CALM)
            elif len(self.parts) >= most or not self._split(part):
                return

    @property
    def is_enough(self) -> bool:
        """Whether what relaxations say of all parts is likely to suffice."""
        return bool(self.parts) and all(self._is_enough(p.value) for p in self.parts)

    def _is_enough(self, value: float) -> bool:
        return value == np.inf or value - LOST * abs(value) >= self.aim()

    def _each(self, of_world: Callable[[int], Found]) -> list[Found]:
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(of_world, range(len(self.problems))))

    def _part(
        self, node: int, limits: Limits, pay: np.ndarray, points: Points, rounds: int
    ) -> Part | None:
        """A part at given payments; None where stopped."""
        part = Part(node, limits, pay, -np.inf, points)
        return part if self._try(part, pay, rounds) is not None else None

    def _try(self, part: Part, pay: np.ndarray, rounds: int) -> float | None:
        """What all worlds cost with payments, in a part; they are kept where they say
        more than those before. None where a world gives no answer."""
        found = self._each(lambda n: self.kept[n].solve(pay[n], part.limits, rounds))
        value = np.empty(len(found))
        chosen = np.zeros_like(pay)
        for n, solved in enumerate(found):
            if solved is None:
                return None
            value[n] = solved.value
            if solved.x is not None:
                chosen[n] = self.kept[n].chosen(solved)
        mean = float(self.weight @ value)
        if np.isfinite(mean):
            cost = value - (pay * chosen).sum(axis=1)
            part.points = part.points.with_(cost, chosen)
        if mean > part.value:
            part.value, part.pay = mean, pay
        return mean

    def _improve(self, part: Part, steps: int, size: float) -> None:
        """Better payments for a part. size: of the box at first."""
        for step in range(1, steps + 1):
            if not np.isfinite(part.value) or self._is_enough(part.value):
                return
            offer = self._offer(part, size)
            if self.stop.is_set() or size < SMALLEST:
                return
            if offer is None:
                size *= NARROWER
                continue
            part.common = offer.common
            if offer.hoped - part.value < WORTH * abs(part.value):
                if size >= LARGEST:
                    return
                size = LARGEST
                continue
            before = part.value
            self._try(part, offer.pay, 0 if step % EVERY else ROUNDS)
            better = part.value > before
            size = min(WIDER * size, LARGEST) if better else NARROWER * size

    def _offer(self, part: Part, size: float) -> Offer | None:
        """The next payments to try; None where nothing is known to go by."""
        if not np.isfinite(part.value):
            return None
        return next_payments(
            part.points, self.weight, part.pay, self.totals.money, size, self.seed
        )

    def _split(self, part: Part) -> bool:
        """Split a part at the total that is dearest to round. False where stopped."""
        if part.common is None:
            offer = self._offer(part, SMALLEST)
            part.common = None if offer is None else offer.common
        fraction = fractions(np.zeros(0) if part.common is None else part.common)
        dear = self.totals.money[: len(fraction)] * np.minimum(fraction, 1 - fraction)
        if part.common is None or not dear.any():
            part.closed = True
            return True
        total = int(np.argmax(dear))
        at = float(np.floor(part.common[total]))
        low, high = part.limits.low.copy(), part.limits.high.copy()
        high[total], low[total] = at, at + 1
        sides = []
        for limits in (Limits(part.limits.low, high), Limits(low, part.limits.high)):
            points = part.points.within(limits.low, limits.high)
            side = self._part(0, limits, part.pay, points, ROUNDS)
            if side is None:
                return False
            self._improve(side, PART_STEPS, SIZE)
            side.improved = True
            side.value = max(side.value, part.value)
            sides.append(side)
        for side, above in zip(sides, (False, True), strict=True):
            self._splits.append((part.node, total, at, above))
            side.node = len(self._splits)
        self.parts = [one for one in self.parts if one is not part] + sides
        return True

    @property
    def tree(self) -> Tree:
        """The splits, of which the parts are the leaves."""
        return Tree(
            self.totals.A,
            np.array([parent for parent, *_ in self._splits], int),
            np.array([total for _, total, *_ in self._splits], int),
            np.array([at for *_, at, _ in self._splits], float),
            np.array([above for *_, above in self._splits], bool),
        )

    def proven(self) -> float:
        """What is proven of all worlds; -inf where stopped before anything is."""
        if not self.parts or list(self.tree.faults(self.problems[0].decisions)):
            return -np.inf
        # what is there at once first: the rest may be stopped
        least = np.array(self._each(self._at_once))
        found = np.maximum(least, np.array(self._each(self._sharp)))
        return min(
            together(self.problems, self.weight, part.pay @ self.totals.A, found[:, k])
            for k, part in enumerate(self.parts)
        )

    def _at_once(self, number: int) -> list[float]:
        """What relaxations as they are prove of one world in each part, (parts,)."""
        kept = self.kept[number]
        return [_proven(kept, part, number, 0) for part in self.parts]

    def _sharp(self, number: int) -> list[float]:
        """The same with finer groups; -inf where that says nothing."""
        kept, sharp = self.kept[number], None
        proven = [-np.inf] * len(self.parts)
        for k, part in enumerate(self.parts):
            if sharp is None:
                solved = kept.solve(part.pay[number], part.limits, 0)
                if solved is None or solved.x is None:
                    continue
                sharp = kept.sharper(part.pay[number], solved, SHARP_GROUPS)
            proven[k] = _proven(sharp, part, number, SHARP_ROUNDS)
        return proven


def together(
    problems: Sequence[Problem],
    weight: np.ndarray,
    share: np.ndarray,
    proven: np.ndarray,
) -> float:
    """What is proven of the expected cost of all worlds, from what is proven of each
    (W,) with its share (W, n) of the costs of columns.

    What is left of the shares' sum by rounding counts at the most that decisions may
    be.
    """
    d = problems[0].decisions
    left = np.abs(weight @ share)
    most = np.maximum(np.abs(d.low), np.abs(d.high))
    most = np.where(np.isfinite(most), most, bounding_of(problems[0]).ranges[1])
    used = left > 0
    return float(weight @ proven - left[used] @ most[used])


def _proven(kept: Kept, part: Part, number: int, rounds: int) -> float:
    """What is proven of one world in a part; -inf where stopped."""
    pay = part.pay[number]
    solved = kept.solve(pay, part.limits, rounds)
    return -np.inf if solved is None else kept.proven(solved, pay, part.limits)
