"""HiGHS alone: one matrix from numpy, handed over by passModel."""

from collections.abc import Callable
from dataclasses import replace

import highspy
import numpy as np
from generators.location import LocationProblem

from peers.arrays import Arrays, arrays_of, plan_of
from peers.highs_run import run_highs
from peers.peer import Answer, Clock, Limits, Seen


def prepare(
    problem: LocationProblem, strong: bool = True
) -> Callable[[Limits, Seen], Answer]:
    problem.cost  # noqa: B018, the clock starts with the matrix of costs in memory

    def solve(limits: Limits, seen: Seen) -> Answer:
        clock = Clock(limits.time_limit_s)
        h = highspy.Highs()  # type: ignore[no-untyped-call]
        h.setOptionValue("output_flag", False)
        pass_arrays(h, arrays_of(problem, strong))
        answer, z = run_highs(h, limits, clock, seen)
        if z is None:
            return answer
        y, x = plan_of(problem, z)
        return replace(answer, y=y, x=x)

    return solve


def pass_arrays(h: highspy.Highs, arrays: Arrays) -> None:
    A = arrays.A
    h.passModel(
        A.shape[1],
        A.shape[0],
        A.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        arrays.cost,
        np.zeros(A.shape[1]),
        np.ones(A.shape[1]),
        arrays.row_low,
        arrays.row_high,
        A.indptr.astype(np.int32),
        A.indices.astype(np.int32),
        A.data,
        arrays.whole.astype(np.int32),
    )
