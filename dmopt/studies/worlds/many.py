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
from dmopt.studies.worlds.representatives import ample_world, representatives
from dmopt.studies.worlds.world import World

REPRESENTATIVES = 6
PAYING = 0.6
"""Of the time, for plans and payments; the rest is for what these prove."""
AMPLE = 0.15
"""Of the time, for the plan of the ample world."""
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
        stop = OutOfTime(self.cancel, PAYING * limits.time_limit_s)
        apart = Apart(
            self.joint.worlds, self.joint.measure.weight, self._aim, limits.seed,
            max(1, limits.threads - 1), stop,
        )  # fmt: skip
        planning = Enough(stop)
        if limits.threads > 1:
            self._side_by_side(apart, planning)
        else:
            self._plans(OutOfTime(planning, PAYING / 2 * limits.time_limit_s))
            apart.pay()
        gone = time.monotonic() - begin
        stop.give_back(max(0.0, limits.time_limit_s - max(gone, stop.seconds)))
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
                apart.pay()
                if apart.is_enough:
                    planning.set()
            except BaseException as error:
                errors.append(error)
                planning.set()

        payments = Thread(target=pay, daemon=True)
        payments.start()
        self._plans(planning)
        payments.join()
        if errors:
            raise errors[0]

    def _plans(self, stop: Event) -> None:
        """Better plans until stopped."""
        ample = self.build(ample_world(self.worlds, self.instance))
        own = Limits(
            AMPLE * self.limits.time_limit_s, self.limits.gap / 2, self.limits.seed,
            self.limits.threads,
        )  # fmt: skip
        found = solve_coarse(ample, own, lambda cost, bound, x: None, stop)
        if found.x is not None and not stop.is_set():
            self._price(found.x[: ample.decisions.size])
        if not stop.is_set():
            self._near(stop)

    def _near(self, stop: Event) -> None:
        """Neighbourhoods of the best plan, in representatives of the worlds."""
        few = representatives(
            self.worlds, self._costs(), REPRESENTATIVES, self.limits.seed, self.instance
        )
        weight = np.array([world.probability for world in few.worlds])
        together = join_worlds([self.build(w) for w in few.worlds], expected(weight))
        assert self.best.x is not None
        n = len(together.place[0])
        start = start_of(together, self.best.x[:n], self.limits, stop)
        if start.x is None:
            return
        seconds = PAYING * self.limits.time_limit_s
        state = State(
            Limits(seconds, 0.0, self.limits.seed, 1), lambda cost, bound, x: None,
            stop, time.monotonic() + seconds, stop=Enough(stop),
        )  # fmt: skip
        state.offer(start.cost, start.x)
        search = PlanWork(
            together, bounding_of(together), WorldsEvaluator(together), state,
            only_near=True,
        )  # fmt: skip
        cost = state.cost
        while not state.over and search.step():
            if state.cost < cost and state.x is not None:
                cost = state.cost
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
