"""Whether the decomposed path can be taken, and taking it.

numba compiles its kernels (extra `fast`): loaded only when the path is taken.
"""

import time
from dataclasses import replace
from importlib.util import find_spec
from threading import Event

from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.decomposed.structure import structure_of, unlike
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Outcome
from dmopt.solving.problem import Listener, Problem
from dmopt.solving.start import NOTHING, Start

NO_NUMBA = "numba is not installed (pip install 'dmopt[fast]')"


def refused(problem: Problem) -> str:
    """Why the decomposed path cannot be taken, or ""."""
    reason = unlike(problem)
    if not reason and find_spec("numba") is None:
        return NO_NUMBA
    return reason


def solve_decomposed(
    problem: Problem,
    limits: Limits,
    found: Listener,
    cancel: Event,
    start: Start = NOTHING,
) -> Outcome:
    """Solve a location problem by multipliers of its demands.

    Where the search finds no plan at all, the coarse path is asked in the time left: it
    can prove that there is none. Raises ValueError where the problem is no location.
    """
    begin = time.monotonic()
    structure = structure_of(problem)
    if isinstance(structure, str):
        raise ValueError(f"path decomposed: {structure}")
    if find_spec("numba") is None:
        raise ValueError(f"path decomposed: {NO_NUMBA}")
    from dmopt.solving.decomposed.path import search_of

    spent = time.monotonic() - begin
    left = replace(limits, time_limit_s=max(0.0, limits.time_limit_s - spent))
    outcome = search_of(structure, left, found, cancel, start)
    if outcome.x is None and not cancel.is_set():
        spent = time.monotonic() - begin
        left = replace(limits, time_limit_s=max(0.0, limits.time_limit_s - spent))
        other = solve_coarse(problem, left, found, cancel, start)
        return other if other.bound >= outcome.bound or other.x is not None else outcome
    return outcome
