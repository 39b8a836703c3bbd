"""Plans beside the bound: from averages of an ascent, and from shaking the best plan.

With capacities the search goes on where zones that look alike are one (`rough`): a flow
there takes a fraction of the time, is a flow of the problem as well, and what comes out
is valued on all zones. With two threads one of them looks for plans, and splits nodes
of the bound's tree where that has been in vain.
"""

import time
from collections.abc import Callable
from threading import Event, Thread

import numpy as np

from dmopt.solving.decomposed.branching import Branching
from dmopt.solving.decomposed.location import Location, Served, merged
from dmopt.solving.decomposed.node import Node
from dmopt.solving.decomposed.plans import Plans
from dmopt.solving.decomposed.starting import rounded, shaken

SHARE, PATIENT = 0.3, 8
"""Share of all time for shaking the best plan; it falls where that is in vain."""
LEAST_BESIDE = 0.5
"""Of a thread beside the bound, whose share is all of its time at first."""
SHAKE_S = 2.0
MANY_ZONES = 2_000
"""From here on zones that look alike are merged."""
TOO_MANY_ZONES = 20_000
"""Beyond that a flow of all zones takes seconds: moves are tried with merged zones
alone."""
CLOSE = 1e-3
"""Relative: a plan this near the best is worth improving with all zones."""


class Seeker:
    """Looks for plans. plans: of the problem itself; used from two threads."""

    def __init__(
        self, location: Location, plans: Plans, over: Callable[[], bool], seed: int,
        tolerance: float,
    ) -> None:  # fmt: skip
        self.location, self.plans, self.tolerance = location, plans, tolerance
        self.done = Event()
        self._over = over
        self._random = np.random.default_rng(seed)
        self._since, self._sought, self._failed = time.monotonic(), 0.0, 0
        self._worker: Thread | None = None
        self._lent: Branching | None = None
        self._failures: list[BaseException] = []
        self.rough = plans
        if not location.simple and len(location.demand) > MANY_ZONES:
            self.rough = Plans(merged(location), _unheard, self.over)
            plans.moves = len(location.demand) <= TOO_MANY_ZONES

    def over(self) -> bool:
        return self.done.is_set() or self._over()

    # --- beside the bound, or in turn with it

    def start(self, node: Node) -> None:
        """Go on in a thread of its own, by the averages of a node (or of those that
        `follow` tells)."""
        self._node = node
        self._worker = Thread(target=self._work, daemon=True)
        self._worker.start()

    def follow(self, node: Node) -> None:
        self._node = node

    def lend(self, branching: Branching) -> None:
        """Let the thread split nodes where shaking is in vain."""
        if self.beside:
            self._lent = branching.beside(self.over)

    def end(self) -> None:
        """Stop the thread; raises what it raised."""
        self.done.set()
        if self._worker is not None:
            self._worker.join()
        if self._failures:
            raise self._failures[0]

    def _work(self) -> None:
        try:
            turn, sought, since = 0, 0.0, np.inf
            while not self.over():
                now = time.monotonic()
                if self._lent is not None:
                    since = min(since, now)
                    if self._split(sought, now - since):
                        continue
                if turn % PATIENT == 0:
                    self._look(self._node, (1.0, 0.95, 1.05)[turn // PATIENT % 3])
                else:
                    self._shake(self._node)
                turn += 1
                sought += time.monotonic() - now if since < np.inf else 0.0
        except BaseException as error:
            self._failures.append(error)
            self.done.set()

    def _split(self, sought: float, passed: float) -> bool:
        """Split a node, if plans have had their share of the time passed (s)."""
        share = max(1 / self._in_vain, LEAST_BESIDE)
        if self._lent is None or sought <= share * passed:
            return False
        return self._lent.step(wait=False) is not None

    @property
    def _in_vain(self) -> float:
        """By how much the share of time for shaking has fallen, as it is in vain."""
        return 1 + self._failed / PATIENT

    @property
    def beside(self) -> bool:
        return self._worker is not None

    # --- plans

    def improve(self, choice: np.ndarray, seconds: float) -> None:
        """Search from a choice of options on."""
        if self.rough is self.plans:
            self.plans.improve(choice, seconds, self.tolerance)
            return
        found = self.rough.improve(choice, seconds, self.tolerance)
        best = self.plans.cost
        close = self.plans.value(found) < best + CLOSE * abs(best)
        if close and self.plans.moves:
            self.plans.improve(found, seconds / 4, self.tolerance)

    def look(self, node: Node, seconds: float, scales: tuple[float, ...]) -> None:
        """Plans from what a node's steps used on average, unless a thread does it."""
        begin = time.monotonic()
        for scale in () if self.beside else scales:
            self._look(node, scale)
            # Where one takes long, steps of the bound are worth more than others.
            if self.over() or time.monotonic() - begin > seconds:
                return

    def seek(self, node: Node) -> None:
        """Shake the best plan for a share of all time, unless a thread does it."""
        if self.beside:
            return
        begin = time.monotonic()
        while self.plans.choice is not None and not self.over():
            now = time.monotonic()
            share = SHARE / self._in_vain
            if self._sought + now - begin > share * (now - self._since):
                break
            self._shake(node)
        self._sought += time.monotonic() - begin

    def _look(self, node: Node, scale: float) -> None:
        self.improve(rounded(self.location, self.plans, node.option, scale), SHAKE_S)

    def _shake(self, node: Node) -> None:
        before = self.plans.cost
        choice = shaken(self.location, self.plans, node.option, self._random)
        self.improve(choice, SHAKE_S)
        self._failed = 0 if self.plans.cost < before else self._failed + 1


def _unheard(plan: Served) -> None:
    """Rough plans are told to nobody."""
