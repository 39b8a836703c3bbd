"""Strong rows: what is not there delivers nothing, said of any set of deliveries.

For an output o = (s, c, t), a set J of its deliveries and D(J) the units they ask for

    (strong)   sum_{a in J} D[a] x[a]  <=  sum_k min(D(J), made[k,c]) modules[s,k,t]
               sum_{a in J} D[a] x[a]  <=  D(J) open[s,t]

    made[k,c]  most of c that one module of k makes in a year at s    units

They follow from capacity for whole numbers: J asks for no more than D(J), and a module
brings it no more than it makes. Where o can be taken from stock (formulation/stocks.py)
only the second holds, and stands in the place of the first. In a relaxation a quarter
of a large line serves its neighbours in full; by these rows it serves a quarter of
each. Only those are added that the relaxation breaks: of each output the set that
breaks most for each number of its largest technologies taken as large, and single
deliveries.

Source: flow cover and submodular inequalities of capacitated location, Aardal, Pochet,
Wolsey (1995).
"""

from dataclasses import dataclass
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.formulation.scope import Scope
from dmopt.solving.cuts import Cut, cut_rounds
from dmopt.solving.highs import Limits
from dmopt.solving.program import LinearProgram

BROKEN = 1e-4
"""By what share of D(J) a row must be broken before it is added."""
MOST_ROWS = 5_000
"""Rows added at once: the most broken first."""

Carriers = tuple[sp.csr_matrix, ...]
"""For each kind of strong row, what each output needs: (outputs, n), the most units
that one of a whole column brings in a year."""


def carriers(decisions: Decisions, scope: Scope, layer: FlowLayer) -> Carriers:
    """Modules that make each output's commodity at its site; the open site."""
    column, n = decisions.column, decisions.size
    outputs = list(column["output"])
    number = {key: count for count, key in enumerate(outputs)}
    everything = float(layer.quantity.sum())
    opened = sp.csr_matrix(
        (
            np.full(len(outputs), everything),
            (
                np.arange(len(outputs)),
                np.array([column["open"][s, t] for s, _, t in outputs], int),
            ),
        ),
        (len(outputs), n),
    )
    row, place, most = [], [], []
    makes, there = scope.made_by_module, scope.sites.availability.to_dict()
    stocked = {(s, c, u) for s, c, _, u in column["put"]}
    for s, c, t in stocked & number.keys():
        row.append(number[s, c, t])
        place.append(column["open"][s, t])
        most.append(everything)
    for (s, k, t), at in column["modules"].items():
        for c, units in makes[k].items():
            made_here = (s, c, t) in number and (s, c, t) not in stocked
            # a module at a site that is lost carries nothing
            if made_here and there[s] > 0:
                row.append(number[s, c, t])
                place.append(at)
                most.append(there[s] * units)
    made = sp.csr_matrix((most, (row, place)), (len(outputs), n))
    return made, opened


@dataclass(frozen=True)
class StrongRows:
    """A x <= 0, (P, columns), each divided by its D(J).

    sets (P, X) csr of ones: the deliveries J of each row. kind (P,): its carriers.
    """

    A: sp.csr_matrix
    sets: sp.csr_matrix
    kind: np.ndarray


@dataclass(frozen=True)
class Strong:
    """The strong rows of a program put together from both layers.

    size: columns of the program. carriers: of the problem's own decision layer, which
    may have fewer columns than `decisions` (a coarse one).
    """

    decisions: Decisions
    layer: FlowLayer
    carriers: Carriers
    size: int

    def broken(self, x: np.ndarray, tolerance: float = BROKEN) -> StrongRows | None:
        """Rows that a solution x (columns,) breaks by over `tolerance`, or None."""
        layer, first = self.layer, self.decisions.size
        arcs = np.flatnonzero(layer.x_from < self.carriers[0].shape[0])
        share = np.minimum(x[first + arcs] / np.minimum(layer.x_most[arcs], 1.0), 1.0)
        found: list[tuple[np.ndarray, sp.csr_matrix, int]] = []
        for kind, needed in enumerate(self.carriers):
            sets = sp.vstack(
                [self._singles(arcs[share > tolerance]),
                 *self._largest(arcs, share, needed, x[: needed.shape[1]])],
                format="csr",
            )  # fmt: skip
            over = self._over(sets, needed, x)
            found.append((over, sets, kind))
        over = np.concatenate([each for each, _, _ in found])
        sets = sp.vstack([each for _, each, _ in found], format="csr")
        kinds = np.concatenate([np.full(len(each), n) for each, _, n in found])
        chosen = np.flatnonzero(over > tolerance)
        if not len(chosen):
            return None
        chosen = chosen[np.argsort(-over[chosen], kind="stable")[:MOST_ROWS]]
        return self.rows(sp.csr_matrix(sets[chosen]), kinds[chosen])

    def _singles(self, arcs: np.ndarray) -> sp.csr_matrix:
        shape = len(arcs), len(self.layer.x_to)
        return sp.csr_matrix((np.ones(len(arcs)), (np.arange(len(arcs)), arcs)), shape)

    def _largest(
        self, arcs: np.ndarray, share: np.ndarray, needed: sp.csr_matrix, x: np.ndarray
    ) -> list[sp.csr_matrix]:
        """For 1, 2, .. largest carriers of each output taken as bringing all of D(J):
        the set that breaks its row most, J = {a: x[a] > their sum}."""
        outputs, counts = needed.shape[0], np.diff(needed.indptr)
        order = np.lexsort([-needed.data, np.repeat(np.arange(outputs), counts)])
        there = np.concatenate([[0.0], np.cumsum(x[needed.indices[order]])])
        start = needed.indptr[:-1]
        sets = []
        for taken in range(1, int(counts.max(initial=0)) + 1):
            large = there[start + np.minimum(taken, counts)] - there[start]
            inside = share > large[self.layer.x_from[arcs]] + BROKEN
            inside &= (counts >= taken)[self.layer.x_from[arcs]]
            a = arcs[inside]
            origin, row = np.unique(self.layer.x_from[a], return_inverse=True)
            shape = len(origin), len(self.layer.x_to)
            sets.append(sp.csr_matrix((np.ones(len(a)), (row, a)), shape))
        return sets

    def _over(
        self, sets: sp.csr_matrix, needed: sp.csr_matrix, x: np.ndarray
    ) -> np.ndarray:
        """By what share of its D(J) each set breaks its row, (P,)."""
        if not sets.shape[0]:
            return np.empty(0)
        units, right = wanted(sets, self.layer), brought(sets, self.layer, needed)
        first = self.decisions.size
        left = sets @ (
            self.layer.quantity[self.layer.x_to]
            * x[first : first + len(self.layer.x_to)]
        )
        return np.asarray(left / units - right @ x[: needed.shape[1]])

    def rows(self, sets: sp.csr_matrix, kind: np.ndarray) -> StrongRows:
        """The strong rows of sets (P, X), each of deliveries of one output."""
        order = np.argsort(kind, kind="stable")
        sets, kind = sp.csr_matrix(sets[order]), kind[order]
        units = wanted(sets, self.layer)
        left = (
            sp.diags(1 / units) @ sets @ sp.diags(self.layer.quantity[self.layer.x_to])
        )
        right = sp.vstack(
            [brought(sets[kind == n], self.layer, needed)
             for n, needed in enumerate(self.carriers)],
            format="csr",
        )  # fmt: skip
        right.resize(len(kind), self.decisions.size)
        A = sp.hstack([-right, left], format="csr")
        A.resize(len(kind), self.size)
        return StrongRows(sp.csr_matrix(A), sets, kind)


def wanted(sets: sp.csr_matrix, layer: FlowLayer) -> np.ndarray:
    """D(J): most units that the deliveries of each set bring, (P,)."""
    most = layer.quantity[layer.x_to] * np.minimum(layer.x_most, 1.0)
    return np.asarray(sets @ most)


def brought(
    sets: sp.csr_matrix, layer: FlowLayer, needed: sp.csr_matrix
) -> sp.csr_matrix:
    """min(D(J), made) / D(J) of each set and carrier, (P, n)."""
    origin = layer.x_from[sets.indices[sets.indptr[:-1]]]
    right = sp.csr_matrix(needed[origin])
    units = np.repeat(wanted(sets, layer), np.diff(right.indptr))
    right.data = np.minimum(right.data / units, 1.0)
    return right


@dataclass(frozen=True)
class Strengthened:
    """A program with strong rows at its end, in the order they were added."""

    cut: Cut
    added: list[StrongRows]


def with_strong_rows(
    program: LinearProgram, strong: Strong, limits: Limits, cancel: Event
) -> Strengthened:
    """The program with the strong rows that its relaxation breaks."""
    added: list[StrongRows] = []

    def separate(x: np.ndarray) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray] | None:
        rows = strong.broken(x)
        if rows is None:
            return None
        added.append(rows)
        count = len(rows.kind)
        return rows.A, np.full(count, -np.inf), np.zeros(count)

    return Strengthened(cut_rounds(program, separate, limits, cancel), added)
