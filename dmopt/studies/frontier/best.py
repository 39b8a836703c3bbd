"""The best figure of one objective, and what is proven that no plan goes beyond.

Of all plans that keep what is held and cost c(x) <= C. Two kinds of solves say of them:

    a figure held by its rule, b a bound on the cost of plans that keep it:
        b > C, or no plan at all:  none of them goes as far as that figure

    the ideal f*, its rule soft at a price of p, b a bound on c(x) + p E(x):
        E(x) = sum_i w_i e_i(x)      what x lacks of the ideal in row i, weighted as
                                     money is                        (soft.py)
        b <= c(x) + p E(x)  and  c(x) <= C   give   E(x) >= (b - C) / p

In the second an objective stands in the place of cost: p is so dear that C / p is noise
(`DEAR`), and one solve finds a plan and proves how good it is. A plan that attains f
lacks at most E(x) <= G |f* - f| (priced.py), so that

    |f* - f| >= (b - C) / (p G)

With one row for each period and periods of one weight no more is lost than C / (p G)
and the gap of the solve, but that the mean over periods stands for the worst; with a
row for each district or zone their mean stands for the worst of them, which proves
little. What is left open is halved by solves of the first kind.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dmopt.errors import PlanRejected
from dmopt.rules.catalogue import RULES
from dmopt.solving.outcome import FAR_OFF
from dmopt.solving.progress import OnProgress
from dmopt.solving.result import Result
from dmopt.studies.frontier.objective import Objective
from dmopt.studies.frontier.search import Held, Known, Search

DEAR = 1e4
"""What the cheapest plan would pay for what it lacks of the ideal, in times of its
cost."""
STEPS = 22
"""Most figures tried."""
FINEST = 1e-6
"""Relative: figures are not told apart further."""

OnStep = Callable[[str], OnProgress | None]


@dataclass(frozen=True)
class Best:
    """value: the best that a plan found attains. limit: proven, no plan that may be had
    goes beyond it; the ideal, where nothing more is known."""

    value: float
    limit: float

    def is_proven(self, gap: float) -> bool:
        """Whether no plan is better by more than a share of the figure."""
        return is_near(self.value, self.limit, gap)


def is_near(one: float, other: float, gap: float) -> bool:
    width = max(gap, FINEST) * max(abs(one), abs(other))
    return abs(one - other) <= width * (1 + FINEST)


def best(
    search: Search,
    objective: Objective,
    held: Held,
    most_cost: float,
    is_cost_held: bool,
    on_step: OnStep,
) -> Best | None:
    """Look for the best figure; None where no plan is found that keeps any.

    most_cost: C. is_cost_held: whether that is near what plans cost, as no price is
    noise then. on_step: told before each solve what it is; answers who hears it.
    """
    seeking = _Seeking(search, objective, held, most_cost, on_step)
    if not seeking.plans and not search.is_cancelled:
        seeking.ask(_loosest(objective))
    if not seeking.plans:
        return None
    is_priced = objective.counts and not is_cost_held
    if is_priced and not seeking.is_over:
        seeking.ask_priced()
    for step in range(STEPS):
        if seeking.is_over:
            break
        first = is_priced and step == 0
        seeking.try_figure(seeking.just_beyond if first else seeking.half_way)
    return seeking.found


def _loosest(objective: Objective) -> float:
    """The figure beyond which it makes no sense to loosen the rule."""
    figures = getattr(RULES[objective.rule], "model_fields", {})
    said = getattr(figures.get(objective.figure), "json_schema_extra", None) or {}
    return float(said.get("to", objective.ideal))


class _Seeking:
    """What is known of one objective's best figure.

    limit: proven. end: nothing is looked for beyond it: the limit, or a figure for
    which no plan was found in the time.
    """

    def __init__(
        self,
        search: Search,
        objective: Objective,
        held: Held,
        most_cost: float,
        on_step: OnStep,
    ) -> None:
        self._search, self._objective, self._held = search, objective, list(held)
        self._most_cost, self._on_step = most_cost, on_step
        self._gap = max(search.limits.gap, FINEST)
        self.limit = self.end = objective.ideal

    @property
    def plans(self) -> list[Known]:
        """Known ones that may be had and keep some figure."""
        place = self._search.objectives.index(self._objective)
        plans = self._search.keeping(self._held, self._most_cost)
        return [each for each in plans if np.isfinite(each.attained[place])]

    @property
    def value(self) -> float:
        return self._search.best(self._objective, self.plans)

    @property
    def found(self) -> Best:
        """By the last digits a plan may be better than what is proven; raises
        PlanRejected where it is by far: one of the two is wrong."""
        value, limit = self.value, self.limit
        if not self._objective.as_tight(value, limit):
            return Best(value, limit)
        if abs(value - limit) > FAR_OFF * max(1.0, abs(value), abs(limit)):
            raise PlanRejected(
                [f"{value:.12g} lies beyond {limit:.12g}, which no plan is to pass"]
            )
        return Best(value, value)

    @property
    def is_over(self) -> bool:
        """Whether there is no more to look for, or no time for it."""
        value, end = self.value, self.end
        no_room = self._objective.as_tight(value, end) or is_near(value, end, self._gap)
        return self._search.is_cancelled or no_room

    @property
    def just_beyond(self) -> float:
        """A figure better than the best by the gap, or half-way to the end."""
        value, end = self.value, self.end
        step = min(self._gap * max(abs(value), abs(end)), abs(end - value) / 2)
        return float(value + np.copysign(step, end - value))

    @property
    def half_way(self) -> float:
        return (self.value + self.end) / 2

    def ask(self, figure: float) -> Result:
        """Solve with the objective held at a figure."""
        told = self._on_step(f"{self._objective.name} {figure:.4g}")
        wish = self._search.wish([*self._held, (self._objective, figure)])
        return self._search.ask(wish, told, self._most_cost, any_plan=True)

    def try_figure(self, figure: float) -> None:
        """Move the value, the limit or the end by a solve at a figure between."""
        before = self.value
        result = self.ask(figure)
        bound = -np.inf if result.bound is None else result.bound
        if result.status == "infeasible" or bound > self._most_cost:
            self.limit = self.end = figure
        elif self.value == before:
            self.end = figure

    def ask_priced(self) -> None:
        """Solve with the objective in the place of cost."""
        search, objective = self._search, self._objective
        cheapest = min(self.plans, key=lambda each: each.cost)
        lacks = sum(objective.lacks(objective.ideal, search.instance, cheapest.plan))
        dear = DEAR * max(abs(cheapest.cost), 1.0) / lacks
        told = self._on_step(f"the best {objective.name}")
        result, price = search.ask_priced(objective, dear, told, self._held)
        lost = search.lost(objective)
        if result.bound is None or lost is None:
            return
        lacking = max(0.0, result.bound - self._most_cost) / (price * lost)
        ideal = objective.ideal
        self.limit = ideal + (lacking if objective.less_is_better else -lacking)
        self.end = self.limit
