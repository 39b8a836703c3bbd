"""Connected volume: most of what is made is made where the platform sees it.

    (seen)      sum_s qc[s,t] >= eta sum_s made[s,t]           for all t
    (of_it)     qc[s,t] <= made[s,t]                           for all s, t
    (through)   qc[s,t] <= most[s] (sum own steps[i,l,t] + sum uses[s,i,l,t])

    made[s,t]   sum_c w[c] output[s,c,t] over covered products
    eta         share that is seen             share       share
    i           infrastructure of the kind: own is of reach `site` at s, the rest
                shared                         kind
    w[c]        price of one unit (value), 1 by units and where no covered product has
                a price                        by          money or units
    qc[s,t]     what of it is connected        b.means.qc  money/yr or units/yr
    most[s]     made by all modules allowed at s, or all demand if nobody uses up
                the products
    s           covered sites in the region

By units a cheap product can carry the share, by value a dear one; a product without a
price counts for nothing by value. What a site has already (base) is no connection
here. Where the instance has no infrastructure of the kind, nothing is asked.
Source: rule R6.3 of dimension D6 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.digital import facts
from dmopt.rules.parameters import STRICT, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent
from dmopt.rules.worth import weights


class ConnectedVolume(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "connected_volume"

    share: Share = looser("down", to=0.0)
    """Least share of what sites in the region send out that must be made at connected
    sites."""
    kind: str = "data"
    """Kind of infrastructure that a connection is, such as data."""
    by: Literal["value", "units"] = "value"
    """What is counted: value at the products' prices, or units."""

    def sentence(self) -> str:
        by = {"value": "value", "units": "number"}[self.by]
        return (
            f"At least {percent(self.share)} by {by} of what sites in the region send "
            f"out is made at sites with a {self.kind} connection."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        if "kind" in self.model_fields_set and self.kind != "data":
            yield "infrastructure", "kind", self.kind

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        from dmopt.rules.digital.rows import connections

        if self.kind not in set(instance.infrastructure.kind):
            return
        m, weight = b.model(), weights(instance, where.products, self.by)
        made: dict[tuple[str, str], Any] = {}
        inside = instance.sites.in_region
        sites = {s for s in where.sites if inside[s]}
        for (s, c, t), output in m.output.items():
            if s in sites and weight.get(c, 0) > 0 and t in where.periods:
                made[s, t] = made.get((s, t), 0) + weight[c] * output
        most = _most(instance, where, weight, {s for s, _ in made})
        count = connections(m, instance, self.kind)
        b.means = pyo.Block()
        b.means.qc = pyo.Var(list(made), domain=pyo.NonNegativeReals)

        @b.means.Constraint(list(made))
        def of_it(block, s, t):
            return block.qc[s, t] <= made[s, t]

        @b.means.Constraint(list(made))
        def through(block, s, t):
            return block.qc[s, t] - most[s] * count(s, t) <= 0

        @b.Constraint(sorted({t for _, t in made}))
        def seen(b, t):
            here = [key for key in made if key[1] == t]
            connected = sum(b.means.qc[key] for key in here)
            return self.share * sum(made[key] for key in here) - connected <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        table = instance.sites
        covered = table.index[table.in_region & table.index.isin(where.sites)]
        if not (instance.infrastructure.kind == self.kind).any():
            return
        flows = plan.tables["flows"]
        flows = flows[
            flows.origin.isin(covered)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        price = instance.commodities.price.loc[where.products]
        amount, unit = flows.quantity_per_yr, "units/yr"
        if self.by == "value" and (price > 0).any():
            amount, unit = amount * flows.commodity.map(price).astype(float), "money/yr"
        ends = flows[["origin", "period"]].set_axis(["site", "period"], axis=1)
        there = facts.connected(instance, plan, self.kind)
        seen = pd.MultiIndex.from_frame(ends).isin(there)
        rows = flows.assign(made=amount, seen=amount.where(seen, 0.0))
        total = rows.groupby("period")[["made", "seen"]].sum(skipna=False)
        excess = over(self.share * total.made, total.seen)
        yield from broken("seen", total.index, excess, f"{unit} not connected")


def _most(
    instance: Instance, where: Where, weight: dict[str, float], sites: set[str]
) -> dict[str, float]:
    """Most that each site can make of the covered products, weighted."""
    from dmopt.formulation.scope import Scope  # late: checking needs no model

    scope = Scope(instance)
    technologies, use = instance.technologies, instance.recipes.capacity_use
    best = {
        k: technologies.capacity_per_yr[k]
        * technologies.availability[k]
        * max(
            sum(weight.get(c, 0.0) * max(y, 0.0) for c, y in scope.items[r].items())
            / use[r]
            for r in scope.recipes_of[k]
        )
        for k in where.technologies
    }
    most = dict.fromkeys(sites, 0.0)
    for (s, k), modules in scope.most_modules.items():
        if s in most:
            most[s] += modules * best.get(k, 0.0)
    items = instance.recipe_items
    if set(where.products) & set(items.commodity[items.quantity < 0]):
        return most
    demand = instance.demand_by_period
    worth = demand.quantity_per_yr * demand.commodity.map(weight).astype(float).fillna(
        0.0
    )
    asked = float(worth.groupby(demand.period).sum().max())
    return {s: min(units, asked) for s, units in most.items()}
