"""Near-optimal plans that work from sites as different as can be from all so far.

    n_k      the most, such that a plan of cost <= (1 + within) best works from sites
             of which at least n_k are otherwise than in each of the plans 0 .. k-1
    plan k   the cheapest of those

A site is otherwise that works in one of two plans and not in the other. Where small
sites cost little, the most different plan is the old one with many of them: `leaving`
counts only sites that an earlier plan works from and this one does not.

Plan 0 is the one at hand, and as much of each product is brought in each period in all
plans as in it: what serves less is no alternative. "At least n otherwise" is a rule for
each plan so far (rules/planning/unlike.py), so that every step is an ordinary solve for
least cost, and n_k is found by halving. Each solve says something of others:

    a bound above the limit at n     no plan so different, nor a more different one,
                                     from these plans or from more of them
    a plan, whatever it was for      differs by so much from each, and costs so much

With several periods it is the sites that work in the last one. Two plans with the same
sites are one, whatever their modules. Source: modelling to generate alternatives
(Brill, Chang and Hopkins 1982), who add up differences; here the least of them counts,
so that no two plans are alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.data.raw import one_fault
from dmopt.errors import PlanRejected
from dmopt.plan.plan import Plan
from dmopt.rules.catalogue import make_rules
from dmopt.rules.where import make_where
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import agreed
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.result import Result
from dmopt.studies.answers import Answers
from dmopt.studies.frontier.search import SAME_COST, Known, Search
from dmopt.studies.rejected import Rejected
from dmopt.studies.whatif import LONGEST, RuleWish, Wish

FIRST = 4
"""Sites asked for first, then twice what was found: each begins from the plan of the
one before, and on large instances one begun from afar finds none in its time."""

OnStep = Callable[[str, int, int], OnProgress | None]


@dataclass(frozen=True)
class Alternative:
    """plan, cost. sites: that work. different: of them and of those that do not work,
    so many at least are otherwise than in each plan before. most: proven, no plan
    within the limit is more different. bound: no plan as different costs less; -inf
    where none is known."""

    plan: Plan
    cost: float
    sites: frozenset[str]
    different: int
    most: int
    bound: float

    @property
    def gap(self) -> float | None:
        """Of the cost among plans as different; None without a bound."""
        return relative_gap(self.cost, self.bound if np.isfinite(self.bound) else None)


@dataclass(frozen=True)
class Alternatives:
    """base: the result at hand; sites: that work in it. found: in the order found.
    within: share; limit: money that is. leaving: whether only sites left count. period:
    of which the sites are. most: proven, no plan within the limit is in more sites
    otherwise than each of those found; 0: there is no other. stopped: before as many as
    asked were looked for. rejected: what was asked whose plan did not pass its
    check."""

    instance: Instance
    base: Result
    sites: frozenset[str]
    found: Sequence[Alternative]
    within: float
    leaving: bool
    limit: float
    period: str
    most: int
    stopped: bool
    rejected: Sequence[Rejected] = field(default=())

    @property
    def always(self) -> list[str]:
        """Sites that work in every plan, the one at hand among them."""
        common = self.sites.intersection(*(each.sites for each in self.found))
        return [s for s in self.instance.sites.index if s in common]

    def result(self, each: Alternative) -> Result:
        """An alternative as a result of the instance: what the bound at hand proves."""
        bound = None if self.base.bound is None else min(self.base.bound, each.cost)
        return replace(
            self.base,
            status="feasible",
            plan=each.plan,
            cost=each.cost,
            bound=bound,
            why_path=f"an alternative: {each.different} sites otherwise",
            log=(),
            memory=None,
        )


def alternatives(
    instance: Instance,
    base: Result,
    *,
    within: float = 0.02,
    count: int = 5,
    leaving: bool = False,
    gap: float = 0.01,
    time_limit_s: float = 45.0,
    seed: int = 0,
    threads: int = 2,
    on_step: OnStep = lambda text, done, of: None,
    cancel: Event | None = None,
    answers: Answers | None = None,
) -> Alternatives:
    """Look for plans near the one at hand in cost, and far from it in sites.

    base: a result with a plan of this instance. within: share above its cost. count:
    most alternatives. leaving: count only sites that an earlier plan works from. gap,
    time_limit_s: of each solve; an alternative takes several. on_step: told before each
    solve what it is, how many alternatives are found and of how many; answers who hears
    its progress. Cancelled, what was found comes back. answers: of solves that were
    made before, for the same study (answers.py).
    Raises ValueError for a base without a plan, a count below 1 or a share below 0;
    InstanceError where a rule cannot name the sites.
    """
    if base.plan is None or base.cost is None:
        raise ValueError("the result at hand has no plan to begin from")
    if count < 1 or not 0 <= within < np.inf:
        raise ValueError("a count of 1 or more and a share of 0 or more expected")
    limits = Limits(time_limit_s, gap, seed, threads)
    spread = _Spread(instance, base, within, leaving, limits, on_step, cancel, answers)
    if not spread.can_be_named:
        expected = (
            f"ids of working sites without ',' or ';', {LONGEST} characters in all"
        )
        raise one_fault("sites", expected)
    while len(spread.found) < count and spread.add_farthest(count):
        pass
    return Alternatives(
        instance,
        base,
        spread.chosen[0],
        spread.found,
        within,
        leaving,
        spread.limit,
        spread.period,
        spread.most,
        len(spread.found) < count and spread.is_cancelled,
        spread.rejected,
    )


class _Spread:
    """Plans chosen so far, and what is known of the next.

    chosen: sites of each, the plan at hand first. most: proven, no plan within the
    limit is more different from all of them.
    """

    def __init__(
        self,
        instance: Instance,
        base: Result,
        within: float,
        leaving: bool,
        limits: Limits,
        on_step: OnStep,
        cancel: Event | None,
        answers: Answers | None = None,
    ) -> None:
        assert base.plan is not None and base.cost is not None
        self._search = Search(instance, (), limits, cancel, answers)
        self._search.session.learn(Wish(), base)
        plan = Plan(instance, base.plan.tables, make_rules(instance))
        self._search.known.append(Known(plan, base.cost, ()))
        self._search.serve_as_much()
        self._on_step, self._leaving = on_step, leaving
        self.limit = base.cost + within * abs(base.cost)
        self.period = str(instance.periods.index[-1])
        self.chosen = [self._sites(plan)]
        self._works: list[frozenset[str]] = []
        self._able = int((instance.sites.status != "excluded").sum())
        self.most = len(self.chosen[0]) if leaving else self._able
        self.found: list[Alternative] = []
        least = -np.inf if base.bound is None else base.bound
        # (plans chosen, sites otherwise at least, no plan costs less)
        self._bounds: list[tuple[int, int, float]] = [(1, 0, least)]

    @property
    def is_cancelled(self) -> bool:
        return self._search.is_cancelled

    @property
    def rejected(self) -> Sequence[Rejected]:
        return self._search.rejected

    @property
    def can_be_named(self) -> bool:
        """Whether rules can name the sites of every plan chosen: their text has an
        end."""
        return all(
            len(self._rule(n, self.most)) <= LONGEST
            and not any(part in site for site in sites for part in ",;")
            for n, sites in enumerate(self.chosen)
        )

    def add_farthest(self, of: int) -> bool:
        """Look for the next alternative; whether there is one."""
        if not self.can_be_named:
            return False
        differs, end = self._farthest(), self.most + 1
        while end - differs > 1 and not self.is_cancelled:
            least = min((differs + end) // 2, max(2 * differs, FIRST))
            self._ask(least, of, any_plan=True)
            differs = max(differs, self._farthest())
            end = min(end, self.most + 1)
            end = end if differs >= least else min(end, least)
        if differs and not self.is_cancelled:
            self._ask(differs, of)
        if not differs:
            return False
        near = [each for each, otherwise in self._near if otherwise >= differs]
        best = min(near, key=lambda each: each.cost)
        sites = self._sites(best.plan)
        try:
            bound = agreed(best.cost, self._bound(differs))
        except PlanRejected as error:
            self._search.reject(f"a plan with {differs} sites otherwise", error)
            self.most = self._able  # nothing is proven by bounds that are wrong
            return False
        self.found.append(
            Alternative(best.plan, best.cost, sites, differs, self.most, bound)
        )
        self.chosen.append(sites)
        self.most = min(self.most, len(sites)) if self._leaving else self.most
        return True

    def _ask(self, least: int, of: int, any_plan: bool = False) -> None:
        """The cheapest plan of which at least so many sites are otherwise, or any
        within the limit."""
        text = f"at least {least} sites {'left' if self._leaving else 'otherwise'}"
        told = self._on_step(text, len(self.found), of)
        farthest, _ = max(self._near, key=lambda each: each[1])
        result = self._search.ask(
            self._wish(least), told, self.limit, any_plan, farthest.plan
        )
        bound = np.inf if result.status == "infeasible" else result.bound
        bound = -np.inf if bound is None else bound
        self._bounds.append((len(self.chosen), least, bound))
        if bound > self.limit:
            self.most = min(self.most, least - 1)

    def _wish(self, least: int) -> Wish:
        every, rules = range(len(self.chosen)), self._search.wish([]).rules
        add = [*rules.add, *(self._rule(n, least) for n in every)]
        change = [f"unlike {n}.periods={self.period}" for n in every]
        return Wish(rules=RuleWish(add=add, change=[*rules.change, *change]))

    def _rule(self, n: int, least: int) -> str:
        """At least so many sites are otherwise than in plan n."""
        counts = "left" if self._leaving else "all"
        names = ", ".join(sorted(self.chosen[n]))
        return f"unlike {n}: unlike least={least}; counts={counts}; sites={names}"

    def _bound(self, least: int) -> float:
        """Of plans that differ by so much from all chosen."""
        fewer = len(self.chosen)
        return max(b for k, n, b in self._bounds if k <= fewer and n <= least)

    @property
    def _near(self) -> list[tuple[Known, int]]:
        """Plans known within the limit, and in how many sites each is otherwise than
        in every plan chosen, at least."""
        new = self._search.known[len(self._works) :]
        self._works += [self._sites(each.plan) for each in new]
        most = self.limit + SAME_COST * abs(self.limit)
        return [
            (each, min(self._otherwise(sites, other) for other in self.chosen))
            for each, sites in zip(self._search.known, self._works, strict=True)
            if each.cost <= most
        ]

    def _otherwise(self, sites: frozenset[str], before: frozenset[str]) -> int:
        return len(before - sites if self._leaving else sites ^ before)

    def _farthest(self) -> int:
        return max((differs for _, differs in self._near), default=0)

    def _sites(self, plan: Plan) -> frozenset[str]:
        """Those that work in the last period: open, with a module that makes something
        that zones want."""
        makers = make_where(plan.instance).technologies
        modules = plan.tables["modules"].query("modules > 0")
        modules = modules[modules.technology.isin(makers)]
        there = modules.merge(plan.tables["opened"], on=["site", "period"])
        return frozenset(there.site[there.period == self.period])
