"""Low-carbon last mile: much of what sites deliver goes by bike or electric van.

    (clean)   sum_{a in A_n: mode not in M} w[c] flow[a]
                                       <= (1 - gamma) sum_{a in A_n} w[c] flow[a]

    A_n      deliveries of covered products from sites in the region to covered
             zones, in one period, to one district or to all of them, for all n
    gamma    share that must go by M          share       share
    M        modes                            modes; blank: those that are low_carbon
    w[c]     tonnes of one unit, 1 by units and where no covered product has weight
                                              by          t or units
    per      what each row is about           per         region, district (of the zone)

What comes from sites outside or from suppliers is on neither side. Where
no mode is marked low_carbon and none is named, the instance does not say
which are and the rule asks nothing. A product of weight 0 counts for nothing by tonnes.
Source: rule R5.4 of dimension D5 (reconstructed); form of the rows: ours.
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
from dmopt.rules.parameters import STRICT, Names, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent


class LowCarbonLastMile(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "low_carbon_last_mile"

    share: Share = looser("down", to=0.0)
    """Least share of what sites in the region deliver that must go by low-carbon
    modes."""
    modes: Names = ()
    """Modes of transport that count, separated by commas; blank: those marked low-
    carbon in the data."""
    by: Literal["t", "units"] = "t"
    """What is counted: tonnes, or units."""
    per: Literal["region", "district"] = "region"
    """What the share is of: deliveries to the whole region, or to each district."""

    def sentence(self) -> str:
        by = {"t": "weight", "units": "number"}[self.by]
        modes = " or ".join(self.modes) or "low-carbon modes"
        place = " in each district" if self.per == "district" else ""
        return (
            f"At least {percent(self.share)} by {by} of what sites in the region "
            f"deliver{place} goes by {modes}."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for name in self.modes:
            yield "modes", "mode", name

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        modes, goods = instance.modes, instance.commodities
        clean = set(self.modes) or set(modes.index[modes.low_carbon])
        if not clean:
            return
        inside = instance.sites.index[instance.sites.in_region]
        covered = arcs.origin.isin(inside) & arcs.destination.isin(where.zones)
        covered &= (arcs.origin_kind == "site") & (arcs.destination_kind == "zone")
        covered &= arcs.commodity.isin(where.products)
        covered &= arcs.period.isin(where.periods)
        everywhere = pd.Series("region", arcs.index)
        district = arcs.destination.map(instance.zones.district)
        labels = pd.DataFrame(
            {
                "place": district if self.per == "district" else everywhere,
                "period": arcs.period,
            }
        )
        label, row = numbered(labels, covered.to_numpy())
        weight = goods.t_per_unit
        if self.by == "units" or not weight[where.products].any():
            weight = pd.Series(1.0, goods.index)
        unclean = (~arcs["mode"].isin(clean)).to_numpy(float)
        each = arcs.commodity.map(weight).to_numpy(float)
        yield FlowRows(
            label, row, each * (unclean - (1 - self.share)), np.zeros(len(label))
        )

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        low_carbon = instance.modes.query("low_carbon").index
        named = list(self.modes) or list(low_carbon)
        flows = moves(instance, plan.tables["flows"])
        flows = flows[
            flows.origin_inside
            & (flows.destination_kind == "zone")
            & flows.destination.isin(where.zones)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        if not named:
            return
        heavy = (instance.commodities.t_per_unit.loc[where.products] > 0).any()
        column, unit = "quantity_per_yr", "units/yr"
        if self.by == "t" and heavy:
            column, unit = "t_per_yr", "t/yr"
        place = flows.destination.map(instance.zones.district)
        rows = flows.assign(
            place=place if self.per == "district" else "region",
            all=flows[column],
            other=flows[column].where(~flows["mode"].isin(named), 0.0),
        )
        total = rows.groupby(["place", "period"])[["other", "all"]].sum(skipna=False)
        excess = over(total.other, (1 - self.share) * total["all"])
        yield from broken("clean", total.index, excess, f"{unit} by other modes")
