"""HiGHS: hand a program over, run it, read the answer.

The only file that knows highspy.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread

import highspy
import numpy as np
from highspy.highs import HighsCallbackEvent

from dmopt.solving.program import LinearProgram, Scaling, scaled

REFUTED = ("infeasible", "infeasible_or_unbounded")
STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible_or_unbounded",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
}

SAME_COST = 1e-6
"""Relative: costs that are one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """time_limit_s, relative gap, seed and threads of one HiGHS run."""

    time_limit_s: float = 60.0
    gap: float = 1e-4
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True)
class Basis:
    """Where a linear program was solved: HiGHS's status of each column (n,) and of each
    row (rows,), ints. There are as many `BASIC` ones as rows."""

    column: np.ndarray
    row: np.ndarray

    @staticmethod
    def of(kept: highspy.HighsBasis) -> "Basis":
        columns, rows = (
            [int(k) for k in of] for of in (kept.col_status, kept.row_status)
        )
        return Basis(np.array(columns, np.int8), np.array(rows, np.int8))

    def for_highs(self) -> highspy.HighsBasis:
        basis, status = highspy.HighsBasis(), {int(k): k for k in STATUSES}
        basis.col_status = [status[k] for k in self.column.tolist()]
        basis.row_status = [status[k] for k in self.row.tolist()]
        basis.valid = True
        return basis


STATUSES = highspy.HighsBasisStatus.__members__.values()
LOWER, BASIC, NONBASIC = (
    int(getattr(highspy.HighsBasisStatus, name))
    for name in ("kLower", "kBasic", "kNonbasic")
)
"""At its lower limit; in the basis; at one of its limits, HiGHS sees which."""


@dataclass(frozen=True)
class Answer:
    """What HiGHS gave back, in the program's own units.

    status: "optimal", "infeasible", "infeasible_or_unbounded", "unbounded" or
        "stopped".
    x: (n,) values of the best solution, or None.
    cost: its objective; bound: proven lower bound (-inf if none).
    dual: (rows,) row duals of a linear program, or None.
    reduced: (n,) reduced costs of a linear program, or None.
    basis: of a linear program, as HiGHS has it (`Basis.of`), or None.
    """

    status: str
    x: np.ndarray | None
    cost: float
    bound: float
    dual: np.ndarray | None
    reduced: np.ndarray | None
    seconds: float
    basis: highspy.HighsBasis | None = None


Options = dict[str, bool | int | float | str]
"""HiGHS's own options by name."""
Found = Callable[[float, float, np.ndarray | None], None]
"""Called in the solver's thread with (cost or inf, bound or -inf, x of a new best or
None). Without a start only: with one, bounds on the way are not the program's."""


def run_highs(
    program: LinearProgram,
    limits: Limits,
    *,
    start: np.ndarray | None = None,
    found: Found | None = None,
    cancel: Event | None = None,
    solver: str = "choose",
    options: Options | None = None,
    basis: Basis | None = None,
) -> Answer:
    """Solve a program. `start`: a plan to begin from, (n,), NaN where unknown; `basis`:
    what a linear one begins from.

    HiGHS runs in a thread of its own and this one waits, so that signals get through.
    """
    options = options or {}
    answer = _run(program, limits, start, found, cancel, solver, options, basis)
    # Presolve of mixed programs is wrong at times (HiGHS 1.16): it refutes what has a
    # solution, and where it leaves nothing of a program, hands back the start with the
    # cost of the best solution. Both are asked again without it.
    presolved = bool(program.whole.any()) and options.get("presolve") != "off"
    refuted = presolved and answer.status in REFUTED
    if not refuted and (start is None or _costs_what_it_says(program, answer)):
        return answer
    left = replace(limits, time_limit_s=max(1.0, limits.time_limit_s - answer.seconds))
    whole = {**options, "presolve": "off"}
    again = _run(program, left, start, found, cancel, solver, whole)
    return again if refuted else _with_what_was_there(program, again, answer)


def _with_what_was_there(
    program: LinearProgram, again: Answer, first: Answer
) -> Answer:
    """A second answer, with the solution of the first at what that does cost, where
    none is found that is as cheap. What the first proved does not count."""
    assert first.x is not None
    cost = float(program.cost @ first.x) + program.offset
    if again.x is not None and again.cost <= cost + SAME_COST * max(1.0, abs(cost)):
        return again
    bound = again.bound if again.status == "stopped" else -np.inf
    return replace(again, status="stopped", x=first.x, cost=cost, bound=bound)


def _costs_what_it_says(program: LinearProgram, answer: Answer) -> bool:
    if answer.x is None:
        return True
    cost = float(program.cost @ answer.x) + program.offset
    return abs(cost - answer.cost) <= SAME_COST * max(1.0, abs(cost))


def _run(
    program: LinearProgram,
    limits: Limits,
    start: np.ndarray | None,
    found: Found | None,
    cancel: Event | None,
    solver: str,
    options: Options,
    basis: Basis | None = None,
) -> Answer:
    begin = time.monotonic()
    scaled_program, scaling = scaled(program)
    h = load(scaled_program, limits, solver, options)
    if basis is not None:
        fits = h.setBasis(basis.for_highs())
        assert fits != highspy.HighsStatus.kError, "a basis of another program"
    if start is not None:
        known = np.flatnonzero(np.isfinite(start)).astype(np.int32)
        h.setSolution(len(known), known, (start / scaling.column)[known])
    failures: list[BaseException] = []
    stop_on(h, cancel, failures)
    mixed = bool(program.whole.any())
    if found is not None and mixed:
        _report_to(h, found, scaling, start is None, failures)
    status = run(h, failures)
    info, solution = h.getInfo(), h.getSolution()
    has_plan = info.primal_solution_status == 2
    x = np.array(solution.col_value) * scaling.column if has_plan else None
    cost = info.objective_function_value * scaling.money if has_plan else np.inf
    if mixed:
        bound = info.mip_dual_bound * scaling.money
    else:
        bound = cost if status == "optimal" else -np.inf
    dual = reduced = None
    if not mixed and solution.dual_valid:
        dual = np.array(solution.row_dual) * scaling.row * scaling.money
        reduced = np.array(solution.col_dual) / scaling.column * scaling.money
    last = h.getBasis() if not mixed and status == "optimal" else None
    kept = last if last is not None and last.valid else None
    seconds = time.monotonic() - begin
    return Answer(status, x, cost, bound, dual, reduced, seconds, kept)


def run(h: highspy.Highs, failures: list[BaseException]) -> str:
    """Run in a thread and wait here, so that signals get through; gives the status.

    failures: what callbacks raised (`guarded`). HiGHS swallows it; here it is raised.
    """

    def go() -> None:
        try:
            h.run()
        except BaseException as error:
            failures.append(error)

    worker = Thread(target=go, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(0.05)
    if failures:
        raise failures[0]
    return STATUS.get(h.getModelStatus(), "stopped")


Callback = Callable[[HighsCallbackEvent], None]


def guarded(callback: Callback, failures: list[BaseException]) -> Callback:
    """The callback, but what it raises is kept, and stops the solver."""

    def call(event: HighsCallbackEvent) -> None:
        try:
            if not failures:
                callback(event)
        except BaseException as error:
            failures.append(error)

    return call


def load(
    program: LinearProgram, limits: Limits, solver: str, options: Options
) -> highspy.Highs:
    h = highspy.Highs()
    settings: Options = {
        "output_flag": False,
        "time_limit": max(0.0, float(limits.time_limit_s)),
        "mip_rel_gap": float(limits.gap),
        "mip_abs_gap": 0.0,
        "random_seed": int(limits.seed),
        "threads": int(limits.threads),
        "solver": solver,
    }
    for name, value in {**settings, **options}.items():
        h.setOptionValue(name, value)
    pass_model(h, program)
    return h


def pass_model(h: highspy.Highs, program: LinearProgram) -> None:
    """Hand a program over as plain arrays: one call, no copies in Python.

    Raises FloatingPointError for a coefficient that is no number: HiGHS would not end.
    """
    A = program.A
    if not (np.isfinite(A.data).all() and np.isfinite(program.cost).all()):
        raise FloatingPointError("a coefficient of the program is not a finite number")
    taken = h.passModel(
        A.shape[1],
        A.shape[0],
        A.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        float(program.offset),
        program.cost,
        program.low,
        program.high,
        program.row_low,
        program.row_high,
        A.indptr.astype(np.int32, copy=False),
        A.indices.astype(np.int32, copy=False),
        A.data,
        program.whole.astype(np.int32),
    )
    assert taken != highspy.HighsStatus.kError, "HiGHS refused the program"


def stop_on(
    h: highspy.Highs, cancel: Event | None, failures: list[BaseException]
) -> None:
    """Stop when `cancel` is set or a callback has failed."""

    def check(event: HighsCallbackEvent) -> None:
        # once asked to stop HiGHS (1.16) would stop in every later run too
        stopped = cancel is not None and cancel.is_set()
        event.interrupt(bool(failures) or stopped)

    h.cbMipInterrupt += check
    h.cbSimplexInterrupt += check
    h.cbIpmInterrupt += check


def _report_to(
    h: highspy.Highs,
    found: Found,
    scaling: Scaling,
    bounds: bool,
    failures: list[BaseException],
) -> None:
    """Pass on what HiGHS logs and finds.

    bounds: whether to pass on its bounds. To complete a start HiGHS first solves a
    program with the start's whole numbers fixed, and reports the bound of that one
    through the same events: with a start they say nothing about the program.
    """

    def values(event: HighsCallbackEvent) -> tuple[float, float]:
        out = event.data_out
        cost = (
            out.mip_primal_bound * scaling.money
            if out.mip_primal_bound < 1e300
            else np.inf
        )
        known = bounds and out.mip_dual_bound > -1e300
        return cost, out.mip_dual_bound * scaling.money if known else -np.inf

    def logged(event: HighsCallbackEvent) -> None:
        found(*values(event), None)

    def improved(event: HighsCallbackEvent) -> None:
        found(*values(event), np.array(event.data_out.mip_solution) * scaling.column)

    h.cbMipLogging += guarded(logged, failures)
    h.cbMipImprovingSolution += guarded(improved, failures)
