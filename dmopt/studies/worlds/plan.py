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

The time is shared: a part for the mean world, whose plan is the first one here; a part
for each world on its own, whose bounds are the floors of regret; the rest for all.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.solving.builder import make_problem
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.progress import Log, OnProgress, relative_gap
from dmopt.solving.result import Result, Status
from dmopt.solving.run import (
    SAME_COST,
    asked,
    no_higher,
    peak_mb,
    solve_problem,
    verified,
)
from dmopt.solving.start import NOTHING
from dmopt.solving.start import decided as decided_by
from dmopt.solving.worlds.joint import Joint, join_worlds
from dmopt.solving.worlds.measure import Kind, Measure, expected
from dmopt.solving.worlds.path import SMALL, solve_joint, start_of
from dmopt.studies.whatif import wished
from dmopt.studies.worlds.many import solve_many
from dmopt.studies.worlds.world import World, mean_world

ALONE_SHARE, MEAN_SHARE = 0.25, 0.1
"""Of the time: for each world on its own, all together; for the mean of all."""

TOGETHER = 8
"""Most worlds of a city that are solved in one problem."""

OnStep = Callable[[str, int, int], OnProgress | None]


@dataclass(frozen=True)
class InWorld:
    """world. plan: in it, verified. cost: of the plan in it. alone: what was found for
    this world on its own; None where not asked for."""

    world: World
    plan: Plan
    cost: float
    alone: Result | None


@dataclass(frozen=True)
class WorldsPlan:
    """kind, level: what was minimised. status: as of a result (solving/result.py).
    value, bound: of the measure, money; None without. each: the plan in every world;
    empty without a plan. of_mean: what is minimised, of the plan made for the mean
    world; None where it has no plan or does not fit in some world. refused: world that
    has no plan whatever is decided; "" if none."""

    instance: Instance
    worlds: Sequence[World]
    kind: Kind
    level: float
    status: Status
    value: float | None
    bound: float | None
    each: Sequence[InWorld]
    of_mean: float | None
    alone: Sequence[Result]
    refused: str
    seconds: float
    proof: str

    @property
    def gap(self) -> float | None:
        return relative_gap(self.value, self.bound)

    def result(self, number: int) -> Result:
        """The plan in one world, as a result of the instance as it is in that world;
        what is proven there is what was proven of plans for it alone."""
        one = self.each[number]
        bound = None if one.alone is None else one.alone.bound
        bound = None if bound is None else min(bound, one.cost)
        return Result(
            status="feasible",
            plan=one.plan,
            cost=one.cost,
            bound=bound,
            path="worlds",
            why_path=f"one of {len(self.worlds)} worlds planned for at once",
            seconds=self.seconds,
            build_seconds=0.0,
            peak_mb=peak_mb(),
            options={},
        )

    @property
    def probability(self) -> np.ndarray:
        return np.array([world.probability for world in self.worlds])

    @property
    def expected(self) -> float | None:
        """Mean cost over all worlds, money."""
        if not self.each:
            return None
        return float(self.probability @ [one.cost for one in self.each])

    @property
    def of_knowing(self) -> tuple[float, float] | None:
        """Between what the value of perfect information lies, money; of expected cost
        only."""
        if self.kind != "expected" or self.value is None or self.bound is None:
            return None
        if len(self.alone) < len(self.worlds):
            return None
        cost = [np.inf if one.cost is None else one.cost for one in self.alone]
        bound = [-np.inf if one.bound is None else one.bound for one in self.alone]
        least, most = self.probability @ bound, self.probability @ cost
        return max(0.0, float(self.bound - most)), max(0.0, float(self.value - least))

    @property
    def of_all_worlds(self) -> tuple[float, float] | None:
        """Between what the plan made for the mean costs more than the best for all
        worlds (the value of the stochastic solution), money."""
        if self.of_mean is None or self.value is None or self.bound is None:
            return None
        least = self.of_mean - self.value
        if least < SAME_COST * abs(self.value):
            least = 0.0  # the same plan
        return least, max(least, self.of_mean - self.bound)


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

    kind, level: what is minimised; level of cvar only. gap: of it. alone: solve each
    world on its own too; regret needs it. on_step: told before each solve what it is,
    how many are done and of how many; answers who hears its progress.
    Raises InstanceError for a world that does not fit the instance, ValueError for
    worlds whose probabilities do not add up to 1 or that differ in more than numbers,
    PlanRejected as `solve` does.
    """
    begin = time.monotonic()
    probability = np.array([world.probability for world in worlds])
    if not len(worlds) or abs(probability.sum() - 1) > 1e-6:
        raise ValueError("worlds whose probabilities add up to 1 expected")
    stop, steps = cancel or Event(), 2 + (len(worlds) if alone else 0)
    problems = [_problem(instance, world) for world in worlds]
    limits = Limits(time_limit_s, gap, seed, threads)

    def left() -> float:
        return max(0.0, begin + time_limit_s - time.monotonic())

    def solved(problem: Problem, text: str, done: int, seconds: float) -> Result:
        options = asked(gap / 2, min(seconds, left()), seed, threads)
        heard = on_step(text, done, steps)
        now = time.monotonic()
        return solve_problem(
            problem, NOTHING, options, begin=now, on_progress=heard, cancel=stop
        )

    own: list[Result] = []
    if alone:
        each = ALONE_SHARE * time_limit_s / len(worlds)
        for number, (world, problem) in enumerate(zip(worlds, problems, strict=True)):
            own.append(solved(problem, world.name, number, each))
            if own[-1].status == "infeasible" or stop.is_set():
                break
    study = _Study(instance, worlds, kind, level, gap, begin, own)
    refused = [r.status == "infeasible" for r in own]
    if any(refused):
        return study.without(worlds[refused.index(True)].name)
    mean = mean_world(worlds, instance)
    of_mean = _problem(instance, mean)
    middle = solved(of_mean, mean.name, steps - 2, MEAN_SHARE * time_limit_s)
    measure = _measure(kind, level, probability, own)
    joint = join_worlds(problems, measure)
    known, in_all = NOTHING, None
    if middle.plan is not None:
        values = decided_by(of_mean, middle.plan)
        if values is not None:
            known = start_of(joint, values, limits, stop)
            in_all = known.cost if known.x is not None else None
    log = Log(begin, on_step("all worlds", steps - 1, steps))
    limits = Limits(left(), gap, seed, threads)
    many = len(worlds) > TOGETHER and len(joint.layer.x_to) > SMALL
    if many and kind == "expected" and known.x is not None:
        log.found(known.cost, known.bound, known.x)
        build = partial(_problem, instance)
        outcome = solve_many(instance, worlds, joint, build, limits, log, stop, known)
    else:
        outcome = solve_joint(joint, limits, log.found, stop, known)
    return study.planned(joint, outcome, in_all)


def _problem(instance: Instance, world: World) -> Problem:
    changed = wished(instance, world.wish)
    return make_problem(changed.instance, changed.rules)


def _measure(
    kind: Kind, level: float, probability: np.ndarray, own: Sequence[Result]
) -> Measure:
    if kind == "expected":
        return expected(probability)
    floor = np.full(len(probability), -np.inf)
    for number, result in enumerate(own):
        if result.bound is not None:
            floor[number] = result.bound
    return Measure(kind, probability, floor, level if kind == "cvar" else 0.0)


@dataclass(frozen=True)
class _Study:
    """What was asked, and what is known of each world on its own."""

    instance: Instance
    worlds: Sequence[World]
    kind: Kind
    level: float
    asked: float
    begin: float
    alone: Sequence[Result]

    def without(self, refused: str, proof: str = "") -> WorldsPlan:
        """No plan: there is none for a world, or none was found."""
        status: Status = "infeasible" if refused or proof else "no_plan_found"
        return self._found(status, None, None, (), None, refused, proof)

    def planned(
        self, joint: Joint, outcome: Outcome, of_mean: float | None
    ) -> WorldsPlan:
        """The plan in every world, checked. Raises PlanRejected."""
        bound = outcome.bound if np.isfinite(outcome.bound) else None
        if outcome.status == "infeasible":
            return self.without("", outcome.proof)
        if outcome.x is None:
            return self._found(
                "no_plan_found", None, bound, (), of_mean, "", outcome.proof
            )
        each, costs = [], []
        for number, (world, problem) in enumerate(
            zip(self.worlds, joint.worlds, strict=True)
        ):
            x = joint.of_world(outcome.x, number)
            said = float(problem.program.cost @ x + problem.program.offset)
            plan, cost = verified(problem, x, said)
            own = self.alone[number] if number < len(self.alone) else None
            each.append(InWorld(world, plan, cost, own))
            costs.append(cost)
        value = joint.measure.of(np.array(costs))
        if bound is not None:
            bound = no_higher(bound, value)
        reached = relative_gap(value, bound)
        proven = reached is not None and reached <= self.asked + SAME_COST
        ended: Status = "optimal" if proven else "feasible"
        return self._found(ended, value, bound, each, of_mean, "", outcome.proof)

    def _found(
        self,
        status: Status,
        value: float | None,
        bound: float | None,
        each: Sequence[InWorld],
        of_mean: float | None,
        refused: str,
        proof: str,
    ) -> WorldsPlan:
        return WorldsPlan(
            self.instance, self.worlds, self.kind, self.level, status, value, bound,
            each, of_mean, self.alone, refused, time.monotonic() - self.begin, proof,
        )  # fmt: skip
