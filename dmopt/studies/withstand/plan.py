"""Plans until one holds: solve, lose each thing it has, ask for what was missing.

    minimise   cost(z, flows)     such that  short(z) <= 1 - serve  after each loss

Losses are whatever a plan has, so that not all can be listed beforehand: each round
solves under the cuts so far (shortage.py), stress tests its plan (studies/stress), and
adds a cut for every loss that leaves too little. Every round is a relaxation of the
whole, so that the greatest bound of all rounds holds for the whole.

Where no cut tells a plan that fails from one that holds (connections and modules that
are switched off are whole in the test), more than `serve` is asked to be left from then
on: plans go on, and bounds of later rounds no longer count.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Event

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError, PlanRejected
from dmopt.plan.plan import Plan
from dmopt.rules import make_rules
from dmopt.rules.rule import Rule
from dmopt.solving.outcome import agreed
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.result import Result
from dmopt.solving.run import SAME_COST
from dmopt.studies.rejected import Rejected, rejected
from dmopt.studies.session import Session
from dmopt.studies.stress.arcs import ONLY_ARCS
from dmopt.studies.stress.losses import Loss, faults_of
from dmopt.studies.stress.study import SAME, Case, StressTest, stress
from dmopt.studies.whatif import Wished
from dmopt.studies.withstand.cut import ROOM, rule_of
from dmopt.studies.withstand.shortage import Cut, Shortage

LOSE = ("site", "infrastructure")
"""Losses that are in question unless others are named (studies/stress/losses.py)."""
ROUND_SHARE = 0.2
"""Most of the time that one round may take."""
PROOF = (
    "The greatest bound of all rounds: each asks for less than that the plan holds. "
    "Its cuts are not kept with the run, so that the bound cannot be checked again."
)
MORE = 0.02
"""Share of all worth that is asked for on top where cuts do not tell."""


@dataclass(frozen=True)
class Round:
    """result: under the cuts so far. test: of its plan; None without one. failed: the
    losses that leave too little. counts: whether the bound is one of the whole."""

    result: Result
    test: StressTest | None
    failed: Sequence[Case]
    counts: bool


@dataclass(frozen=True)
class Withstanding:
    """serve, lose: what was asked. rounds: in turn; the first is without any cut.

    best: the round with the cheapest plan that holds; None where none was found.
    bound: no plan that holds costs less; None if nothing is proven. rejected: rounds,
    and losses of their plans, that did not pass their check: the last round is the end.
    """

    instance: Instance
    serve: float
    lose: Sequence[str]
    rounds: Sequence[Round]
    best: Round | None
    bound: float | None
    seconds: float
    rejected: Sequence[Rejected] = ()

    @property
    def free(self) -> Result:
        """The result without the promise."""
        return self.rounds[0].result

    @property
    def free_cost(self) -> float | None:
        """Of the cheapest plan of all rounds, whether it holds or not."""
        costs = [each.result.cost for each in self.rounds]
        return min((cost for cost in costs if cost is not None), default=None)

    @property
    def cost(self) -> float | None:
        return None if self.best is None else self.best.result.cost

    @property
    def gap(self) -> float | None:
        return relative_gap(self.cost, self.bound)

    @property
    def result(self) -> Result:
        """The best plan as a result of the instance, with what is proven of plans that
        hold. Raises ValueError without one."""
        if self.best is None or self.cost is None:
            raise ValueError("no plan holds")
        plain, bound = self.best.result, self.bound
        within = self.gap is not None and self.gap <= plain.options["gap"] + SAME_COST
        return replace(
            plain,
            status="optimal" if within else "feasible",
            bound=None if bound is None else agreed(self.cost, bound),
            path="withstand",
            why_path=f"cheapest of {len(self.rounds)} rounds that withstands losses",
            seconds=self.seconds,
            proof=PROOF,
            certificate=None,
        )

    @property
    def price(self) -> tuple[float, float] | None:
        """Between what the promise costs, money: the cheapest plan with it less the
        cheapest without."""
        cost, free, bound = self.cost, self.free_cost, self.free.bound
        if cost is None or free is None or self.bound is None or bound is None:
            return None
        return max(0.0, self.bound - free), max(0.0, cost - bound)

    @property
    def refused(self) -> bool:
        """Whether it is proven that no plan holds."""
        last = self.rounds[-1]
        return self.best is None and last.counts and last.result.status == "infeasible"


OnRound = Callable[[int, Sequence[Round]], OnProgress | None]
"""Told the number of a round that begins and those before; answers who hears it."""


def withstand(
    instance: Instance,
    serve: float,
    lose: Iterable[str] = LOSE,
    *,
    gap: float = 0.01,
    time_limit_s: float = 300.0,
    seed: int = 0,
    threads: int = 2,
    on_round: OnRound = lambda number, before: None,
    cancel: Event | None = None,
) -> Withstanding:
    """The cheapest plan that serves at least the share `serve` of all demand, by value,
    with nothing lost and after the loss of any one thing that may be lost.

    lose: as in studies/stress/losses.py, `is_asked`.
    A round whose plan, or what is left of it, does not pass its check is the last one.
    Raises ValueError for a share that is none, InstanceError where there is nothing of
    the kind to lose, PlanRejected where that is the first round, and as `solve` does.
    """
    lose = tuple(lose)
    if not 0 < serve <= 1:
        raise ValueError(f"serve = {serve}, expected more than 0, at most 1")
    if faults := list(faults_of(lose, instance)):
        raise InstanceError(faults)
    begin, stop = time.monotonic(), cancel or Event()
    search = _Search(instance, serve, lose, seed, stop)
    while True:
        left = begin + time_limit_s - time.monotonic()
        heard = on_round(len(search.rounds), search.rounds)
        seconds = min(left, ROUND_SHARE * time_limit_s)
        try:
            known = search.take_in(search.solve(gap, seconds, threads, heard))
        except PlanRejected as error:
            if not search.rounds:
                raise
            search.rejected.append(rejected(f"round {len(search.rounds) + 1}", error))
            break
        over = stop.is_set() or time.monotonic() - begin >= time_limit_s
        if over or not known or search.proven(gap):
            break
    return Withstanding(
        instance, serve, lose, search.rounds, search.best, search.bound,
        time.monotonic() - begin, search.rejected,
    )  # fmt: skip


class _Search:
    """Rounds so far, and the rules that they have led to."""

    def __init__(
        self, instance: Instance, serve: float, lose: tuple[str, ...],
        seed: int, stop: Event,
    ) -> None:  # fmt: skip
        self.rounds: list[Round] = []
        self.rejected: list[Rejected] = []
        self.best: Round | None = None
        self.bound: float | None = None
        self._instance, self._serve, self._lose = instance, serve, lose
        self._seed, self._stop = seed, stop
        self._session = Session(instance)
        self._rules = list(make_rules(instance))
        self._cuts: list[Rule] = []
        self._asked: dict[tuple[Loss, ...], float] = {}
        self._shortage: Shortage | None = None
        self._valid = True

    def solve(
        self, gap: float, seconds: float, threads: int, heard: OnProgress | None
    ) -> Result:
        """The instance under the cuts so far."""
        return self._session.ask(
            Wished(self._instance, [*self._rules, *self._cuts]),
            gap=gap,
            time_limit_s=max(0.0, seconds),
            seed=self._seed,
            threads=threads,
            on_progress=heard,
            cancel=self._stop,
        )

    def take_in(self, result: Result) -> bool:
        """Test a round's plan, cut off what fails; whether there is more to do."""
        if self._valid and result.bound is not None:
            self.bound = max(result.bound, self.bound or result.bound)
        if result.plan is None:
            self.rounds.append(Round(result, None, (), self._valid))
            return False
        test = stress(result.plan, self._lose, seed=self._seed, cancel=self._stop)
        if test is None or len(test.cases) < test.planned:
            self.rejected += () if test is None else test.rejected
            self.rounds.append(Round(result, None, (), self._valid))
            return False
        failed = [
            case
            for case in (test.base, *test.cases)
            if case.served.share < self._serve - SAME
        ]
        self.rounds.append(Round(result, test, failed, self._valid))
        if failed:
            return self._cut_off(result.plan, failed)
        if self.best is None or _cost(result) < _cost(self.best.result):
            self.best = self.rounds[-1]
        return self._valid

    def proven(self, gap: float) -> bool:
        reached = None
        if self.best is not None:
            reached = relative_gap(self.best.result.cost, self.bound)
        return reached is not None and reached <= gap

    def _cut_off(self, plan: Plan, failed: Sequence[Case]) -> bool:
        """Rules that this plan breaks; False where it was stopped meanwhile."""
        if self._shortage is None:
            self._shortage = Shortage(self._instance, self._seed, self._stop)
        values = self._shortage.decided(plan)
        told: list[tuple[Cut, float, tuple[str, ...]]] = []
        missed: list[tuple[Cut, float, tuple[str, ...]]] = []
        for case in failed:
            left = values
            for loss in case.losses:
                left = self._shortage.less(left, loss)
            cut = self._shortage.cut(left, case.losses)
            if cut is None:
                return False
            arcs = any(loss.kind in ONLY_ARCS for loss in case.losses)
            lose = () if arcs else self._lose  # what is lost besides is another loss
            if cut.short > 1 - self._serve + 2 * ROOM:
                told.append((cut, self._serve, lose))
            else:
                more = self._asked.get(case.losses, self._serve)
                more = min(1.0, max(more, 1 - cut.short) + MORE)
                self._asked[case.losses] = more
                missed.append((cut, more, lose))
        if not told:
            self._valid = False
        for cut, serve, lose in told or missed:
            number = len(self._cuts) + 1
            self._cuts.append(rule_of(cut, serve, lose, number, self._instance))
        return True


def _cost(result: Result) -> float:
    return float("inf") if result.cost is None else result.cost
