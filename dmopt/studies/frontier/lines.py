"""Which prices to ask for below a frontier of one objective (maths: priced.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import isclose

import numpy as np

from dmopt.solving.progress import OnProgress
from dmopt.studies.frontier.priced import Hull, promising
from dmopt.studies.frontier.search import Figures, Search

ALIKE, LONGER = 0.15, 1.5
"""Slopes so near one another are one, unless that much more time is there."""
OF_GAP = 0.25
"""Share of the gap of points to which a solve with a price goes on: it serves many."""


@dataclass
class Lines:
    """asked: slope and seconds of each solve so far."""

    search: Search
    asked: list[tuple[float, float]] = field(default_factory=list)

    def spare(self, seconds: float, points: Sequence[Figures]) -> float:
        """What is left of so many seconds where each open point takes its time."""
        search = self.search
        if not self._are_for_this:
            return 0.0
        open_points = sum(map(search.is_open, points))
        return seconds - search.used - open_points * search.limits.time_limit_s

    @property
    def _are_for_this(self) -> bool:
        """One objective that counts, in as many rows as there are periods at most:
        slopes in two directions were not tried, and the mean of many rows says little
        of the worst of them."""
        objective, *others = self.search.objectives
        if others or not objective.counts:
            return False
        g = self.search.moved(objective)
        return g is not None and len(g) <= len(self.search.instance.periods)

    def ask(
        self, figures: Figures, on_progress: OnProgress | None, seconds: float
    ) -> None:
        """Solve with the price for an open point; not where the bound known suffices
        for what plans seem to cost there, nor where such a price was asked as long."""
        search = self.search
        if seconds < 1 or not self._are_for_this or not search.is_open(figures):
            return
        (objective,), (figure,) = search.objectives, figures
        lost, plans = search.lost(objective), self._plans
        lack = abs(objective.ideal - figure)
        cost, guess = plans.at(lack)
        left = search.limits.gap * abs(cost)
        if not lost or not guess or search.point(figures).bound >= cost - left:
            return
        said = [(0.0, known) for other, known in search.bounds if other is None]
        said += [(line.slope, line.at(figure)) for line in search.tangents]
        slope = promising(said, guess)
        if any(
            isclose(slope, before, rel_tol=ALIKE) and seconds <= LONGER * took
            for before, took in self.asked
        ):
            return
        self.asked.append((slope, seconds))
        gap = OF_GAP * left / max(abs(cost) + slope * lack, 1e-9)
        limits = replace(search.limits, gap=gap, time_limit_s=seconds)
        near = search.known[plans.least(slope)].plan
        search.ask_priced(
            objective, slope / lost, on_progress, limits=limits, near=near
        )

    @property
    def _plans(self) -> Hull:
        """Plans known, by what they lack of the ideal."""
        (objective,) = self.search.objectives
        attained = np.array([each.attained[0] for each in self.search.known])
        cost = np.array([each.cost for each in self.search.known])
        return Hull(np.abs(objective.ideal - attained), cost)
