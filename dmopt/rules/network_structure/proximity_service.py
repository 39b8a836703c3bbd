"""Proximity service: most of what people get comes from nearby.

    (near)   sum_{a in A_n: km[a] > R} flow[a] <= (1 - phi) sum_{a in A_n} flow[a]

    A_n      deliveries of one product in one period to one zone (or to one
             district, or to the whole region), for all n
    phi      share that must be near              share         share
    R        way that counts as near              within_km     km
    per      what each row is about               per           zone, district, region

In units of the product, of what is delivered: what stays unmet counts on neither side.
A share of one leaves far deliveries out altogether.
Source: rule R1.1 of dimension D1 (reconstructed); form of the rows: ours.
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
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure, percent


class ProximityService(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "proximity_service"

    share: Share = looser("down", to=0.0)
    """Least share of each product that must come from near."""
    within_km: Amount = looser("up", to=2_000)
    """Longest way from a site to a zone that counts as near."""
    per: Literal["zone", "district", "region"] = "zone"
    """What the share is of: what each zone, each district or the whole region gets."""

    def sentence(self) -> str:
        to = {"zone": "each zone", "district": "each district", "region": "the region"}
        return (
            f"At least {percent(self.share)} of each product that {to[self.per]} gets "
            f"comes from within {figure(self.within_km)} km."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        covered = arcs.destination.isin(where.zones) & arcs.period.isin(where.periods)
        covered &= arcs.commodity.isin(where.products)
        labels = pd.DataFrame(
            {
                "place": self._places(instance, arcs.destination),
                "commodity": arcs.commodity,
                "period": arcs.period,
            }
        )
        label, row = numbered(labels, covered.to_numpy())
        may = 1 - self.share
        weight = np.where(arcs.km > self.within_km, 1 - may, -may)
        yield FlowRows(label, row, weight, np.zeros(len(label)))

    def _places(self, instance: Instance, zones: pd.Series) -> pd.Series:
        if self.per == "zone":
            return zones
        if self.per == "district":
            return zones.map(instance.zones.district)
        codes = np.zeros(len(zones), np.int8)
        return pd.Series(
            pd.Categorical.from_codes(codes, pd.Index(["region"])), zones.index
        )

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        flows = moves(instance, plan.tables["flows"])
        flows = flows[
            flows.destination.isin(where.zones)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        place = {
            "zone": flows.destination,
            "district": flows.destination.map(instance.zones.district),
            "region": flows.destination.map(lambda zone: "region"),
        }[self.per]
        by = [place.rename("place"), "commodity", "period"]
        for key, some in flows.groupby(by, sort=False):
            far = some.quantity_per_yr[some.km > self.within_km].sum()
            excess = over(far, (1 - self.share) * some.quantity_per_yr.sum())
            if excess > 0:
                place_of = tuple(map(str, key))
                yield Violation("near", place_of, excess, "units/yr from too far")
