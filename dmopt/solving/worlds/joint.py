"""Several worlds as one problem: what is whole is decided once.

    minimise   sum_w p[w] cost_w(y, z[w])     such that (y, z[w]) is a plan of world w

    y      whole columns of the decision layer: sites, modules, steps, connections,
           variables of rules
    z[w]   all other columns of it, and all flows, of world w

This is the extensive form of a two-stage program (Birge and Louveaux 2011, 2.4), in
the arrays of both layers: the problem of each world with its own copy of z, costs times
the world's weight, rows about y alone once where they are the same in all worlds.

Worlds are of one make: they differ in numbers, not in which rows and columns there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer, Gates
from dmopt.flows.rows import SideRows
from dmopt.formulation.compiled import Decisions
from dmopt.solving.duals import carriers
from dmopt.solving.problem import Problem
from dmopt.solving.strong import Carriers


@dataclass(frozen=True)
class Joint:
    """problems, weight (W,): of each world; weights add up to 1. decisions, layer,
    carriers: of all worlds together. place: of each world, column of the joint decision
    layer of each of its own (n,)."""

    problems: Sequence[Problem]
    weight: np.ndarray
    decisions: Decisions
    layer: FlowLayer
    carriers: Carriers
    place: Sequence[np.ndarray]

    def decided(self, x: np.ndarray, world: int) -> np.ndarray:
        """What a joint solution x says of the decision layer of one world, (n,)."""
        return np.asarray(x[self.place[world]])


def join_worlds(problems: Sequence[Problem], weight: np.ndarray) -> Joint:
    """The joint problem. Raises ValueError where worlds are not of one make."""
    _refuse_other_makes(problems)
    weight = np.asarray(weight, float)
    first = problems[0].decisions
    own = ~first.whole
    count, more = first.size, int(own.sum())
    place = [np.arange(count)]
    for world in range(1, len(problems)):
        columns = np.arange(count)
        columns[own] = count + (world - 1) * more + np.arange(more)
        place.append(columns)
    size = count + (len(problems) - 1) * more
    decisions = _decisions(problems, weight, place, size)
    layers = [problem.layer for problem in problems]
    layer = _layer(layers, weight, place, size)
    each = [carriers(p.decisions, p.scope, p.layer) for p in problems]
    stacked = tuple(
        sp.csr_matrix(sp.vstack([_at(m, p, size) for m, p in zip(kind, place, strict=True)]))
        for kind in zip(*each, strict=True)
    )
    return Joint(problems, weight, decisions, layer, stacked, place)


def _refuse_other_makes(problems: Sequence[Problem]) -> None:
    first = problems[0].decisions
    for problem in problems[1:]:
        d = problem.decisions
        same = (
            d.row_keys == first.row_keys
            and d.column == first.column
            and np.array_equal(d.whole, first.whole)
        )
        if not same:
            raise ValueError("worlds differ in more than numbers")


def _at(A: sp.csr_matrix, place: np.ndarray, size: int) -> sp.csr_matrix:
    """Rows over a world's columns as rows over all columns."""
    placed = sp.csr_matrix((A.data, place[A.indices], A.indptr), (A.shape[0], size))
    placed.sort_indices()
    return placed


def _decisions(
    problems: Sequence[Problem],
    weight: np.ndarray,
    place: Sequence[np.ndarray],
    size: int,
) -> Decisions:
    worlds = [problem.decisions for problem in problems]
    first = worlds[0]
    repeated = _same_in_all(worlds)
    cost = np.zeros(size)
    low, high = np.full(size, -np.inf), np.full(size, np.inf)
    for d, p, columns in zip(worlds, weight, place, strict=True):
        cost[columns] += p * d.cost
        # whole columns are shared: they keep to the ranges of every world
        low[columns] = np.maximum(low[columns], d.low)
        high[columns] = np.minimum(high[columns], d.high)
    kept = [np.full(len(repeated), True)] + [~repeated] * (len(worlds) - 1)
    whole = np.zeros(size, bool)
    whole[: first.size] = first.whole
    return Decisions(
        A=sp.csr_matrix(
            sp.vstack(
                [_at(sp.csr_matrix(d.A[k]), columns, size)
                 for d, k, columns in zip(worlds, kept, place, strict=True)]
            )
        ),
        cost=cost,
        offset=float(weight @ [d.offset for d in worlds]),
        low=low,
        high=high,
        row_low=np.concatenate([d.row_low[k] for d, k in zip(worlds, kept, strict=True)]),
        row_high=np.concatenate([d.row_high[k] for d, k in zip(worlds, kept, strict=True)]),
        whole=whole,
        column=first.column,
        row_keys=[key for k in kept for key, there in zip(first.row_keys, k, strict=True) if there],
        of_var={},
    )  # fmt: skip


def _same_in_all(worlds: Sequence[Decisions]) -> np.ndarray:
    """Rows (bool) about whole columns alone, with the same numbers in every world."""
    first = worlds[0]
    about = np.diff(first.A[:, ~first.whole].indptr) == 0
    for d in worlds[1:]:
        differs = np.diff((d.A != first.A).tocsr().indptr) > 0
        about &= ~differs & (d.row_low == first.row_low)
        about &= d.row_high == first.row_high
    return about


def _layer(
    layers: Sequence[FlowLayer],
    weight: np.ndarray,
    place: Sequence[np.ndarray],
    size: int,
) -> FlowLayer:
    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(layer, name) for layer in layers])

    def weighted(name: str) -> np.ndarray:
        pairs = zip(weight, layers, strict=True)
        return np.concatenate([p * getattr(layer, name) for p, layer in pairs])

    def gates(name: str) -> np.ndarray:
        pairs = zip(layers, place, strict=True)
        return np.concatenate([at[getattr(layer.gates, name)] for layer, at in pairs])

    outputs = _begin([len(layer.gates.output) for layer in layers])
    inputs = _begin([len(layer.gates.input) for layer in layers])
    supplies = _begin([len(layer.gates.supply_most) for layer in layers])
    markets = _begin([len(layer.gates.market) for layer in layers])
    demands = _begin([len(layer.quantity) for layer in layers])

    def origins(name: str) -> np.ndarray:
        """Outputs of all worlds come first, then suppliers of all worlds."""
        found = []
        for world, layer in enumerate(layers):
            start, own = getattr(layer, name), len(layer.gates.output)
            by_supplier = start - own + outputs[-1] + supplies[world]
            found.append(np.where(start < own, start + outputs[world], by_supplier))
        return np.concatenate(found)

    def shifted(name: str, begin: np.ndarray) -> np.ndarray:
        pairs = zip(layers, begin[:-1], strict=True)
        return np.concatenate([getattr(layer, name) + at for layer, at in pairs])

    return replace(
        layers[0],
        gates=Gates(
            gates("output"),
            gates("input"),
            np.concatenate([layer.gates.supply_most for layer in layers]),
            gates("market"),
        ),
        quantity=all_of("quantity"),
        market_of=shifted("market_of", markets),
        short_cost=weighted("short_cost"),
        may_fall_short=all_of("may_fall_short"),
        x_from=origins("x_from"),
        x_to=shifted("x_to", demands),
        x_cost=weighted("x_cost"),
        x_most=all_of("x_most"),
        x_mode=all_of("x_mode"),
        y_from=origins("y_from"),
        y_to=shifted("y_to", inputs),
        y_cost=weighted("y_cost"),
        whole=all_of("whole"),
        side=_side([layer.side for layer in layers], place, size, demands),
    )


def _side(
    sides: Sequence[SideRows],
    place: Sequence[np.ndarray],
    size: int,
    demands: np.ndarray,
) -> SideRows:
    families = _begin([int(side.family.max(initial=-1)) + 1 for side in sides])
    demand = [
        np.where(side.demand < 0, -1, side.demand + at)
        for side, at in zip(sides, demands[:-1], strict=True)
    ]
    given = [_at(s.given, at, size) for s, at in zip(sides, place, strict=True)]
    return SideRows(
        sp.csr_matrix(sp.block_diag([side.x for side in sides])),
        sp.csr_matrix(sp.block_diag([side.y for side in sides])),
        sp.csr_matrix(sp.vstack(given)),
        np.concatenate([side.most for side in sides]),
        np.concatenate(demand),
        np.concatenate(
            [side.family + at for side, at in zip(sides, families[:-1], strict=True)]
        ),
    )


def _begin(counts: Sequence[int]) -> np.ndarray:
    """Where each of these many begins, and the end of all."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(int)
