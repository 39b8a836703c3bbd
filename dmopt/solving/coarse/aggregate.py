"""Groups of demands in place of demands: a coarse flow layer of the same form.

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
all arcs, whatever u and the groups, with the decision layer untouched.

Deliveries that are all or nothing stay so in groups of one and are relaxed elsewhere.

With mean costs in place of least ones ("plan") the coarse program is no bound but
finds better decisions.
"""

from dataclasses import replace
from typing import Literal

import numpy as np

from dmopt.flows.layer import FlowLayer

Purpose = Literal["bound", "plan"]


def coarse_layer(
    layer: FlowLayer, group_of: np.ndarray, u: np.ndarray, purpose: Purpose
) -> FlowLayer:
    """The layer with demands merged into groups.

    group_of (D,): group of each demand, 0 .. G-1; a group lies in one market (c, t).
    u (D,): multipliers, weighted money per unit.
    """
    groups = int(group_of.max()) + 1
    quantity = np.bincount(group_of, layer.quantity, groups)
    mean_u = np.bincount(group_of, u * layer.quantity, groups) / quantity
    market = np.zeros(groups, layer.market_of.dtype)
    market[group_of] = layer.market_of
    may = np.zeros(groups, bool)
    may[group_of[layer.may_fall_short]] = True

    demand = layer.quantity[layer.x_to]
    unit = layer.x_cost / demand
    pair = layer.x_from.astype(np.int64) * groups + group_of[layer.x_to]
    pairs, arc = np.unique(pair, return_inverse=True)
    x_to = pairs % groups
    if purpose == "bound":
        least = np.full(len(pairs), np.inf)
        np.minimum.at(least, arc, unit - u[layer.x_to])
        cost = least + mean_u[x_to]
    else:
        cost = _mean_cost(unit, demand, arc, len(pairs))
    short = np.full(groups, np.inf)
    fall = layer.may_fall_short
    relief = layer.short_cost[fall] / layer.quantity[fall] - u[fall]
    np.minimum.at(short, group_of[fall], relief)
    short_cost = (
        np.where(may, short + mean_u, 0.0) if purpose == "bound" else np.zeros(groups)
    )
    return replace(
        layer,
        quantity=quantity,
        market_of=market,
        short_cost=short_cost * quantity,
        may_fall_short=may,
        x_from=pairs // groups,
        x_to=x_to,
        x_cost=cost * quantity[x_to],
        x_most=_reachable(np.bincount(arc, demand, len(pairs)) / quantity[x_to]),
        whole=_alone(group_of)[x_to]
        & np.bincount(arc, layer.whole, len(pairs)).astype(bool),
    )


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
