"""Solves of one instance under different rules, and what each says of the others.

Dropping more rules never costs more. So for the instance without the rules D:

    a bound without D' is a bound without D     for every D' that contains D
    a plan is a plan without D                  if it keeps every rule that is left

What is known often settles a question before it is asked: then nothing is solved.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Event
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.costs import total_cost, weights
from dmopt.plan.plan import Plan
from dmopt.rules.rule import Rule
from dmopt.solving.builder import Builder
from dmopt.solving.carry import Match, of_one_make
from dmopt.solving.coarse.memory import Memory
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.result import Result
from dmopt.solving.run import asked, solve_problem
from dmopt.solving.start import start_from

Dropped = frozenset[str]


@dataclass(frozen=True)
class Known:
    """What is known of the instance without some rules.

    plan, cost: the best plan (None: none found). bound: a lower bound. solved: whether
    it was solved for, or follows from what was.
    """

    plan: Plan | None
    cost: float | None
    bound: float
    solved: bool

    @property
    def gap(self) -> float | None:
        return relative_gap(self.cost, self.bound)


@dataclass(frozen=True)
class Kept:
    """A plan that keeps every row of the instance itself, and what rules make of it.

    broken: hard rules that it breaks. cost: without what soft rules add to it.
    penalties: what each soft rule adds. So a plan is checked once, not once a question.
    """

    plan: Plan
    broken: frozenset[str]
    cost: float
    penalties: Mapping[str, float]

    def cost_under(self, rules: Iterable[Rule]) -> float:
        return self.cost + sum(self.penalties.get(rule.id, 0.0) for rule in rules)


@dataclass
class Archive:
    """Plans and bounds of `instance` under subsets of `rules`."""

    instance: Instance
    rules: Sequence[Rule]
    plans: list[Kept] = field(default_factory=list)
    bounds: dict[Dropped, float] = field(default_factory=dict)
    solves: int = 0
    _last: tuple[Problem, Memory] | None = None

    @cached_property
    def _builder(self) -> Builder:
        return Builder(self.instance)

    def add(self, dropped: Dropped, plan: Plan | None, bound: float | None) -> None:
        """What is known without these rules: a plan that keeps all others, a bound."""
        if plan is not None:
            self.plans.append(self._kept(plan, dropped))
        if bound is not None:
            self.bounds[dropped] = max(bound, self.bounds.get(dropped, -np.inf))

    def _kept(self, plan: Plan, dropped: Dropped) -> Kept:
        instance = self.instance
        gone = [rule for rule in self.rules if rule.id in dropped]
        broken = [rule.id for rule in gone if any(rule.check(instance, plan))]
        weight = dict(zip(instance.periods.index, weights(instance), strict=True))
        penalties = {
            rule.id: sum(weight[t] * m for t, m in rule.penalties(instance, plan))
            for rule in self.rules
            if rule.soft_price is not None
        }
        cost = total_cost(Plan(instance, plan.tables))
        return Kept(plan, frozenset(broken), cost, penalties)

    def known(self, dropped: Dropped) -> Known:
        """What follows from all solves so far."""
        bound = max(
            (b for other, b in self.bounds.items() if other >= dropped), default=-np.inf
        )
        best = self._best(dropped)
        if best is None:
            return Known(None, None, bound, False)
        left = self.left(dropped)
        cost = best.cost_under(left)
        plan = Plan(self.instance, best.plan.tables, left)
        return Known(plan, cost, min(bound, cost), False)

    def _best(self, dropped: Dropped) -> Kept | None:
        left = self.left(dropped)
        fit = [kept for kept in self.plans if kept.broken <= dropped]
        return min(fit, key=lambda kept: kept.cost_under(left), default=None)

    def broken(self, dropped: Dropped) -> frozenset[str]:
        """Rules that the best plan known without these rules breaks; all of those
        dropped where none is known."""
        best = self._best(dropped)
        return dropped if best is None else best.broken

    def left(self, dropped: Iterable[str]) -> list[Rule]:
        gone = set(dropped)
        return [rule for rule in self.rules if rule.id not in gone]

    def ask(
        self,
        dropped: Dropped,
        *,
        gap: float,
        time_limit_s: float,
        seed: int = 0,
        threads: int = 2,
        on_progress: OnProgress | None = None,
        cancel: Event | None = None,
        warm: bool = True,
    ) -> Known:
        """The instance without these rules, solved only as far as is not known.

        warm: begin from what is known (False: each solve from nothing, to compare).
        """
        before = self.known(dropped) if warm else Known(None, None, -np.inf, False)
        settled = before.gap is not None and before.gap <= gap
        if settled or np.isposinf(before.bound):
            return before
        self.solves += 1
        options = asked(gap, time_limit_s, seed, threads)
        result = self._solve(dropped, before, options, warm, on_progress, cancel)
        if result.status == "infeasible":
            self.add(dropped, None, np.inf)
            return Known(None, None, np.inf, True)
        self.add(dropped, result.plan, result.bound)
        if not warm:
            bound = -np.inf if result.bound is None else result.bound
            return Known(result.plan, result.cost, bound, True)
        return replace(self.known(dropped), solved=True)

    def _solve(
        self,
        dropped: Dropped,
        before: Known,
        options: Mapping[str, Any],
        warm: bool,
        on_progress: OnProgress | None,
        cancel: Event | None,
    ) -> Result:
        """warm: with what has been built, and the prices and trees of the last."""
        begin = time.monotonic()
        rules = self.left(dropped)
        builder = self._builder if warm else Builder(self.instance)
        problem = builder.problem(rules)
        limits = Limits(options["time_limit_s"], options["gap"], options["seed"], 1)
        bound = before.bound if np.isfinite(before.bound) else None
        start = start_from(problem, before.plan, bound, limits)
        memory = None
        if warm and self._last is not None and of_one_make(self._last[0], problem):
            memory = self._last[1].carried(Match(self._last[0], problem))
        result = solve_problem(
            problem,
            start,
            options,
            begin=begin,
            memory=memory,
            on_progress=on_progress,
            cancel=cancel,
        )
        if result.memory is not None:
            self._last = problem, result.memory
        return result
