"""Flows over many deliveries: the cheapest of each demand first, others priced in.

With decisions fixed, flows are a linear program of which nearly all deliveries are
nothing. It is solved with a few of each demand; those left out whose reduced cost is
below 0 are taken in, and it is solved again, until what they could still gain

    sum over demands of  - least reduced cost (at most 0) of its deliveries

is next to nothing. Column generation, e.g. Gilmore and Gomory (1961).
"""

from collections.abc import Callable

import numpy as np

from dmopt.flows.layer import FlowLayer
from dmopt.proof.duals import Prices
from dmopt.solving.assemble import Rows, assemble
from dmopt.solving.duals import Added, prices_of
from dmopt.solving.highs import Answer
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram

MANY = 50_000
"""Deliveries above which not all are taken at once."""
FIRST = 3
"""Deliveries of each demand that are taken first."""
GAIN = 1e-4
"""Most that may be left to gain, as a share of the cost."""


def solve_near_first(
    problem: Problem,
    layer: FlowLayer,
    solve: Callable[[LinearProgram, Rows, np.ndarray], Answer],
    linear: bool,
    gap: float,
) -> tuple[Answer, np.ndarray]:
    """The answer over deliveries of a layer, and those that are in it, (X,) bool.

    layer: of the problem, or part of it. solve: fixes decisions and solves the program
    of some of its deliveries (X,) bool. linear: whether all whole ones are fixed;
    without duals everything is solved at once. gap: share of the cost that may be left
    to gain, if that is less than `GAIN`.
    """
    every = np.ones(len(layer.x_to), bool)
    some = every
    if linear and len(every) > MANY and not layer.whole.any():
        some = cheapest_of_each(layer, FIRST)
    keep_y = np.ones(len(layer.y_to), bool)
    last: tuple[Answer, np.ndarray] | None = None
    while True:
        part = layer if some.all() else layer.keep(some, keep_y)
        program, rows = assemble(problem.decisions, part)
        answer = solve(program, rows, some)
        if answer.status == "stopped" and last is not None:
            return last
        if some.all() or answer.status == "stopped":
            return answer, some
        if answer.x is None or answer.dual is None:
            some = every
            continue
        last = answer, some
        reduced = _reduced(answer.dual, rows, part, layer)
        new = ~some & (reduced < 0)
        least = np.zeros(len(layer.quantity))
        np.minimum.at(least, layer.x_to[new], reduced[new])
        if -least.sum() <= min(GAIN, gap) * abs(answer.cost):
            return last
        some = some | new


def cheapest_of_each(layer: FlowLayer, count: int) -> np.ndarray:
    """The `count` cheapest deliveries of each demand, (X,) bool."""
    order = np.lexsort((layer.x_cost, layer.x_to))
    begin = np.searchsorted(layer.x_to[order], np.arange(len(layer.quantity)))
    rank = np.arange(len(order)) - begin[layer.x_to[order]]
    chosen = np.zeros(len(order), bool)
    chosen[order[rank < count]] = True
    return chosen


def _reduced(
    dual: np.ndarray, rows: Rows, part: FlowLayer, layer: FlowLayer
) -> np.ndarray:
    """Reduced costs of all deliveries of the layer, for all of each demand, (X,)."""
    prices: Prices = prices_of(dual, rows, part, Added())
    quantity = layer.quantity[layer.x_to]
    reduced = layer.x_cost - prices.demand[layer.x_to]
    reduced -= quantity * prices.sent[layer.x_from]
    return np.asarray(reduced + layer.side.x.T @ prices.side)
