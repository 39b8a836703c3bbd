"""Number and size classes: how many sites work, with modules of which sizes.

    (classes)   sum_{r of another class} yield[r,c] activity[s,r,t] <= 0
                                                         for all s, c, t    units/yr
    (least)     sum_{s of n} works[s,t] >= least                for all n, t    sites
    (most)      sum_{s of n} works[s,t] <= most                 for all n, t    sites

    c               covered products
    another class   the size_class of r's technology is not among size_classes (blank:
                    all are)
    n               all, or each district, or each product       per
    least, most     either may be left out                       least, most
    works           1 where s is open and has modules of these classes that make a
                    covered product (per product: that one); see dmopt/rules/working.py
    s               covered sites, outside the region too        within

Sites of one plant for all may stand outside the region; `within = region` leaves those
alone, in both asks. A technology without a size class is of another class than any.
Modules of another class may stand, for other products or idle: they make none of these.
Committed sites are not asked for their classes, which are decided.
Sites without a district are in no district. A district with no covered site that could
open, and a product that no technology makes, are asked for nothing; a district or
product whose sites can never work cannot have the least.
Source: rule R1.4 of dimension D1 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, Names, looser, refuse_crossed
from dmopt.rules.where import Where
from dmopt.rules.words import bounds
from dmopt.rules.working import add_working


class CountAndClasses(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "count_and_classes"

    least: Count | None = looser("down", to=0, default=None, unit="sites")
    """Least number of sites that work; blank: no least."""
    most: Count | None = looser("up", to=10_000, default=None, unit="sites")
    """Most sites that work; blank: any number."""
    size_classes: Names = ()
    """Sizes of machines that may make the products, separated by commas; blank: all
    sizes."""
    per: Literal["all", "district", "product"] = "all"
    """What the number is counted for: all sites together, each district or each
    product."""
    within: Literal["all", "region"] = "all"
    """Which sites are asked: all of them, or those in the region only."""

    @model_validator(mode="after")
    def _bounds_agree(self) -> "CountAndClasses":
        refuse_crossed(self.least, self.most)
        return self

    def sentence(self) -> str:
        number = bounds(self.least, self.most)
        each = {
            "all": "",
            "district": " in each district",
            "product": " for each product",
        }
        place = " in the region" if self.within == "region" else ""
        if not number:
            kind = f" only with modules of size {' or '.join(self.size_classes)}"
            return f"Sites{place} make products{kind if self.size_classes else ''}."
        sizes = (
            f", of size {' or '.join(self.size_classes)}" if self.size_classes else ""
        )
        return f"{number.capitalize()} sites{place}{sizes} work{each[self.per]}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for size_class in self.size_classes:
            yield "technologies", "size_class", size_class

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, table = b.model(), instance.sites.loc[where.sites]
        counts = (table.status != "excluded") & (
            table.in_region | (self.within == "all")
        )
        sites = table[counts]
        allowed = self._allowed(instance, where)
        asked = set(sites.index[sites.status != "committed"])
        made = instance.recipe_items.query("quantity > 0")
        made = made[made.commodity.isin(where.products)]
        kinds = made.recipe.map(instance.recipes.technology)
        others = made[~kinds.isin(allowed)][["commodity", "recipe", "quantity"]]
        wrong: dict[tuple[str, str], list[tuple[str, float]]] = {}
        for c, r, units in others.itertuples(index=False, name=None):
            for s in asked:
                if (s, r, m.T.first()) in m.activity:
                    wrong.setdefault((s, c), []).append((r, units))

        @b.Constraint([(s, c, t) for s, c in sorted(wrong) for t in where.periods])
        def classes(b, s, c, t):
            return sum(units * m.activity[s, r, t] for r, units in wrong[s, c]) <= 0

        if self.least is None and self.most is None:
            return
        counted = self._counted(b, instance, sites, where)
        # A row needs a variable, also where no site is counted.
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint(list(counted))
        def least(b, n, t):
            if self.least is None:
                return pyo.Constraint.Skip
            return b.nobody + sum(counted[n, t]) >= self.least

        @b.Constraint(list(counted))
        def most(b, n, t):
            if self.most is None:
                return pyo.Constraint.Skip
            return b.nobody + sum(counted[n, t]) <= self.most

    def _allowed(self, instance: Instance, where: Where) -> pd.Index:
        """Technologies that make a covered product and are of these classes."""
        size = instance.technologies.size_class[where.technologies]
        return size.index[size.isin(self.size_classes) | (not self.size_classes)]

    def _counted(
        self, b: Any, instance: Instance, sites: pd.DataFrame, where: Where
    ) -> dict[tuple[str, str], list[Any]]:
        """works of the sites of each n and t."""
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        def some(works: Any, chosen: pd.Index, t: str) -> list[Any]:
            return [works[s, t] for s in chosen if (s, t) in works]

        exact, periods = self.most is not None, where.periods
        allowed = self._allowed(instance, where)
        if self.per == "product":
            items = instance.recipe_items.query("quantity > 0")
            makers = items.recipe.map(instance.recipes.technology)
            made = {c: set(makers[items.commodity == c]) for c in where.products}
            b.product = pyo.Block([c for c in made if made[c]])
            works = {
                c: add_working(
                    b.product[c], sites.index, made[c] & {*allowed}, periods, exact
                )
                for c in b.product
            }
            return {
                (c, t): some(works[c], sites.index, t) for c in works for t in periods
            }
        one = add_working(b, sites.index, allowed, periods, exact)
        if self.per == "all":
            return {("all", t): some(one, sites.index, t) for t in periods}
        districts = sorted(set(sites.district) - {""})
        of = {d: sites.index[sites.district == d] for d in districts}
        return {(d, t): some(one, of[d], t) for d in of for t in periods}

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        sites = instance.sites.loc[where.sites].query("status != 'excluded'")
        if self.within == "region":
            sites = sites.query("in_region")
        size = instance.technologies.size_class
        fits = (
            size.index[size.isin(self.size_classes)]
            if self.size_classes
            else size.index
        )
        yield from self._of_other_classes(instance, plan, where, sites, fits)
        modules = plan.tables["modules"]
        modules = modules[
            (modules.modules > 0)
            & modules.site.isin(sites.index)
            & modules.technology.isin(where.technologies.intersection(fits))
            & modules.period.isin(where.periods)
        ]
        working = modules.merge(plan.tables["opened"], on=["site", "period"])
        made = instance.recipe_items.query("quantity > 0").join(
            instance.recipes.technology, on="recipe"
        )[["technology", "commodity"]]
        made = made[made.commodity.isin(where.products)]
        if self.per == "all":
            groups, working = ["all"], working.assign(n="all")
        elif self.per == "district":
            groups = sorted(set(sites.district) - {""})
            working = working.assign(n=working.site.map(sites.district))
        else:
            groups = sorted(set(made.commodity))
            working = working.merge(made, on="technology").assign(
                n=lambda rows: rows.commodity
            )
        count = working.groupby(["n", "period"]).site.nunique()
        for n in groups:
            for t in where.periods:
                found = int(count.get((n, t), 0))
                if self.least is not None and found < self.least:
                    yield Violation("least", (n, t), self.least - found, "sites")
                if self.most is not None and found > self.most:
                    yield Violation("most", (n, t), found - self.most, "sites")

    def _of_other_classes(
        self,
        instance: Instance,
        plan: Plan,
        where: Where,
        sites: pd.DataFrame,
        fits: pd.Index,
    ) -> Iterator[Violation]:
        """What modules of other classes make at sites that are free to choose."""
        free = sites.index[sites.status != "committed"]
        activity = plan.tables["activity"]
        activity = activity[
            activity.site.isin(free) & activity.period.isin(where.periods)
        ]
        wrong = ~activity.recipe.map(instance.recipes.technology).isin(fits)
        made = activity[wrong].merge(
            instance.recipe_items.query("quantity > 0"), on="recipe"
        )
        made = made[made.commodity.isin(where.products)]
        units = made.quantity_per_yr * made.quantity
        total = units.groupby([made.site, made.commodity, made.period]).sum()
        for (s, c, t), amount in zip(total.index, total, strict=True):
            if excess := over(amount, 0.0):
                yield Violation(
                    "classes", (s, c, t), excess, "units/yr of other classes"
                )
