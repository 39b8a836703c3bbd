"""From row duals of a relaxation to prices that prove its value (dmopt/proof)."""

from dataclasses import dataclass, field, replace

import numpy as np

from dmopt.flows.layer import FlowLayer
from dmopt.proof.duals import Bounding, Prices
from dmopt.solving.assemble import Rows
from dmopt.solving.coarse.aggregate import Coarse, Multipliers
from dmopt.solving.coarse.merged_rows import coarse_rows
from dmopt.solving.problem import Problem
from dmopt.solving.strong import carriers


def bounding_of(problem: Problem) -> Bounding:
    """What checks prices of a problem's rows."""
    needed = carriers(problem.decisions, problem.scope)
    return Bounding(problem.decisions, problem.layer, needed)


NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Added:
    """Rows behind those of an assembled program: `more` others, then strong rows, of
    these deliveries and kinds (P,)."""

    more: int = 0
    arc: np.ndarray = field(default_factory=lambda: NONE)
    kind: np.ndarray = field(default_factory=lambda: NONE)


def prices_of(dual: np.ndarray, rows: Rows, layer: FlowLayer, added: Added) -> Prices:
    """Prices from the duals of the program of `layer`, in its own rows.

    dual: of every row, in the program's units. rows: where its families begin.
    """
    gates, side = layer.gates, layer.side
    outputs, supplies = len(gates.output), len(gates.supply_most)
    behind = rows.side + len(side.most)
    strong = dual[behind + added.more :][: len(added.arc)]
    priced = np.flatnonzero(strong < 0)
    return Prices(
        decisions=dual[: rows.demand],
        demand=dual[rows.demand : rows.demand + len(layer.quantity)],
        sent=np.concatenate(
            [
                dual[rows.sent : rows.sent + outputs],
                dual[rows.supply : rows.supply + supplies],
            ]
        ),
        brought=dual[rows.brought : rows.brought + len(gates.input)],
        unmet=dual[rows.unmet : rows.unmet + len(gates.market)],
        side=-dual[rows.side : behind],
        arc=added.arc[priced],
        kind=added.kind[priced],
        strong=-strong[priced],
        more=dual[behind : behind + added.more],
    )


def over_zones(
    prices: Prices, coarse: Coarse, layer: FlowLayer, used: Multipliers
) -> Prices:
    """Prices of the rows of all zones from those of a coarse program.

    layer: of all zones. used: multipliers the coarse program was made with.

        u[d]       used[d] - ubar[g] + (price of g) / Q[g]               per unit
        pi[n]      used[n] - pbar[N] + (price of N)
        sigma[a]   (price of the strong row of a's coarse arc) D[d] / Q[g]

    They prove at least what the coarse relaxation is worth, but for what rows of rules
    lose where weights differ in a group.
    """
    group_of, groups = coarse.group_of, len(coarse.layer.quantity)
    Q = coarse.layer.quantity
    mean = np.bincount(group_of, used.demand * layer.quantity, groups) / Q
    unit = used.demand + (prices.demand / Q - mean)[group_of]
    row_of, count = coarse_rows(layer.side, group_of)
    least = np.full(count, np.inf)
    np.minimum.at(least, row_of, used.side)
    above = used.side - least[row_of]
    places: list[np.ndarray] = []
    kinds: list[np.ndarray] = []
    strong: list[np.ndarray] = []
    for kind in np.unique(prices.kind):
        mine = prices.kind == kind
        of_coarse = np.zeros(len(coarse.layer.x_to))
        np.add.at(of_coarse, prices.arc[mine], prices.strong[mine])
        a = np.flatnonzero(of_coarse[coarse.arc] > 0)
        share = layer.quantity[layer.x_to[a]] / Q[group_of[layer.x_to[a]]]
        places.append(a)
        kinds.append(np.full(len(a), kind))
        strong.append(of_coarse[coarse.arc[a]] * share)
    return replace(
        prices,
        demand=unit * layer.quantity,
        side=above + np.maximum(prices.side[:count], 0.0)[row_of],
        arc=np.concatenate([NONE, *places]),
        kind=np.concatenate([NONE, *kinds]),
        strong=np.concatenate([np.empty(0), *strong]),
    )
