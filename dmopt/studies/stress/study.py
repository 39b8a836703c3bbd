"""The stress test: each loss, and each pair of losses, tried on a plan.

A pair is not solved where its answer follows: what is left after one loss, if it does
not use the other thing, is left after both; and nothing better can be where the other
loss only takes. One that also gives back (a place as a user, services, the choice of
other infrastructure) may leave more than the one alone: such a pair is solved.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from threading import Event

import numpy as np

from dmopt.errors import InstanceError, PlanRejected
from dmopt.plan.plan import Plan, make_plan
from dmopt.solving.extract import extract
from dmopt.studies.rejected import Rejected, rejected
from dmopt.studies.stress.losses import (
    KINDS,
    Loss,
    faults_of,
    link_of,
    locations_lost,
    pairs_of,
    single_losses,
)
from dmopt.studies.stress.program import Left, Stressed
from dmopt.studies.stress.served import Checker, Served

SAME = 1e-6
"""Shares that differ by less are the same."""


@dataclass(frozen=True)
class Case:
    """One loss or a pair. served: what is left, counted; most: share that nothing can
    exceed (the served one but where time ran out). solved: whether it was solved, or
    follows from a single loss."""

    losses: tuple[Loss, ...]
    served: Served
    most: float
    solved: bool


@dataclass(frozen=True)
class StressTest:
    """plan: what was tested. base: with nothing lost. cases: as tried, most harm first.
    planned: how many there are; more than tried where it was stopped. rejected: those
    of which what is left did not pass its check."""

    plan: Plan
    base: Case
    cases: Sequence[Case]
    planned: int
    rejected: Sequence[Rejected] = field(default=())

    @property
    def is_complete(self) -> bool:
        """Whether every case was tried."""
        return len(self.cases) + len(self.rejected) == self.planned

    def harm(self, case: Case) -> float:
        """Share of the worth of demand that is not served for the loss."""
        return self.base.served.share - case.served.share

    def enough(self, share: float) -> int:
        """How many of the cases serve at least so much."""
        return sum(case.served.share >= share - SAME for case in self.cases)


OnCase = Callable[[int, int, tuple[Loss, ...]], None]
"""Told the number of each case, of how many, and what is lost."""


def stress(
    plan: Plan,
    lose: Collection[str] = KINDS,
    *,
    pairs: bool = False,
    seed: int = 0,
    on_case: OnCase = lambda number, of, losses: None,
    cancel: Event | None = None,
) -> StressTest | None:
    """Lose each thing asked for (losses.py, `is_asked`), and each pair if asked.

    cancel: what was tried until it is set is kept; None if that is nothing.
    A case of which what is left does not pass its check is left out and named; raises
    PlanRejected where that is so with nothing lost, InstanceError where the plan does
    not fit its instance, or has nothing of the kind to lose.
    """
    if faults := list(faults_of(lose, plan.instance)):
        raise InstanceError(faults)
    cancel = cancel or Event()
    tried = _Tried(plan, seed, cancel)
    base = tried.case(())
    if base is None:
        return None
    singles = single_losses(plan, lose)
    asked: list[tuple[Loss, ...]] = [(each,) for each in singles]
    asked += pairs_of(singles) if pairs else ()
    found, out = [], []
    for number, losses in enumerate(asked):
        on_case(number, len(asked), losses)
        if cancel.is_set():
            break
        try:
            case = tried.case(losses)
        except (PlanRejected, ArithmeticError) as error:
            lost = " and ".join(each.says(plan.instance) for each in losses)
            out.append(rejected(lost, error))
            continue
        if case is None:
            break
        found.append(case)
    found.sort(key=lambda c: (c.served.share, -c.served.running_cost))
    return StressTest(plan, base, found, len(asked), out)


class _Tried:
    """Cases tried so far, and what each single loss leaves in use."""

    def __init__(self, plan: Plan, seed: int, cancel: Event) -> None:
        self._stressed = Stressed(plan, seed, cancel)
        self._checker = Checker(plan)
        self._single: dict[Loss, tuple[Case, Plan, set[Loss]]] = {}

    def case(self, losses: tuple[Loss, ...]) -> Case | None:
        if known := self._follows(losses):
            return known
        left = self._stressed.after(losses)
        if left is None:
            return None
        what_is_left = extract(self._stressed.problem, left.x)
        served = self._checker.served(what_is_left, losses)
        self._confirm(losses, served, left)
        case = Case(losses, served, left.most, solved=True)
        if len(losses) == 1:
            self._single[losses[0]] = case, what_is_left, in_use(what_is_left)
        return case

    def _follows(self, losses: tuple[Loss, ...]) -> Case | None:
        """A pair of which one leaves the other, and all that goes with it, unused,
        and the other gives nothing back."""
        if len(losses) < 2:
            return None
        for one, other in (losses, losses[::-1]):
            if one not in self._single:
                continue  # what it leaves did not pass its check
            case, left, used = self._single[one]
            if other in used:
                continue
            with_it = locations_lost(self._stressed.ledger, [one, other])
            if used & {Loss("infrastructure", each) for each in with_it}:
                continue
            if not self._stressed.takes_only(other, one):
                continue
            served = case.served
            if other.kind in ("site", "infrastructure"):
                served = self._checker.served(_stripped(left, other, with_it), losses)
            return Case(losses, served, case.most, solved=False)
        return None

    def _confirm(self, losses: tuple[Loss, ...], served: Served, left: Left) -> None:
        """Two counts that share no code must agree, and a pair leave no more than one
        of the two to which the other gives nothing back."""
        if abs(served.share - left.served) > SAME:
            raise ArithmeticError(
                f"{losses}: {left.served:.9g} served, counted {served.share:.9g}"
            )
        pairs = (losses, losses[::-1]) if len(losses) > 1 else ()
        alone = [
            self._single[one][0].most
            for one, other in pairs
            if one in self._single and self._stressed.takes_only(other, one)
        ]
        if served.share > min(alone, default=1.0) + SAME:
            raise ArithmeticError(
                f"{losses}: {served.share:.9g} served, more than {min(alone):.9g}"
            )


def _stripped(left: Plan, unused: Loss, places: set[tuple[str, str]]) -> Plan:
    """What is left without a thing that it does not use; places: with it."""
    tables = dict(left.tables)
    if unused.kind == "site":
        for name in ("opened", "modules", "uses", "draws"):
            tables[name] = tables[name][tables[name].site != unused.of[0]]
    steps = tables["infrastructure"]
    at = zip(steps.infrastructure, steps.location, strict=True)
    tables["infrastructure"] = steps[np.array([key not in places for key in at], bool)]
    return make_plan(left.instance, tables)


def in_use(left: Plan) -> set[Loss]:
    """All things that a plan uses: what it does not use can be lost without harm."""
    tables, instance = left.tables, left.instance
    flows = tables["flows"]
    sites = {str(s) for s in tables["activity"].site}
    sites |= {str(s) for s in [*flows.origin, *flows.destination]}
    used = {Loss("site", (s,)) for s in sites if s in instance.sites.index}
    used |= {Loss("supplier", (s,)) for s in sites if s in instance.suppliers.index}
    link = link_of(instance, flows.origin, flows.destination)
    used |= {Loss("link", each) for each in zip(*link, strict=True)}
    shared = tables["uses"]
    used |= {
        Loss("infrastructure", each)
        for each in zip(shared.infrastructure, shared.location, strict=True)
    }
    # modules that stand idle need what their site has all the same
    standing = sites | set(tables["modules"].site)
    own = instance.locations[instance.locations.site.isin(standing)]
    used |= {
        Loss("infrastructure", each)
        for each in zip(own.infrastructure, own.location, strict=True)
    }
    return used
