"""Either or: of these sites only so many are open, or at least so many.

    (least)   sum_s open[s,t] >= least     for all t      sites
    (most)    sum_s open[s,t] <= most      for all t      sites

    s             sites     the sites, separated by ',', as far as the rule covers them
    least, most   least, most

In the region or outside, as they are named. An excluded site is never open.
Planning practice; form ours.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, Names, looser
from dmopt.rules.where import Where


class EitherOr(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "either_or"

    sites: Annotated[Names, Field(min_length=1)]
    """Ids of the sites to choose among, separated by commas."""
    most: Count = looser("up", to=10_000, default=1, unit="sites")
    """Most of these sites that may be open."""
    least: Count = looser("down", to=0, default=0, unit="sites")
    """Least number of these sites that must be open."""

    @model_validator(mode="after")
    def _bounds_agree(self) -> "EitherOr":
        if self.least > self.most:
            raise ValueError(f"least = {self.least} is above most = {self.most}")
        if self.least > len(set(self.sites)):
            raise ValueError(f"least = {self.least} is above the number of sites")
        return self

    def sentence(self) -> str:
        least = f"at least {self.least} and " if self.least else ""
        verb = "is" if self.most == 1 else "are"
        return f"Of {', '.join(self.sites)} {least}at most {self.most} {verb} open."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for s in self.sites:
            yield "sites", "site", s

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m = b.model()
        counted = [s for s in where.sites if s in self.sites and s in m.S]
        # A row needs a variable, also where no site is counted.
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint(list(where.periods))
        def least(b, t):
            if self.least == 0:
                return pyo.Constraint.Skip
            return b.nobody + sum(m.open[s, t] for s in counted) >= self.least

        @b.Constraint(list(where.periods))
        def most(b, t):
            return b.nobody + sum(m.open[s, t] for s in counted) <= self.most

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        opened = plan.tables["opened"]
        named = opened.site.isin(self.sites) & opened.site.isin(where.sites)
        count = opened[named].groupby("period").site.nunique()
        for t in where.periods:
            sites = int(count.get(t, 0))
            if sites < self.least:
                yield Violation("least", (t,), self.least - sites, "sites")
            if sites > self.most:
                yield Violation("most", (t,), sites - self.most, "sites")
