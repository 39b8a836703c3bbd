"""Number of sites: at least so many, at most so many, are open.

    (least)   sum_s open[s,t] >= least     for all t      sites
    (most)    sum_s open[s,t] <= most      for all t      sites

    least, most   least, most   sites, either may be left out
    where         where         "region": sites in the region; "all": outside too

Parameters are the user's choice. With least = most = p and no other cost than
transport this is the p-median problem (Hakimi 1964).
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation


class SiteCount(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    least: int | None = Field(None, ge=0)
    most: int | None = Field(None, ge=0)
    where: Literal["region", "all"] = "region"

    @model_validator(mode="after")
    def _bounds_agree(self) -> "SiteCount":
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least = {self.least} is above most = {self.most}")
        return self

    def refers(self) -> Iterator[tuple[str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m = b.model()
        inside = instance.sites.in_region
        counted = [s for s in m.S if self.where == "all" or inside[s]]
        # A row needs a variable, also where no site is counted.
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint(m.T)
        def least(b, t):
            least = self.least or 0
            return b.nobody + sum(m.open[s, t] for s in counted) >= least

        @b.Constraint(m.T)
        def most(b, t):
            most = len(counted) if self.most is None else self.most
            return b.nobody + sum(m.open[s, t] for s in counted) <= most

    def whole_deliveries(self, instance: Instance) -> frozenset[str]:
        return frozenset()

    def check(self, instance: Instance, plan: Plan) -> Iterator[Violation]:
        opened = plan.tables["opened"]
        if self.where == "region":
            inside = instance.sites.index[instance.sites.in_region]
            opened = opened[opened.site.isin(inside)]
        count = opened.groupby("period").site.nunique()
        for t in instance.periods.index:
            sites = int(count.get(t, 0))
            if self.least is not None and sites < self.least:
                yield Violation(self.id, (t,), self.least - sites, "sites")
            if self.most is not None and sites > self.most:
                yield Violation(self.id, (t,), sites - self.most, "sites")
