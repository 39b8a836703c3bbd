"""Decision layer and flow layer put together in one program."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.solving.program import LinearProgram


@dataclass(frozen=True)
class Rows:
    """Where the row families of an assembled program begin: decisions, then these."""

    demand: int
    sent: int
    brought: int
    supply: int
    unmet: int
    side: int


def assemble(decisions: Decisions, layer: FlowLayer) -> tuple[LinearProgram, Rows]:
    """Both layers in one program, with the rows of dmopt/flows/layer.py."""
    gates = layer.gates
    n, xs, ys, ds = (
        decisions.size,
        len(layer.x_to),
        len(layer.y_to),
        len(layer.quantity),
    )
    x, y, short = n + np.arange(xs), n + xs + np.arange(ys), n + xs + ys + np.arange(ds)
    outputs, inputs, markets = len(gates.output), len(gates.input), len(gates.market)
    supplies = len(gates.supply_most)
    rows = Rows(
        demand=(at := decisions.A.shape[0]),
        sent=(at := at + ds),
        brought=(at := at + outputs),
        supply=(at := at + inputs),
        unmet=(at := at + supplies),
        side=at + markets,
    )
    ones = np.ones
    # (row, column, value) of each family; `sent` and `supply` rows differ only in
    # place. Columns rise from one family to the next: nothing is left to be sorted.
    from_row = np.concatenate(
        [rows.sent + np.arange(outputs), rows.supply + np.arange(supplies)]
    )
    weight = layer.quantity
    triples = [
        (rows.sent + np.arange(outputs), gates.output, -ones(outputs)),
        (rows.brought + np.arange(inputs), gates.input, -ones(inputs)),
        (rows.unmet + np.arange(markets), gates.market, -ones(markets)),
        (rows.demand + layer.x_to, x, ones(xs)),
        (from_row[layer.x_from], x, weight[layer.x_to]),
        (from_row[layer.y_from], y, ones(ys)),
        (rows.brought + layer.y_to, y, ones(ys)),
        (rows.demand + np.arange(ds), short, ones(ds)),
        (rows.unmet + layer.market_of, short, weight),
    ]
    row, column, value = (np.concatenate(part) for part in zip(*triples, strict=True))
    size, side = n + layer.columns, layer.side
    flows = sp.csr_matrix(
        (value, (row - rows.demand, column)), shape=(rows.side - rows.demand, size)
    )
    decided = decisions.A.copy()
    asked = sp.hstack([-side.given, side.x, side.y], format="csr")
    for part in (decided, asked):
        part.resize(part.shape[0], size)
    zeros = np.zeros(outputs + inputs)
    return LinearProgram(
        A=sp.vstack([decided, flows, asked], format="csr"),
        cost=np.concatenate(
            [decisions.cost, layer.x_cost, layer.y_cost, layer.short_cost]
        ),
        offset=decisions.offset,
        low=np.concatenate([decisions.low, np.zeros(layer.columns)]),
        high=np.concatenate(
            [
                decisions.high,
                layer.x_most,
                np.full(ys, np.inf),
                np.where(layer.may_fall_short, np.inf, 0.0),
            ]
        ),
        row_low=np.concatenate(
            [
                decisions.row_low,
                ones(ds),
                zeros,
                np.full(supplies, -np.inf),
                np.zeros(markets),
                np.full(len(side.most), -np.inf),
            ]
        ),
        row_high=np.concatenate(
            [
                decisions.row_high,
                ones(ds),
                zeros,
                gates.supply_most,
                np.zeros(markets),
                side.most,
            ]
        ),
        whole=np.concatenate([decisions.whole, layer.whole, np.zeros(ys + ds, bool)]),
        shares=np.concatenate(
            [decisions.whole, ones(xs), np.zeros(ys), ones(ds)]
        ).astype(bool),
    ), rows
