"""Single sourcing: a zone gets a product from one place, or not at all.

    (whole)   x[a] in {0, 1}   for every delivery a of the products covered
              x[a] = flow[a] / D[z,c,t], the share of the zone's demand

    commodities   commodities   ids separated by ','; blank: all products covered

The rows are the flow layer's: deliveries of these commodities become whole. It holds
for every zone and period: whole deliveries cannot be had in part of a region, nor
at a price.
Planning practice; form ours, after the single-source location problem.
"""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Names
from dmopt.rules.where import Where


class SingleSourcing(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "single_sourcing"

    commodities: Names = ()
    """Products that a zone gets from one place only, separated by commas; blank: all
    products."""

    def sentence(self) -> str:
        what = " and ".join(self.commodities) or "each product"
        return f"A zone gets {what} from one place, or not at all."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for c in self.commodities:
            yield "commodities", "commodity", c

    def whole_deliveries(self, instance: Instance, where: Where) -> frozenset[str]:
        return frozenset(self.commodities or where.products)

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        named = list(self.commodities) or list(where.products)
        flows = plan.tables["flows"]
        flows = flows[flows.destination.isin(instance.zones.index)]
        flows = flows[flows.commodity.isin(named)]
        by = ["destination", "commodity", "period"]
        each = flows.groupby([*by, "origin"], as_index=False).quantity_per_yr.sum()
        each = each[each.quantity_per_yr > 0]
        wanted = instance.demand_by_period.rename(columns={"zone": "destination"})
        both = each.merge(wanted, on=by, suffixes=("", "_wanted"))
        for row in both.itertuples():
            excess = over(row.quantity_per_yr_wanted, row.quantity_per_yr)
            if excess > 0:
                where_broken = (row.origin, row.destination, row.commodity, row.period)
                yield Violation("whole", where_broken, excess, "units/yr short of all")
