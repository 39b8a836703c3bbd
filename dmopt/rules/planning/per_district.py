"""Sites per district: each district gets at least, or at most, so many working sites.

    (least)   sum_s works[s,t] >= least      for all d with sites, t      sites
    (most)    sum_s works[s,t] <= most       for all d, t                 sites

    d             districts of covered zones and sites; `least` is asked only of those
                  with a site to count that is not excluded
    s             covered sites in the region of district d
    works         a module of a covered technology stands there; whole where `most` is
                  given (working.py)
    least, most   least, most    sites, at least one of them given

Where none of a district's sites may hold such a module, `least` cannot be met.
Planning practice; form ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, looser, refuse_crossed
from dmopt.rules.where import Where
from dmopt.rules.words import bounds
from dmopt.rules.working import add_working


class PerDistrict(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "per_district"

    least: Count | None = looser("down", to=0, default=None, unit="sites")
    """Least number of working sites in each district; blank: no least."""
    most: Count | None = looser("up", to=10_000, default=None, unit="sites")
    """Most working sites in each district; blank: any number."""

    @model_validator(mode="after")
    def _bounds_agree(self) -> "PerDistrict":
        if self.least is None and self.most is None:
            raise ValueError("least or most must be given")
        refuse_crossed(self.least, self.most)
        return self

    def sentence(self) -> str:
        number = bounds(self.least, self.most)
        return f"The number of working sites in each district is {number}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        sites = instance.sites.loc[where.sites]
        counted = sites[sites.in_region & (sites.status != "excluded")]
        works = add_working(
            b,
            counted.index,
            where.technologies,
            where.periods,
            exact=self.most is not None,
        )
        of = {d: list(some.index) for d, some in counted.groupby("district") if d}
        keys = [(d, t) for d in of for t in where.periods]
        # A row needs a variable, also where no site of the district can work.
        b.nobody = pyo.Var(bounds=(0, 0))

        def working(d: str, t: str) -> Any:
            return b.nobody + sum(works[s, t] for s in of[d] if (s, t) in works)

        @b.Constraint([key for key in keys if self.least])
        def least(b, d, t):
            return working(d, t) >= self.least

        @b.Constraint([key for key in keys if self.most is not None])
        def most(b, d, t):
            return working(d, t) <= self.most

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        inside = instance.sites.query("in_region and status != 'excluded'")
        district = inside.district[inside.index.isin(where.sites)]
        modules = plan.tables["modules"].query("modules > 0")
        modules = modules[modules.technology.isin(where.technologies)]
        rows = modules.merge(plan.tables["opened"], on=["site", "period"])
        rows = rows.join(district, on="site", how="inner")
        count = rows.groupby(["district", "period"]).site.nunique()
        for d in sorted(set(district) - {""}):
            for t in where.periods:
                sites = int(count.get((d, t), 0))
                if self.least is not None and sites < self.least:
                    yield Violation("least", (d, t), self.least - sites, "sites")
                if self.most is not None and sites > self.most:
                    yield Violation("most", (d, t), sites - self.most, "sites")
