"""What is found for several worlds: the plan in each, what is proven, what it is
worth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.solving.progress import relative_gap
from dmopt.solving.result import WORLDS_PATH, Result, Status
from dmopt.solving.run import SAME_COST, peak_mb
from dmopt.solving.worlds.measure import Kind
from dmopt.studies.worlds.world import World


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
    empty without a plan. as_given: the plan where nothing is otherwise than the tables
    say; None where it does not fit there. of_mean: what is minimised, of the plan made
    for the mean world; None where none is known that fits in every world. alone: what
    was found for each world on its own; fewer where it was not asked for, or stopped.
    refused: worlds that have no plan whatever is decided. proof: how the bound was
    proven, or why there is no plan."""

    instance: Instance
    worlds: Sequence[World]
    kind: Kind
    level: float
    status: Status
    value: float | None
    bound: float | None
    each: Sequence[InWorld]
    as_given: InWorld | None
    of_mean: float | None
    alone: Sequence[Result]
    refused: Sequence[str]
    seconds: float
    proof: str

    @property
    def gap(self) -> float | None:
        return relative_gap(self.value, self.bound)

    def result(self, number: int | None = None) -> Result:
        """The plan in one world, as a result of the instance as it is in that world;
        without a number: of the instance as its tables say. What is proven of it is
        what was proven of plans for that world alone. Raises ValueError without one."""
        one = self.as_given if number is None else self.each[number]
        if one is None:
            raise ValueError("the plan does not fit the instance as its tables say")
        bound = None if one.alone is None else one.alone.bound
        return Result(
            status="feasible",
            plan=one.plan,
            cost=one.cost,
            bound=None if bound is None else min(bound, one.cost),
            path=WORLDS_PATH,
            why_path=f"decided for {len(self.worlds)} worlds at once",
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
        bound = [one.bound for one in self.alone if one.bound is not None]
        if len(bound) < len(self.worlds):
            return None
        least = float(self.probability @ bound)
        most = float(self.probability @ cost)
        return self._some(self.bound - most), self._some(self.value - least)

    @property
    def of_all_worlds(self) -> tuple[float, float] | None:
        """Between what the plan made for the mean costs more than the best for all
        worlds (the value of the stochastic solution), money."""
        if self.of_mean is None or self.value is None or self.bound is None:
            return None
        least = self._some(self.of_mean - self.value)
        return least, max(least, self._some(self.of_mean - self.bound))

    def _some(self, money: float) -> float:
        """Nothing where it is less than what two ways to add up a cost differ by."""
        return float(money) if money > SAME_COST * abs(self.value or 0.0) else 0.0
