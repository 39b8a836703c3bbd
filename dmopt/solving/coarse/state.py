"""What is known so far in a coarse-to-fine solve, shared by its workers."""

import time
from dataclasses import dataclass, field
from threading import Event, Lock

import numpy as np

from dmopt.proof.certificate import Certificate
from dmopt.solving.highs import Found, Limits
from dmopt.solving.outcome import ELSEWHERE
from dmopt.solving.problem import Problem
from dmopt.solving.progress import relative_gap

GOOD = 0.03
"""Gap up to which a plan is worth going on from, and tells more of good plans than the
relaxation does."""
USED = 1e-6
"""Least share or count that is use and not rounding."""
ROUNDING = 1e-9
"""Gap that is none: what arithmetic proves is told less what rounding may amount to, so
that a bound never quite reaches the cost of a plan."""


@dataclass
class State:
    """Best plan and best bound; safe to use from several threads.

    deadline: time.monotonic() at which to stop. used (n + Q,): how much the program
    of options uses each column of the decision layer, then each option, once that is
    known. refuted: why there is no plan, if that is known. stop: set when proven or out
    of time.
    """

    limits: Limits
    found: Found
    cancel: Event
    deadline: float
    x: np.ndarray | None = None
    cost: float = np.inf
    bound: float = -np.inf
    certificate: Certificate | None = None
    refuted: str = ""
    used: np.ndarray | None = None
    stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def offer(self, cost: float, x: np.ndarray) -> bool:
        """A plan over all zones and arcs. True if it is the best so far."""
        with self._lock:
            if cost >= self.cost:
                return False
            self.cost, self.x = cost, x
        self.found(cost, self.bound, x)
        self._check()
        return True

    def prove(self, certificate: Certificate) -> None:
        """A lower bound on the cost of any plan."""
        with self._lock:
            if certificate.bound > self.certified:
                self.certificate = certificate
            if certificate.bound <= self.bound:
                return
            self.bound = certificate.bound
        self.found(self.cost, self.bound, None)
        self._check()

    def refute(self, proof: str) -> None:
        """There is no plan at all, and why."""
        with self._lock:
            self.bound, self.certificate, self.refuted = np.inf, None, proof
        self._check()

    def origins_used(self, problem: Problem, relaxed: np.ndarray) -> np.ndarray:
        """Origins (bool) that the best plan delivers from, or the relaxation of
        everything while no plan is good."""
        layer, n = problem.layer, problem.decisions.size
        x = self.x if self.x is not None and self.is_good else relaxed
        used = np.zeros(len(layer.gates.output) + len(layer.gates.supply_most), bool)
        used[layer.x_from[x[n : n + len(layer.x_to)] > USED]] = True
        return used

    @property
    def certified(self) -> float:
        """What the certificate proves: less than the bound where that is known from
        elsewhere."""
        return -np.inf if self.certificate is None else self.certificate.bound

    @property
    def proof(self) -> str:
        """How the bound was proven, in words."""
        if self.refuted:
            return self.refuted
        if self.certificate is not None and self.certified >= self.bound:
            return self.certificate.says()
        return ELSEWHERE if np.isfinite(self.bound) else ""

    @property
    def gap(self) -> float:
        gap = relative_gap(
            self.cost if self.x is not None else None,
            self.bound if np.isfinite(self.bound) else None,
        )
        return np.inf if gap is None else gap

    @property
    def is_proven(self) -> bool:
        """Whether the plan is proven to the gap asked for."""
        return self.gap <= self.limits.gap + ROUNDING

    @property
    def is_good(self) -> bool:
        """Whether there is a plan worth going on from."""
        return self.x is not None and self.gap <= GOOD

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether to stop: proven, cancelled or out of time."""
        self._check()
        return self.stop.is_set()

    def _check(self) -> None:
        known = self.is_proven or np.isposinf(self.bound)
        if known or self.cancel.is_set() or not self.seconds_left:
            self.stop.set()
