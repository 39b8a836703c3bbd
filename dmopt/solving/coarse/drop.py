"""The first plan: what the relaxation uses least is dropped, round after round.

    1  relaxation of a coarse program with mean costs, with strong rows
    2  of the whole decisions that are not whole, the smallest share is held down; what
       is nearly one is held up; the relaxation is solved again, hot: what was spread
       over many sites moves together on few
    3  where that leaves no solution it is taken back, and half as much tried
    4  when it has become dear, or fails again and again: HiGHS on what has not been
       dropped; later on what had not been half-way

A relaxation of modules, sites and steps is thin everywhere: rounding it up is dear,
rounding it down leaves nothing. Taking away a little at a time and solving again is the
"drop" heuristic of location, Feldman, Lehrer and Ray (1966), on the whole model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
SHARE = 0.3
"""Of the decisions that are not whole, those held down at once."""
DEAR = 0.1
"""Share above the relaxation from which on nothing more is dropped."""
FAILURES = 4
"""How often nothing may be left before it ends."""
NEARLY = 0.9
"""Part of one more from which on it is held up."""
WHOLE = 1e-6


@dataclass(frozen=True)
class Dropped:
    """value: of the relaxation before, money; relaxed, reduced (n,): values and reduced
    costs of the decision layer in it. highs: upper limits (columns,) after each round,
    the first before any. strong (P, columns): strong rows that were broken, <= 0."""

    value: float
    relaxed: np.ndarray
    reduced: np.ndarray
    highs: Sequence[np.ndarray]
    strong: sp.csr_matrix


def drop(
    program: LinearProgram,
    coarse: Coarse,
    bounding: Bounding,
    seed: int,
    stop: Event,
    share: float = SHARE,
    dear: float = DEAR,
) -> Dropped | None:
    """Drop what the relaxation of a coarse program uses least; None where it has no
    solution or was stopped before there was one.

    share: of the decisions that are not whole, dropped at once. dear: share above the
    relaxation at which it ends.
    """
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
    highs = list(_dropped(hot, program, solved, n, share, dear))
    return Dropped(solved.value, first, reduced, highs, sp.csr_matrix(sp.vstack(added)))


def _dropped(
    hot: Relaxation,
    program: LinearProgram,
    solved: Solved,
    n: int,
    share: float,
    dear: float,
) -> Iterator[np.ndarray]:
    """Upper limits before the first round and after each that leaves a solution."""
    low, high = program.low.copy(), program.high.copy()
    whole = np.flatnonzero(program.whole[:n])
    none = np.empty(0)
    failures, most = 0, solved.value + dear * abs(solved.value)
    while solved.value <= most:
        assert solved.x is not None
        yield high.copy()
        value = solved.x[whole]
        part = value - np.floor(value + WHOLE)
        split = (part > WHOLE) & (part < 1 - WHOLE) & (low[whole] < high[whole])
        order = np.flatnonzero(split)
        order = order[np.argsort(part[order], kind="stable")]
        while True:
            if not len(order) or failures > FAILURES:
                return
            up = order[part[order] > NEARLY]
            down = order[: max(1, int(share * len(order)))]
            down = np.setdiff1d(down[part[down] < 1 / 2], up)
            if not len(down) and not len(up):
                up = order[-1:]
            columns = whole[np.concatenate([down, up])]
            before = low[columns].copy(), high[columns].copy()
            high[whole[down]] = np.floor(value[down] + WHOLE)
            low[whole[up]] = np.ceil(value[up] - WHOLE)
            hot.limit(columns, low[columns], high[columns])
            again = hot.solve(none, none)
            if again is None:
                return
            if again.x is not None:
                solved = again
                break
            low[columns], high[columns] = before
            hot.limit(columns, *before)
            share, failures = share / 2, failures + 1
