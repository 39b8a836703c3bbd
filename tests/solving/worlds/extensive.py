"""The extensive form of a two-stage program, put together without the joint problem.

Every world has all columns of its own; rows say that whole decisions are the same in
all. What is minimised is written down as in the books.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from dmopt.solving.highs import Answer, Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram

LIMITS = Limits(60.0, 0.0, 0, 1)


def extensive(
    problems: Sequence[Problem],
    weight: np.ndarray,
    kind: str = "expected",
    level: float = 0.0,
    floor: Sequence[float] = (),
) -> Answer:
    """The best of all plans for these worlds: `cost` is what is minimised."""
    programs = [problem.program for problem in problems]
    worlds, n = len(programs), len(programs[0].cost)
    first = np.concatenate([[0], np.cumsum([len(p.cost) for p in programs])])
    # columns: those of each world, then t (the greatest, or eta) and above[w]
    t = int(first[-1])
    columns = t + 1 + worlds

    def joined(name: str, more: float) -> np.ndarray:
        parts = [getattr(program, name) for program in programs]
        return np.concatenate([*parts, np.full(1 + worlds, more)])

    rows = [_wide(sp.block_diag([p.A for p in programs]), 0, columns)]
    low = [np.concatenate([p.row_low for p in programs])]
    high = [np.concatenate([p.row_high for p in programs])]
    whole = np.flatnonzero(problems[0].decisions.whole)
    for w in range(1, worlds):
        ones = sp.eye(n, format="csr")[whole]
        rows.append(_wide(ones, 0, columns) - _wide(ones, first[w], columns))
        low.append(np.zeros(len(whole)))
        high.append(np.zeros(len(whole)))
    cost, least = np.zeros(columns), joined("low", 0.0)
    if kind == "expected":
        for w, program in enumerate(programs):
            cost[first[w] : first[w + 1]] = weight[w] * program.cost
    else:
        cvar = kind == "cvar"
        for w, program in enumerate(programs):
            # cost[w] <= t + above[w], or cost[w] - floor[w] <= t
            row = np.zeros((1, columns))
            row[0, first[w] : first[w + 1]] = program.cost
            row[0, t], row[0, t + 1 + w] = -1.0, -float(cvar)
            rows.append(sp.csr_matrix(row))
            low.append(np.array([-np.inf]))
            high.append(np.array([(0.0 if cvar else floor[w]) - program.offset]))
        cost[t] = 1.0
        least[t] = -np.inf if cvar else 0.0
        cost[t + 1 :] = weight / (1 - level) if cvar else 0.0
    offset = float(weight @ [p.offset for p in programs]) if kind == "expected" else 0
    program = LinearProgram(
        sp.csr_matrix(sp.vstack(rows)), cost, offset, least, joined("high", np.inf),
        np.concatenate(low), np.concatenate(high),
        joined("whole", 0).astype(bool), joined("shares", 0).astype(bool),
    )  # fmt: skip
    return run_highs(program, LIMITS)


def _wide(A: sp.csr_matrix, first: int, columns: int) -> sp.csr_matrix:
    """The rows with their columns moved to begin at `first`, of so many."""
    after = columns - first - A.shape[1]
    left, right = (sp.csr_matrix((A.shape[0], k)) for k in (int(first), int(after)))
    return sp.csr_matrix(sp.hstack([left, A, right]))
