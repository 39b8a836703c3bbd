"""Solve several worlds together: whole decisions once, flows in each.

The joint problem (joint.py) is a problem as any other, and takes the paths of others:
the exact one where it is small, else coarse-to-fine, in which zones of every world are
merged into groups and each world's flows are evaluated on their own (evaluate.py).
"""

from threading import Event

import numpy as np

from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Found, Limits
from dmopt.solving.outcome import Outcome
from dmopt.solving.start import NOTHING, Start
from dmopt.solving.worlds.evaluate import WorldsEvaluator
from dmopt.solving.worlds.joint import Joint

SMALL = 4_000
"""Most deliveries of all worlds that go into one model."""


def solve_joint(
    joint: Joint,
    limits: Limits,
    found: Found,
    cancel: Event,
    start: Start = NOTHING,
) -> Outcome:
    """Solve until the gap, the time limit or `cancel`; bound and gap are those of the
    measure."""
    if len(joint.layer.x_to) <= SMALL:
        return solve_exact(joint, limits, found, cancel, start)
    evaluator = WorldsEvaluator(joint)
    return solve_coarse(joint, limits, found, cancel, start, evaluator=evaluator)


def start_of(joint: Joint, decided: np.ndarray, limits: Limits, cancel: Event) -> Start:
    """A start from whole decisions (n,) of one world's columns, with its flows in each
    world; only the decisions where they do not fit in some world."""
    whole = np.full(joint.decisions.size, np.nan)
    own = joint.worlds[0].decisions.whole
    whole[: len(own)][own] = decided[own]
    found = WorldsEvaluator(joint).solve(whole, limits, cancel)
    if found is None:
        return Start(decided=whole)
    return Start(x=found[1], cost=found[0], decided=whole)
