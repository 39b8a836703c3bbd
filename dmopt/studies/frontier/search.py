"""Solves of one frontier, and what each says of all points.

a plan of a point is a plan of each point whose figures it keeps
a bound of a point is a bound of each point whose figures are as tight or tighter
a bound of a solve with a price on one objective is one of every point    (priced.py)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, isfinite
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.errors import PlanRejected
from dmopt.plan.costs import total_cost, weights
from dmopt.plan.plan import Plan
from dmopt.rules.catalogue import make_rules
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import agreed
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.result import Result
from dmopt.studies.answers import Answers
from dmopt.studies.enough import Enough
from dmopt.studies.frontier.objective import Objective
from dmopt.studies.frontier.priced import Tangent, moved
from dmopt.studies.rejected import (
    WHY_NO_PLAN,
    Rejected,
    asked_in_words,
    rejected,
    without_plan,
)
from dmopt.studies.session import Session
from dmopt.studies.whatif import RuleWish, Wish

DEAREST, FURTHER = 3.0, (1e1, 1e3, 1e5)
"""What the cheapest plan would pay for what it lacks of the ideal, in times of its
cost, to find how far an objective goes: more where that leads nowhere."""
STEPS = 3
"""Steps half-way to the ideal where a price on what is lacking does not lead there."""
DIGITS = 6
"""Digits of shares asked for."""
NEAR = 1e-3
"""Share of what a plan lacks: so near the ideal its rows are read."""
SAME_COST, ROUNDING = 1e-9, 1e-6
"""Relative: costs that are one, and what a gap may be wider than asked."""

SERVED = "served"
"""What ids of the rules for what is served begin with."""

Figures = tuple[float, ...]
Held = Sequence[tuple[Objective, float]]


@dataclass(frozen=True)
class Point:
    """figures: asked of each objective. plan: the cheapest known that keeps them;
    attained: by it. cost, bound: money; the bound is -inf where none is known.

    status: "proven" within the gap asked, "unproven"; without a plan: "none" (proven),
    "not found", or "rejected" where a plan and a bound contradict one another.
    dominated: a tighter point costs no more.
    """

    figures: Figures
    plan: Plan | None
    attained: Figures
    cost: float | None
    bound: float
    status: str
    dominated: bool = False

    @property
    def gap(self) -> float | None:
        """None without a plan or without a bound."""
        return relative_gap(self.cost, self.bound if np.isfinite(self.bound) else None)


@dataclass(frozen=True)
class Known:
    """A plan, wherever it was found, checked under the instance's own rules."""

    plan: Plan
    cost: float
    attained: Figures


class Search:
    """Asks one session, and answers from all that is known. used: seconds of solves,
    also of kept answers; not of those that were rejected. rejected: what was asked
    whose plan did not pass its check."""

    def __init__(
        self,
        instance: Instance,
        objectives: Sequence[Objective],
        limits: Limits,
        cancel: Event | None,
        answers: Answers | None = None,
    ) -> None:
        self.instance, self.objectives = instance, objectives
        self.limits, self.cancel = limits, cancel
        self.rules = make_rules(instance)
        self.session = Session(instance, answers)
        self.served: dict[tuple[str, str], float] = {}
        self.known: list[Known] = []
        self.bounds: list[tuple[Figures | None, float]] = []
        self.tangents: list[Tangent] = []
        self.rejected: list[Rejected] = []
        self.used = 0.0
        self._left_out = set[Figures]()
        self._moved: dict[str, np.ndarray | None] = {}

    def serve_as_much(self) -> None:
        """From here on as much of each product is brought in each period as by the
        cheapest plan."""
        unmet, wanted = (
            self.known[0].plan.tables["unmet"],
            self.instance.demand_by_period,
        )
        markets = ["commodity", "period"]
        demand = wanted.groupby(markets).quantity_per_yr.sum()
        demand = demand[demand > 0]
        short = unmet.groupby(markets).quantity_per_yr.sum().reindex(demand.index)
        share = 1 - short.fillna(0.0) / demand
        self.served = {
            (str(c), str(t)): _down(value)
            for c, t, value in share.reset_index().itertuples(index=False, name=None)
        }

    def wish(self, held: Held, dear: tuple[Objective, float] | None = None) -> Wish:
        """With a rule for each objective at its figure, and for what is served. dear:
        an objective besides, at its ideal, and the price of what a plan lacks of it."""
        add = [f"{o.id}: {o.rule} {o.parameters(value)}" for o, value in held]
        change = []
        if dear is not None:
            each, price = dear
            add.append(f"{each.id}: {each.rule} {each.parameters(each.ideal)}")
            change.append(f"{each.id}.soft_price={price:.6g}")
        for n, ((product, period), share) in enumerate(self.served.items()):
            add.append(f"{SERVED} {n}: demand_met share={share:.12g}")
            change.append(f"{SERVED} {n}.products={product}")
            change.append(f"{SERVED} {n}.periods={period}")
        return Wish(rules=RuleWish(add=add, change=change))

    @property
    def is_cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()

    def ask(
        self,
        wish: Wish,
        on_progress: OnProgress | None,
        most_cost: float = np.inf,
        any_plan: bool = False,
        near: Plan | None = None,
        limits: Limits | None = None,
        bound: float = -np.inf,
    ) -> Result:
        """Solve, and keep the plan with what it attains. most_cost: ends once a bound
        says that no plan costs as little; any_plan: or once a plan does. near: a plan
        to begin from. limits: other than those of each solve. bound: known already.

        A plan that does not pass its check is written down, and is no plan; raises
        PlanRejected where it is the first, so that there is nothing to keep."""
        limits = limits or self.limits
        enough = Enough(most_cost, self.cancel, on_progress, any_plan)
        try:
            result = self.session.ask(
                wish,
                gap=limits.gap,
                time_limit_s=limits.time_limit_s,
                seed=limits.seed,
                threads=limits.threads,
                on_progress=enough.heard,
                cancel=enough,
                near=near,
                bound=bound,
            )
        except PlanRejected as error:
            if not self.known:
                raise
            self.reject(asked_in_words(wish, SERVED), error)
            return without_plan()
        self.used += result.seconds
        if result.plan is not None:
            plan = Plan(self.instance, result.plan.tables, self.rules)
            attained = tuple(o.attained(self.instance, plan) for o in self.objectives)
            self.known.append(Known(plan, total_cost(plan), attained))
        return result

    def reject(self, what: str, error: PlanRejected) -> None:
        """Write down what is left out, once."""
        new = rejected(what, error)
        if new not in self.rejected:
            self.rejected.append(new)

    def is_open(self, figures: Figures) -> bool:
        """Whether it is not known yet that a point has no plan or what it costs, what
        is known does not contradict itself, and no plan of its own was rejected."""
        status = self.point(figures).status
        return figures not in self._left_out and status in ("unproven", "not found")

    def at(
        self,
        figures: Figures,
        on_progress: OnProgress | None,
        time_limit_s: float | None = None,
    ) -> Result | None:
        """Solve one point, if it is open. time_limit_s: as `ask`."""
        if not self.is_open(figures):
            return None
        pairs = list(zip(self.objectives, figures, strict=True))
        known = self.point(figures)
        result = self.ask(
            self.wish(pairs),
            on_progress,
            near=known.plan,
            limits=self._within(time_limit_s),
            bound=known.bound,
        )
        if result.why_path == WHY_NO_PLAN:
            self._left_out.add(figures)
        bound = np.inf if result.status == "infeasible" else result.bound
        self.bounds.append((figures, -np.inf if bound is None else bound))
        return result

    def _within(self, seconds: float | None) -> Limits:
        own = self.limits
        return own if seconds is None else replace(own, time_limit_s=seconds)

    def ask_priced(
        self,
        objective: Objective,
        price: float,
        on_progress: OnProgress | None,
        held: Held = (),
        limits: Limits | None = None,
        near: Plan | None = None,
    ) -> tuple[Result, float]:
        """Solve with a price on what a plan lacks of the ideal; the result, and the
        price as it stands in the rule. With nothing held, what it says of all figures
        is kept. limits, near: as `ask`."""
        price = float(f"{price:.6g}")
        wish = self.wish(held, dear=(objective, price))
        result = self.ask(wish, on_progress, limits=limits, near=near)
        lost = self.lost(objective)
        if result.bound is not None and lost is not None and not held:
            self.tangents.append(Tangent(objective, price * lost, result.bound))
        return result, price

    def lost(self, objective: Objective) -> float | None:
        """G of an objective; None where it is not known (priced.py)."""
        g = self.moved(objective)
        return None if g is None else float(g.sum() * weights(self.instance).max())

    def moved(self, objective: Objective) -> np.ndarray | None:
        """g of an objective."""
        if objective.name not in self._moved:
            attained = [
                k.attained[self.objectives.index(objective)] for k in self.known
            ]
            lacks = [abs(objective.ideal - a) for a in attained if isfinite(a)]
            if not any(lacks):
                return None
            away = max(lacks) * (1 if objective.less_is_better else -1)
            far, half, near = (objective.ideal + s * away for s in (1.0, 0.5, NEAR))
            self._moved[objective.name] = moved(
                self.session, objective, (far, half, near)
            )
        return self._moved[objective.name]

    def reach(
        self,
        objective: Objective,
        on_progress: OnProgress | None,
        dearest: float = DEAREST,
    ) -> None:
        """Look for plans that go as far in one objective as one that is so dear."""
        cheapest, ideal = self.known[0], objective.ideal
        lacks = sum(objective.lacks(ideal, self.instance, cheapest.plan))
        if not lacks:
            return
        if not objective.counts:
            self._step_by_step(objective, on_progress)
            return
        price = max(abs(cheapest.cost), 1.0) / lacks
        before = self.best(objective)
        # The gap of points is of their cost, without what is paid for the rest.
        limits = replace(self.limits, gap=self.limits.gap / (1 + dearest))
        self.ask_priced(objective, dearest * price, on_progress, limits=limits)
        for dear in FURTHER:
            if self.is_cancelled or self.best(objective) != before:
                return
            if dear > dearest:
                self.ask(self.wish([], dear=(objective, dear * price)), on_progress)

    def _step_by_step(
        self, objective: Objective, on_progress: OnProgress | None
    ) -> None:
        for _ in range(STEPS):
            middle = (self.best(objective) + objective.ideal) / 2
            wish = self.wish([(objective, middle)])
            if self.is_cancelled or self.ask(wish, on_progress).plan is None:
                return

    def best(self, objective: Objective, among: Sequence[Known] | None = None) -> float:
        """The best value that any plan known attains, or any of these."""
        place = self.objectives.index(objective)
        values = [each.attained[place] for each in among or self.known]
        return min(values) if objective.less_is_better else max(values)

    def keeping(self, held: Held, most_cost: float = np.inf) -> list[Known]:
        """Plans known that keep figures and cost no more than so much."""
        most = most_cost + SAME_COST * abs(most_cost)
        places = [(self.objectives.index(o), o, figure) for o, figure in held]
        return [
            each
            for each in self.known
            if each.cost <= most
            and all(o.keeps(each.attained[n], figure) for n, o, figure in places)
        ]

    def point(self, figures: Figures) -> Point:
        """What is known of a point from all solves so far."""
        said = [
            known
            for other, known in self.bounds
            if other is None or self.as_tight(figures, other)
        ]
        for each in self.tangents:
            said.append(each.at(figures[self.objectives.index(each.objective)]))
        bound = max(said, default=-np.inf)
        fit = [each for each in self.known if self._keeps(each.attained, figures)]
        if not fit:
            status = "none" if np.isposinf(bound) else "not found"
            return Point(figures, None, (), None, bound, status)
        best = min(fit, key=lambda each: each.cost)
        try:
            bound = agreed(best.cost, bound)
        except PlanRejected as error:
            pairs = zip(self.objectives, figures, strict=True)
            text = ", ".join(f"{o.name} {figure:.6g}" for o, figure in pairs)
            self.reject(text, error)
            return Point(figures, None, (), None, -np.inf, "rejected")
        gap = relative_gap(best.cost, bound if np.isfinite(bound) else None)
        proven = gap is not None and gap <= self.limits.gap + ROUNDING
        status = "proven" if proven else "unproven"
        return Point(figures, best.plan, best.attained, best.cost, bound, status)

    def as_tight(self, one: Figures, other: Figures) -> bool:
        """Whether figures are as tight as others, or tighter, in every objective."""
        pairs = zip(self.objectives, one, other, strict=True)
        return all(o.as_tight(mine, theirs) for o, mine, theirs in pairs)

    def _keeps(self, attained: Figures, figures: Figures) -> bool:
        pairs = zip(self.objectives, attained, figures, strict=True)
        return all(o.keeps(value, figure) for o, value, figure in pairs)

    def is_dominated(self, this: Point, points: Sequence[Point]) -> bool:
        """Whether a tighter one of the points costs no more."""
        if this.cost is None:
            return False
        most = this.cost + SAME_COST * abs(this.cost)
        return any(
            other.cost is not None
            and other.cost <= most
            and self.as_tight(other.figures, this.figures)
            and not self.as_tight(this.figures, other.figures)
            for other in points
        )


def _down(share: float) -> float:
    """A share on the lower side of its digits."""
    return max(0.0, floor(round(share * 10**DIGITS, 6)) / 10**DIGITS)
