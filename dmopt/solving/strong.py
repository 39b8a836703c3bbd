"""Strong rows: what is not there delivers nothing, said delivery by delivery.

    (strong)   x[a] <= most[a] sum of modules[from, k, t] over k that make its commodity
               x[a] <= most[a] open[from, t]

    most[a]    1, or how much of a group is in reach

They follow from capacity for whole numbers and tighten the relaxation where capacity
is loose: a third of a bakery serves no more than a third of anyone. There are two for
each delivery, so only those are added that the relaxation breaks.
"""

from collections import defaultdict
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
"""How far a share must be above what is there before its strong row is added."""
MOST_ROWS = 5_000
"""Rows added at once: the most broken first."""

Carriers = tuple[sp.csr_matrix, ...]
"""For each kind of strong row: the whole columns that each output needs, (outputs, n)
of ones."""


def carriers(decisions: Decisions, scope: Scope) -> Carriers:
    """The modules that make each output's commodity at its site; the open site."""
    column, n = decisions.column, decisions.size
    outputs = list(column["output"])
    at = np.array([column["open"][s, t] for s, _, t in outputs], int)
    count = np.arange(len(outputs))
    opened = sp.csr_matrix((np.ones(len(outputs)), (count, at)), (len(outputs), n))
    technology = scope.instance.recipes.technology
    modules: defaultdict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for (s, k, t), place in column["modules"].items():
        modules[s, t][k] = place
    row, places = [], []
    for number, (s, c, t) in enumerate(outputs):
        makers = {technology[r] for r in scope.makes[s, c]}
        here = [place for k, place in modules[s, t].items() if k in makers]
        row += [number] * len(here)
        places += here
    made = sp.csr_matrix((np.ones(len(row)), (row, places)), (len(outputs), n))
    return made, opened


@dataclass(frozen=True)
class StrongRows:
    """A x <= 0, (P, columns): a delivery and the kind of each row, (P,)."""

    A: sp.csr_matrix
    arc: np.ndarray
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
        """The rows that a solution x (columns,) breaks, or None."""
        layer, first = self.layer, self.decisions.size
        outputs = self.carriers[0].shape[0]
        arcs = np.flatnonzero(layer.x_from < outputs)
        share, most = x[first + arcs], np.minimum(layer.x_most[arcs], 1.0)
        over = np.column_stack(
            [share - most * (need @ x[: need.shape[1]])[layer.x_from[arcs]]
             for need in self.carriers]
        )  # fmt: skip
        worst = over.max(1, initial=0.0)  # one row for a delivery at a time
        place = np.flatnonzero(worst > tolerance)
        if not len(place):
            return None
        if len(place) > MOST_ROWS:
            place = place[np.argsort(-worst[place], kind="stable")[:MOST_ROWS]]
        return self._rows(arcs[place], over[place].argmax(1))

    def _rows(self, arc: np.ndarray, kind: np.ndarray) -> StrongRows:
        order = np.argsort(kind, kind="stable")
        arc, kind = arc[order], kind[order]
        there = sp.vstack(
            [need[self.layer.x_from[arc[kind == n]]]
             for n, need in enumerate(self.carriers)],
            format="csr",
        )  # fmt: skip
        there = sp.csr_matrix(sp.diags(np.minimum(self.layer.x_most[arc], 1.0)) @ there)
        there.resize(len(arc), self.size)
        ones = sp.csr_matrix(
            (np.ones(len(arc)), (np.arange(len(arc)), self.decisions.size + arc)),
            (len(arc), self.size),
        )
        return StrongRows(sp.csr_matrix(ones - there), arc, kind)


@dataclass(frozen=True)
class Strengthened:
    """A program with strong rows at its end: their deliveries and kinds (P,)."""

    cut: Cut
    arc: np.ndarray
    kind: np.ndarray


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
        count = len(rows.arc)
        return rows.A, np.full(count, -np.inf), np.zeros(count)

    cut = cut_rounds(program, separate, limits, cancel)
    none = np.empty(0, np.int64)
    return Strengthened(
        cut,
        np.concatenate([none, *(rows.arc for rows in added)]),
        np.concatenate([none, *(rows.kind for rows in added)]),
    )
