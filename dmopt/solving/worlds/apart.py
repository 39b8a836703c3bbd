"""A bound on what worlds cost together, from each on its own.

    1  totals of whole decisions at which all worlds cost least together are looked for
       (planes.py) on relaxations of all worlds that are kept hot (kept.py)
    2  all plans are split at a total of which worlds agree on a part only: what is
       decided once is whole in all worlds at once. The part with the least value is
       looked at, and split, next; planes hold in all parts
    3  what each world costs with what it pays the others in each part is proven over
       all zones and arcs, with finer groups; by weight the worlds' bounds add up in
       each part, and the least of all parts holds for every plan

Source: dual decomposition with branching, Caroe and Schultz (1999); here payments come
from cutting planes in the space of what is decided in common.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event
from typing import TypeVar

import numpy as np

from dmopt.proof.splits import Tree
from dmopt.solving.coarse.branching import fractions
from dmopt.solving.duals import bounding_of
from dmopt.solving.problem import Problem
from dmopt.solving.totals import Totals, totals_of
from dmopt.solving.worlds.kept import Kept, Limits
from dmopt.solving.worlds.planes import Least, Planes

GROUPS, SHARP_GROUPS = 60, 300
"""Groups of demands of each world: while totals are looked for; for what is proven."""
FIRST_ROUNDS, ROUNDS = 6, 1
"""Rounds of strong rows: of a first relaxation, every few totals."""
SHARP_ROUNDS, MORE_ROUNDS = 4, 1
"""The same of the first part that is proven of a world, and of each further one."""
EVERY = 4
"""Totals tried from one round of strong rows to the next."""
SIZE, CALM = 0.5, 0.15
"""Of the box of totals at first, as a share of each; where it is around what worlds
that stand for these agreed on."""
WIDER, NARROWER = 1.5, 0.6
"""Times the box after totals that cost less as hoped, and that do not cost less."""
AS_HOPED = 0.3
"""Share of what was hoped to be saved from which the box grows."""
STEPS = 40
"""Totals tried at most before anything is split."""
MOST_PARTS, MOST_LOOKS = 24, 200
"""Parts of all plans at most, each of which has to be proven in each world; how often
one is looked at or split."""
NEAR, TIGHT = 1e-3, 1e-5
"""Share of the value: how near planes and totals are to come before anything is split;
and where there is nothing more to learn."""
LOST = 0.0042
"""Share of the value of these relaxations that is not proven in the end: the aim is so
much higher."""

Found = TypeVar("Found")


@dataclass
class Part:
    """A part of all plans. node: its number in the tree of splits. least: what the
    first `planes` planes say of it, not proven. looked_at: whether planes were made
    within it since it was split off."""

    node: int
    limits: Limits
    least: Least
    planes: int
    looked_at: bool = False

    @property
    def value(self) -> float:
        return self.least.value


@dataclass
class Apart:
    """weight (W,): of the worlds, they add up to 1. aim: the bound that is enough, as
    it is known at the time. kept: relaxations; planes, parts: once there."""

    problems: Sequence[Problem]
    weight: np.ndarray
    aim: Callable[[], float]
    seed: int
    threads: int
    stop: Event
    totals: Totals = field(init=False)
    kept: list[Kept] = field(init=False, default_factory=list)
    planes: Planes = field(init=False)
    parts: list[Part] = field(init=False, default_factory=list)
    _widest: Limits = field(init=False)
    _splits: list[tuple[int, int, float, bool]] = field(
        init=False, default_factory=list
    )

    def __post_init__(self) -> None:
        decisions = self.problems[0].decisions
        self.totals = totals_of(decisions)
        A = self.totals.A
        self._widest = Limits(A @ decisions.low, A @ decisions.high)

    def agree(self, centre: np.ndarray, size: float = SIZE) -> np.ndarray:
        """Totals (T,) at which all worlds cost little together, from these on: until
        planes say that there are hardly better ones, that is enough, or stopped. size:
        of the first box around them."""
        T, W = len(self.totals.money), len(self.problems)
        endless, none = np.full(T, np.inf), np.zeros((W, T))
        free = Limits(-endless, endless)
        # without an answer of each world, what is there can still be proven
        self.planes = Planes.flat(np.full(W, -np.inf), T)
        all_plans = Part(0, free, Least(-np.inf, centre, none), W)
        if self.stop.is_set():
            return centre
        self.kept = self._each(
            lambda n: Kept.by_place(
                self.problems[n], self.totals, GROUPS, self.seed, self.stop
            )
        )
        self.parts = [all_plans]
        first = self._each(lambda n: self.kept[n].solve(none[n], free, FIRST_ROUNDS))
        alone = [solved.value for solved in first if solved is not None]
        if len(alone) < W:
            return centre
        value = np.array(alone)
        self.planes = Planes.flat(value, T)
        all_plans.least = Least(float(self.weight @ value), centre, none)
        if np.isfinite(all_plans.value):
            centre = np.clip(centre, self._widest.low, self._widest.high)
            box = size * np.maximum(1.0, np.abs(centre))
            return self._agreed(all_plans, centre, box)
        return centre

    def _agreed(self, part: Part, centre: np.ndarray, size: np.ndarray) -> np.ndarray:
        """size (T,): of the first box."""
        best = self._cost(centre, ROUNDS)
        for step in range(STEPS):
            if self.stop.is_set():
                break
            self._renew(part)
            near = NEAR * abs(best)
            if self._is_enough(part.value) or best - part.value <= near:
                break
            offer = self._least(Limits(centre - size, centre + size))
            if offer is None:
                break
            if best - offer.value <= near:
                size *= WIDER
                continue
            cost = self._cost(offer.totals, 0 if step % EVERY else ROUNDS)
            if cost >= best:
                size *= NARROWER
                continue
            if best - cost > AS_HOPED * (best - offer.value):
                size *= WIDER
            best, centre = cost, offer.totals
        return centre

    def split(self, most: int = MOST_PARTS) -> None:
        """Parts of all plans, until what planes say of all is enough, nothing more is
        to be learned of the least one, or stopped; at most so many.

        A part has planes at its totals before it is split: few are needed then."""
        for _ in range(MOST_LOOKS if self.parts else 0):
            part = self._least_part()
            done = not np.isfinite(part.value) or self._is_enough(part.value)
            if done or self.stop.is_set():
                return
            fraction = fractions(part.least.totals)
            dear = self.totals.money * np.minimum(fraction, 1 - fraction)
            can_split = len(self.parts) < most and dear.any()
            if part.looked_at and can_split:
                self._split(part, int(np.argmax(dear)))
                continue
            cost = self._cost(part.least.totals, ROUNDS)
            part.looked_at = True
            learned = cost - part.value > TIGHT * abs(part.value)
            if not np.isfinite(cost) or not (learned or can_split):
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

    def _cost(self, totals: np.ndarray, rounds: int) -> float:
        """What all worlds cost at these totals, of which planes are kept; inf where
        stopped or a world gives no answer."""
        found = self._each(lambda n: self.kept[n].at(totals, rounds))
        there = [each for each in found if each is not None]
        if len(there) < len(found):
            return np.inf
        value = np.array([cost for cost, _ in there])
        slope = np.array([more for _, more in there])
        self.planes = self.planes.with_(totals, value, slope)
        return float(self.weight @ value)

    def _least(self, limits: Limits) -> Least | None:
        low = np.maximum(limits.low, self._widest.low)
        high = np.minimum(limits.high, self._widest.high)
        return self.planes.least(self.weight, low, high, self.seed, self.stop)

    def _renew(self, part: Part) -> None:
        """What all planes say of a part: no less than before, as they only come."""
        if part.planes == len(self.planes.base):
            return
        least, part.planes = self._least(part.limits), len(self.planes.base)
        if least is not None:
            part.least = replace(least, value=max(least.value, part.value))

    def _least_part(self) -> Part:
        """The part of which all planes say the least."""
        while True:
            part = min(self.parts, key=lambda one: one.value)
            if part.planes == len(self.planes.base):
                return part
            self._renew(part)

    def _split(self, part: Part, total: int) -> None:
        """Split a part at one of its totals, which is not whole."""
        at = float(np.floor(part.least.totals[total]))
        low, high = part.limits.low.copy(), part.limits.high.copy()
        high[total], low[total] = at, at + 1
        sides = []
        for above, limits in enumerate(
            (Limits(part.limits.low, high), Limits(low, part.limits.high))
        ):
            self._splits.append((part.node, total, at, bool(above)))
            side = Part(len(self._splits), limits, part.least, 0)
            self._renew(side)
            sides.append(side)
        self.parts = [one for one in self.parts if one is not part] + sides

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
        # what is there at once first: the rest may be stopped, or not be needed
        found = np.array(self._each(self._at_once))
        aim = self.aim()
        short = [k for k in range(len(self.parts)) if self._of_part(k, found) < aim]
        sharp = np.array(self._each(lambda n: self._sharp(n, short)))
        found[:, short] = np.maximum(found[:, short], sharp)
        return min(self._of_part(k, found) for k in range(len(self.parts)))

    def _of_part(self, number: int, found: np.ndarray) -> float:
        """What is proven of all worlds in a part, from that of each in each part, (W,
        parts)."""
        share = self.parts[number].least.pay @ self.totals.A
        return together(self.problems, self.weight, share, found[:, number])

    def _at_once(self, number: int) -> list[float]:
        """What relaxations as they are prove of one world in each part, (parts,)."""
        kept = self.kept[number]
        return [_proven(kept, part, number, 0) for part in self.parts]

    def _sharp(self, number: int, parts: Sequence[int]) -> list[float]:
        """The same of some parts with finer groups; -inf where that says nothing."""
        kept, sharp, rounds = self.kept[number], None, SHARP_ROUNDS
        proven = [-np.inf] * len(parts)
        for place, part in enumerate(self.parts[k] for k in parts):
            if sharp is None:
                pay = part.least.pay[number]
                solved = kept.solve(pay, part.limits, 0)
                if solved is None or solved.x is None:
                    continue
                sharp = kept.sharper(pay, solved, SHARP_GROUPS)
            proven[place] = _proven(sharp, part, number, rounds)
            rounds = MORE_ROUNDS
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
    pay = part.least.pay[number]
    solved = kept.solve(pay, part.limits, rounds)
    return -np.inf if solved is None else kept.proven(solved, pay, part.limits)
