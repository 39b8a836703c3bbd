"""Licence: working sites have a hub's licence or their own, or are too small for one.

    form = hub
    (shared)   works[s,t] - sum_{i,l} uses[s,i,l,t] <= 0                    licences
    form = site
    (own)      works[s,t] - sum_{i,l} steps[i,l,t] <= 0                     licences
    (alone)    sum_{i,l} uses[s,i,l,t] <= n_s (1 - works[s,t])              licences
    form = exempt
    (exempt)   sum_{k,r,c} price[c] yield[r,c] activity[s,r,t]
               - M_s (sum_{i,l} uses[s,i,l,t] + sum_{i,l} steps[i,l,t]) <= E   money/yr
    for all s covered and in the region, t

    K         covered technologies that need, or whose recipes need, a service that
              infrastructure of this kind offers; `works` is whole (working.py)
    i, l      infrastructure of this kind that offers a service that K needs:
              `uses` of shared ones in reach of s, `steps` of own ones at s
    k, r, c   technologies of K, their recipes, covered products that these make
    n_s       shared licences in reach of s
    M_s       value that all modules of K that s may hold can make, less E
    form      hub, site, exempt     form
    E         exempt_below_per_yr   money/yr, value of what K makes at one site
    kind      kind                  kind of infrastructure that a licence is

Values are by the price of the commodity: what has none exempts its maker. An exemption
frees a site from this rule only: what its modules need of a service stays in
`technology_needs` and the model goes on asking for it. Committed sites are covered
too. Sites outside the region are not.
Source: rule R7.1 of dimension D7 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.institutional.provision import Provision, provision
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure
from dmopt.rules.working import add_working


class Licence(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "licence"

    form: Literal["hub", "site", "exempt"]
    """Whether sites use a hub's licence, need their own, or are exempt while they are
    small."""
    exempt_below_per_yr: Amount | None = looser(
        "up", to=1e9, default=None, unit="money a year"
    )
    """Value that a site may make in a year without a licence; only where the form is
    exempt."""
    kind: str = "licence"
    """Kind of infrastructure that a licence is."""

    @model_validator(mode="after")
    def _exemption_has_a_figure(self) -> "Licence":
        if (self.form == "exempt") != (self.exempt_below_per_yr is not None):
            raise ValueError("exempt_below_per_yr goes with form = exempt, and only so")
        return self

    def sentence(self) -> str:
        if self.form == "exempt":
            return (
                f"Sites in the region that make more than "
                f"{figure(self.exempt_below_per_yr or 0)} a year in value have a "
                f"{self.kind}, shared or their own."
            )
        who = f"Every working site in the region that needs a {self.kind}"
        if self.form == "hub":
            return f"{who} uses a shared one."
        return f"{who} has its own and uses no shared one."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        if self.kind != "licence":
            yield "infrastructure", "kind", self.kind

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m = b.model()
        there = provision(m, instance, self.kind, where.technologies)
        sites = where.sites[instance.sites.in_region.loc[where.sites]]
        if self.form == "exempt":
            self._exempt(b, instance, where, sites, there)
            return
        works = add_working(b, sites, there.regulated, where.periods, exact=True)

        def used(s: str, t: str) -> Any:
            return sum(m.uses[s, i, l, t] for i, l in there.shared.get(s, ()))

        if self.form == "hub":

            @b.Constraint(list(works))
            def shared(b, s, t):
                return works[s, t] - used(s, t) <= 0

            return

        @b.Constraint(list(works))
        def own(b, s, t):
            standing = sum(m.steps[i, l, t] for i, l in there.own.get(s, ()))
            return works[s, t] - standing <= 0

        @b.Constraint([key for key in works if there.shared.get(key[0])])
        def alone(b, s, t):
            return used(s, t) <= len(there.shared[s]) * (1 - works[s, t])

    def _exempt(
        self,
        b: Any,
        instance: Instance,
        where: Where,
        sites: pd.Index,
        there: Provision,
    ) -> None:
        m, limit = b.model(), float(self.exempt_below_per_yr or 0)
        worth = _worth(instance, where, there.regulated)
        technology = instance.recipes.technology
        full = _full_value(instance, worth)
        made: dict[str, list[str]] = {}
        for s, r in dict.fromkeys((s, r) for s, r, _ in m.activity):
            if s in sites and r in worth:
                made.setdefault(s, []).append(r)

        @b.Constraint([(s, t) for s in made for t in where.periods])
        def exempt(b, s, t):
            value = sum(worth[r] * m.activity[s, r, t] for r in made[s])
            kinds = {technology[r] for r in made[s]}
            most = sum(full[k] * m.modules[s, k, t].ub for k in kinds)
            licensed = sum(
                m.uses[s, i, l, t] for i, l in there.shared.get(s, ())
            ) + sum(m.steps[i, l, t] for i, l in there.own.get(s, ()))
            return value - max(most - limit, 0.0) * licensed <= limit

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        kinds, names = self._licensed(instance, where)
        inside = instance.sites.in_region
        sites = [s for s in where.sites if inside[s]]
        held = _held(instance, plan, names)
        if self.form == "exempt":
            limit = float(self.exempt_below_per_yr or 0)
            value = _value(instance, plan, where, kinds)
            for (s, t), made in value.items():
                if s in sites and t in where.periods and not any(held.get((s, t), ())):
                    excess = over(made, limit)
                    if excess != 0:
                        yield Violation("exempt", (s, t), excess, "money/yr unlicensed")
            return
        modules, opened = plan.tables["modules"], plan.tables["opened"]
        at = modules[(modules.modules > 0) & modules.technology.isin(kinds)]
        working = at[["site", "period"]].drop_duplicates().merge(opened)
        for s, t in zip(working.site, working.period, strict=True):
            if s not in sites or t not in where.periods:
                continue
            own, shared = held.get((s, t), [0, 0])
            if self.form == "hub" and shared == 0:
                yield Violation("shared", (s, t), 1, "shared licences missing")
            if self.form == "site" and own == 0:
                yield Violation("own", (s, t), 1, "own licences missing")
            if self.form == "site" and shared > 0:
                yield Violation("alone", (s, t), shared, "shared licences used")

    def _licensed(self, instance: Instance, where: Where) -> tuple[set[str], set[str]]:
        """Technologies that need a licence, and infrastructure that is one."""
        fixed = instance.technology_needs.query("per_module > 0")
        running = instance.recipe_needs.query("per_unit > 0").join(
            instance.recipes.technology, on="recipe"
        )
        columns = ["technology", "service"]
        needs = pd.concat([fixed[columns], running[columns]])
        table = instance.infrastructure
        offers = instance.infrastructure_services
        offers = offers[
            offers.infrastructure.isin(table.index[table.kind == self.kind])
        ]
        both = needs.merge(offers[["infrastructure", "service"]], on="service")
        both = both[both.technology.isin(where.technologies)]
        return set(both.technology), set(both.infrastructure)


def _worth(
    instance: Instance, where: Where, technologies: frozenset[str]
) -> dict[str, float]:
    """r -> value of covered products that one unit of activity makes, if any."""
    items, price = instance.recipe_items, instance.commodities.price
    made = items[(items.quantity > 0) & items.commodity.isin(where.products)]
    value = made.quantity * made.commodity.map(price).astype(float)
    worth: dict[str, float] = {}
    for r, money in zip(made.recipe, value, strict=True):
        if money > 0 and instance.recipes.technology[r] in technologies:
            worth[r] = worth.get(r, 0.0) + float(money)
    return worth


def _full_value(instance: Instance, worth: dict[str, float]) -> dict[str, float]:
    """k -> most value that one module makes in a year."""
    kinds, recipes = instance.technologies, instance.recipes
    full: dict[str, float] = {}
    for r, value in worth.items():
        k = recipes.technology[r]
        capacity = kinds.availability[k] * kinds.capacity_per_yr[k]
        most = float(value * capacity / recipes.capacity_use[r])
        full[k] = max(full.get(k, 0.0), most)
    return full


def _held(
    instance: Instance, plan: Plan, names: set[str]
) -> dict[tuple[str, str], list[int]]:
    """(site, period) -> own steps and shared uses of the infrastructure `names`."""
    own = set(instance.infrastructure.query("reach == 'site'").index) & names
    steps = plan.tables["infrastructure"].merge(
        instance.locations[["infrastructure", "location", "site"]]
    )
    steps = steps[steps.infrastructure.isin(own)]
    uses = plan.tables["uses"].drop_duplicates()
    uses = uses[uses.infrastructure.isin(names - own)]
    held: dict[tuple[str, str], list[int]] = {}
    for s, t, count in zip(steps.site, steps.period, steps.steps, strict=True):
        held.setdefault((s, t), [0, 0])[0] += count
    for s, t in zip(uses.site, uses.period, strict=True):
        held.setdefault((s, t), [0, 0])[1] += 1
    return held


def _value(
    instance: Instance, plan: Plan, where: Where, kinds: set[str]
) -> dict[tuple[str, str], float]:
    """(site, period) -> value of covered products that these technologies make."""
    activity = plan.tables["activity"].join(instance.recipes.technology, on="recipe")
    activity = activity[activity.technology.isin(kinds)]
    made = activity.merge(instance.recipe_items.query("quantity > 0"), on="recipe")
    made = made[made.commodity.isin(where.products)]
    price = instance.commodities.price.reindex(made.commodity).to_numpy()
    money = made.quantity_per_yr * made.quantity * price
    value: dict[tuple[str, str], float] = {}
    for s, t, amount in zip(made.site, made.period, money, strict=True):
        value[s, t] = value.get((s, t), 0.0) + float(amount)
    return value
