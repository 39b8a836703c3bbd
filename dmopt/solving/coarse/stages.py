"""What rounds of dropping have left, as programs for HiGHS: the widest first."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from dmopt.solving.coarse.drop import PARTLY, Dropped, Manner
from dmopt.solving.program import LinearProgram

WIDER = 1.02
"""How many times as many decisions as the stage before the next one leaves."""
MUCH_WIDER = 1.25
"""The same where all has been dropped, a little at a time."""


def stages_of(
    program: LinearProgram, dropped: Dropped, manner: Manner
) -> list[LinearProgram]:
    """The program as each of the rounds left it, where that is wider enough than what
    the next one left; where all has become whole, that is the last."""
    wider = WIDER if manner is PARTLY else MUCH_WIDER
    highs = list(_widening(dropped.highs, program.whole, wider))
    stages = [replace(program, high=high) for high in reversed(highs)]
    if dropped.ends is not None:
        low, high = dropped.ends
        stages.append(replace(program, low=low, high=high))
    return stages


def _widening(
    highs: Sequence[np.ndarray], whole: np.ndarray, wider: float
) -> Iterator[np.ndarray]:
    """Upper limits from the last round backwards, each leaving `wider` times as many
    decisions as the one before at least; the first round in any case."""
    most = 0.0
    for high in reversed(highs):
        left = np.count_nonzero(high[: len(whole)][whole] > 0)
        if left >= most or high is highs[0]:
            most = wider * left
            yield high
