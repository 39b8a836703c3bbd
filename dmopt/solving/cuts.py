"""Cut rounds: rows added to a relaxation, hot, until it breaks none that are known."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.solving.highs import Limits, load, run, stop_on
from dmopt.solving.program import LinearProgram, scaled

Separate = Callable[[np.ndarray], tuple[sp.csr_matrix, np.ndarray, np.ndarray] | None]
"""From a solution x (n,) to rows it breaks (matrix, low, high), or None if none."""


@dataclass(frozen=True)
class Cut:
    """program: with the rows added. value: of its last relaxation (-inf if not even the
    first was solved in time), dual: of that relaxation's rows, in the program's units;
    rows added after it are not among them."""

    program: LinearProgram
    value: float
    dual: np.ndarray


def cut_rounds(
    program: LinearProgram, separate: Separate, limits: Limits, cancel: Event
) -> Cut:
    """Add broken rows to the relaxation round by round, hot, until none is broken."""
    deadline = time.monotonic() + limits.time_limit_s
    scaled_program, scaling = scaled(program.relaxed())
    h = load(scaled_program, limits, "simplex", {})
    failures: list[BaseException] = []
    stop_on(h, cancel, failures)
    value, dual = -np.inf, np.empty(0)
    row = scaling.row
    while run(h, failures) == "optimal":
        value = h.getInfo().objective_function_value * scaling.money
        solution = h.getSolution()
        dual = np.array(solution.row_dual) * row * scaling.money
        found = separate(np.array(solution.col_value) * scaling.column)
        left = deadline - time.monotonic()
        if found is None or left <= 0:
            break
        A, low, high = found
        program = program.with_rows(A, low, high)
        row = np.concatenate([row, np.ones(len(low))])  # they keep their scale
        own = sp.csr_matrix(A @ sp.diags(scaling.column))
        h.addRows(
            len(low),
            low,
            high,
            own.nnz,
            own.indptr[:-1].astype(np.int32),
            own.indices.astype(np.int32),
            own.data,
        )
        h.setOptionValue("time_limit", h.getRunTime() + left)
    return Cut(program, value, dual)
