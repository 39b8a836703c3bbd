"""Exclusive territory: one producer for each territory.

    (one)        sum_s serves[s,d,t] <= 1               for all d, t            sites
    (elsewhere)  sum_{a from s not in d} flow[a] <= 0   for all d, c, t    own
    (far)        sum_{a: km[a] > R} flow[a] <= 0        for all d, c, t    within_km
    (while)      sum_{a from s} flow[a] <= D[d,c,t] serves[s,d,t]
                 for all s, d, c, t                     gives serves its meaning

    a         deliveries of a covered product c from sites to covered zones of d
    s         every site that delivers there, outside the region too, whatever
              districts and areas the rule names: they choose the territories
    d         territories: the districts of covered zones; zones without a district
              are in none
    serves    0/1, on b.means
    D         demand of the covered zones of d
    own       deliveries come from sites in the region that lie in the territory
              itself                        own          yes, no
    R         way no delivery exceeds       within_km    km; blank: any

One producer serves a territory with all covered products. Suppliers' direct deliveries
are no producers'. A territory without a site of its own gets nothing under `own`.
Where the rule is soft, (one) is paid for per site, the others per unit delivered.
Source: rule R3.4 of dimension D3 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.flows.rows import FlowRows, numbered
from dmopt.plan.moves import moves
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure


class ExclusiveTerritory(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "exclusive_territory"

    own: bool = False
    """Yes: the one producer of a district must have its site in the district. No: it
    may stand anywhere."""
    within_km: Amount | None = looser("up", to=2_000, default=None)
    """Longest way of any delivery to a district; blank: any way."""

    def sentence(self) -> str:
        lies = " that lies in it" if self.own else ""
        near = (
            f", from within {figure(self.within_km)} km"
            if self.within_km is not None
            else ""
        )
        return f"Each district gets what sites make from one site only{lies}{near}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, products = b.model(), set(where.products)
        makers: dict[str, dict[str, None]] = {t: {} for t in where.periods}
        for s, c, t in m.output:
            if c in products and t in makers:
                makers[t][s] = None
        territories = sorted({(d, t) for d, _, t in _demand(instance, where)})
        keys = [(s, d, t) for d, t in territories for s in makers[t]]
        b.means = pyo.Block()
        b.means.serves = pyo.Var(pyo.Set(initialize=keys, dimen=3), domain=pyo.Binary)

        @b.Constraint([(d, t) for d, t in territories if makers[t]])
        def one(b, d, t):
            return sum(b.means.serves[s, d, t] for s in makers[t]) <= 1

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        district = arcs.destination.map(instance.zones.district).fillna("")
        inside = arcs.destination.isin(where.zones) & (district != "")
        inside &= (arcs.origin_kind == "site") & arcs.commodity.isin(where.products)
        inside &= arcs.period.isin(where.periods)
        into = pd.DataFrame(
            {"district": district, "commodity": arcs.commodity, "period": arcs.period}
        )
        if self.own:
            home = instance.sites.district.where(instance.sites.in_region, "")
            elsewhere = arcs.origin.map(home) != district
            yield _none_of(into, (inside & elsewhere).to_numpy())
        if self.within_km is not None:
            yield _none_of(into, (inside & (arcs.km > self.within_km)).to_numpy())
        into.insert(0, "origin", arcs.origin)
        label, row = numbered(into, inside.to_numpy())
        demand = _demand(instance, where)
        serves = b.means.serves
        yield FlowRows(
            label,
            row,
            np.ones(len(arcs)),
            np.zeros(len(label)),
            [
                (n, serves[s, d, t], demand[d, c, t])
                for n, (s, d, c, t) in enumerate(label)
            ],
            means=True,
        )

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        zones = instance.zones.loc[where.zones]
        territory = zones.district[zones.district != ""]
        flows = plan.tables["flows"]
        flows = flows[
            flows.destination.isin(territory.index)
            & flows.origin.isin(instance.sites.index)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        flows = moves(instance, flows)
        flows["district"] = flows.destination.map(territory)
        lies_in = flows.origin.map(instance.sites.district)
        home = flows.origin_inside & (lies_in == flows.district)
        by = ["district", "commodity", "period"]
        for wrong, row, unit in (
            (~home & self.own, "elsewhere", "units/yr from elsewhere"),
            (flows.km > self._most_km, "far", "units/yr from too far"),
        ):
            sent = flows[wrong].groupby(by, sort=False).quantity_per_yr.sum()
            for *key, units in sent.reset_index().itertuples(index=False, name=None):
                if excess := over(units, 0.0):
                    yield Violation(row, tuple(key), excess, unit)
        yield from self._producers(instance, flows, territory)

    @property
    def _most_km(self) -> float:
        return np.inf if self.within_km is None else self.within_km

    def _producers(
        self, instance: Instance, flows: pd.DataFrame, territory: pd.Series
    ) -> Iterator[Violation]:
        """Territories that more than one site delivers to."""
        by = ["district", "commodity", "period"]
        wanted = instance.demand_by_period
        wanted = wanted[wanted.zone.isin(territory.index)]
        wanted = wanted.assign(district=wanted.zone.map(territory))
        demand = wanted.groupby(by).quantity_per_yr.sum().rename("demand")
        sent = flows.groupby(["origin", *by]).quantity_per_yr.sum().reset_index()
        sent = sent.join(demand, on=by)
        # What is small beside the territory's demand is the solver's rounding.
        some = over(sent.quantity_per_yr, 0.0, sent.demand.to_numpy()) != 0
        count = sent[some].groupby(["district", "period"]).origin.nunique()
        for d, t, sites in count.reset_index().itertuples(index=False, name=None):
            if excess := over(sites, 1.0):
                yield Violation("one", (d, t), excess, "sites too many")


def _demand(instance: Instance, where: Where) -> dict[tuple[str, str, str], float]:
    """(d, c, t) -> demand of covered zones, of covered products and periods."""
    table = instance.demand_by_period
    table = table[
        table.zone.isin(where.zones)
        & table.commodity.isin(where.products)
        & table.period.isin(where.periods)
    ]
    district = table.zone.map(instance.zones.district)
    table = table.assign(district=district)[district != ""]
    by = ["district", "commodity", "period"]
    total = table.groupby(by).quantity_per_yr.sum().reset_index()
    return {
        (d, c, t): units for d, c, t, units in total.itertuples(index=False, name=None)
    }


def _none_of(labels: pd.DataFrame, shut: np.ndarray) -> FlowRows:
    """No flow at all over the arcs that are `shut`."""
    label, row = numbered(labels, shut)
    return FlowRows(label, row, np.ones(len(labels)), np.zeros(len(label)))
