"""Number of sites: at least so many, at most so many, are open.

    (least)   sum_s open[s,t] >= least     for all t      sites
    (most)    sum_s open[s,t] <= most      for all t      sites

    least, most   least, most   sites, either may be left out
    where         where         "region": sites in the region; "all": outside too
    classes       classes       classes of site counted, separated by ','; blank: all
    sites         sites         sites counted, separated by ','; blank: all
    working       working       yes: only open sites with a module that makes a covered
                                product count (works in place of open,
                                dmopt/rules/working.py)

Open sites count, also those without a module; excluded ones are never open.
Planning practice; form ours. With least = most = p and no other cost than transport
this is the p-median problem (Hakimi 1964).
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, Names, looser, refuse_crossed
from dmopt.rules.where import Where
from dmopt.rules.words import bounds
from dmopt.rules.working import add_working


class SiteCount(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "site_count"

    least: Count | None = looser("down", to=0, default=None, unit="sites")
    """Least number of sites that are open; blank: no least."""
    most: Count | None = looser("up", to=10_000, default=None, unit="sites")
    """Most sites that are open; blank: any number."""
    where: Literal["region", "all"] = "region"
    """Which sites are counted: those in the region only, or all of them."""
    classes: Names = ()
    """Classes of sites that are counted, separated by commas; blank: all classes."""
    sites: Names = ()
    """Ids of the sites that are counted, separated by commas; blank: all sites."""
    working: bool = False
    """Yes: only sites that work count, open ones with machines for what zones want. No:
    all open sites count."""

    @model_validator(mode="after")
    def _bounds_agree(self) -> "SiteCount":
        refuse_crossed(self.least, self.most)
        return self

    def sentence(self) -> str:
        group = f" of {', '.join(self.sites)}" if self.sites else " sites"
        kind = f" of class {' or '.join(self.classes)}" if self.classes else ""
        place = " in the region" if self.where == "region" else ""
        number = bounds(self.least, self.most) or "any number"
        does = "work" if self.working else "open"
        return f"{number.capitalize()}{group}{kind}{place} {does}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for name in self.classes:
            yield "sites", "class", name
        for s in self.sites:
            yield "sites", "site", s

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, sites = b.model(), instance.sites.loc[where.sites]
        inside = sites.in_region | (self.where == "all")
        fits = sites["class"].isin(self.classes) | (not self.classes)
        named = sites.index.isin(self.sites) | (not self.sites)
        counted = [s for s in sites.index[inside & fits & named] if s in m.S]
        count = m.open
        if self.working:
            exact = self.most is not None
            count = add_working(b, counted, where.technologies, where.periods, exact)
        # A row needs a variable, also where no site is counted.
        b.nobody = pyo.Var(bounds=(0, 0))

        def there(t: str) -> Any:
            return b.nobody + sum(count[s, t] for s in counted if (s, t) in count)

        @b.Constraint(list(where.periods))
        def least(b, t):
            if self.least is None:
                return pyo.Constraint.Skip
            return there(t) >= self.least

        @b.Constraint(list(where.periods))
        def most(b, t):
            if self.most is None:
                return pyo.Constraint.Skip
            return there(t) <= self.most

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        counted = set(where.sites)
        if self.where == "region":
            counted &= set(instance.sites.query("in_region").index)
        if self.classes:
            of_class = instance.sites["class"].isin(self.classes)
            counted &= set(instance.sites.index[of_class])
        if self.sites:
            counted &= set(self.sites)
        opened = plan.tables["opened"]
        if self.working:
            modules = plan.tables["modules"]
            able = modules.technology.isin(where.technologies) & (modules.modules > 0)
            opened = opened.merge(modules[able], on=["site", "period"])
        count = opened[opened.site.isin(counted)].groupby("period").site.nunique()
        for t in where.periods:
            sites = int(count.get(t, 0))
            if self.least is not None and sites < self.least:
                yield Violation("least", (t,), self.least - sites, "sites")
            if self.most is not None and sites > self.most:
                yield Violation("most", (t,), sites - self.most, "sites")
