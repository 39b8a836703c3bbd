"""Plural ownership: no owner makes more than a share.

    (plural)   sum_{s of o, c} w[c] output[s,c,t] <= omega sum_{s,c} w[c] output[s,c,t]
               for all owners o, t                             money, units or t per yr

    s, c     covered sites in the region, covered products
    o        owners of these sites; a site without one is an owner of its own
    w[c]     price of c, 1 or t_per_unit       by       value, units, t
    omega    most of it that one owner makes   share    share

What a site makes is what it sends out (m.output). Where all covered products have no
price, units are counted instead of value. Where no covered site in the region has an
owner, the rule asks nothing.
Source: rule R3.2 of dimension D3 (reconstructed); form of the rows: ours.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent
from dmopt.rules.worth import weights


class PluralOwnership(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "plural_ownership"

    share: Share = looser("up", to=1.0)
    """Most that one owner's sites may make of all that the region makes."""
    by: Literal["value", "units", "t"] = "value"
    """What is counted: value at the products' prices, units, or tonnes."""

    def sentence(self) -> str:
        of = {"value": "value", "units": "units", "t": "tonnes"}[self.by]
        return (
            f"No owner makes more than {percent(self.share)} of the {of} "
            "that the region makes."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, sites = b.model(), instance.sites.loc[where.sites].query("in_region")
        if (sites.owner == "").all():
            return
        # (owner, "") or ("", site): names of owners and of sites may be the same.
        group = {s: (o, "") if o else ("", s) for s, o in sites.owner.items()}
        weight, periods = weights(instance, where.products, self.by), set(where.periods)
        sent: dict[Any, list[Any]] = defaultdict(list)
        for s, c, t in m.output:
            if s in group and weight.get(c, 0) and t in periods:
                sent[(*group[s], t)].append(weight[c] * m.output[s, c, t])
        b.means = pyo.Block()
        b.means.total = pyo.Var(list(where.periods), domain=pyo.NonNegativeReals)

        @b.means.Constraint(list(where.periods))
        def of_all(block, t):
            parts = [sum(made) for (_, _, t2), made in sent.items() if t2 == t]
            return block.total[t] == sum(parts)

        @b.Constraint(list(sent))
        def plural(b, owner, site, t):
            return sum(sent[owner, site, t]) - self.share * b.means.total[t] <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        inside = instance.sites[instance.sites.in_region]
        owner = inside.owner[inside.index.isin(where.sites)]
        if not owner.astype(bool).any():
            return
        priced = instance.commodities.price.reindex(where.products)
        by = "units" if self.by == "value" and (priced == 0).all() else self.by
        unit = {"value": "money/yr", "units": "units/yr", "t": "t/yr"}[by]
        flows = plan.tables["flows"]
        flows = flows[
            flows.origin.isin(owner.index)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        amount = flows.quantity_per_yr
        if by != "units":
            column = {"value": "price", "t": "t_per_unit"}[by]
            amount = amount * flows.commodity.map(instance.commodities[column]).astype(
                float
            )
        named = flows.origin.map(owner)
        made = flows[["period"]].assign(
            owner=named, alone=flows.origin.where(named == "", ""), amount=amount
        )
        total = made.groupby("period").amount.sum()
        own = made.groupby(["owner", "alone", "period"], sort=False).amount.sum()
        for o, s, t, part in own.reset_index().itertuples(index=False, name=None):
            if excess := over(part, self.share * total[t]):
                yield Violation("plural", (o or s, t), excess, unit)
