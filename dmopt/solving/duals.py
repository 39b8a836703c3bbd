"""From row duals of a relaxation to prices that prove its value (dmopt/proof)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.proof.duals import Bounding, Prices
from dmopt.solving.assemble import Rows
from dmopt.solving.coarse.aggregate import Coarse, Multipliers
from dmopt.solving.coarse.merged_rows import coarse_rows
from dmopt.solving.problem import Problem
from dmopt.solving.strong import StrongRows


def bounding_of(problem: Problem) -> Bounding:
    """What checks prices of a problem's rows."""
    return Bounding(problem.decisions, problem.layer, problem.carriers)


NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Added:
    """Rows behind those of an assembled program: `more` others, then strong rows."""

    more: int = 0
    strong: Sequence[StrongRows] = ()


def prices_of(dual: np.ndarray, rows: Rows, layer: FlowLayer, added: Added) -> Prices:
    """Prices from the duals of the program of `layer`, in its own rows.

    dual: of every row, in the program's units. rows: where its families begin.
    """
    gates, side = layer.gates, layer.side
    outputs, supplies = len(gates.output), len(gates.supply_most)
    behind = rows.side + len(side.most)
    strong = dual[behind + added.more :]
    price, member, arc, kind = _strong(strong, added.strong)
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
        strong=price,
        kind=kind,
        member=member,
        arc=arc,
        more=dual[behind : behind + added.more],
    )


def _strong(
    dual: np.ndarray, added: Sequence[StrongRows]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of the strong rows with a price: prices (P,), then row and delivery of each
    member (E,), and kinds (P,). dual: of the first of these rows, as many as it has."""
    prices, members, arcs, kinds = [np.empty(0)], [NONE], [NONE], [NONE]
    at = rows = 0
    for each in added:
        own = -dual[at : at + len(each.kind)]
        at += len(each.kind)
        priced = np.flatnonzero(own > 0)
        sets = each.sets[: len(own)][priced]
        prices.append(own[priced])
        kinds.append(each.kind[priced])
        members.append(rows + np.repeat(np.arange(len(priced)), np.diff(sets.indptr)))
        arcs.append(sets.indices.astype(np.int64))
        rows += len(priced)
    price, member, arc, kind = (
        np.concatenate(part) for part in (prices, members, arcs, kinds)
    )
    return price, member, arc, kind


def served_cheapest(prices: Prices, bounding: Bounding) -> Prices:
    """The same prices but for those of demands, which are the best for the others:
    what the cheapest way to serve each demand costs at these prices.

        u[d] = least over its deliveries of  x_cost - D v + (X' pi) + strong rows
               and, where it may fall short, of  short_cost - D m

    In the bound u[d] counts once and takes from each delivery what is below it: more
    of it gains nothing, less of it loses.
    """
    layer = bounding.layer
    net, short = bounding.served(prices)
    u = np.full(len(layer.quantity), np.inf)
    np.minimum.at(u, layer.x_to, net)
    u = np.where(layer.may_fall_short, np.minimum(u, short), u)
    return replace(prices, demand=np.where(np.isfinite(u), u, prices.demand))


def over_zones(
    prices: Prices, coarse: Coarse, layer: FlowLayer, used: Multipliers
) -> Prices:
    """Prices of the rows of all zones from those of a coarse program.

    layer: of all zones. used: multipliers the coarse program was made with.

        u[d]       used[d] - ubar[g] + (price of g) / Q[g]               per unit
        pi[n]      used[n] - pbar[N] + (price of N)
        sigma[J]   that of the coarse set J, over all deliveries in it

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
    member, arc = sets_over(prices, coarse)
    return replace(
        prices,
        demand=unit * layer.quantity,
        side=above + np.maximum(prices.side[:count], 0.0)[row_of],
        member=member,
        arc=arc,
    )


def sets_over(prices: Prices, coarse: Coarse) -> tuple[np.ndarray, np.ndarray]:
    """Member and arc, (E,) each, of strong rows over all zones: a set of coarse
    deliveries stands for all the deliveries merged in them."""
    sets = sp.csr_matrix(
        (np.ones(len(prices.arc)), (prices.member, prices.arc)),
        (len(prices.strong), len(coarse.layer.x_to)),
    )
    merged = sp.csr_matrix(
        (np.ones(len(coarse.arc)), (coarse.arc, np.arange(len(coarse.arc)))),
        (len(coarse.layer.x_to), len(coarse.arc)),
    )
    spread = (sets @ merged).tocoo()
    return spread.row.astype(np.int64), spread.col.astype(np.int64)
