"""Cut rounds: rows added to a relaxation, hot, until it breaks none that are known."""

import time
from collections.abc import Callable
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.solving.highs import Limits, load, run, stop_on
from dmopt.solving.program import LinearProgram, scaled

Separate = Callable[[np.ndarray], tuple[sp.csr_matrix, np.ndarray, np.ndarray] | None]
"""From a solution x (n,) to rows it breaks (matrix, low, high), or None if none."""


def cut_rounds(
    program: LinearProgram, separate: Separate, limits: Limits, cancel: Event
) -> tuple[LinearProgram, float]:
    """Add broken rows to the relaxation round by round, hot, until none is broken.

    Gives the program with the rows added, and the last relaxation's value (-inf if
    not even the first was solved in time).
    """
    deadline = time.monotonic() + limits.time_limit_s
    scaled_program, scaling = scaled(program.relaxed())
    h = load(scaled_program, limits, "simplex", {})
    failures: list[BaseException] = []
    stop_on(h, cancel, failures)
    value = -np.inf
    while run(h, failures) == "optimal":
        value = h.getInfo().objective_function_value * scaling.money
        found = separate(np.array(h.getSolution().col_value) * scaling.column)
        left = deadline - time.monotonic()
        if found is None or left <= 0:
            break
        A, low, high = found
        program = program.with_rows(A, low, high)
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
    return program, value
