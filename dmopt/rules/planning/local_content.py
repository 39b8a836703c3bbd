"""Local content: a share of what sites buy comes from suppliers in the region.

    (local)   sum_{a in A_t local} w[a] flow[a] >= share sum_{a in A_t} w[a] flow[a]
                                                           for all t   money/yr or t/yr

    A_t      what covered sites in the region buy from suppliers in period t, of the
             commodities that go into the products covered, however many steps before
    local    from suppliers in the region
    w        price of the commodity, or its weight     by       value, t
    share    share that must be local                  share    share

In value at the price of the commodity, not at what a supplier asks: dear goods from
nearby would otherwise count for more. What has no price (or weight) does not count.
What sites bring to each other and what suppliers bring to zones does not count.
A share of one leaves bought inputs from elsewhere out altogether.
Planning practice (public procurement, local content); form of the rows ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.flows.rows import FlowRows, numbered
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent


class LocalContent(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "local_content"

    share: Share = looser("down", to=0.0)
    """Least share of what sites in the region buy from suppliers that must come from
    the region."""
    by: Literal["value", "t"] = "value"
    """What is counted: value at the inputs' prices, or tonnes."""

    def sentence(self) -> str:
        what = "the value" if self.by == "value" else "the weight"
        return (
            f"At least {percent(self.share)} of {what} of what sites in the region "
            "buy from suppliers comes from suppliers in the region."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        sites, suppliers = instance.sites.loc[where.sites], instance.suppliers
        covered = arcs.origin_kind == "supplier"
        covered &= arcs.destination.isin(sites.index[sites.in_region])
        covered &= arcs.period.isin(where.periods)
        covered &= arcs.commodity.isin(self._inputs(instance, where))
        column = "price" if self.by == "value" else "t_per_unit"
        each = arcs.commodity.map(instance.commodities[column]).to_numpy(float)
        local = arcs.origin.isin(suppliers.index[suppliers.in_region])
        label, row = numbered(arcs[["period"]], covered.to_numpy())
        weight = (self.share - local.to_numpy(float)) * each
        yield FlowRows(label, row, weight, np.zeros(len(label)))

    def _inputs(self, instance: Instance, where: Where) -> set[str]:
        """Commodities that go into the products covered, however many steps before."""
        items = instance.recipe_items
        needed, found = set(where.products), set[str]()
        while needed:
            recipes = items.recipe[items.commodity.isin(needed) & (items.quantity > 0)]
            used = items[items.recipe.isin(recipes) & (items.quantity < 0)].commodity
            needed = set(used) - found
            found |= needed
        return found

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        nearby = instance.suppliers.in_region.to_dict()
        inside = instance.sites.in_region.to_dict()
        goods = instance.commodities
        worth = (goods.price if self.by == "value" else goods.t_per_unit).to_dict()
        inputs, covered = _into(instance, list(where.products)), set(where.sites)
        everything = dict.fromkeys(where.periods, 0.0)
        local = dict.fromkeys(where.periods, 0.0)
        flows = plan.tables["flows"]
        for flow in flows[flows.origin.isin(nearby)].itertuples():
            if flow.period not in everything:
                continue
            if flow.destination not in covered or not inside[flow.destination]:
                continue
            if flow.commodity in inputs:
                amount = worth[flow.commodity] * flow.quantity_per_yr
                everything[flow.period] += amount
                local[flow.period] += amount if nearby[flow.origin] else 0.0
        unit = "t/yr" if self.by == "t" else f"{instance.settings.currency}/yr"
        for t in where.periods:
            excess = over(self.share * everything[t], local[t])
            if excess > 0:
                yield Violation("local", (t,), excess, f"{unit} short from nearby")


def _into(instance: Instance, products: list[str]) -> set[str]:
    """All that products are made of, and what that is made of."""
    made: dict[str, set[str]] = {}
    used: dict[str, set[str]] = {}
    items = instance.recipe_items
    for r, c, quantity in zip(
        items.recipe, items.commodity, items.quantity, strict=True
    ):
        if quantity > 0:
            made.setdefault(c, set()).add(r)
        else:
            used.setdefault(r, set()).add(c)
    inputs: set[str] = set()
    ahead = products
    while ahead:
        recipes = made.get(ahead.pop(), set())
        new = {c for r in recipes for c in used.get(r, set())} - inputs
        inputs |= new
        ahead.extend(new)
    return inputs
