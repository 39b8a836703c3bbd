"""A plan for several worlds: sites, modules and infrastructure once, flows in each.

    y           what is decided once
    cost_w(y)   least cost of world w with y, its flows the best for it
    F(y)        what is minimised: expected cost, cvar or greatest regret
                (solving/worlds/measure.py)

Three figures tell what it is worth (Birge and Louveaux 2011, 4):

    of the plan      F(y*), between a bound B and the cost C of the plan found
    of knowing       who knew the world would pay sum_w p_w least_w, between sums of
                     bounds and of costs; C less that is what knowing is worth at most
    of planning for  y of the mean world costs F(mean) in the worlds; less C is what
    all worlds       planning for all of them saves, at least

The time is shared: a part for each world on its own, whose bounds are the floors of
regret; a part for the mean world, whose plan is the first one here; the rest for all.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Outcome, agreed
from dmopt.solving.problem import Problem
from dmopt.solving.progress import Log, OnProgress, relative_gap
from dmopt.solving.result import Result, Status
from dmopt.solving.run import SAME_COST, asked, solve_problem, verified
from dmopt.solving.start import FIT_S, NOTHING, Start
from dmopt.solving.start import decided as decided_by
from dmopt.solving.worlds.joint import Joint, join_worlds
from dmopt.solving.worlds.measure import Kind, Measure, expected
from dmopt.solving.worlds.path import SMALL, solve_joint, start_of
from dmopt.studies.worlds.found import InWorld, WorldsPlan
from dmopt.studies.worlds.many import solve_many
from dmopt.studies.worlds.problems import likely, problem_in
from dmopt.studies.worlds.world import World, mean_world

ALONE_SHARE, MEAN_SHARE = 0.25, 0.1
"""Of the time: for each world on its own, all together; for the mean of all."""
TOGETHER = 8
"""Most worlds of a city that are solved in one problem."""
TRIED = 5
"""Plans made for one world that are tried in all, where that of the mean does not fit.
"""
FIRST_S = 5.0
"""Least seconds for the mean of all, whatever has gone by: without a first plan there
may be none at all."""
BY_EACH = (
    "Each world on its own costs at least what is proven of it, so that what is "
    "minimised is no less than it would be at those costs."
)
AS_ONE = (
    ", as one program, which is slow: of many worlds of a city the mean cost alone is "
    "taken apart"
)
ANY_PLAN = 1e6
"""Gap within which any plan is: whether there is one is all that is asked."""

OnStep = Callable[[str, int, int], OnProgress | None]


def plan_worlds(
    instance: Instance,
    worlds: Sequence[World],
    *,
    kind: Kind = "expected",
    level: float = 0.9,
    gap: float = 0.02,
    time_limit_s: float = 600.0,
    alone: bool = True,
    seed: int = 0,
    threads: int = 2,
    on_step: OnStep = lambda text, done, of: None,
    cancel: Event | None = None,
) -> WorldsPlan:
    """Plan for all worlds at once.

    kind: what is minimised, "expected" cost, "cvar" or "regret". level: of cvar, the
    share of worlds, by probability, that are not counted. gap: of what is minimised.
    alone: solve each world on its own too; cvar and regret need it, and do. on_step:
    told before each solve what it is, how many are done and of how many; answers who
    hears its progress.
    Raises InstanceError for a world that does not fit the instance, ValueError for
    worlds whose probabilities do not add up to 1 or that differ in more than numbers,
    PlanRejected as `solve` does.
    """
    if not 0 <= level < 1:
        raise ValueError(f"level = {level}, expected 0 or more, below 1")
    study = _Study(
        instance, likely(worlds), kind, level, gap, time_limit_s, seed, threads,
        alone or kind != "expected", on_step, cancel or Event(),
    )  # fmt: skip
    return study.found()


@dataclass
class _Study:
    """What was asked, and what is known by now."""

    instance: Instance
    worlds: Sequence[World]
    kind: Kind
    level: float
    asked: float
    time_limit_s: float
    seed: int
    threads: int
    alone: bool
    on_step: OnStep
    stop: Event
    begin: float = field(default_factory=time.monotonic)
    own: list[Result] = field(default_factory=list)
    of_mean: float | None = None

    def found(self) -> WorldsPlan:
        problems = [problem_in(self.instance, world) for world in self.worlds]
        if self.alone:
            self._each_alone(problems)
        refused = self._refused(self.own)
        if refused:
            return self._without("infeasible", refused=refused)
        measure = self._measure()
        if measure is None:
            proof = "no bound of some world on its own was proven, which this needs"
            return self._without("no_plan_found", proof=proof)
        joint = join_worlds(problems, measure)
        least = self._of_each(measure)
        start = replace(self._start(joint), bound=least)
        outcome = self._together(joint, start)
        if np.isfinite(least) and least >= outcome.bound:
            outcome = replace(outcome, bound=least, proof=BY_EACH)
        if outcome.status == "infeasible":
            if not self.alone:
                refused = self._refused(self._any(p) for p in problems)
            return self._without("infeasible", refused=refused, proof=outcome.proof)
        if outcome.values is None:
            bound = outcome.bound if np.isfinite(outcome.bound) else None
            return self._without("no_plan_found", bound=bound, proof=outcome.proof)
        return self._planned(joint, outcome, outcome.values)

    @property
    def _left(self) -> float:
        return max(0.0, self.begin + self.time_limit_s - time.monotonic())

    @property
    def _steps(self) -> int:
        return 2 + (len(self.worlds) if self.alone else 0)

    def _limits(self) -> Limits:
        return Limits(self._left, self.asked, self.seed, self.threads)

    def _solve(
        self, problem: Problem, text: str, done: int, seconds: float, least: float = 0.0
    ) -> Result:
        seconds = max(min(seconds, self._left), least)
        options = asked(self.asked / 2, seconds, self.seed, self.threads)
        heard = self.on_step(text, done, self._steps)
        now = time.monotonic()
        return solve_problem(
            problem, NOTHING, options, begin=now, on_progress=heard, cancel=self.stop
        )

    def _any(self, problem: Problem) -> Result:
        """Whether there is a plan at all."""
        options = asked(ANY_PLAN, max(self._left, FIT_S), self.seed, self.threads)
        now = time.monotonic()
        return solve_problem(problem, NOTHING, options, begin=now, cancel=self.stop)

    def _each_alone(self, problems: Sequence[Problem]) -> None:
        """Goes on after a world without a plan, so that all of these are told."""
        seconds = ALONE_SHARE * self.time_limit_s / len(problems)
        for number, (world, problem) in enumerate(
            zip(self.worlds, problems, strict=True)
        ):
            if self.stop.is_set():
                return
            self.own.append(self._solve(problem, world.name, number, seconds))

    def _refused(self, results: Iterable[Result]) -> list[str]:
        """Names of worlds that have no plan at all."""
        named = zip(self.worlds, results, strict=False)
        return [world.name for world, one in named if one.status == "infeasible"]

    def _measure(self) -> Measure | None:
        """What is minimised; None where it needs bounds that are not there."""
        weight = np.array([world.probability for world in self.worlds])
        if self.kind == "expected":
            return expected(weight)
        bounds = [one.bound for one in self.own if one.bound is not None]
        if len(bounds) < len(self.worlds):
            return None
        level = self.level if self.kind == "cvar" else 0.0
        return Measure(self.kind, weight, np.array(bounds), level)

    def _of_each(self, measure: Measure) -> float:
        """What bounds of each world on its own prove of all together; -inf if nothing.

        Every measure only grows with the cost of a world.
        """
        bounds = [one.bound for one in self.own if one.bound is not None]
        if len(bounds) < len(self.worlds):
            return -np.inf
        return measure.of(np.array(bounds))

    def _start(self, joint: Joint) -> Start:
        """The plan of the mean world in all, or that of a dear world on its own."""
        mean = mean_world(self.worlds, self.instance)
        problem = problem_in(self.instance, mean)
        seconds = MEAN_SHARE * self.time_limit_s
        middle = self._solve(problem, mean.name, self._steps - 2, seconds, FIRST_S)
        start = NOTHING
        if middle.plan is not None:
            start = self._in_all(joint, problem, middle.plan)
            self.of_mean = start.cost if start.x is not None else None
        dear = sorted(
            (n for n, one in enumerate(self.own) if one.plan is not None),
            key=lambda n: -float(self.own[n].cost or 0.0),
        )
        for number in dear[:TRIED]:
            plan = self.own[number].plan
            if start.x is None and plan is not None:
                other = self._in_all(joint, joint.worlds[number], plan)
                start = other if other.x is not None else start
        return start

    def _in_all(self, joint: Joint, problem: Problem, plan: Plan) -> Start:
        """A plan's decisions with the best flows of each world, where they fit."""
        values = decided_by(problem, plan)
        if values is None:
            return NOTHING
        limits = replace(self._limits(), time_limit_s=max(self._left, FIT_S))
        return start_of(joint, values, limits, self.stop)

    def _together(self, joint: Joint, start: Start) -> Outcome:
        many = len(self.worlds) > TOGETHER and len(joint.layer.x_to) > SMALL
        text = "all worlds"
        if many and self.kind != "expected":
            text += AS_ONE
        log = Log(self.begin, self.on_step(text, self._steps - 1, self._steps))
        if many and self.kind == "expected" and start.x is not None:
            log.found(start.cost, start.bound, start.x)
            return solve_many(
                self.instance, self.worlds, joint, partial(problem_in, self.instance),
                self._limits(), log, self.stop, start,
            )  # fmt: skip
        return solve_joint(joint, self._limits(), log.found, self.stop, start)

    def _planned(self, joint: Joint, outcome: Outcome, x: np.ndarray) -> WorldsPlan:
        """The plan in every world, checked. Raises PlanRejected."""
        each, costs = [], []
        for number, (world, problem) in enumerate(
            zip(self.worlds, joint.worlds, strict=True)
        ):
            part = joint.of_world(x, number)
            said = float(problem.program.cost @ part + problem.program.offset)
            plan, cost = verified(problem, part, said)
            own = self.own[number] if number < len(self.own) else None
            each.append(InWorld(world, plan, cost, own))
            costs.append(cost)
        value = joint.measure.of(np.array(costs))
        bound = outcome.bound if np.isfinite(outcome.bound) else None
        if self.kind == "regret" and value == 0:
            bound = 0.0  # there is no less, and what is proven of it is rounding
        if bound is not None:
            bound = agreed(value, bound)
        reached = relative_gap(value, bound)
        proven = reached is not None and reached <= self.asked + SAME_COST
        ended: Status = "optimal" if proven else "feasible"
        decided = x[: len(joint.place[0])]
        whole = np.where(joint.worlds[0].decisions.whole, np.round(decided), np.nan)
        return self._made(
            ended, value, bound, each, self._as_given(whole), [], outcome.proof
        )

    def _as_given(self, decided: np.ndarray) -> InWorld | None:
        """The decisions in the instance as its tables say, where they fit."""
        given = World("", "as the tables say", 1.0)
        problem = problem_in(self.instance, given)
        limits = Limits(FIT_S, 1e-6, self.seed, self.threads)
        found = Evaluator(problem).solve(decided, limits)
        if found is None:
            return None
        plan, cost = verified(problem, found[1], found[0])
        return InWorld(given, plan, cost, None)

    def _without(
        self,
        status: Status,
        *,
        bound: float | None = None,
        refused: Sequence[str] = (),
        proof: str = "",
    ) -> WorldsPlan:
        """No plan: there is none for a world or for all, or none was found."""
        return self._made(status, None, bound, (), None, refused, proof)

    def _made(
        self,
        status: Status,
        value: float | None,
        bound: float | None,
        each: Sequence[InWorld],
        as_given: InWorld | None,
        refused: Sequence[str],
        proof: str,
    ) -> WorldsPlan:
        return WorldsPlan(
            self.instance, self.worlds, self.kind, self.level, status, value, bound,
            each, as_given, self.of_mean, self.own, refused,
            time.monotonic() - self.begin, proof,
        )  # fmt: skip
