"""What is traded against cost: a figure of a rule, as tight as a plan keeps it.

    emissions      t CO2e a year             emission_cap          most_t_per_yr   less
    access         share of people in reach  access_guarantee      share           more
    worst_served   km of the farthest zone   worst_served          within_km       less
    jobs           of the poorest district   jobs_per_district     least           more
    trips          into the busiest zone     burden_limit    most_trips_per_yr     less
    public_money   for infrastructure        public_provision      budget          less
    backup         share without any site    pooled_capacity       share           more

A rule says what a figure means, on every path and to the checker: so an objective is
any rule with a figure, and what a plan attains is the tightest figure that the rule's
own check finds nothing wrong with.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dmopt.data.instance import Instance
from dmopt.errors import Fault, InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.plan.tolerance import RELATIVE
from dmopt.rules.catalogue import RULES
from dmopt.rules.parameters import parameters_text
from dmopt.rules.where import make_where

STEPS = 60
"""Halvings of a range until a figure is known."""
LARGEST = 1e12
"""A figure that a plan does not keep even at this is none it could keep."""
DIGITS = 6
"""Significant digits of figures asked for."""
SAME = 1e-9
"""Relative: figures this near are one."""


@dataclass(frozen=True)
class Objective:
    """rule, figure: a kind of rule and its parameter. unit: of the figure. fixed: its
    other parameters. ideal: the figure nobody can beat, or none needs to. counts:
    whether what a plan lacks of the ideal grows with the distance from it, so that a
    price on it leads there; a rule may count broken rows instead. is_open: whether more
    than the ideal would be better still: it is only the end of what is looked at."""

    name: str
    rule: str
    figure: str
    unit: str
    ideal: float
    fixed: Mapping[str, str] = field(default_factory=dict)
    counts: bool = True
    is_open: bool = False

    @property
    def less_is_better(self) -> bool:
        return self.ideal == 0.0

    @property
    def id(self) -> str:
        """Of the rule that holds it."""
        return f"frontier {self.name}"

    def parameters(self, value: float) -> str:
        """As in the table of rules."""
        return parameters_text({self.figure: f"{value:.12g}", **self.fixed})

    def as_tight(self, one: float, other: float) -> bool:
        """Whether a figure is as tight as another one, or tighter."""
        return self._no_worse(one, other, SAME * max(abs(one), abs(other)))

    def keeps(self, value: float, figure: float) -> bool:
        """Whether a value attained keeps a figure, as the checker tells it."""
        if not math.isfinite(value):
            return False
        margin = RELATIVE * max(abs(value), abs(figure), 1.0)
        return self._no_worse(value, figure, margin)

    def looser(self, value: float) -> float:
        """A figure rounded to its looser side, for people to read."""
        if value == 0 or not math.isfinite(value):
            return value
        size = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - DIGITS)
        steps = round(value / size, 6)
        whole = math.ceil(steps) if self.less_is_better else math.floor(steps)
        return float(f"{whole * size:.12g}")

    def _no_worse(self, one: float, other: float, margin: float) -> bool:
        return (one <= other + margin) if self.less_is_better else one >= other - margin

    def attained(self, instance: Instance, plan: Plan) -> float:
        """The tightest figure that the plan keeps; inf where it keeps none."""

        def kept(value: float) -> bool:
            return not self.lacks(value, instance, plan)

        lacks = self.lacks(self.ideal, instance, plan)
        if not lacks:
            return self.ideal
        # Often the rule's own excess says it at once.
        guess = max(lacks) if self.less_is_better else self.ideal - max(lacks)
        if guess > 0 and self._is_tightest(guess, kept):
            return guess
        return self._halved(kept)

    def lacks(self, value: float, instance: Instance, plan: Plan) -> list[float]:
        """By how much the plan misses a figure, of each row of the rule that it breaks,
        in the row's unit."""
        kind = RULES[self.rule](**{self.figure: value}, **self.fixed)
        found = kind.check(instance, plan, make_where(instance))
        return [violation.excess for violation in found]

    def _is_tightest(self, value: float, kept: Callable[[float], bool]) -> bool:
        tighter = value * (1 - 1e-4 if self.less_is_better else 1 + 1e-4)
        return kept(value) and not kept(tighter)

    def _halved(self, kept: Callable[[float], bool]) -> float:
        loose, tight = (1.0, 0.0) if self.less_is_better else (0.0, self.ideal)
        while self.less_is_better and not kept(loose):
            if loose > LARGEST:
                return math.inf
            tight, loose = loose, 8 * loose
        for _ in range(STEPS):
            middle = (loose + tight) / 2
            loose, tight = (middle, tight) if kept(middle) else (loose, middle)
        return loose


OBJECTIVES = {
    each.name: each
    for each in (
        Objective("emissions", "emission_cap", "most_t_per_yr", "t CO2e a year", 0.0),
        Objective(
            "access",
            "access_guarantee",
            "share",
            "share of people within 10 km",
            1.0,
            {"within_km": "10"},
        ),
        Objective("worst_served", "worst_served", "within_km", "km", 0.0, counts=False),
        Objective(
            "jobs",
            "jobs_per_district",
            "least",
            "jobs in each district",
            300.0,
            is_open=True,
        ),
        Objective("trips", "burden_limit", "most_trips_per_yr", "trips a year", 0.0),
        Objective("public_money", "public_provision", "budget", "money", 0.0),
        Objective(
            "backup",
            "pooled_capacity",
            "share",
            "share of demand that can be made without any one site",
            1.0,
        ),
    )
}


def objective(name: str) -> Objective:
    """One of the objectives by name. Raises KeyError naming all of them."""
    if name not in OBJECTIVES:
        raise KeyError(f"{name!r} is not one of {', '.join(OBJECTIVES)}")
    return OBJECTIVES[name]


def refuse_what_is_about_nothing(
    instance: Instance, objectives: Sequence[Objective]
) -> None:
    """Where a plan that decides nothing is ideal there is nothing to be better at:
    raises InstanceError."""
    nothing = make_plan(instance, {})
    faults = [
        Fault(
            "objectives",
            read=repr(each.name),
            expected=f"something in the instance that {each.rule} speaks of",
        )
        for each in objectives
        if (not each.less_is_better or not each.counts)
        and not each.lacks(each.ideal, instance, nothing)
    ]
    if faults:
        raise InstanceError(faults)
