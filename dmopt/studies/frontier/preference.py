"""Objectives one after the other: the best of the first, held, then of the second ...

    stage k    best f_k   such that   f_j is at least as good as held_j   for all j < k
    held_k     the best found of f_k, worse by the slack allowed

Cost is an objective like the others: held, it is a limit on the cost of all plans from
there on. It comes last unless it is named. Before it is held a plan may cost up to
`DEAREST` times the cheapest: what is said of "any plan" is said of those.

As in a frontier, as much of each product is brought in each period in all plans as in
the cheapest one: to serve nobody emits nothing, and is no plan.
Source: lexicographic order, or preemptive goal programming (Charnes and Cooper 1961;
Ignizio 1976). How a stage's best is found and proven stands in best.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.errors import PlanRejected
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import agreed
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.result import Result
from dmopt.studies.answers import Answers
from dmopt.studies.frontier.best import Best, best
from dmopt.studies.frontier.objective import (
    Objective,
    refuse_what_is_about_nothing,
)
from dmopt.studies.frontier.search import Figures, Known, Search
from dmopt.studies.rejected import Rejected
from dmopt.studies.whatif import Wish

COST = "cost"
DEAREST = 10.0

OnStep = Callable[[str, int, int], OnProgress | None]


@dataclass(frozen=True)
class Stage:
    """objective: None for cost. value: the best that a plan found attains, with all
    before it held. limit: proven, no plan goes beyond it (cost: -inf where there is no
    bound). held: from here on. proven: whether value and limit are within the gap.

    plan: the cheapest found that keeps all that is held by now; attained: by it, of all
    objectives, in their order. cost: its; bound: no plan that keeps all of it costs
    less, -inf where none is known.
    """

    objective: Objective | None
    value: float
    limit: float
    held: float
    proven: bool
    plan: Known
    bound: float

    @property
    def name(self) -> str:
        return COST if self.objective is None else self.objective.name

    @property
    def cost(self) -> float:
        return self.plan.cost

    @property
    def attained(self) -> Figures:
        return self.plan.attained

    @property
    def gap(self) -> float | None:
        """Of the cost; None without a bound."""
        return relative_gap(self.cost, self.bound if np.isfinite(self.bound) else None)


@dataclass(frozen=True)
class Preference:
    """order: asked, with cost. objectives: those of it besides cost. stages: those
    reached, in the order; fewer where it was stopped, or where no plan was found that
    keeps the next at any figure, or where a plan and a bound contradict one another.
    cheapest: the solve for the cheapest plan; without one no stages. served: as in a
    frontier. most_cost: of any plan, until cost is held. rejected: what was asked whose
    plan did not pass its check.
    """

    instance: Instance
    order: Sequence[Objective | str]
    objectives: Sequence[Objective]
    stages: Sequence[Stage]
    slack: float
    gap: float
    cheapest: Result
    served: Mapping[tuple[str, str], float]
    most_cost: float
    rejected: Sequence[Rejected] = field(default=())

    @property
    def result(self) -> Result | None:
        """The plan in the last stage, as a result of the instance: what is proven of
        the cheapest; None without a plan."""
        if not self.stages:
            return self.cheapest if self.cheapest.plan is not None else None
        plan, bound = self.stages[-1].plan, self.cheapest.bound
        return replace(
            self.cheapest,
            status="feasible",
            plan=plan.plan,
            cost=plan.cost,
            bound=None if bound is None else min(bound, plan.cost),
            why_path=f"in the order {', '.join(map(_name, self.order))}",
            log=(),
            memory=None,
        )

    @property
    def is_complete(self) -> bool:
        return len(self.stages) == len(self.order)


def prefer(
    instance: Instance,
    order: Sequence[Objective | str],
    *,
    slack: float = 0.01,
    gap: float = 0.01,
    time_limit_s: float = 45.0,
    seed: int = 0,
    threads: int = 2,
    on_step: OnStep = lambda text, done, of: None,
    cancel: Event | None = None,
    answers: Answers | None = None,
) -> Preference:
    """The best of the first objective, then of the second with the first held ...

    order: objectives, each once; "cost" may be one of them and is put last otherwise.
    slack: share by which a figure may be worse than the best found once it is held.
    gap: of the cost in each solve, and of each figure against what is proven of it.
    time_limit_s: of each solve; a stage takes several. on_step: told before each solve
    what it is, how many stages are done and of how many; answers who hears its
    progress. Cancelled, the stages reached come back. answers: of solves that were made
    before, for the same study (answers.py).
    Raises ValueError for an order without objectives or with one twice, or for a slack
    outside 0..1; InstanceError for an objective of which there is nothing;
    PlanRejected where the cheapest plan does not pass its check.
    """
    order = [*order, *([] if COST in order else [COST])]
    objectives = [each for each in order if isinstance(each, Objective)]
    if not objectives or len({*map(_name, order)}) < len(order):
        raise ValueError("objectives expected, each of them once")
    if len(objectives) + 1 < len(order):
        raise ValueError(f"order = {order!r}, expected objectives and {COST!r}")
    if not 0 <= slack < 1:
        raise ValueError(f"slack = {slack}, expected a share from 0 to 1")
    refuse_what_is_about_nothing(instance, objectives)
    limits = Limits(time_limit_s, gap, seed, threads)
    search = Search(instance, objectives, limits, cancel, answers)
    free = search.ask(Wish(), on_step("the cheapest plan", 0, len(order)))
    if free.cost is None:
        return Preference(instance, order, objectives, (), slack, gap, free, {}, np.nan)
    search.serve_as_much()
    ladder = _Ladder(search, free, slack, len(order), on_step)
    most_cost = ladder.most_cost
    for each in order:
        try:
            is_there = not search.is_cancelled and ladder.climb(each)
        except PlanRejected as error:
            search.reject(f"the stage of {_name(each)}", error)
            break
        if not is_there:
            break
    return Preference(
        instance,
        order,
        objectives,
        ladder.stages,
        slack,
        gap,
        free,
        search.served,
        most_cost,
        search.rejected,
    )


def _name(each: Objective | str) -> str:
    return each.name if isinstance(each, Objective) else each


class _Ladder:
    """Stages so far, and what they hold."""

    def __init__(
        self, search: Search, free: Result, slack: float, of: int, on_step: OnStep
    ) -> None:
        assert free.cost is not None
        self._search, self._slack, self._of = search, slack, of
        self._on_step = on_step
        self._held: list[tuple[Objective, float]] = []
        self._is_cost_held = False
        self._bound = -np.inf if free.bound is None else free.bound
        self.most_cost = free.cost + (DEAREST - 1) * max(abs(free.cost), 1.0)
        self.stages: list[Stage] = []

    def climb(self, each: Objective | str) -> bool:
        """One stage more; whether there is one."""
        if not isinstance(each, Objective):
            cost = self._cheapest.cost
            bound = agreed(cost, self._bound)
            self.most_cost = cost + self._slack * abs(cost)
            self._is_cost_held = True
            gap = relative_gap(cost, bound)
            proven = gap is not None and gap <= self._search.limits.gap + 1e-6
            self._add(None, Best(cost, bound), self.most_cost, proven)
            return True
        found = best(
            self._search, each, self._held, self.most_cost, self._is_cost_held,
            self._say,
        )  # fmt: skip
        if found is None:
            return False
        figure = each.looser(self._slackened(each, found.value))
        self._held.append((each, figure))
        self._price(f"the cheapest plan with {each.name} {figure:.4g}")
        proven = found.is_proven(self._search.limits.gap)
        self._add(each, found, figure, proven)
        return True

    @property
    def _cheapest(self) -> Known:
        plans = self._search.keeping(self._held, self.most_cost)
        return min(plans, key=lambda each: each.cost)

    def _price(self, text: str) -> None:
        """What all that is held costs at least, and a plan for it."""
        search = self._search
        gap = relative_gap(self._cheapest.cost, self._bound)
        if search.is_cancelled or (gap is not None and gap <= search.limits.gap):
            return
        result = search.ask(search.wish(self._held), self._say(text))
        if result.bound is not None:
            self._bound = max(self._bound, result.bound)

    def _slackened(self, objective: Objective, value: float) -> float:
        away = self._slack * abs(value)
        return value + away if objective.less_is_better else value - away

    def _say(self, text: str) -> OnProgress | None:
        return self._on_step(text, len(self.stages), self._of)

    def _add(
        self, objective: Objective | None, found: Best, held: float, proven: bool
    ) -> None:
        plan = self._cheapest
        bound = agreed(plan.cost, self._bound)
        stage = Stage(objective, found.value, found.limit, held, proven, plan, bound)
        self.stages.append(stage)
