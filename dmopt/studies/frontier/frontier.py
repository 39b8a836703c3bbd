"""The frontier of cost against one or two other objectives, point by point.

For figures e between what the cheapest plan attains and the tightest that is found:

    min cost   such that   objective k is at least as good as e[k]   for all k

Each point is an ordinary solve with a rule more (the epsilon-constraint method, Haimes,
Lasdon and Wismer 1971), in one session, the loosest first: plans and bounds of the
others are known by then. What is known of one point counts for every other:

    a plan of it is a plan of each point whose figures it keeps
    a bound of it is a bound of each point whose figures are as tight or tighter

The tightest figure is of a plan that was looked for by making the objective dear; that
nothing goes further is not proven. As much of each product is brought in all plans as
in the cheapest: to serve nobody emits nothing, and is no plan.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import floor, log10
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.costs import total
from dmopt.plan.plan import Plan
from dmopt.plan.verify import audit
from dmopt.rules.catalogue import make_rules
from dmopt.solving.highs import Limits
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.result import Result
from dmopt.studies.frontier.objective import Objective
from dmopt.studies.session import Session
from dmopt.studies.whatif import RuleWish, Wish

DEAR = 10.0
"""What the cheapest plan would pay for what it lacks of the ideal, in times of its
cost, to find how far an objective can go."""
DIGITS = 6
"""Significant digits of figures asked for, rounded to the looser side."""
SAME_COST, ROUNDING = 1e-9, 1e-6
"""Relative: costs that are one, and what a gap may be wider than asked."""

Figures = tuple[float, ...]
OnPoint = Callable[[str, int, int], OnProgress | None]


@dataclass(frozen=True)
class Point:
    """figures: asked of each objective. plan: the cheapest known that keeps them;
    attained: by it. cost, bound: money.

    status: "proven" within the gap asked, "unproven"; without a plan: "none" (proven)
    or "not found". dominated: another plan known is as good in everything and better
    in something.
    """

    figures: Figures
    plan: Plan | None
    attained: Figures
    cost: float | None
    bound: float
    status: str
    dominated: bool

    @property
    def gap(self) -> float | None:
        return relative_gap(self.cost, self.bound)


@dataclass(frozen=True)
class Frontier:
    """objectives: besides cost. ends: of each, what the cheapest plan attains, and the
    best that was found. points: by their figures, the loosest first. gap: asked.
    served: product -> least share of its demand that every plan brings."""

    instance: Instance
    objectives: Sequence[Objective]
    ends: Sequence[tuple[float, float]]
    points: Sequence[Point]
    gap: float
    served: Mapping[str, float]


@dataclass(frozen=True)
class _Known:
    """A plan, wherever it was found, checked under the instance's own rules."""

    plan: Plan
    cost: float
    attained: Figures


class _Search:
    """Solves of one frontier, and what is known from them."""

    def __init__(
        self,
        instance: Instance,
        objectives: Sequence[Objective],
        limits: Limits,
        cancel: Event | None,
    ) -> None:
        self.instance, self.objectives = instance, objectives
        self.limits, self.cancel = limits, cancel
        self.rules = make_rules(instance)
        self.session = Session(instance)
        self.served: dict[str, float] = {}
        self.known: list[_Known] = []
        self.bounds: list[tuple[Figures | None, float]] = []

    def serve_as_much(self) -> None:
        """From here on as much of each product is brought as by the cheapest plan."""
        unmet, demand = (
            self.known[0].plan.tables["unmet"],
            self.instance.demand_by_period,
        )
        markets = ["commodity", "period"]
        asked = demand.groupby(markets).quantity_per_yr.sum()
        short = unmet.groupby(markets).quantity_per_yr.sum().reindex(asked.index)
        share = 1 - short.fillna(0.0) / asked.where(asked > 0, 1.0)
        least = share.groupby("commodity").min()
        self.served = {str(c): _down(value) for c, value in least.items()}

    def wish(
        self, figures: Sequence[tuple[Objective, float]], soft: float = 0.0
    ) -> Wish:
        """With a rule for each objective at its figure, and for what is served. soft:
        the price of what the objectives lack, where their rules are soft."""
        add = [f"{o.id}: {o.rule} {o.parameters(value)}" for o, value in figures]
        change = [f"{o.id}.soft_price={soft:.6g}" for o, _ in figures if soft]
        for n, (good, share) in enumerate(self.served.items()):
            add.append(f"served {n}: demand_met share={share:.12g}")
            change.append(f"served {n}.products={good}")
        return Wish(rules=RuleWish(add=add, change=change))

    @property
    def is_cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()

    def ask(self, wish: Wish, on_progress: OnProgress | None) -> Result:
        """Solve, and keep the plan with what it attains."""
        limits = self.limits
        result = self.session.ask(
            wish,
            gap=limits.gap,
            time_limit_s=limits.time_limit_s,
            seed=limits.seed,
            threads=limits.threads,
            on_progress=on_progress,
            cancel=self.cancel,
        )
        if result.plan is not None:
            plan = Plan(self.instance, result.plan.tables, self.rules)
            broken, costs = audit(self.instance, plan, self.rules)
            assert not broken
            attained = tuple(o.attained(self.instance, plan) for o in self.objectives)
            self.known.append(_Known(plan, total(self.instance, costs), attained))
        return result

    def at(self, figures: Figures, on_progress: OnProgress | None) -> None:
        """Solve one point, unless it is known that it has no plan or what it costs."""
        point = self.point(figures)
        if point.status in ("proven", "none"):
            return
        pairs = list(zip(self.objectives, figures, strict=True))
        result = self.ask(self.wish(pairs), on_progress)
        bound = np.inf if result.status == "infeasible" else result.bound
        self.bounds.append((figures, -np.inf if bound is None else bound))

    def best(self, objective: Objective, on_progress: OnProgress | None) -> float:
        """The best value found when the objective is dear, or any found before."""
        cheapest = min(self.known, key=lambda each: each.cost)
        ideal = objective.ideal
        lacks = sum(objective.lacks(ideal, self.instance, cheapest.plan))
        if lacks > 0:
            price = max(abs(cheapest.cost), 1.0) * DEAR / lacks
            self.ask(self.wish([(objective, ideal)], soft=price), on_progress)
        place = self.objectives.index(objective)
        values = [each.attained[place] for each in self.known]
        return min(values) if objective.less_is_better else max(values)

    def point(self, figures: Figures) -> Point:
        """What is known of a point from all solves so far."""
        bound = max(
            (
                known
                for other, known in self.bounds
                if other is None or self._as_tight(figures, other)
            ),
            default=-np.inf,
        )
        fit = [each for each in self.known if self._as_tight(each.attained, figures)]
        if not fit:
            status = "none" if np.isposinf(bound) else "not found"
            return Point(figures, None, (), None, bound, status, False)
        best = min(fit, key=lambda each: each.cost)
        bound = float(min(bound, best.cost))
        gap = relative_gap(best.cost, bound)
        proven = gap is not None and gap <= self.limits.gap + ROUNDING
        return Point(
            figures, best.plan, best.attained, best.cost, bound,
            "proven" if proven else "unproven", self._is_dominated(best),
        )  # fmt: skip

    def _as_tight(self, one: Figures, other: Figures) -> bool:
        """Whether figures are as tight as others, or tighter, in every objective."""
        pairs = zip(self.objectives, one, other, strict=True)
        return all(o.keeps(mine, theirs) for o, mine, theirs in pairs)

    def _is_dominated(self, this: _Known) -> bool:
        margin = SAME_COST * abs(this.cost)
        return any(
            other.cost <= this.cost + margin
            and self._as_tight(other.attained, this.attained)
            and (
                other.cost < this.cost - margin
                or not self._as_tight(this.attained, other.attained)
            )
            for other in self.known
        )


def frontier(
    instance: Instance,
    objectives: Sequence[Objective],
    *,
    points: int = 12,
    gap: float = 0.01,
    time_limit_s: float = 45.0,
    seed: int = 0,
    threads: int = 2,
    on_point: OnPoint = lambda text, done, of: None,
    cancel: Event | None = None,
) -> Frontier:
    """Trade cost against one or two objectives.

    points: figures of each objective, both ends among them. gap, time_limit_s: of each
    solve. on_point: told before each solve what it is, how many are done and of how
    many; answers who hears its progress. Cancelled, what is known by then comes back;
    without any plan there are no points.
    Raises ValueError for none or more than two objectives or fewer than two points,
    InstanceError for an objective that the instance cannot have.
    """
    if not 1 <= len(objectives) <= 2 or points < 2:
        raise ValueError("one or two objectives and at least two points expected")
    limits = Limits(time_limit_s, gap, seed, threads)
    search = _Search(instance, objectives, limits, cancel)
    of = 1 + len(objectives) + points ** len(objectives)
    free = search.ask(Wish(), on_point("the cheapest plan", 0, of))
    if not search.known:
        return Frontier(instance, objectives, (), (), gap, {})
    cheapest = search.known[0].attained
    if free.bound is not None:
        search.bounds.append((None, free.bound))
    search.serve_as_much()
    ends = [
        (loose, search.best(each, on_point(f"the best {each.name}", 1 + n, of)))
        for n, (each, loose) in enumerate(zip(objectives, cheapest, strict=True))
    ]
    spread = [
        list(_spread(each, *end, points))
        for each, end in zip(objectives, ends, strict=True)
    ]
    asked = list(product(*spread))
    for done, figures in enumerate(asked):
        if search.is_cancelled:
            break
        pairs = zip(objectives, figures, strict=True)
        text = ", ".join(f"{each.name} {value:.3g}" for each, value in pairs)
        search.at(figures, on_point(text, done + 1 + len(objectives), of))
    found = [search.point(figures) for figures in asked]
    return Frontier(instance, objectives, ends, found, gap, search.served)


def _spread(
    objective: Objective, loose: float, tight: float, count: int
) -> Iterator[float]:
    """Figures from one end to the other, evenly, rounded to the looser side."""
    for value in np.linspace(loose, tight, count).tolist():
        if value == 0:
            yield value
            continue
        size = 10.0 ** (floor(log10(abs(value))) + 1 - DIGITS)
        steps = value / size
        whole = np.ceil(steps) if objective.less_is_better else np.floor(steps)
        yield float(f"{whole * size:.12g}")


def _down(share: float) -> float:
    """A share on the lower side of its digits."""
    return max(0.0, floor(share * 10**DIGITS) / 10**DIGITS)
