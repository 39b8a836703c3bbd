"""Ways out of a conflict: each the least change of the user's own figures.

Given suspects that must give way, each in turn is loosened no further than needed,
while the others stay where they are: its figure is bisected between what it is and what
would do, to two significant digits of the change, and every value tried is an ordinary
instance. Where no figure of it does, it is dropped.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.suspect import Figure, Suspect
from dmopt.solving.builder import Builder
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.run import solve

DIGITS = 2
TRY_S = 20.0
"""Most seconds for one try."""


@dataclass(frozen=True)
class Step:
    """One change of a way out. value: NaN where the suspect is dropped."""

    suspect: Suspect
    figure: Figure | None
    value: float

    def says(self) -> str:
        if self.figure is None:
            return self.suspect.dropped
        return self.figure.says(self.value)


@dataclass(frozen=True)
class WayOut:
    """Changes that let a plan through.

    instance: with all changes made. touched: labels of what they loosen. least:
    whether no smaller change of each would do (False: some were not decided in time).
    cost, bound, status: of the instance after them, once `solved`.
    """

    steps: Sequence[Step]
    instance: Instance = field(compare=False)
    least: bool = True
    cost: float | None = None
    bound: float | None = None
    status: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(step.says() for step in self.steps)

    @property
    def touched(self) -> tuple[str, ...]:
        return tuple(step.suspect.label for step in self.steps)

    def says(self) -> str:
        steps = [f"{step.says()} ({step.suspect.label})" for step in self.steps]
        more = "" if self.least else " - less might do; the time ran out"
        return "; ".join(steps) + more

    def solved(self, gap: float, deadline: float, cancel: Event | None) -> "WayOut":
        """With what a plan costs after it."""
        left = deadline - time.monotonic()
        if left <= 0:
            return self
        result = solve(
            self.instance, gap=gap, time_limit_s=min(left, 60.0), cancel=cancel
        )
        return replace(self, cost=result.cost, bound=result.bound, status=result.status)


@dataclass
class Tries:
    """Says whether instances have any plan. What rules do not change is kept from one
    try to the next: most tries differ in a figure of a rule alone.

    until: when to stop (as `time.monotonic` tells it). undecided: answers of None.
    """

    until: float
    cancel: Event | None = None
    undecided: int = 0
    _builder: Builder | None = None

    def has_plan(self, instance: Instance) -> bool | None:
        """Whether there is one; None if time ran out first."""
        answer = self._answer(instance)
        self.undecided += answer is None
        return answer

    def _answer(self, instance: Instance) -> bool | None:
        left = self.until - time.monotonic()
        if left <= 0 or (self.cancel is not None and self.cancel.is_set()):
            return None
        program = self._problem(instance).program
        free = replace(program, cost=np.zeros_like(program.cost), offset=0.0)
        limits = Limits(min(left, TRY_S), 1.0, 0, 1)
        answer = run_highs(free, limits, cancel=self.cancel)
        if answer.status.startswith("infeasible"):
            return False
        return True if answer.x is not None else None

    def _problem(self, instance: Instance) -> Problem:
        if self._builder is None or not self._builder.fits(instance):
            self._builder = Builder(instance)
        return self._builder.of(instance)


Apply = Callable[[Instance], Instance]


def way_out(
    instance: Instance, dropped: Iterable[Suspect], *, several: bool, tries: Tries
) -> Iterator[WayOut]:
    """Ways out that loosen these suspects, which dropped together leave a plan.

    several: one for each figure of the first suspect that does, not only the first.
    """
    members = sorted(dropped, key=lambda suspect: suspect.label)
    apply: dict[Suspect, Apply] = {each: _drop(each) for each in members}
    begun = tries.undecided
    choices = list(_loosened(instance, members[0], apply, tries))
    for first in choices if several else choices[:1]:
        chosen = dict(apply)
        steps = [_set(chosen, members[0], first)]
        for each in members[1:]:
            step = next(_loosened(instance, each, chosen, tries))
            steps.append(_set(chosen, each, step))
        changed = _changed(instance, chosen)
        if tries.has_plan(changed) is True:
            yield WayOut(steps, changed, tries.undecided == begun)


def _drop(suspect: Suspect) -> Apply:
    assert suspect.drop is not None
    return suspect.drop


def _set(apply: dict[Suspect, Apply], suspect: Suspect, step: Step) -> Step:
    figure, value = step.figure, step.value
    if figure is not None:
        apply[suspect] = lambda instance: figure.edit(instance, value)
    return step


def _changed(instance: Instance, apply: dict[Suspect, Apply]) -> Instance:
    for change in apply.values():
        instance = change(instance)
    return instance


def _loosened(
    instance: Instance, suspect: Suspect, apply: dict[Suspect, Apply], tries: Tries
) -> Iterator[Step]:
    """Steps for one suspect, the others as in `apply`; dropping it comes last."""
    others = {each: change for each, change in apply.items() if each is not suspect}
    given = _changed(instance, others)

    for figure in suspect.figures:

        def lets(value: float, figure: Figure = figure) -> bool:
            return tries.has_plan(figure.edit(given, value)) is True

        value = least(figure, lets)
        if value is not None:
            yield Step(suspect, figure, value)
    yield Step(suspect, None, math.nan)


def least(figure: Figure, lets: Callable[[float], bool]) -> float | None:
    """The value nearest to what the figure is that lets a plan through, None if even
    the farthest does not. To two digits of the change, rounded so that it does."""
    far = figure.most
    if far == figure.now or not lets(far):
        return None
    way = 1.0 if far > figure.now else -1.0
    low, high = 0.0, abs(far - figure.now)
    if not figure.whole and high > 1e3:
        low, high = _bracketed(figure, lets, way, high)
    while high - low > (1 if figure.whole else 10**-DIGITS * high):
        middle = (low + high) / 2
        middle = float(math.floor(middle)) if figure.whole else middle
        if lets(figure.now + way * middle):
            high = middle
        else:
            low = middle
    if figure.whole:
        return figure.now + way * high
    return _rounded(figure.now + way * high, high, figure, way, lets)


def _bracketed(
    figure: Figure, lets: Callable[[float], bool], way: float, most: float
) -> tuple[float, float]:
    """A change that does not do and one that does, near each other: by steps of four
    from a small one."""
    low, high = 0.0, max(1e-3 * abs(figure.now), 1e-3)
    while high < most and not lets(figure.now + way * high):
        low, high = high, 4 * high
    return low, min(high, most)


def _rounded(
    value: float,
    change: float,
    figure: Figure,
    way: float,
    lets: Callable[[float], bool],
) -> float:
    """The value with two digits of the change, if it does; else as it is."""
    if change == 0:
        return value
    size = 10.0 ** (math.floor(math.log10(change)) + 1 - DIGITS)
    steps = value / size
    nearer, farther = math.floor(steps), math.ceil(steps)
    low, high = sorted((figure.now, figure.most))
    for whole in (nearer, farther) if way > 0 else (farther, nearer):
        rounded = float(f"{min(max(whole * size, low), high):.12g}")
        if lets(rounded):
            return rounded
    return value
