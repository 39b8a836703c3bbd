"""A coarse program held to what a plan decides, in part: by limits of its columns.

Whole decisions (n,) are the first columns of every coarse program.
"""

from dataclasses import replace

import numpy as np

from dmopt.formulation.compiled import Decisions
from dmopt.solving.program import LinearProgram


def fixed(
    program: LinearProgram, held: np.ndarray, decided: np.ndarray
) -> LinearProgram:
    """With these decisions, (n,) bool, as decided (n,), as far as limits allow."""
    n = len(held)
    columns = np.zeros(len(program.cost), bool)
    columns[:n] = held
    values = decided.clip(program.low[:n], program.high[:n])
    return program.fixed(columns, values[held])


def no_less(
    program: LinearProgram, held: np.ndarray, decided: np.ndarray
) -> LinearProgram:
    """With no less than decided of these decisions, (n,) bool, as far as limits
    allow."""
    low, n = program.low.copy(), len(held)
    low[:n][held] = decided.clip(low[:n], program.high[:n])[held]
    return replace(program, low=low)


def shut(program: LinearProgram, unused: np.ndarray) -> LinearProgram:
    """Without these decisions, (n,) bool, as far as limits allow."""
    high, n = program.high.copy(), len(unused)
    high[:n][unused] = np.maximum(program.low[:n], 0.0)[unused]
    return replace(program, high=high)


def begun(
    program: LinearProgram, decisions: Decisions, decided: np.ndarray
) -> np.ndarray:
    """A start of the program, (columns,): whole decisions, NaN elsewhere."""
    start, n = np.full(len(program.cost), np.nan), decisions.size
    start[:n][decisions.whole] = np.round(decided[:n][decisions.whole])
    return start
