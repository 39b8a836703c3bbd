"""Solves of a screening: one session, each point begun from its neighbour's plan.

At a new point the neighbour's decisions are priced first (flows solved anew), then the
point is solved, from that plan and what its prices prove. Where other sites are found
and the old ones may still be as good, one more solve in which exactly those work says
what they cost at least (step.py). Over several periods sites come and go: then only
that no other site ever works is imposed, which allows more, and proves less.

The plan of a point is the cheapest known there, whichever solve has found it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.errors import PlanRejected
from dmopt.explaining.why import working
from dmopt.plan.emissions import emissions_kg
from dmopt.plan.plan import Plan
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import agreed
from dmopt.solving.progress import OnProgress
from dmopt.solving.result import Result
from dmopt.studies.answers import Answers
from dmopt.studies.rejected import Rejected, asked_in_words, rejected
from dmopt.studies.screen.ranges import Range
from dmopt.studies.screen.step import (
    REJECTED,
    Ended,
    Kept,
    Point,
    Step,
    Verdict,
    verdict,
)
from dmopt.studies.session import Session
from dmopt.studies.whatif import RuleWish, Wish

AT_ONCE = 15
"""Sites that one rule names: the text of a rule has an end."""
PART = ",;"
"""What no site that a rule names may have in its id; else nothing can be held."""


@dataclass(frozen=True)
class Solved:
    """A point, and the best plan known there or None."""

    point: Point
    plan: Plan | None


class Walk:
    """Asks one session. What is cancelled on the way comes back as None. rejected: what
    was asked whose plan did not pass its check: no plan of it is known then."""

    def __init__(
        self,
        instance: Instance,
        given: Sequence[Range],
        limits: Limits,
        cancel: Event | None,
        answers: Answers | None = None,
    ) -> None:
        self.instance, self.given = instance, given
        self.limits, self.cancel = limits, cancel
        self.session = Session(instance, answers)
        self.rejected: list[Rejected] = []
        self._is_begun = False
        ids = map(str, instance.sites.index)
        self._can_be_named = not any(part in site for site in ids for part in PART)

    @property
    def is_cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()

    def values(self, place: np.ndarray) -> dict[str, float]:
        """Figure -> value, from where it is in its range (k,)."""
        return {
            each.figure: float(each.low + at * (each.high - each.low))
            for each, at in zip(self.given, place, strict=True)
        }

    def to(self, place: np.ndarray, on_progress: OnProgress | None) -> Solved | None:
        """A point without a neighbour. Raises PlanRejected where the plan of the very
        first does not pass its check: there is nothing to keep."""
        result = self._ask(Wish(knobs=self.values(place)), on_progress)
        self._is_begun = True
        return None if self.is_cancelled else self._solved(place, result)

    def step(
        self,
        trajectory: int,
        before: Solved,
        place: np.ndarray,
        on_progress: OnProgress | None,
    ) -> tuple[Step, Solved] | None:
        """The next point of a trajectory, and what the step to it shows."""
        wish = Wish(knobs=self.values(place))
        old = None if before.plan is None else self._priced(wish, before.plan)
        near = None if old is None else old[0]
        found = self._solved(place, self._ask(wish, on_progress, near))
        after = self._cheaper(found, old)
        sites = before.point.sites
        kept = Kept(np.inf if old is None else old[1], after.point.bound)
        if (
            self._are_told_apart(before, after)
            and self._says(kept, before, after) == "left open"
            and self._can_be_named
        ):
            held = self._ask(self._holding(wish, sites), on_progress, near)
            if held is not None:
                kept = _tightened(kept, held, sites)
                after = self._cheaper(after, _plan_of(held))
        if self.is_cancelled:
            return None
        moved = int(np.abs(place - before.point.place).argmax())
        step = Step(
            trajectory, self.given[moved].figure, before.point, after.point, None, None
        )
        if self._are_told_apart(before, after):
            step = replace(step, kept=kept, verdict=self._says(kept, before, after))
        elif before.plan is not None and after.plan is not None:
            step = replace(step, verdict="same")
        return step, after

    def _are_told_apart(self, before: Solved, after: Solved) -> bool:
        """Whether both have a plan, with other sites."""
        there = before.plan is not None and after.plan is not None
        return there and before.point.sites != after.point.sites

    def _says(self, kept: Kept, before: Solved, after: Solved) -> Verdict:
        return verdict(kept, before.point, after.point, self.limits.gap)

    def _ask(
        self, wish: Wish, on_progress: OnProgress | None, near: Plan | None = None
    ) -> Result | None:
        """None where the plan found was rejected. near: a plan to begin from."""
        limits = self.limits
        try:
            return self.session.ask(
                wish,
                gap=limits.gap,
                time_limit_s=limits.time_limit_s,
                seed=limits.seed,
                threads=limits.threads,
                on_progress=on_progress,
                cancel=self.cancel,
                near=near,
            )
        except PlanRejected as error:
            if not self._is_begun:
                raise
            self.rejected.append(rejected(asked_in_words(wish), error))
            return None

    def _priced(self, wish: Wish, plan: Plan) -> tuple[Plan, float] | None:
        limits = self.limits
        try:
            return self.session.priced(
                wish,
                plan,
                time_limit_s=limits.time_limit_s,
                seed=limits.seed,
                cancel=self.cancel,
            )
        except PlanRejected as error:
            text = f"the plan before it at {asked_in_words(wish)}"
            self.rejected.append(rejected(text, error))
            return None

    def _solved(self, place: np.ndarray, result: Result | None) -> Solved:
        bound = -np.inf if result is None or result.bound is None else result.bound
        status: Ended = REJECTED if result is None else result.status
        bound = np.inf if status == "infeasible" else bound
        nothing = frozenset[str]()
        values = self.values(place)
        point = Point(place, values, status, np.nan, bound, np.nan, nothing)
        return self._cheaper(
            Solved(point, None), None if result is None else _plan_of(result)
        )

    def _cheaper(self, known: Solved, other: tuple[Plan, float] | None) -> Solved:
        """The better of two; nothing is known of a point where a plan and a bound
        contradict one another."""
        try:
            return _cheaper(known, other)
        except PlanRejected as error:
            wish = Wish(knobs=known.point.values)
            self.rejected.append(rejected(asked_in_words(wish), error))
            none = replace(
                known.point,
                status=REJECTED,
                cost=np.nan,
                bound=-np.inf,
                emissions_t=np.nan,
                sites=frozenset[str](),
            )
            return Solved(none, None)

    def _holding(self, wish: Wish, sites: frozenset[str]) -> Wish:
        """And exactly these sites work; over several periods, no others do."""
        every = [str(site) for site in self.instance.sites.index]
        old = [site for site in every if site in sites]
        others = [site for site in every if site not in sites]
        add = list(_rules("screening shuts", others, "most=0"))
        if len(self.instance.periods) == 1:
            add += _rules("screening holds", old, "least={}")
        return wish.model_copy(update={"rules": RuleWish(add=add)})


def _rules(id: str, sites: Sequence[str], figure: str) -> Iterator[str]:
    """Rules about each so many sites; {} in the figure is their number."""
    for begin in range(0, len(sites), AT_ONCE):
        part = sites[begin : begin + AT_ONCE]
        yield (
            f"{id} {begin}: site_count sites={','.join(part)}; where=all; "
            f"working=yes; {figure.format(len(part))}"
        )


def _plan_of(result: Result) -> tuple[Plan, float] | None:
    if result.plan is None or result.cost is None:
        return None
    return result.plan, result.cost


def _cheaper(known: Solved, other: tuple[Plan, float] | None) -> Solved:
    """The point with the better of the plan known there and another one. Raises
    PlanRejected where that costs less than is proven."""
    if other is None or other[1] >= known.point.cost:
        return known
    plan, cost = other
    kg = emissions_kg(plan).groupby("period", sort=False).kg_per_yr.sum()
    years = plan.instance.periods.years
    mean = float((kg.reindex(years.index).to_numpy() * years).sum() / years.sum())
    point = replace(
        known.point,
        cost=cost,
        bound=agreed(cost, known.point.bound),
        emissions_t=mean / 1000,
        sites=frozenset(working(plan)),
    )
    return Solved(point, plan)


def _tightened(kept: Kept, held: Result, sites: frozenset[str]) -> Kept:
    """What is known of plans at the old sites, with a solve that holds to them."""
    cost, bound = kept.cost, kept.bound
    if held.plan is not None and held.cost is not None and working(held.plan) == sites:
        cost = min(cost, held.cost)
    if held.status == "infeasible":
        bound = np.inf
    elif held.bound is not None:
        bound = max(bound, held.bound)
    return Kept(cost, bound)
