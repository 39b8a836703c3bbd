"""Solves of one instance under different rules, and what each says of the others.

Dropping more rules never costs more. So for the instance without the rules D:

    a bound without D' is a bound without D     for every D' that contains D
    a plan is a plan without D                  if it keeps every rule that is left

What is known often settles a question before it is asked: then nothing is solved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.verify import verify
from dmopt.rules.rule import Rule
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.run import solve

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


@dataclass
class Archive:
    """Plans and bounds of `instance` under subsets of `rules`."""

    instance: Instance
    rules: Sequence[Rule]
    plans: list[Plan] = field(default_factory=list)
    bounds: dict[Dropped, float] = field(default_factory=dict)
    solves: int = 0

    def add(self, dropped: Dropped, plan: Plan | None, bound: float | None) -> None:
        if plan is not None:
            self.plans.append(plan)
        if bound is not None:
            self.bounds[dropped] = max(bound, self.bounds.get(dropped, -np.inf))

    def known(self, dropped: Dropped) -> Known:
        """What follows from all solves so far."""
        bound = max(
            (b for other, b in self.bounds.items() if other >= dropped), default=-np.inf
        )
        left = self.left(dropped)
        fit = [p for plan in self.plans if (p := _under(self.instance, plan, left))]
        if not fit:
            return Known(None, None, bound, False)
        costs = [total_cost(plan) for plan in fit]
        best = int(np.argmin(costs))
        return Known(fit[best], costs[best], min(bound, costs[best]), False)

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
        options: dict[str, Any] = {}
        if before.plan is not None:
            options["start"] = before.plan
        if np.isfinite(before.bound):
            options["bound"] = before.bound
        result = solve(
            self.instance,
            rules=self.left(dropped),
            gap=gap,
            time_limit_s=time_limit_s,
            seed=seed,
            threads=threads,
            on_progress=on_progress,
            cancel=cancel,
            **options,
        )
        if result.status == "infeasible":
            self.add(dropped, None, np.inf)
            return Known(None, None, np.inf, True)
        self.add(dropped, result.plan, result.bound)
        if not warm:
            bound = -np.inf if result.bound is None else result.bound
            return Known(result.plan, result.cost, bound, True)
        return replace(self.known(dropped), solved=True)


def _under(instance: Instance, plan: Plan, rules: Sequence[Rule]) -> Plan | None:
    """The plan under these rules, if it is sound under them."""
    moved = Plan(instance, plan.tables, rules)
    return None if verify(instance, moved, rules) else moved
