"""Many worlds of a city: plans from a few that stand for them, a bound from each.

    plans   that of the mean world; that of an ample one, with all that any world asks
            for; then neighbourhoods of the best in a few worlds that stand for all
            (representatives.py). What is decided is priced in all worlds
    bound   worlds on their own that pay each other for what they decide in common
            (solving/worlds/apart.py)

With two threads or more both are done side by side; then the bound is proven with all.
All worlds in one problem take minutes to a first bound, and that is a poor one.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from dmopt.solving.worlds.apart import Apart
from dmopt.solving.worlds.evaluate import WorldsEvaluator
from dmopt.solving.worlds.joint import Joint, join_worlds
from dmopt.solving.worlds.measure import expected
from dmopt.solving.worlds.path import start_of
from dmopt.studies.worlds.representatives import (
    Representatives,
    ample_world,
    representatives,
)
from dmopt.studies.worlds.world import World

REPRESENTATIVES = 6
PAYING = 0.6
"""Of the time, for plans and payments; the rest is for what these prove."""
AMPLE = 0.15
"""Of the time, for the plan of the ample world."""
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
        limits, begin = self.limits, time.monotonic()
        half = PAYING / 2 * limits.time_limit_s
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
            self._pay(apart)
            if not apart.is_enough:
                self._near(OutOfTime(self.cancel, half))
        gone = time.monotonic() - begin
        stop.give_back(max(0.0, limits.time_limit_s - min(gone, stop.seconds)))
        apart.threads = limits.threads
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

        def pay() -> None:
            try:
                self._pay(apart)
                if apart.is_enough:
                    planning.set()
            except BaseException as error:
                errors.append(error)
                planning.set()

        payments = Thread(target=pay, daemon=True)
        payments.start()
        self._ample(planning)
        self._near(planning)
        payments.join()
        if errors:
            raise errors[0]

    def _pay(self, apart: Apart) -> None:
        """Payments and parts; first what representatives pay each other is what each of
        their worlds pays: by weight that adds up to nothing."""
        few, problems = self._few
        weight = np.array([world.probability for world in few.worlds])
        of_few = Apart(
            problems, weight, lambda: np.inf, apart.seed, apart.threads, apart.stop
        )
        first = of_few.pay()
        apart.pay(None if first is None else first[few.of])
        apart.split()

    @cached_property
    def _few(self) -> tuple[Representatives, Sequence[Problem]]:
        """Representatives of the worlds, and their problems."""
        few = representatives(
            self.worlds, self._costs(), REPRESENTATIVES, self.limits.seed, self.instance
        )
        return few, [self.build(world) for world in few.worlds]

    def _ample(self, stop: Event) -> None:
        """The plan of the ample world."""
        ample = self.build(ample_world(self.worlds, self.instance))
        limits = self.limits
        seconds = AMPLE * limits.time_limit_s
        own = Limits(seconds, limits.gap / 2, limits.seed, limits.threads)
        found = solve_coarse(ample, own, lambda cost, bound, x: None, stop)
        if found.x is not None:
            self._price(found.x[: ample.decisions.size])

    def _near(self, stop: Event) -> None:
        """Neighbourhoods of the best plan, in representatives of the worlds."""
        few, problems = self._few
        weight = np.array([world.probability for world in few.worlds])
        together = join_worlds(problems, expected(weight))
        assert self.best.x is not None
        n = len(together.place[0])
        start = start_of(together, self.best.x[:n], self.limits, stop)
        if start.x is None:
            return
        seconds = PAYING * self.limits.time_limit_s
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
                self._price(state.x[:n])

    def _costs(self) -> np.ndarray:
        """What the best plan costs in each world, (W,)."""
        assert self.best.x is not None
        parts = [self.joint.of_world(self.best.x, n) for n in range(len(self.worlds))]
        return np.array(
            [w.program.cost @ x + w.program.offset
             for w, x in zip(self.joint.worlds, parts, strict=True)]
        )  # fmt: skip

    def _price(self, decided: np.ndarray) -> None:
        """What is decided (n,), priced in all worlds; kept where it is the best."""
        other = start_of(self.joint, decided, self.limits, self.cancel)
        if other.x is not None and other.cost < self.best.cost:
            self.best = Start(other.x, other.cost, self.best.bound)
            self.log.found(other.cost, -np.inf, other.x)
