"""Worlds taken apart: what they pay each other, and what that proves."""

from threading import Event

import numpy as np
import pytest

from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.first_bound import bounds_by_place
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import run_highs
from dmopt.solving.worlds.apart import bounds_apart, together, with_share
from dmopt.solving.worlds.joint import join_worlds
from dmopt.solving.worlds.measure import expected
from dmopt.solving.worlds.shares import shares
from tests.paths import examples
from tests.solving.test_agreement import SAME
from tests.solving.worlds.test_joint import TIGHT, any_worlds

FINE = 10_000
"""More groups than there are demands: nothing is merged."""


def priced(joint):
    """The best prices of all worlds together, and what they prove."""
    bounding = bounding_of(joint)
    found = [
        each for each in bounds_by_place(joint, bounding, FINE, 0, Event()) if each
    ]
    if not found:
        return None
    return max(
        ((bounding.bound(each.prices), each.prices) for each in found),
        key=lambda one: one[0],
    )


@pytest.mark.parametrize("seed", range(examples(80)))
def test_their_bounds_add_up_to_one_on_all(seed):
    worlds, weight = any_worlds(seed)
    joint = join_worlds(worlds, expected(weight))
    best = run_highs(assemble(joint.decisions, joint.layer)[0], TIGHT)
    proven = priced(joint)
    if best.x is None or proven is None:
        return
    paid = shares(joint, bounding_of(joint), proven[1])
    assert weight @ paid == pytest.approx(np.zeros(paid.shape[1]), abs=1e-6)
    found = bounds_apart(worlds, paid, seed=0, threads=1, stop=Event())
    apart = together(worlds, weight, paid, found)
    slack = SAME * max(1.0, abs(best.cost))
    assert apart <= best.cost + slack
    # each relaxation of its own proves at least what these prices prove of all
    assert apart >= proven[0] - 1e-4 * max(1.0, abs(proven[0]))


def test_what_a_world_pays_is_in_its_cost_and_nothing_else():
    (world, *_), _ = any_worlds(0)
    share = np.arange(world.decisions.size, dtype=float)
    dear = with_share(world, share)
    assert dear.program.cost[: len(share)] == pytest.approx(
        world.program.cost[: len(share)] + share
    )
    assert (dear.program.A != world.program.A).nnz == 0
