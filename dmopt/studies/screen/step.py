"""One step of a trajectory: whether its figure changes the sites, and had to.

A step goes from figures x to x', which differ in one of them. S are the sites that the
plan at x works at, S' those of the plan at x'. At the new figures x'

    C, B    cost of the best plan known, and a bound: no plan costs less    C >= B
    K, L    the same of plans that work at S, the old sites                 K >= L >= B
    R       what keeping the old sites costs more than the best possible: regret

Neither R nor the best cost is known, but R lies between what the four say:

    L - C  <=  R  <=  K - B          as   L <= cost at S <= K   and   B <= best <= C

With e, the gap asked for (as a share of C: cost that nobody claims to tell apart),

    same              S' = S: nothing changed
    could stay        K - B <= e |C|: the old sites are as good as was asked for, and
                      that others were found is chance
    had to change     L - C > e |C|: whatever is built at the old sites costs more, by
                      more than the gap; and at x the old plan was proven within it,
                      so that it is the step that put an end to it
    left open         neither is shown

No step is both: L - C <= K - B. How large the change is, 1 - |S & S'| / |S | S'|
(Jaccard), is that of the plans found: only that there must be one is shown. Nor is it
shown that this figure alone did it: steps before may have used up most of the gap.
They come in random order, so that many trajectories even this out.

K is at most what the plan at x costs at x', its decisions kept and its flows solved
anew; L is the bound of a solve in which exactly the old sites work (walk.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dmopt.solving.result import Status

Ended = Status | Literal["rejected"]
REJECTED: Literal["rejected"] = "rejected"
Verdict = Literal["same", "could stay", "left open", "had to change"]
ROUNDING = 1e-6
"""Relative: costs this near are one."""


@dataclass(frozen=True)
class Point:
    """What is known of one set of figures.

    place (k,): where each figure is in its range, 0 low .. 1 high. values: figure ->
    value. status: of its solve (solving/result.py), or "rejected" where its plan did
    not pass its check or lies below what is proven. cost, bound: money, of the best
    plan known; without one NaN; the bound is -inf where none is known, inf where there
    is no plan. emissions_t: t CO2e, mean of a year. sites: at which the plan works.
    """

    place: np.ndarray
    values: dict[str, float]
    status: Ended
    cost: float
    bound: float
    emissions_t: float
    sites: frozenset[str]

    @property
    def has_plan(self) -> bool:
        return not np.isnan(self.cost)

    def is_proven(self, gap: float) -> bool:
        """Whether it has a plan that is proven within a gap."""
        return self.cost - self.bound <= slack(gap, self.cost)


@dataclass(frozen=True)
class Kept:
    """Plans at the old sites at the new figures: cost of the best known (inf: none),
    and what none of them costs less than."""

    cost: float
    bound: float


@dataclass(frozen=True)
class Step:
    """trajectory: its number. figure: the one that differs. kept: None where the sites
    are the same, or an end of the step has no plan."""

    trajectory: int
    figure: str
    before: Point
    after: Point
    kept: Kept | None
    verdict: Verdict | None
    """None where an end of the step has no plan."""

    @property
    def changed(self) -> float:
        """Share of the sites of both plans that only one of them has, 0..1."""
        return jaccard(self.before.sites, self.after.sites)

    @property
    def flipped(self) -> frozenset[str]:
        return self.before.sites ^ self.after.sites

    @property
    def regret(self) -> tuple[float, float]:
        """Between what the cost of keeping the old sites lies, money; (0, 0) where they
        are the same."""
        if self.kept is None:
            return 0.0, 0.0
        return regret(self.kept, self.after.cost, self.after.bound)

    def cost_effect(self) -> tuple[float, float]:
        """Between what the size of the effect on the least cost lies, money for the
        whole range, whichever plans within the gaps are the best ones."""
        delta = float(np.abs(self.after.place - self.before.place).max())
        rise = self.after.bound - self.before.cost, self.after.cost - self.before.bound
        least = max(0.0, rise[0], -rise[1])
        return least / delta, max(rise[1], -rise[0]) / delta


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """1 - |both| / |either|; 0 of two empty sets."""
    either = one | other
    return 1 - len(one & other) / len(either) if either else 0.0


def regret(kept: Kept, cost: float, bound: float) -> tuple[float, float]:
    """(L - C, K - B), neither below 0."""
    return max(0.0, kept.bound - cost), max(0.0, kept.cost - bound)


def slack(gap: float, cost: float) -> float:
    """What costs are not told apart by, money: e |C|."""
    return max(gap, ROUNDING) * abs(cost) * (1 + ROUNDING)


def verdict(kept: Kept, before: Point, after: Point, gap: float) -> Verdict:
    """What is shown of a step between points with plans at unlike sites. gap: asked
    for, a share."""
    least, most = regret(kept, after.cost, after.bound)
    within = slack(gap, after.cost)
    if most <= within:
        return "could stay"
    return "had to change" if least > within and before.is_proven(gap) else "left open"


def flips(steps: list[Step]) -> Iterator[tuple[str, int]]:
    """(site, in how many of the steps it comes or goes), most often first."""
    times: dict[str, int] = {}
    for step in steps:
        for site in sorted(step.flipped):
            times[site] = times.get(site, 0) + 1
    yield from sorted(times.items(), key=lambda each: -each[1])
