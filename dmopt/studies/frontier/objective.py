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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.rules.catalogue import RULES
from dmopt.rules.parameters import parameters_text
from dmopt.rules.where import make_where

STEPS = 60
"""Halvings of a range until a figure is known."""
SAME = 1e-9
"""Relative: figures this near are one."""


@dataclass(frozen=True)
class Objective:
    """rule, figure: a kind of rule and its parameter. unit: of the figure. fixed: its
    other parameters. ideal: the figure nobody can beat, or none needs to."""

    name: str
    rule: str
    figure: str
    unit: str
    ideal: float
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def less_is_better(self) -> bool:
        return self.ideal == 0.0

    def parameters(self, value: float) -> str:
        """As in the table of rules."""
        return parameters_text({self.figure: f"{value:.12g}", **self.fixed})

    @property
    def id(self) -> str:
        return f"frontier {self.name}"

    def better(self, one: float, other: float) -> bool:
        """Whether one value is better than another by more than rounding."""
        margin = SAME * max(abs(one), abs(other), SAME)
        gain = other - one if self.less_is_better else one - other
        return gain > margin

    def keeps(self, value: float, figure: float) -> bool:
        """Whether a value attained keeps a figure asked for."""
        return not self.better(figure, value)

    def attained(self, instance: Instance, plan: Plan) -> float:
        """The tightest figure that the plan keeps."""

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
            tight, loose = loose, 2 * loose
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
        Objective("worst_served", "worst_served", "within_km", "km", 0.0),
        Objective("jobs", "jobs_per_district", "least", "jobs in each district", 300.0),
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
