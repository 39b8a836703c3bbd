"""Many worlds of a city: plans from a few that stand for them, a bound from each.

    plans   that of the mean world; that of an ample one, with all that any world asks
            for; that of these two together, in which plenty is seldom wanted; then
            neighbourhoods of the best in a few worlds that stand for all
            (representatives.py). What is decided is priced in all worlds
    bound   worlds on their own that pay each other for what they decide in common,
            from totals at which a few that stand for all cost least
            (solving/worlds/apart.py)

With two threads or more both are done side by side; then the bound is proven with all.
All worlds in one problem take minutes to a first bound, and that is a poor one.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event, Thread

import numpy as np

from dmopt.data.instance import Instance
from dmopt.solving.coarse.improve import PlanWork
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.coarse.state import State
from dmopt.solving.coarse.stopping import Enough, OutOfTime
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Ended, Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.progress import Log
from dmopt.solving.start import Start
from dmopt.solving.worlds.apart import CALM, Apart
from dmopt.solving.worlds.evaluate import WorldsEvaluator
from dmopt.solving.worlds.joint import Joint, join_worlds
from dmopt.solving.worlds.measure import expected
from dmopt.solving.worlds.path import solve_joint, start_of
from dmopt.studies.worlds.representatives import ample_world, representatives
from dmopt.studies.worlds.world import World, mean_world

REPRESENTATIVES = 6
WORKING = 0.7
"""Of the time, for plans and common totals; the rest is for what these prove."""
AMPLE, PAIR = 0.1, 0.25
"""Of the time, for the plan of the ample world; for that of it and the mean."""
SELDOM = 0.2
"""Probability of the ample world in the pair; half of it among representatives."""
TIRED = 40
"""Neighbourhoods in a row without a better plan, after which no more are tried."""
PROOF = (
    "Checked by arithmetic in each world, over every zone and every way to deliver; "
    "what worlds pay each other adds up to nothing."
)

Build = Callable[[World], Problem]


def solve_many(
    instance: Instance,
    worlds: Sequence[World],
    joint: Joint,
    build: Build,
    limits: Limits,
    log: Log,
    cancel: Event,
    start: Start,
) -> Outcome:
    """A plan of least expected cost and a bound. start: with a solution of `joint`."""
    assert start.x is not None
    return _Many(instance, worlds, joint, build, limits, log, cancel, start).found()


@dataclass
class _Many:
    """What was asked; best: the best plan so far, priced in all worlds."""

    instance: Instance
    worlds: Sequence[World]
    joint: Joint
    build: Build
    limits: Limits
    log: Log
    cancel: Event
    best: Start

    def found(self) -> Outcome:
        limits = self.limits
        half = WORKING / 2 * limits.time_limit_s
        several = limits.threads > 1
        stop = OutOfTime(self.cancel, 2 * half if several else half)
        self._few  # noqa: B018 - made before there are threads
        apart = Apart(
            self.joint.worlds,
            self.joint.measure.weight,
            self._aim,
            limits.seed,
            max(1, limits.threads - 1),
            stop,
        )
        if several:
            self._side_by_side(apart, Enough(stop))
        else:
            self._ample(stop)
            self._bound(apart)
            if not apart.is_enough:
                self._pair(later := OutOfTime(self.cancel, half))
                self._near(later)
        stop.give_back(limits.time_limit_s - stop.seconds)
        bound, proof = self.best.bound, ""
        proven = apart.proven()
        if proven > bound:
            bound, proof = proven, PROOF
            self.log.found(np.inf, bound, None)
        best = self.best
        reached = (best.cost - bound) / max(abs(best.cost), 1e-9)
        ended: Ended = "solved" if reached <= limits.gap else "stopped"
        return Outcome(ended, best.x, best.cost, bound, proof)

    def _aim(self) -> float:
        """The bound that is enough."""
        return self.best.cost - self.limits.gap * abs(self.best.cost)

    def _side_by_side(self, apart: Apart, planning: Enough) -> None:
        errors: list[BaseException] = []

        def bound() -> None:
            try:
                self._bound(apart)
                if apart.is_enough:
                    planning.set()
            except BaseException as error:
                errors.append(error)
                planning.set()

        beside = Thread(target=bound, daemon=True)
        beside.start()
        try:
            for search in (self._ample, self._pair, self._near):
                if not planning.is_set():
                    search(planning)
        except BaseException:
            apart.stop.set()
            raise
        finally:
            apart.threads = self.limits.threads
            beside.join()
        if errors:
            raise errors[0]

    def _bound(self, apart: Apart) -> None:
        """Totals at which representatives cost least, and from these on all worlds;
        then parts of all plans."""
        few, problems = self._few
        weight = np.array([world.probability for world in few])
        of_few = replace(apart, problems=problems, weight=weight)
        apart.agree(of_few.agree(apart.totals.A @ self._decided), CALM)
        apart.split()

    @cached_property
    def _few(self) -> tuple[Sequence[World], Sequence[Problem]]:
        """Representatives of the worlds, and their problems."""
        few = representatives(
            self.worlds, self._costs(), REPRESENTATIVES, self.limits.seed, self.instance
        )
        return few, [self.build(world) for world in few]

    @cached_property
    def _plenty(self) -> Problem:
        return self.build(ample_world(self.worlds, self.instance))

    def _ample(self, stop: Event) -> None:
        """The plan of the ample world."""
        own = self._limits(AMPLE, self.limits.gap / 2)
        found = solve_coarse(self._plenty, own, lambda cost, bound, x: None, stop)
        if found.values is not None:
            self._price(found.values)

    def _pair(self, stop: Event) -> None:
        """The plan of the mean and the ample world together, from the best so far."""
        mean = self.build(mean_world(self.worlds, self.instance))
        weight = np.array([1 - SELDOM, SELDOM])
        pair = join_worlds([mean, self._plenty], expected(weight))
        own = self._limits(PAIR, self.limits.gap / 4)
        start = start_of(pair, self._decided, own, stop)
        found = solve_joint(pair, own, lambda cost, bound, x: None, stop, start)
        if found.values is not None:
            self._price(found.values)

    def _limits(self, share: float, gap: float) -> Limits:
        """For a plan: a part of the time, and a thread less, as the bound has."""
        whole = self.limits
        threads = max(1, whole.threads - 1)
        return Limits(share * whole.time_limit_s, gap, whole.seed, threads)

    @property
    def _decided(self) -> np.ndarray:
        """What the best plan decides, (n,)."""
        assert self.best.x is not None
        return self.best.x[: len(self.joint.place[0])]

    def _near(self, stop: Event) -> None:
        """Neighbourhoods of the best plan, in representatives of the worlds and the
        ample one: means alone do not tell what too little costs."""
        few, problems = self._few
        mean = np.array([world.probability for world in few])
        weight = np.append((1 - SELDOM / 2) * mean, SELDOM / 2)
        together = join_worlds([*problems, self._plenty], expected(weight))
        start = start_of(together, self._decided, self.limits, stop)
        if start.x is None:
            return
        seconds = WORKING * self.limits.time_limit_s
        own = Limits(seconds, 0.0, self.limits.seed, 1)
        deadline = time.monotonic() + seconds
        state = State(own, lambda cost, bound, x: None, stop, deadline)
        state.stop = Enough(stop)
        state.offer(start.cost, start.x)
        bounding, evaluator = bounding_of(together), WorldsEvaluator(together)
        search = PlanWork(together, bounding, evaluator, state, only_near=True)
        cost, failures = state.cost, 0
        while failures < TIRED and not state.over and search.step():
            failures += 1
            if state.cost < cost and state.x is not None:
                cost, failures = state.cost, 0
                self._price(state.x)

    def _costs(self) -> np.ndarray:
        """What the best plan costs in each world, (W,)."""
        assert self.best.x is not None
        parts = [self.joint.of_world(self.best.x, n) for n in range(len(self.worlds))]
        return np.array(
            [w.program.cost @ x + w.program.offset
             for w, x in zip(self.joint.worlds, parts, strict=True)]
        )  # fmt: skip

    def _price(self, x: np.ndarray) -> None:
        """What a solution decides, first of all its columns, priced in all worlds; kept
        where it is the best."""
        decided = x[: len(self.joint.place[0])]
        other = start_of(self.joint, decided, self.limits, self.cancel)
        if other.x is not None and other.cost < self.best.cost:
            self.best = Start(other.x, other.cost, self.best.bound)
            self.log.found(other.cost, -np.inf, other.x)
