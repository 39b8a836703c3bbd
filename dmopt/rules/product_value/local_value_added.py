"""Local value added: much of what people pay for is value added in the region.

    (local)   sum_s [sum_c price[c] output[s,c,t] - sum_c price[c] input[s,c,t]]
              >= lambda sum_c price[c] (D[c,t] - unmet[c,t])    for all t    money/yr

    s          covered sites in the region: on the left with all that they send out
               (m.output) and bring in (m.input), whatever it is for
    c          on the right: covered products
    D, unmet   demand of all zones and what of it is unmet (m.unmet[c, t]): districts
               and areas of the rule choose sites, not zones
    price      market price of one unit         commodities.price
    lambda     share of the value delivered that is added here      share      share

Inputs count at market price, whatever a supplier asks. A share of 0 still asks that
no value is lost. Where all covered products have no price, the rule asks nothing.
Source: rule R4.4 of dimension D4 (reconstructed); form of the rows: ours.
"""

from collections import defaultdict
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


class LocalValueAdded(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "local_value_added"

    share: Share = looser("down", to=0.0)
    """Least share of the value that zones get which sites in the region must add."""

    def sentence(self) -> str:
        return (
            f"Sites in the region add at least {percent(self.share)} "
            "of the value that zones get."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, price = b.model(), instance.commodities.price
        if not price[where.products].any():
            return
        inside = set(instance.sites.loc[where.sites].query("in_region").index)
        added: dict[str, list[Any]] = defaultdict(list)
        for sign, gate in ((1, m.output), (-1, m.input)):
            for s, c, t in gate:
                if s in inside:
                    added[t].append(sign * price[c] * gate[s, c, t])
        table = instance.demand_by_period
        table = table[table.commodity.isin(where.products)]
        value = table.quantity_per_yr * table.commodity.map(price).astype(float)
        wanted = value.groupby(table.period).sum()
        covered = set(where.products)
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint(list(where.periods))
        def local(b, t):
            short = sum(
                price[c] * m.unmet[c, t2]
                for c, t2 in m.unmet
                if t2 == t and c in covered
            )
            got = self.share * wanted.get(t, 0.0) - self.share * short
            return got - sum(added[t]) + b.nobody <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        price = instance.commodities.price
        if not (price.reindex(where.products) > 0).any():
            return
        sites = instance.sites.index[instance.sites.in_region]
        sites = sites.intersection(where.sites)
        flows, unmet = plan.tables["flows"], plan.tables["unmet"]
        wanted = instance.demand_by_period
        value = flows.quantity_per_yr * flows.commodity.map(price).astype(float)
        sold, bought = flows.origin.isin(sites), flows.destination.isin(sites)
        asked = wanted.quantity_per_yr * wanted.commodity.map(price).astype(float)
        missing = unmet.quantity_per_yr * unmet.commodity.map(price).astype(float)
        for t in where.periods:
            now = flows.period == t
            added = value[now & sold].sum() - value[now & bought].sum()
            of = wanted.commodity.isin(where.products) & (wanted.period == t)
            lacks = unmet.commodity.isin(where.products) & (unmet.period == t)
            got = asked[of].sum() - missing[lacks].sum()
            # Sizes are those of what is sold: both sides are small differences of it.
            size = max(1.0, value[now & sold].sum(), asked[of].sum())
            if excess := over(self.share * got, added, size):
                yield Violation("local", (t,), excess, "money/yr too little")
