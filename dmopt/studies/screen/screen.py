"""Screening of uncertain figures: which of them change the recommended sites most.

Each figure has a range (ranges.py). Trajectories walk through the box of all ranges,
one figure a step (effects.py, after Morris 1991); every point is a solve (walk.py), and
every step says whether its figure changed the sites, and whether they had to change
(step.py). A figure's part is the mean over its steps. One solve at the likely values
comes first: its sites are what is recommended today.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.raw import one_fault
from dmopt.solving.highs import Limits
from dmopt.solving.progress import OnProgress
from dmopt.studies.answers import Answers
from dmopt.studies.rejected import Rejected
from dmopt.studies.screen.effects import trajectories as walks
from dmopt.studies.screen.ranges import Range, Ranges, ranges
from dmopt.studies.screen.step import Point, Step
from dmopt.studies.screen.table import screen_table
from dmopt.studies.screen.walk import Walk

OnPoint = Callable[[str, int, int], OnProgress | None]


@dataclass(frozen=True)
class Screening:
    """ranges: of each figure, and what is left out. likely: the point at the likely
    values; None where that was cancelled. points: of each trajectory, in order; the
    last one may be cut short. steps. table: one row per figure, what matters most first
    (table.py). gap: asked. trajectories, levels: asked. rejected: what was asked whose
    plan did not pass its check."""

    instance: Instance
    ranges: Ranges
    likely: Point | None
    points: Sequence[Sequence[Point]]
    steps: Sequence[Step]
    table: pd.DataFrame
    gap: float
    trajectories: int
    levels: int
    rejected: Sequence[Rejected] = field(default=())

    @property
    def given(self) -> Sequence[Range]:
        return self.ranges.given

    @property
    def planned(self) -> int:
        """Points asked for, the one at the likely values among them."""
        return 1 + self.trajectories * (len(self.given) + 1)

    @property
    def known(self) -> list[Point]:
        """All points there are."""
        first = [] if self.likely is None else [self.likely]
        return first + [point for walk in self.points for point in walk]

    @property
    def is_proven(self) -> bool:
        """Whether all points asked for are known, each within the gap asked for or
        proven to have no plan."""
        return len(self.known) == self.planned and all(
            point.is_proven(self.gap) or point.status == "infeasible"
            for point in self.known
        )


def screen(
    instance: Instance,
    *,
    half: float | None = None,
    trajectories: int = 10,
    levels: int = 4,
    gap: float = 0.01,
    time_limit_s: float = 20.0,
    seed: int = 0,
    threads: int = 2,
    on_point: OnPoint = lambda text, done, of: None,
    cancel: Event | None = None,
    answers: Answers | None = None,
) -> Screening:
    """Screen the figures of an instance: which change the recommended sites.

    half: half the width of ranges that the instance does not declare, share of the
    value; None: by the confidence of the data. levels: values of each figure, an even
    number. gap, time_limit_s: of each solve. seed: of trajectories and solver.
    on_point: told before each solve what it is, how many are done and of how many;
    answers who hears its progress. Cancelled, what is known by then comes back.
    answers: of solves that were made before, for the same study (answers.py).
    Raises ValueError for arguments out of range, InstanceError where no figure has a
    range or SALib is not installed, PlanRejected where the plan at the likely values
    does not pass its check.
    """
    if trajectories < 1 or levels < 2 or levels % 2:
        raise ValueError(
            "at least one trajectory and an even number of levels expected"
        )
    asked = ranges(instance, half)
    if not asked.given:
        left = "; ".join(f"{name}: {why}" for name, why in asked.left_out.items())
        raise one_fault("uncertain", "a figure with a range", hint=left)
    places = walks(len(asked.given), trajectories, levels, seed)
    limits = Limits(time_limit_s, gap, seed, threads)
    walk = Walk(instance, asked.given, limits, cancel, answers)
    of = 1 + places.shape[0] * places.shape[1]
    middle = np.array([(r.likely - r.low) / (r.high - r.low) for r in asked.given])
    likely = walk.to(middle, on_point("at the likely values", 0, of))
    points: list[list[Point]] = []
    steps: list[Step] = []
    if likely is not None and likely.plan is not None:
        _walk_all(walk, places, points, steps, on_point)
    return Screening(
        instance,
        asked,
        None if likely is None else likely.point,
        points,
        steps,
        screen_table(asked.given, points, steps, levels),
        gap,
        trajectories,
        levels,
        walk.rejected,
    )


def _walk_all(
    walk: Walk,
    places: np.ndarray,
    points: list[list[Point]],
    steps: list[Step],
    on_point: OnPoint,
) -> None:
    """Every trajectory, as far as it is not cancelled."""
    count, length, _ = places.shape
    of = 1 + count * length
    for number, way in enumerate(places):
        done = 1 + number * length
        text = f"trajectory {number + 1} of {count}"
        at = walk.to(way[0], on_point(f"{text}, begin", done, of))
        if at is None:
            return
        points.append([at.point])
        for n, place in enumerate(way[1:], start=1):
            turned = walk.given[int(np.abs(place - way[n - 1]).argmax())]
            told = on_point(f"{text}, {turned.label}", done + n, of)
            made = walk.step(number, at, place, told)
            if made is None:
                return
            step, at = made
            points[-1].append(at.point)
            steps.append(step)
