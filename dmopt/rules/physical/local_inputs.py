"""Local inputs: much of what is bought comes from suppliers nearby.

    (near)   sum_{a in A_n: km[a] > R} w[c] flow[a]
                                       <= (1 - alpha) sum_{a in A_n} w[c] flow[a]

    A_n      flows of inputs from suppliers to covered sites in the region, in one
             period, to one site or to all of them, for all n
    alpha    share that must be near            share         share
    R        way that counts as near            within_km     km
    w[c]     value: price of one unit, by t where none that is sold has a price;
             t: tonnes of one unit; by units where none has weight
                                                by            money, t or units
    per      what each row is about             per           site, region

All inputs that go into covered products, directly or through intermediates, count
together; what other sites make does not. Units matter: by tonnes a heavy cheap input
can carry the share alone, by value a light dear one; an input of weight 0 in the
measure taken counts for nothing.
Source: rule R5.3 of dimension D5 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.flows.rows import FlowRows, numbered
from dmopt.plan.moves import moves
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.parameters import STRICT, Amount, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure, percent


class LocalInputs(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "local_inputs"

    share: Share = looser("down", to=0.0)
    """Least share of the inputs that must come from suppliers nearby."""
    within_km: Amount = looser("up", to=2_000)
    """Longest way from a supplier to a site that counts as nearby."""
    by: Literal["value", "t"] = "value"
    """What is counted: value at the inputs' prices, or tonnes."""
    per: Literal["region", "site"] = "region"
    """What the share is of: the inputs of all sites in the region together, or of each
    site."""

    def sentence(self) -> str:
        who = {"region": "sites in the region together", "site": "each site"}[self.per]
        what = {"value": "value", "t": "weight"}[self.by]
        return (
            f"At least {percent(self.share)} of the inputs that {who} buy"
            f"{'s' if self.per == 'site' else ''}, by {what}, comes from suppliers "
            f"within {figure(self.within_km)} km."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        inside = instance.sites.index[instance.sites.in_region]
        covered = (arcs.origin_kind == "supplier") & (arcs.destination_kind == "site")
        covered &= arcs.destination.isin(inside) & arcs.destination.isin(where.sites)
        covered &= arcs.period.isin(where.periods)
        covered &= arcs.commodity.isin(self._inputs(instance, where))
        everywhere = pd.Series("region", arcs.index)
        labels = pd.DataFrame(
            {
                "place": arcs.destination if self.per == "site" else everywhere,
                "period": arcs.period,
            }
        )
        label, row = numbered(labels, covered.to_numpy())
        weight = arcs.commodity.map(self._weights(instance)).to_numpy(float)
        far = (arcs.km > self.within_km).to_numpy(float)
        yield FlowRows(
            label, row, weight * (far - (1 - self.share)), np.zeros(len(label))
        )

    def _inputs(self, instance: Instance, where: Where) -> set[str]:
        """All that goes into covered products, directly or not."""
        makes: dict[str, set[str]] = {}
        uses: dict[str, set[str]] = {}
        items = instance.recipe_items
        for r, c, quantity in zip(
            items.recipe, items.commodity, items.quantity, strict=True
        ):
            (makes if quantity > 0 else uses).setdefault(r, set()).add(c)
        ahead: set[str] = set(where.products)
        found: set[str] = set()
        while ahead:
            recipes = [r for r, made in makes.items() if made & ahead]
            ahead = set[str]().union(*(uses.get(r, set()) for r in recipes)) - found
            found |= ahead
        return found

    def _weights(self, instance: Instance) -> pd.Series:
        """Weight of one unit of each commodity."""
        goods = instance.commodities
        sold = goods.index.isin(instance.supplies.commodity)
        if self.by == "value" and goods.price[sold].any():
            return goods.price
        if goods.t_per_unit[sold].any():
            return goods.t_per_unit
        return pd.Series(1.0, goods.index)

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        flows = moves(instance, plan.tables["flows"])
        flows = flows[
            (flows.origin_kind == "supplier")
            & flows.destination_inside
            & flows.destination.isin(where.sites)
            & flows.commodity.isin(_upstream(instance, where))
            & flows.period.isin(where.periods)
        ]
        amount, unit = _measured(instance, flows, self.by)
        place = flows.destination if self.per == "site" else "region"
        rows = flows.assign(place=place, all=amount)
        rows["far"] = rows["all"].where(~(rows.km <= self.within_km), 0.0)
        total = rows.groupby(["place", "period"])[["far", "all"]].sum(skipna=False)
        excess = over(total.far, (1 - self.share) * total["all"])
        yield from broken("near", total.index, excess, f"{unit} from too far")


def _upstream(instance: Instance, where: Where) -> pd.Index:
    """Commodities used up by recipes on the way to covered products."""
    items = instance.recipe_items
    amount = items.pivot(index="recipe", columns="commodity", values="quantity")
    amount = amount.fillna(0.0)
    goes_into = (amount < 0).T.astype(int) @ (amount > 0).astype(int)
    needed = goes_into.columns.isin(where.products)
    for _ in goes_into.columns:
        needed |= (goes_into.to_numpy() @ needed) > 0
    into_needed = goes_into.to_numpy() @ needed > 0
    return goes_into.index[into_needed]


def _measured(
    instance: Instance, flows: pd.DataFrame, by: str
) -> tuple[pd.Series, str]:
    """How much each flow counts, and in what."""
    bought = instance.commodities.loc[instance.supplies.commodity.unique()]
    if by == "value" and (bought.price > 0).any():
        return flows.value_per_yr, "money/yr of inputs"
    if (bought.t_per_unit > 0).any():
        return flows.t_per_yr, "t/yr of inputs"
    return flows.quantity_per_yr, "units/yr of inputs"
