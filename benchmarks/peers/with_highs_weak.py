"""HiGHS alone, without a link for each delivery: capacity rows only.

A much smaller model with a weaker relaxation. Where the strong one does not leave its
root in time this is what somebody would try next.
"""

from collections.abc import Callable

from generators.location import LocationProblem

from peers import with_highs
from peers.peer import Answer, Limits, Seen


def prepare(problem: LocationProblem) -> Callable[[Limits, Seen], Answer]:
    return with_highs.prepare(problem, strong=False)
