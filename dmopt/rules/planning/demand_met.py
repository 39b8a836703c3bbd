"""Demand met: of each product at least a share of what is wanted is supplied.

    (met)   unmet[c,t] <= (1 - share) sum_z D[z,c,t]    for all c, t       units/yr

    c       products covered that may be left unmet at a price
    unmet   of all zones together                 m.unmet[c, t]
    share   share that must be supplied           share            share

It speaks of the whole region: where the rest is missing is left open. Products whose
demand must be met anyway (unmet_price is blank) need no row.
Planning practice (service levels); form of the rows ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent


class DemandMet(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "demand_met"
    covers: ClassVar[tuple[str, ...]] = ("periods", "products")

    share: Share = looser("down", to=0.0)
    """Least share of the demand for each product that is supplied."""

    def sentence(self) -> str:
        return f"At least {percent(self.share)} of the demand for each product is met."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m = b.model()
        wanted = instance.demand_by_period.groupby(["commodity", "period"])
        demand = wanted.quantity_per_yr.sum().to_dict()
        priced = instance.commodities.unmet_price.notna()
        keys = [
            (c, t)
            for c in where.products
            for t in where.periods
            if priced[c] and (c, t) in m.unmet and (c, t) in demand
        ]

        @b.Constraint(keys)
        def met(b, c, t):
            return m.unmet[c, t] <= (1 - self.share) * demand[c, t]

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        unmet, wanted = plan.tables["unmet"], instance.demand_by_period
        for c in where.products:
            short, asked = unmet[unmet.commodity == c], wanted[wanted.commodity == c]
            for t in where.periods:
                missing = short.quantity_per_yr[short.period == t].sum()
                demand = asked.quantity_per_yr[asked.period == t].sum()
                excess = over(float(missing), (1 - self.share) * float(demand))
                if excess > 0:
                    yield Violation("met", (c, t), excess, "units/yr short")
