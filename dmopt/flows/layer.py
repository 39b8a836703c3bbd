"""The flow layer: rows and columns of deliveries, transfers and unmet demand.

    (demand)   sum of x into d + short[d] = 1                         for each demand d
    (sent)     sum of D x out of o + sum of y out of o = output[o]    for each output o
    (brought)  sum of y into n = input[n]                             for each input n
    (supply)   sum of D x + sum of y out of a supplier <= its most
    (unmet)    sum of D short = unmet[c,t]                            for each (c, t)
    (side)     what rules ask of flows: dmopt/flows/rows.py

    x[a] in 0..1    share of demand d that delivery a brings
    y[b] >= 0       units/yr that transfer b moves (supplier or site to site)
    short[d] 0..1   share of demand d not supplied

Shares rather than units: demands span many magnitudes and rows of ones solve well.
A layer may stand for zones or for groups of zones (dmopt/solving/coarse): then D and
the costs are the groups', and the rows are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.rows import FlowRows, SideRows, side_rows
from dmopt.formulation.compiled import Decisions
from dmopt.formulation.money import weights


@dataclass(frozen=True)
class Gates:
    """Where flows join decisions: one entry per output, input, supply and market.

    output, input: column of the decision layer of each (s, c, t), int (n,).
    supply_most: most units per year of each supplier, commodity, period; inf if any.
    market: column of unmet[c, t] of each (c, t).
    """

    output: np.ndarray
    input: np.ndarray
    supply_most: np.ndarray
    market: np.ndarray


@dataclass(frozen=True)
class FlowLayer:
    """Deliveries, transfers and unmet demand in arrays.

    quantity (D,): units/yr of each demand d.   market_of (D,): its (c, t).
    short_cost (D,): weighted money of leaving all of d unmet, besides its price.
    may_fall_short (D,) bool.
    x_from (X,): output of each delivery, or outputs + supply if from a supplier.
    x_to (X,): demand.   x_cost (X,): weighted money of bringing all of the demand.
    x_most (X,): largest share it may bring: 1 where all or nothing, what of a group is
        in its range, else inf:
        (demand) says 1 already, and a bound that says it again would take the dual
        price that the coarse program needs whole.
    x_mode (X,): number of its mode where a pair has several, else 0.
    y_from, y_to, y_cost (Y,): the same for transfers; y_to is an input; per unit.
    whole (X,) bool: deliveries that are all or nothing (single sourcing).
    side: rows that rules put on x and y.
    """

    gates: Gates
    quantity: np.ndarray
    market_of: np.ndarray
    short_cost: np.ndarray
    may_fall_short: np.ndarray
    x_from: np.ndarray
    x_to: np.ndarray
    x_cost: np.ndarray
    x_most: np.ndarray
    x_mode: np.ndarray
    y_from: np.ndarray
    y_to: np.ndarray
    y_cost: np.ndarray
    whole: np.ndarray
    side: SideRows

    @property
    def columns(self) -> int:
        return len(self.x_to) + len(self.y_to) + len(self.quantity)

    def keep(self, x: np.ndarray, y: np.ndarray) -> "FlowLayer":
        """The layer with only the deliveries `x` and transfers `y` (bool masks)."""
        return replace(
            self,
            x_from=self.x_from[x],
            x_to=self.x_to[x],
            x_cost=self.x_cost[x],
            x_most=self.x_most[x],
            x_mode=self.x_mode[x],
            whole=self.whole[x],
            y_from=self.y_from[y],
            y_to=self.y_to[y],
            y_cost=self.y_cost[y],
            side=self.side.keep(x, y),
        )


def make_layer(
    instance: Instance,
    decisions: Decisions,
    arcs: pd.DataFrame,
    whole: frozenset[str],
) -> FlowLayer:
    """The flow layer of `arcs` (dmopt/flows/arcs.py) over all zones, without rows of
    rules (`with_rows`).

    whole: commodities delivered all or nothing (single sourcing).
    """
    weight = arcs.period.map(weights(instance)).to_numpy(float)
    outputs = pd.MultiIndex.from_tuples(
        decisions.column["output"], names=["s", "c", "t"]
    )
    inputs = pd.MultiIndex.from_tuples(decisions.column["input"], names=["s", "c", "t"])
    supplies = instance.supplies_by_period
    wanted = instance.demand_by_period

    sent = outputs.get_indexer(
        pd.MultiIndex.from_frame(arcs[["origin", "commodity", "period"]])
    )
    gate = pd.MultiIndex.from_frame(supplies[["supplier", "commodity", "period"]])
    bought = gate.get_indexer(
        pd.MultiIndex.from_frame(arcs[["origin", "commodity", "period"]])
    )
    start = np.where(arcs.origin_kind == "site", sent, len(outputs) + bought)
    ends = pd.MultiIndex.from_frame(arcs[["destination", "commodity", "period"]])
    x = (arcs.destination_kind == "zone").to_numpy()
    demands = pd.MultiIndex.from_frame(wanted[["zone", "commodity", "period"]])
    x_to = demands.get_indexer(ends[x])
    quantity = wanted.quantity_per_yr.to_numpy(float)
    markets = pd.MultiIndex.from_tuples(decisions.column["unmet"], names=["c", "t"])
    cost = arcs.cost.to_numpy() * weight
    may = wanted.commodity.map(instance.commodities.unmet_price.notna()).to_numpy(bool)
    return FlowLayer(
        gates=Gates(
            output=np.fromiter(decisions.column["output"].values(), int, len(outputs)),
            input=np.fromiter(decisions.column["input"].values(), int, len(inputs)),
            supply_most=supplies.max_per_yr.fillna(np.inf).to_numpy(float),
            market=np.fromiter(decisions.column["unmet"].values(), int, len(markets)),
        ),
        quantity=quantity,
        market_of=markets.get_indexer(
            pd.MultiIndex.from_frame(wanted[["commodity", "period"]])
        ),
        short_cost=np.zeros(len(quantity)),
        may_fall_short=may,
        x_from=start[x],
        x_to=x_to,
        x_cost=cost[x] * quantity[x_to],
        x_most=np.where(arcs.commodity[x].isin(whole), 1.0, np.inf),
        x_mode=_mode_of_pairs(arcs["mode"][x], start[x], x_to),
        y_from=start[~x],
        y_to=inputs.get_indexer(ends[~x]),
        y_cost=cost[~x],
        whole=arcs.commodity[x].isin(whole).to_numpy(bool),
        side=side_rows((), {}, decisions.size, x, x_to, quantity),
    )


def with_rows(
    layer: FlowLayer,
    rows: Sequence[FlowRows],
    decisions: Decisions,
    arcs: pd.DataFrame,
) -> FlowLayer:
    """The layer of `arcs` with what rules ask of these arcs."""
    x = (arcs.destination_kind == "zone").to_numpy()
    side = side_rows(
        rows, decisions.of_var, decisions.size, x, layer.x_to, layer.quantity
    )
    return replace(layer, side=side)


def _mode_of_pairs(mode: pd.Series, x_from: np.ndarray, x_to: np.ndarray) -> np.ndarray:
    """Number of each delivery's mode where its ends have several, else 0."""
    several = pd.DataFrame({"from": x_from, "to": x_to}).duplicated(keep=False)
    return np.where(several, pd.factorize(mode)[0] + 1, 0)
