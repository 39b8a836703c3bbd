"""Flows of all worlds for given whole decisions: each world on its own."""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event

import numpy as np

from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.highs import Limits
from dmopt.solving.worlds.joint import Joint


@dataclass(frozen=True)
class WorldsEvaluator(Evaluator):
    """As for one problem: with whole decisions fixed, worlds have nothing in common."""

    problem: Joint

    @cached_property
    def _each(self) -> list[Evaluator]:
        return [Evaluator(world) for world in self.problem.worlds]

    def solve(
        self,
        decided: np.ndarray,
        limits: Limits,
        cancel: Event | None = None,
        also: np.ndarray | None = None,
    ) -> tuple[float, np.ndarray] | None:
        """See Evaluator. Where whole decisions are left free, in one program."""
        if np.isnan(decided[self.problem.decisions.whole]).any():
            return super().solve(decided, limits, cancel, also)
        deadline = time.monotonic() + limits.time_limit_s * len(self._each)
        parts = []
        for evaluator, place in zip(self._each, self.problem.place, strict=True):
            left = max(0.0, deadline - time.monotonic())
            own = replace(limits, time_limit_s=left)
            found = evaluator.solve(decided[place], own, cancel, also)
            if found is None:
                return None
            parts.append(found[1])
        return self.problem.together(parts)
