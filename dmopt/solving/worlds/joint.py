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
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from dmopt.flows.flows import Flows
from dmopt.flows.layer import FlowLayer, Gates
from dmopt.flows.rows import SideRows
from dmopt.formulation.compiled import Decisions
from dmopt.solving.owners import Owners
from dmopt.solving.problem import Problem
from dmopt.solving.strong import Carriers
from dmopt.solving.worlds.measure import Measure, expected


@dataclass(frozen=True)
class Joint(Problem):
    """Everything of all worlds; instance, rules, scope, arcs: of the first.

    worlds: each on its own. measure: what is minimised of their costs.
    place: of each world, column of the joint decision layer of each of its own (n,).
    measured: columns of the measure, the last of the decision layer.
    """

    worlds: Sequence[Problem] = ()
    measure: Measure = field(default_factory=lambda: expected(np.empty(0)))
    place: Sequence[np.ndarray] = ()
    measured: int = 0

    @cached_property
    def common(self) -> np.ndarray:
        """Rows (bool) of a world's decision layer that all have in common."""
        return _same_in_all([problem.decisions for problem in self.worlds])

    @cached_property
    def rows(self) -> list[np.ndarray]:
        """Rows of each world's decision layer, as they stand in the joint one."""
        return _rows(self.common, len(self.worlds))

    @cached_property
    def owners(self) -> Owners:
        each = super().owners
        outputs = [problem.owners.of_output for problem in self.worlds]
        return replace(each, of_output=np.concatenate(outputs))

    @cached_property
    def carriers(self) -> Carriers:
        each = [problem.carriers for problem in self.worlds]
        return tuple(
            _stacked(kind, self.place, self.decisions.size)
            for kind in zip(*each, strict=True)
        )

    @cached_property
    def zone_of_demand(self) -> np.ndarray:
        return np.concatenate([problem.zone_of_demand for problem in self.worlds])

    @cached_property
    def _flows(self) -> list[np.ndarray]:
        """Columns (all columns) of each world's flows: deliveries, transfers, unmet."""
        layers = [problem.layer for problem in self.worlds]
        counts = np.array([[len(l.x_to), len(l.y_to), len(l.quantity)] for l in layers])
        # all deliveries come first, then all transfers, then what is unmet
        ends = np.cumsum(counts.T.ravel()).reshape(counts.T.shape).T
        first = self.decisions.size + ends - counts
        return [
            np.concatenate([at + np.arange(k) for at, k in zip(*part, strict=True)])
            for part in zip(first, counts, strict=True)
        ]

    def of_world(self, x: np.ndarray, world: int) -> np.ndarray:
        """What a solution x (all columns) is in the columns of one world's program."""
        return np.concatenate([x[self.place[world]], x[self._flows[world]]])

    def together(self, parts: Sequence[np.ndarray]) -> tuple[float, np.ndarray]:
        """What is minimised, and the solution of which these are the worlds' parts
        (all columns of each); whole columns agree."""
        x = np.zeros(self.decisions.size + sum(len(f) for f in self._flows))
        cost = np.zeros(len(parts))
        of_all = zip(self.worlds, self.place, self._flows, parts, strict=True)
        for number, (problem, place, flows, part) in enumerate(of_all):
            x[place], x[flows] = part[: len(place)], part[len(place) :]
            cost[number] = problem.program.cost @ part + problem.program.offset
        own = self.decisions.size - self.measured
        if self.measured:
            x[own : self.decisions.size] = self.measure.columns(cost)
        return self.measure.of(cost), x


def join_worlds(worlds: Sequence[Problem], measure: Measure) -> Joint:
    """The joint problem. Raises ValueError where worlds are not of one make."""
    _refuse_other_makes(worlds)
    first = worlds[0]
    own = ~first.decisions.whole
    count, more = len(own), int(own.sum())
    place = [np.arange(count)]
    for world in range(1, len(worlds)):
        columns = np.arange(count)
        columns[own] = count + (world - 1) * more + np.arange(more)
        place.append(columns)
    measured = 0 if measure.kind == "expected" else 1 + len(measure.dear)
    size = count + (len(worlds) - 1) * more + measured
    # a measure of costs has their weights in its rows
    weight = measure.weight if not measured else np.zeros(len(worlds))
    decisions = _decisions(worlds, weight, place, size)
    layer = _layer(worlds, weight, place, size)
    if measured:
        cost = decisions.cost
        cost[size - measured :] = np.concatenate([[1.0], measure.dear])
        low = decisions.low
        low[size - measured :] = 0.0
        decisions = replace(decisions, offset=measure.offset)
        side = _with_measure(layer.side, worlds, measure, place, size)
        layer = replace(layer, side=side)
    return Joint(
        first.instance,
        first.rules,
        first.scope,
        decisions,
        Flows(first.arcs, layer),
        tuple(asked for problem in worlds for asked in problem.asked_by)
        + ("",) * len(worlds) * bool(measured),
        worlds,
        measure,
        place,
        measured,
    )


def _with_measure(
    side: SideRows,
    worlds: Sequence[Problem],
    measure: Measure,
    place: Sequence[np.ndarray],
    size: int,
) -> SideRows:
    """The rows of the worlds' costs below those of rules."""
    top, above = size - 1 - len(measure.dear), size - len(measure.dear)
    given = sp.lil_matrix((len(worlds), size))
    x, y, most = [], [], measure.from_floor.copy()
    for number, (problem, columns) in enumerate(zip(worlds, place, strict=True)):
        d, layer = problem.decisions, problem.layer
        if layer.short_cost.any():
            raise ValueError("demands with a price of their own for being unmet")
        x.append(sp.csr_matrix(layer.x_cost))
        y.append(sp.csr_matrix(layer.y_cost))
        priced = np.flatnonzero(d.cost)
        given[number, columns[priced]] = -d.cost[priced]
        given[number, top] = 1.0
        if len(measure.dear):
            given[number, above + number] = 1.0
        most[number] -= d.offset
    begin = sum(len(problem.asked_by) for problem in worlds)
    return SideRows(
        sp.csr_matrix(sp.vstack([side.x, sp.block_diag(x)])),
        sp.csr_matrix(sp.vstack([side.y, sp.block_diag(y)])),
        sp.csr_matrix(sp.vstack([side.given, given.tocsr()])),
        np.concatenate([side.most, most]),
        np.concatenate([side.demand, np.full(len(worlds), -1)]),
        np.concatenate([side.family, begin + np.arange(len(worlds))]),
    )


def _refuse_other_makes(problems: Sequence[Problem]) -> None:
    first = problems[0].decisions
    for number, problem in enumerate(problems[1:], 2):
        d = problem.decisions
        same = (
            d.row_keys == first.row_keys
            and d.column == first.column
            and np.array_equal(d.whole, first.whole)
        )
        if not same:
            raise ValueError(
                "worlds differ in more than numbers: other decisions or rows in the "
                f"first and in number {number} (no demand at all in one of them?)"
            )


def _stacked(
    parts: Sequence[sp.csr_matrix], place: Sequence[np.ndarray], size: int
) -> sp.csr_matrix:
    """Rows of each world over its own columns, as rows over all columns."""
    each = [_at(A, columns, size) for A, columns in zip(parts, place, strict=True)]
    return sp.csr_matrix(sp.vstack(each))


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
    rows = _rows(repeated, len(worlds))
    whole = np.zeros(size, bool)
    whole[: first.size] = first.whole
    parts = list(zip(worlds, rows, strict=True))
    return Decisions(
        A=_stacked([sp.csr_matrix(d.A[k]) for d, k in parts], place, size),
        cost=cost,
        offset=float(weight @ [d.offset for d in worlds]),
        low=low,
        high=high,
        row_low=np.concatenate([d.row_low[k] for d, k in parts]),
        row_high=np.concatenate([d.row_high[k] for d, k in parts]),
        whole=whole,
        column=first.column,
        row_keys=[first.row_keys[row] for each in rows for row in each],
        of_var={},
    )


def _rows(common: np.ndarray, worlds: int) -> list[np.ndarray]:
    """All rows of the first world, and of the others those that are not common."""
    everything, own = np.arange(len(common)), np.flatnonzero(~common)
    return [everything] + [own] * (worlds - 1)


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
    worlds: Sequence[Problem],
    weight: np.ndarray,
    place: Sequence[np.ndarray],
    size: int,
) -> FlowLayer:
    layers = [problem.layer for problem in worlds]

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
        side=_side(worlds, place, size, demands),
    )


def _side(
    worlds: Sequence[Problem],
    place: Sequence[np.ndarray],
    size: int,
    demands: np.ndarray,
) -> SideRows:
    sides = [problem.layer.side for problem in worlds]
    families = _begin([len(problem.asked_by) for problem in worlds])
    demand = [
        np.where(side.demand < 0, -1, side.demand + at)
        for side, at in zip(sides, demands[:-1], strict=True)
    ]
    return SideRows(
        sp.csr_matrix(sp.block_diag([side.x for side in sides])),
        sp.csr_matrix(sp.block_diag([side.y for side in sides])),
        _stacked([side.given for side in sides], place, size),
        np.concatenate([side.most for side in sides]),
        np.concatenate(demand),
        np.concatenate(
            [side.family + at for side, at in zip(sides, families[:-1], strict=True)]
        ),
    )


def _begin(counts: Sequence[int]) -> np.ndarray:
    """Where each of these many begins, and the end of all."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(int)
