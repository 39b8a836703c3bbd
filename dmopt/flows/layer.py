"""The flow layer: rows and columns of deliveries, transfers and unmet demand.

    (demand)   sum of x into d + short[d] = 1                         for each demand d
    (sent)     sum of D x out of o + sum of y out of o = output[o]    for each output o
    (brought)  sum of y into n = input[n]                             for each input n
    (supply)   sum of D x + sum of y out of a supplier <= its most; out of a zone <=
               what comes back were all demand met (returns.py has what does)
    (unmet)    sum of D short = unmet[c,t]                            for each (c, t)
    (side)     what rules ask of flows: dmopt/flows/rows.py

    x[a] in 0..1    share of demand d that delivery a brings
    y[b] >= 0       units/yr that transfer b moves (supplier or site to site)
    short[d] 0..1   share of demand d not supplied

Shares rather than units: demands span many magnitudes and rows of ones solve well.
A layer may stand for zones or for groups of zones (dmopt/solving/coarse): then D and
the costs are the groups', and the rows are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.arcs import by_several_modes
from dmopt.flows.rows import FlowRows, SideRows, side_rows
from dmopt.flows.ways import Ways, ways_of
from dmopt.formulation.compiled import Columns, Decisions


@dataclass(frozen=True)
class Gates:
    """Where flows join decisions: one entry per output, input, supply and market.

    output, input: column of the decision layer of each (s, c, t), int (n,).
    supply_most: most units per year of each supplier, commodity, period; inf if any;
        then of what comes back to each zone.
    market: column of unmet[c, t] of each (c, t).
    """

    output: np.ndarray
    input: np.ndarray
    supply_most: np.ndarray
    market: np.ndarray


@dataclass(frozen=True)
class Demands:
    """What is wanted, and where flows join decisions: the layer without a way.

    quantity (D,): units/yr of each demand d.   market_of (D,): its (c, t).
    short_cost (D,): weighted money of leaving all of d unmet, besides its price.
    may_fall_short (D,) bool.
    """

    gates: Gates
    quantity: np.ndarray
    market_of: np.ndarray
    short_cost: np.ndarray
    may_fall_short: np.ndarray


@dataclass(frozen=True)
class FlowLayer(Demands):
    """Deliveries, transfers and unmet demand in arrays.

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


def make_demands(instance: Instance, column: Columns) -> Demands:
    """All that is wanted of all zones. column: as in `Decisions`."""
    supplies = instance.supplies_by_period
    wanted = instance.demand_by_period
    quantity = wanted.quantity_per_yr.to_numpy(float)
    markets = pd.MultiIndex.from_tuples(column["unmet"], names=["c", "t"])
    may = wanted.commodity.map(instance.commodities.unmet_price.notna()).to_numpy(bool)
    return Demands(
        gates=Gates(
            output=_columns(column["output"]),
            input=_columns(column["input"]),
            supply_most=np.concatenate(
                [
                    supplies.max_per_yr.fillna(np.inf).to_numpy(float),
                    instance.returned_by_period.most_per_yr.to_numpy(float),
                ]
            ),
            market=_columns(column["unmet"]),
        ),
        quantity=quantity,
        market_of=markets.get_indexer(
            pd.MultiIndex.from_frame(wanted[["commodity", "period"]])
        ),
        short_cost=np.zeros(len(quantity)),
        may_fall_short=may,
    )


def make_layer(
    instance: Instance,
    column: Columns,
    arcs: pd.DataFrame,
    whole: frozenset[str],
) -> FlowLayer:
    """The flow layer of `arcs` (dmopt/flows/arcs.py) over all zones, without rows of
    rules (`with_rows`).

    column: as in `Decisions`. whole: commodities delivered all or nothing (single
    sourcing).
    """
    demands, ways = make_demands(instance, column), ways_of(instance, column, arcs)
    to_zone = (arcs.destination_kind == "zone").to_numpy()
    # Where all go to zones nothing need be copied.
    x = slice(None) if to_zone.all() else to_zone
    y = ~to_zone
    # What is the same for all is not kept for each.
    all_or_nothing = np.broadcast_to(False, int(np.count_nonzero(to_zone)))
    if whole:
        all_or_nothing = arcs.commodity[x].isin(whole).to_numpy(bool)
    return FlowLayer(
        **vars(demands),
        x_from=ways.start[x],
        x_to=ways.end[x],
        x_cost=ways.cost[x],
        x_most=(
            np.where(all_or_nothing, 1.0, np.inf)
            if whole
            else np.broadcast_to(np.inf, all_or_nothing.shape)
        ),
        x_mode=_mode_of_pairs(arcs, ways, to_zone),
        y_from=ways.start[y],
        y_to=ways.end[y],
        y_cost=ways.cost[y],
        whole=all_or_nothing,
        side=side_rows((), {}, 0, to_zone, ways.end[x], demands.quantity),
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


def _columns(family: Mapping[tuple[str, ...], int]) -> np.ndarray:
    return np.fromiter(family.values(), int, len(family))


def _mode_of_pairs(arcs: pd.DataFrame, ways: Ways, to_zone: np.ndarray) -> np.ndarray:
    """Number of each delivery's mode where its ends have several, else 0."""
    several = np.flatnonzero(by_several_modes(arcs) & to_zone)
    if not len(several):
        return np.broadcast_to(np.int16(0), int(np.count_nonzero(to_zone)))
    number = np.zeros(len(arcs), np.int16)
    ends = pd.DataFrame({"from": ways.start[several], "to": ways.end[several]})
    several = several[ends.duplicated(keep=False).to_numpy()]
    number[several] = arcs["mode"].cat.codes.to_numpy()[several] + 1
    return number if to_zone.all() else number[to_zone]
