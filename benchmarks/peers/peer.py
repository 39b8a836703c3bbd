"""What a peer is, which there are, and what they have to give back.

Each has a module here with one function

    prepare(problem) -> solve
    solve(limits, seen) -> Answer

`prepare` imports the tool and brings the data into the form that the tool begins with
(arrays; an Instance for dmopt): the clock starts when it is done, after a small problem
was solved so that all of the tool is loaded. The time limit is
for building and solving together, so that each tool gets the same wall time.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

Seen = Callable[[float | None, float | None], None]
"""Called with the best cost and bound so far (money/year), None where there is none."""
Ended = Literal["solved", "stopped", "infeasible"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Wall time for building and solving, relative gap, seed, threads."""

    time_limit_s: float = 60.0
    gap: float = 1e-3
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True)
class Answer:
    """What a tool says it found.

    ended: solved (to the asked gap, as the tool sees it), stopped or infeasible.
    cost, bound: money/year, None where there is none. y: (m, L) openings and
    x: (m, n) shares of demand, of its best plan, or None.
    path: the way taken, where a tool has several. note: what else is to be told.
    held_mb: most memory held until then, where all of it is this process's; None where
    the process is looked at from outside, with what is done after solving.
    """

    ended: Ended
    cost: float | None
    bound: float | None
    build_seconds: float
    solve_seconds: float
    y: np.ndarray | None = None
    x: np.ndarray | None = None
    path: str = ""
    note: str = ""
    held_mb: float | None = None


class Peer(NamedTuple):
    """module: file here. packages: what has to be installed, version of the first is
    told. kinds: problems it can express. about: what is compared, in words."""

    module: str
    packages: tuple[str, ...]
    kinds: tuple[str, ...]
    about: str


ALL = ("ufl", "p-median", "modular")
PEERS: Mapping[str, Peer] = {
    "dmopt": Peer("with_dmopt", ("dmopt",), ALL, "path chosen by dmopt"),
    "highs": Peer("with_highs", ("highspy",), ALL, "HiGHS from arrays, strong links"),
    "highs-weak": Peer(
        "with_highs_weak",
        ("highspy",),
        ("modular",),
        "HiGHS from arrays, capacity rows only",
    ),
    "pyomo": Peer("with_pyomo", ("pyomo", "highspy"), ALL, "Pyomo and appsi_highs"),
    "linopy": Peer("with_linopy", ("linopy", "highspy"), ALL, "linopy and HiGHS"),
    "scip": Peer("with_scip", ("pyscipopt",), ALL, "SCIP by PySCIPOpt, matrix form"),
    "spopt": Peer("with_spopt", ("spopt", "pulp"), ("p-median",), "spopt and CBC"),
    "ortools": Peer("with_ortools", ("ortools",), ALL, "OR-Tools and its SCIP"),
}


class Clock:
    """Wall time since it was made, and what is left of a limit."""

    def __init__(self, limit_s: float) -> None:
        self._begin, self._limit = time.perf_counter(), limit_s

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._begin

    @property
    def left(self) -> float:
        """Seconds left, at least 0.01: no solver knows a limit of nothing."""
        return max(0.01, self._limit - self.seconds)


def relative_gap(cost: float | None, bound: float | None) -> float | None:
    """(cost - bound) / |cost|, never below 0; None while either is missing."""
    if cost is None or bound is None:
        return None
    return max(0.0, cost - bound) / max(abs(cost), 1e-9)


def finite(value: float, most: float = 1e19) -> float | None:
    """The value, or None where it stands for "none" (solvers write 1e20 or inf)."""
    return float(value) if np.isfinite(value) and abs(value) < most else None
