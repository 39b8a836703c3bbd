"""Burden limit: no zone gets more than so many vehicle trips a year.

    (burden)   sum_{a in A_zt} trips[a] flow[a] <= most   for all z, t    trips/yr

    A_zt    deliveries of the products covered to zone z in period t
    trips   vehicles for one unit, by payload or by drops of a trip
    most    trips into one zone       most_trips_per_yr   trips/yr

trips[a] = max(t_per_unit / payload_t, 1 / (units_per_drop drops_per_trip)), a part of
a trip where a vehicle serves several stops; a mode that says neither makes no trips.
A trip in and out counts once; trips through a zone on the way to another do not
count. Deliveries from outside the region and from suppliers count too.
Planning practice (transport assessment); form of the rows ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.flows.rows import FlowRows, numbered
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure


class BurdenLimit(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "burden_limit"

    most_trips_per_yr: Amount = looser("up", to=10_000_000)
    """Most vehicle trips of deliveries into one zone in a year."""

    def sentence(self) -> str:
        most = figure(self.most_trips_per_yr)
        return f"No zone gets more than {most} vehicle trips of deliveries a year."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        covered = arcs.destination.isin(where.zones) & arcs.period.isin(where.periods)
        covered &= arcs.commodity.isin(where.products)
        places = arcs[["destination", "period"]]
        label, row = numbered(places, covered.to_numpy())
        most = np.full(len(label), self.most_trips_per_yr)
        yield FlowRows(label, row, arcs.trips.to_numpy(float), most)

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        flows = plan.tables["flows"]
        flows = flows[
            flows.destination.isin(where.zones)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        goods = instance.commodities.reindex(flows.commodity).set_index(flows.index)
        modes = instance.modes.reindex(flows["mode"]).set_index(flows.index)
        units = flows.quantity_per_yr
        by_weight = (units * goods.t_per_unit / modes.payload_t).fillna(0)
        by_stops = (units / goods.units_per_drop / modes.drops_per_trip).fillna(0)
        trips = by_weight.where(by_weight > by_stops, by_stops)
        total = trips.groupby([flows.destination, flows.period]).sum()
        for (z, t), number in zip(total.index, total, strict=True):
            excess = over(number, self.most_trips_per_yr)
            if excess > 0:
                yield Violation("burden", (z, t), excess, "trips/yr too many")
