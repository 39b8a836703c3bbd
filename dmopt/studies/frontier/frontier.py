"""The frontier of cost against one or two other objectives, point by point.

For figures e between what the cheapest plan attains and the tightest that is found:

    min cost   such that   objective k is at least as good as e[k]   for all k

Each point is an ordinary solve with a rule more (the epsilon-constraint method, Haimes,
Lasdon and Wismer 1971), in one session, the loosest first; what is known of one point
counts for every other (search.py). Most of the bound comes from solves with a price on
the objective in place of the rule, asked for where a point is open (lines.py).

The tightest figure is of a plan that was looked for by making the objective dear; that
nothing goes further is not proven. As much of each product is brought in each period in
all plans as in the cheapest: to serve nobody emits nothing, and is no plan.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import ceil, isfinite
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.errors import Fault, InstanceError
from dmopt.rules.words import figure
from dmopt.solving.highs import Limits
from dmopt.solving.progress import OnProgress
from dmopt.solving.result import Result
from dmopt.studies.answers import Answers
from dmopt.studies.frontier.lines import Lines
from dmopt.studies.frontier.objective import (
    Objective,
    refuse_what_is_about_nothing,
)
from dmopt.studies.frontier.search import DEAREST, Figures, Point, Search
from dmopt.studies.rejected import Rejected
from dmopt.studies.whatif import Wish

AGAIN = 5
"""Times the time limit that a point may take when it is asked again."""

OnPoint = Callable[[str, int, int], OnProgress | None]
OnPoints = Callable[[Sequence[Point]], None]


@dataclass(frozen=True)
class Frontier:
    """objectives: besides cost. ends: of each, what the cheapest plan attains, and the
    best that any plan found does. points: by their figures, the loosest first. gap:
    asked. served: (product, period) -> least share of its demand that every plan
    brings. status: of the solve for the cheapest plan; without one no points. rejected:
    what was asked whose plan did not pass its check."""

    instance: Instance
    objectives: Sequence[Objective]
    ends: Sequence[tuple[float, float]]
    points: Sequence[Point]
    gap: float
    served: Mapping[tuple[str, str], float]
    status: str
    rejected: Sequence[Rejected] = field(default=())


def frontier(
    instance: Instance,
    objectives: Sequence[Objective],
    *,
    points: int = 12,
    gap: float = 0.01,
    time_limit_s: float = 45.0,
    seed: int = 0,
    threads: int = 2,
    dearest: float = DEAREST,
    start: Result | None = None,
    on_point: OnPoint = lambda text, done, of: None,
    on_points: OnPoints = lambda points: None,
    cancel: Event | None = None,
    answers: Answers | None = None,
) -> Frontier:
    """Trade cost against one or two objectives.

    points: figures of each objective, both ends among them. gap, time_limit_s: of each
    solve; what those leave over goes to points that did not reach the gap. dearest: how
    far to look: until one per cent less to lack costs so many per cent more. start: a
    result of the instance, whose plan and proof are known from the beginning. on_point:
    told before each solve what it is, how many are done and of how many; answers who
    hears its progress. on_points: told all points as they are known by then, before the
    first of them is solved and after each. Cancelled, what is known by then comes back;
    without any plan there are no points. answers: of solves that were made before, for
    the same study (answers.py).
    Raises ValueError for none or more than two objectives, fewer than two points or a
    `dearest` that is not above 0,
    InstanceError for an objective of which there is nothing in the instance,
    PlanRejected where the cheapest plan does not pass its check.
    """
    if not 1 <= len(objectives) <= 2 or points < 2:
        raise ValueError("one or two objectives and at least two points expected")
    if not 0 < dearest < np.inf:
        raise ValueError(f"dearest = {dearest}, expected more than 0")
    refuse_what_is_about_nothing(instance, objectives)
    search = Search(
        instance,
        objectives,
        Limits(time_limit_s, gap, seed, threads),
        cancel,
        answers,
    )
    if start is not None:
        search.session.learn(Wish(), start)
    of = 1 + len(objectives) + points ** len(objectives)
    free = search.ask(Wish(), on_point("the cheapest plan", 0, of))
    if not search.known:
        return Frontier(instance, objectives, (), (), gap, {}, free.status)
    cheapest = search.known[0].attained
    if not all(map(isfinite, cheapest)):
        raise InstanceError([_keeps_none(o) for o in objectives])
    if free.bound is not None:
        search.bounds.append((None, free.bound))
    search.serve_as_much()
    for n, each in enumerate(objectives):
        search.reach(each, on_point(f"the best {each.name}", 1 + n, of), dearest)
    spread = [
        dict.fromkeys(_spread(each, loose, search.best(each), points))
        for each, loose in zip(objectives, cheapest, strict=True)
    ]
    asked = list(product(*spread))
    on_points(_points(search, asked))
    lines = Lines(search)
    for done, figures in enumerate(asked, start=1 + len(objectives)):
        if search.is_cancelled:
            break
        text = _in_words(objectives, figures)
        told = on_point(text, done, 1 + len(objectives) + len(asked))
        spare = lines.spare(time_limit_s * of, asked[done - 1 - len(objectives) :])
        lines.ask(figures, told, min(time_limit_s, spare // 1))
        search.at(figures, told)
        on_points(_points(search, asked))
    _again(lines, asked, time_limit_s * of - search.used, on_point, on_points)
    return Frontier(
        instance,
        objectives,
        [
            (loose, search.best(o))
            for o, loose in zip(objectives, cheapest, strict=True)
        ],
        _points(search, asked),
        gap,
        search.served,
        free.status,
        search.rejected,
    )


def _again(
    lines: Lines,
    asked: Sequence[Figures],
    seconds: float,
    on_point: OnPoint,
    on_points: OnPoints,
) -> None:
    """Points that did not reach the gap go on with the time that others left over, the
    last asked first: the session still knows most of it. Half of that is for a price.

    Shares are whole seconds, of what kept answers tell again: after a kill the same is
    asked. None is the limit of before, or the kept answer would come back; nor more
    than some times that, which hardly helps."""
    search = lines.search
    undone = [figures for figures in reversed(asked) if search.is_open(figures)]
    for done, figures in enumerate(undone):
        limit = search.limits.time_limit_s
        share = min(seconds // (len(undone) - done), AGAIN * limit)
        if share < 1 or search.is_cancelled:
            break
        before, text = search.used, f"{_in_words(search.objectives, figures)}, again"
        told = on_point(text, done, len(undone))
        lines.ask(figures, told, share // 2)
        share -= ceil(search.used - before)
        if share == limit:
            share -= 1
        if share >= 1 and not search.is_cancelled:
            search.at(figures, told, share)
        seconds -= search.used - before
        on_points(_points(search, asked))


def _in_words(objectives: Sequence[Objective], figures: Figures) -> str:
    pairs = zip(objectives, figures, strict=True)
    return ", ".join(f"{each.name} {figure(value)}" for each, value in pairs)


def _points(search: Search, asked: Sequence[Figures]) -> list[Point]:
    found = [search.point(figures) for figures in asked]
    return [replace(p, dominated=search.is_dominated(p, found)) for p in found]


def _keeps_none(objective: Objective) -> Fault:
    return Fault(
        "objectives",
        read=repr(objective.name),
        expected=f"a cheapest plan that keeps {objective.rule} at some figure",
    )


def _spread(
    objective: Objective, loose: float, tight: float, count: int
) -> Iterator[float]:
    """Figures from one end to the other, evenly, rounded to the looser side."""
    yield from map(objective.looser, np.linspace(loose, tight, count).tolist())
