"""The first plan: what the relaxation uses least is dropped, round after round.

    1  relaxation of a coarse program with mean costs, with strong rows
    2  of the whole decisions that are not whole, the smallest share is held down; what
       is nearly one is held up; the relaxation is solved again, hot: what was spread
       over many sites moves together on few
    3  where that leaves no solution it is taken back, and half as much tried
    4  when it has become dear, or fails again and again: HiGHS on what has not been
       dropped; later on what had not been half-way

Where options of cells are in the program, its relaxation asks for whole sites, and the
manner is another (`TO_A_PLAN`): only modules are dropped, less at once, a round that
makes it much dearer is taken back like one that leaves nothing, and what alone cannot
be dropped is held up. So it ends with all modules whole, and that is a plan.

A relaxation of modules, sites and steps is thin everywhere: rounding it up is dear,
rounding it down leaves nothing. Taking away a little at a time and solving again is the
"drop" heuristic of location, Feldman, Lehrer and Ray (1966), on the whole model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.proof.duals import Bounding
from dmopt.solving.coarse.aggregate import Coarse
from dmopt.solving.program import LinearProgram
from dmopt.solving.relaxation import Relaxation, Solved
from dmopt.solving.strong import Strong

ROUNDS = 3
"""Rounds of strong rows."""
BROKEN = 1e-2
"""How far strong rows must be broken before they are added."""
NEARLY = 0.9
"""Part of one more from which on it is held up."""
WHOLE = 1e-6


@dataclass(frozen=True)
class Manner:
    """share: of the decisions that are not whole, held down at once. dear: share above
    the relaxation from which on nothing more is dropped. failures: how often a round
    may be taken back before it ends. jump: share by which a round may make it dearer.
    only: families of columns that are dropped, all whole ones if empty."""

    share: float
    dear: float
    failures: float
    jump: float = np.inf
    only: tuple[str, ...] = ()


PARTLY = Manner(share=0.3, dear=0.1, failures=4)
"""What is left is for HiGHS."""
TO_A_PLAN = Manner(0.15, np.inf, np.inf, 0.01, ("modules",))
"""All modules whole in the end."""


@dataclass(frozen=True)
class Dropped:
    """value: of the relaxation before, money; relaxed, reduced (n,): values and reduced
    costs of the decision layer in it. highs: upper limits (columns,) after each round,
    the first before any. ends (2, columns): lower and upper limits where all that is
    dropped has become whole, None where it has not. strong (P, columns): strong rows
    that were broken, <= 0."""

    value: float
    relaxed: np.ndarray
    reduced: np.ndarray
    highs: Sequence[np.ndarray]
    ends: np.ndarray | None
    strong: sp.csr_matrix


def drop(
    program: LinearProgram,
    coarse: Coarse,
    bounding: Bounding,
    seed: int,
    stop: Event,
    manner: Manner = PARTLY,
) -> Dropped | None:
    """Drop what the relaxation of a coarse program uses least; None where it has no
    solution or was stopped before there was one."""
    n = bounding.decisions.size
    none = np.empty(0)
    hot = Relaxation(program, sp.csr_matrix((0, program.A.shape[1])), seed, stop)
    strong = Strong(
        coarse.decisions, coarse.layer, bounding.carriers, program.A.shape[1]
    )
    solved = hot.solve(none, none)
    added = [sp.csr_matrix((0, program.A.shape[1]))]
    for _ in range(ROUNDS):
        if solved is None or solved.x is None:
            return None
        rows = strong.broken(solved.x, BROKEN)
        if rows is None:
            break
        hot.add(rows.A)
        added.append(rows.A)
        solved = hot.solve(none, none)
    if solved is None or solved.x is None:
        return None
    first, reduced = solved.x[:n], hot.reduced()[:n]
    families = bounding.decisions.column
    whole = np.flatnonzero(program.whole[:n])
    for name in manner.only:
        whole = np.intersect1d(whole, list(families[name].values()))
    rounds = Rounds(hot, manner, whole, program.low.copy(), program.high.copy())
    highs = list(rounds.run(solved))
    ends = np.stack([rounds.low, rounds.high]) if rounds.ended else None
    return Dropped(
        solved.value, first, reduced, highs, ends, sp.csr_matrix(sp.vstack(added))
    )


@dataclass
class Rounds:
    """Rounds of dropping. columns (C,): those that are dropped. low, high (columns,):
    limits now. ended: whether all of them are whole."""

    hot: Relaxation
    manner: Manner
    columns: np.ndarray
    low: np.ndarray
    high: np.ndarray
    ended: bool = False

    def run(self, solved: Solved) -> Iterator[np.ndarray]:
        """Upper limits before the first round and after each that leaves a solution."""
        manner, share, failures = self.manner, self.manner.share, 0
        most = _above(solved.value, manner.dear)
        while solved.value <= most:
            yield self.high.copy()
            while True:
                down, up = self._chosen(solved, share)
                if not len(down) and not len(up):
                    self.ended = True
                    return
                if failures > manner.failures:
                    return
                again = self._held(solved, down, up)
                if again is None or (again.x is None and len(down) + len(up) == 1):
                    return
                if again.x is not None:
                    solved, share = again, min(manner.share, 2 * share)
                    break
                share, failures = share / 2, failures + 1

    def _chosen(self, solved: Solved, share: float) -> tuple[np.ndarray, np.ndarray]:
        """Columns to hold down and up next; none where all are whole."""
        assert solved.x is not None
        columns = self.columns
        part = solved.x[columns] - np.floor(solved.x[columns] + WHOLE)
        split = (part > WHOLE) & (part < 1 - WHOLE)
        order = np.flatnonzero(split & (self.low[columns] < self.high[columns]))
        order = order[np.argsort(part[order], kind="stable")]
        up, count = order[part[order] > NEARLY], int(share * len(order))
        down = order[: max(1, count)]
        down = np.setdiff1d(down[part[down] < 1 / 2], up)
        if not len(down) and not len(up):
            up = order[-1:]
        if share < self.manner.share and not count:  # taken back: one alone
            up = up[:0] if len(down) else up[-1:]
        return columns[down], columns[up]

    def _held(self, solved: Solved, down: np.ndarray, up: np.ndarray) -> Solved | None:
        """The relaxation with these held down and up. Without x where that is taken
        back; one alone is then held the other way, at any price. None: stopped."""
        assert solved.x is not None
        columns = np.concatenate([down, up])
        before = self.low[columns], self.high[columns]
        again = self._limited(solved.x, down, up)
        if again is None:
            return None
        if again.x is not None and again.value <= _above(
            solved.value, self.manner.jump
        ):
            return again
        self._limit(columns, *before)
        if len(columns) > 1:
            return replace(again, x=None)
        again = self._limited(solved.x, up, down)
        if again is not None and again.x is None:
            self._limit(columns, *before)
        return again

    def _limited(
        self, x: np.ndarray, down: np.ndarray, up: np.ndarray
    ) -> Solved | None:
        columns = np.concatenate([down, up])
        low = np.concatenate([self.low[down], np.ceil(x[up] - WHOLE)])
        high = np.concatenate([np.floor(x[down] + WHOLE), self.high[up]])
        self._limit(columns, low, high)
        none = np.empty(0)
        return self.hot.solve(none, none)

    def _limit(self, columns: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self.low[columns], self.high[columns] = low, high
        self.hot.limit(columns, low, high)


def _above(value: float, share: float) -> float:
    """So much above a value, by a share of it that may be endless."""
    return value + share * abs(value) if np.isfinite(share) else np.inf
