"""Groups of demands in place of demands: a coarse program of the same form.

For any multipliers u[d] of the demand rows (money per unit) and any grouping, let
group g have

    Q[g]       = sum_{d in g} D[d]
    ubar[g]    = sum_{d in g} u[d] D[d] / Q[g]
    cost[o,g]  = min_{d in g} (cost[o,d] - u[d]) + ubar[g]      per unit ("bound")
    most[o,g]  = sum of D[d] that o can reach / Q[g]            share
    short[g]   = min_{d in g} (0 - u[d]) + ubar[g]

Every plan of all zones, its deliveries summed by group, is a plan of the groups that
costs no more: sum_d D x (cost - u) >= sum_g Q X min(cost - u), and what u takes from
the deliveries and shortfalls of d it gives back once, as sum_d u[d] D[d]. So the
least cost over groups, and any lower bound on it, is a lower bound over all zones and
all arcs, whatever u and the groups, with the decision layer untouched. Rows that rules
put on flows are merged beside (merged_rows.py).

Deliveries that are all or nothing stay so in groups of one and are relaxed elsewhere.

With mean costs in place of least ones ("plan") the coarse program is no bound but
finds better decisions.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.solving.coarse.merged_rows import mean_rows, merge_rows

Purpose = Literal["bound", "plan"]


@dataclass(frozen=True)
class Multipliers:
    """Prices of rows: u (D,) of demands, money per unit; side (R,) >= 0 of the rows
    of rules, money per unit of their own. Both weighted, as costs are."""

    demand: np.ndarray
    side: np.ndarray

    def priced(self, layer: FlowLayer) -> np.ndarray:
        """Cost of each delivery with what the rows of rules make of it, (X,)."""
        return np.asarray(layer.x_cost + self.side @ layer.side.x)


@dataclass(frozen=True)
class Coarse:
    """Both layers with demands merged into groups. The decision layer keeps its rows
    and columns; rows of rules may bring it more columns.

    group_of (D,): group of each demand, 0 .. G-1; a group lies in one market (c, t).
    arc (X,): coarse delivery of each delivery.
    """

    decisions: Decisions
    layer: FlowLayer
    group_of: np.ndarray
    arc: np.ndarray


def coarse_program(
    decisions: Decisions,
    layer: FlowLayer,
    group_of: np.ndarray,
    prices: Multipliers,
    purpose: Purpose,
) -> Coarse:
    """The coarse program of these groups: see the module's maths."""
    groups, u = int(group_of.max()) + 1, prices.demand
    quantity = np.bincount(group_of, layer.quantity, groups)
    mean_u = np.bincount(group_of, u * layer.quantity, groups) / quantity
    market = np.zeros(groups, layer.market_of.dtype)
    market[group_of] = layer.market_of
    may = np.zeros(groups, bool)
    may[group_of[layer.may_fall_short]] = True

    demand = layer.quantity[layer.x_to]
    # Modes that rules tell apart stay apart.
    modes = int(layer.x_mode.max(initial=0)) + 1
    pair = (layer.x_from.astype(np.int64) * modes + layer.x_mode) * groups
    pairs, arc = np.unique(pair + group_of[layer.x_to], return_inverse=True)
    x_to = pairs % groups
    size = quantity[x_to]
    if purpose == "bound":
        rows = merge_rows(decisions, layer, group_of, arc, size, prices.side)
        decisions, side = rows.decisions, rows.side
        least = np.full(len(pairs), np.inf)
        unit = prices.priced(layer) / demand
        np.minimum.at(least, arc, unit - u[layer.x_to])
        cost = least - rows.kept + mean_u[x_to]
    else:
        side = mean_rows(layer, group_of, arc, size)
        cost = _mean_cost(layer.x_cost / demand, demand, arc, len(pairs))
    short = np.full(groups, np.inf)
    fall = layer.may_fall_short
    relief = layer.short_cost[fall] / layer.quantity[fall] - u[fall]
    np.minimum.at(short, group_of[fall], relief)
    short_cost = (
        np.where(may, short + mean_u, 0.0) if purpose == "bound" else np.zeros(groups)
    )
    merged = replace(
        layer,
        quantity=quantity,
        market_of=market,
        short_cost=short_cost * quantity,
        may_fall_short=may,
        x_from=pairs // groups // modes,
        x_to=x_to,
        x_cost=cost * size,
        x_mode=pairs // groups % modes,
        x_most=_reachable(np.bincount(arc, demand, len(pairs)) / size),
        whole=_alone(group_of)[x_to]
        & np.bincount(arc, layer.whole, len(pairs)).astype(bool),
        side=side,
    )
    return Coarse(decisions, merged, group_of, arc)


def _alone(group_of: np.ndarray) -> np.ndarray:
    """Groups of one demand: what holds for it (all or nothing) holds for them."""
    return np.bincount(group_of) == 1


def _reachable(share: np.ndarray) -> np.ndarray:
    """Most of a group that an origin may bring; all of it needs no bound."""
    return np.where(share < 1 - 1e-9, share, np.inf)


def _mean_cost(
    unit: np.ndarray, demand: np.ndarray, arc: np.ndarray, arcs: int
) -> np.ndarray:
    """Mean cost per unit of each coarse arc, over the demands it can reach."""
    return np.bincount(arc, unit * demand, arcs) / np.bincount(arc, demand, arcs)
