"""Personalised share: part of what is made is personalised.

    (personalised)   sum_{s, c in P} w[c] output[s,c,t]
                     >= pi sum_{s,c} w[c] output[s,c,t]    for all t
                                                           money or units per year

    s, c     covered sites in the region, covered products
    P        those named, or if none is named, those with the trait
             "personalised" (commodities.traits)           products
    w[c]     price of c, or 1                              by          value, units
    pi       least share that is personalised              share       share

What a site makes is what it sends out (m.output). Where all covered products have no
price, units are counted instead of value. It asks this of products that can be
personalised: where none of P is covered, the rule asks nothing.
Source: rule R4.1 of dimension D4 (reconstructed); form of the rows: ours.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Names, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent
from dmopt.rules.worth import weights


class PersonalisedShare(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "personalised_share"

    share: Share = looser("down", to=0.0)
    """Least share of what the region makes that must be of these products."""
    products: Names = ()
    """Products that count as personalised, separated by commas; blank: those marked so
    in the data."""
    by: Literal["value", "units"] = "value"
    """What is counted: value at the products' prices, or units."""

    def sentence(self) -> str:
        kind = ", ".join(self.products) or "personalised products"
        return (
            f"At least {percent(self.share)} of the {self.by} that the region makes "
            f"is of {kind}."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for c in self.products:
            yield "commodities", "commodity", c

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, goods = b.model(), instance.commodities.loc[where.products]
        named = set(self.products)
        meant = {
            c
            for c, traits in goods.traits.items()
            if (c in named if named else "personalised" in _traits(traits))
        }
        if not meant:
            return
        weight = weights(instance, where.products, self.by)
        inside = set(instance.sites.loc[where.sites].query("in_region").index)
        made: dict[str, list[Any]] = defaultdict(list)
        for s, c, t in m.output:
            if s in inside and c in weight:
                # What is personalised makes up for the rest: -(1 - pi) of it.
                part = self.share - (c in meant)
                made[t].append(part * weight[c] * m.output[s, c, t])
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint(list(where.periods))
        def personalised(b, t):
            return b.nobody + sum(made[t]) <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        goods = instance.commodities.reindex(where.products)
        if self.products:
            special = goods.index.isin(self.products)
        else:
            listed = goods.traits.str.split(";").explode().str.strip()
            special = goods.index.isin(listed.index[listed == "personalised"])
        if not special.any():
            return
        by_value = self.by == "value" and (goods.price > 0).any()
        sites = instance.sites.index[instance.sites.in_region]
        flows = plan.tables["flows"]
        flows = flows[
            flows.origin.isin(sites.intersection(where.sites))
            & flows.commodity.isin(goods.index)
        ]
        amount = flows.quantity_per_yr
        if by_value:
            amount = amount * flows.commodity.map(goods.price).astype(float)
        is_special = flows.commodity.isin(goods.index[special])
        for t in where.periods:
            now = flows.period == t
            wanted = self.share * amount[now].sum()
            if excess := over(wanted, amount[now & is_special].sum()):
                unit = "money/yr" if by_value else "units/yr"
                yield Violation("personalised", (t,), excess, f"{unit} too little")


def _traits(text: str) -> set[str]:
    return {part.strip() for part in text.split(";")}
