"""Single sourcing: a zone gets a commodity from one place, or not at all.

    (whole)   x[a] in {0, 1}   for every delivery a of the commodities named
              x[a] = flow[a] / D[z,c,t], the share of the zone's demand

    commodities   commodities   ids separated by ','; blank: all that zones want

The rows are the flow layer's: deliveries of these commodities become whole.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation


class SingleSourcing(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    commodities: str = ""

    def refers(self) -> Iterator[tuple[str, str]]:
        for c in self.commodities.split(","):
            if c.strip():
                yield "commodities", c.strip()

    def constrain(self, b: Any, instance: Instance) -> None:
        """Nothing in the decision layer: the rule is about deliveries."""

    def whole_deliveries(self, instance: Instance) -> frozenset[str]:
        named = frozenset(c for _, c in self.refers())
        return named or frozenset(instance.demand.commodity)

    def check(self, instance: Instance, plan: Plan) -> Iterator[Violation]:
        named = [c.strip() for c in self.commodities.split(",") if c.strip()]
        flows = plan.tables["flows"]
        flows = flows[flows.destination.isin(instance.zones.index)]
        if named:
            flows = flows[flows.commodity.isin(named)]
        by = ["destination", "commodity", "period"]
        each = flows.groupby([*by, "origin"], as_index=False).quantity_per_yr.sum()
        each = each[each.quantity_per_yr > 0]
        wanted = instance.demand_by_period.rename(columns={"zone": "destination"})
        both = each.merge(wanted, on=by, suffixes=("", "_wanted"))
        for row in both.itertuples():
            excess = over(row.quantity_per_yr_wanted, row.quantity_per_yr)
            if excess > 0:
                where = (row.destination, row.commodity, row.period, row.origin)
                yield Violation(self.id, where, excess, "units/yr short of all")
