"""Many worlds of a city: plans from a few that stand for them, a bound from each.

    1  representatives of the worlds (representatives.py), solved together
    2  what is decided there, priced in all worlds: the plan
    3  what each representative pays for common decisions (solving/worlds/shares.py), at
       the prices that prove the bound of all of them, is what each of its worlds is
       told to pay; the worlds' bounds add up to one on all (solving/worlds/apart.py)

All worlds in one problem take minutes to a first bound, and that is a poor one.
"""

import time
from collections.abc import Callable, Sequence
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.proof.duals import Prices
from dmopt.solving.coarse.first_bound import bounds_by_place
from dmopt.solving.coarse.stopping import OutOfTime
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Ended, Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.progress import Log
from dmopt.solving.start import Start
from dmopt.solving.worlds.apart import bounds_apart
from dmopt.solving.worlds.apart import together as joined
from dmopt.solving.worlds.joint import Joint, join_worlds
from dmopt.solving.worlds.measure import expected
from dmopt.solving.worlds.path import solve_joint, start_of
from dmopt.solving.worlds.shares import shares
from dmopt.studies.worlds.representatives import representatives
from dmopt.studies.worlds.world import World

REPRESENTATIVES = 6
SHARE = 0.3
"""Of the time, for the representatives."""
GROUPS = 80
"""Of demands of each representative, for the prices."""

Build = Callable[[World], Problem]


def solve_many(
    instance: Instance,
    worlds: Sequence[World],
    joint: Joint,
    build: Build,
    limits: Limits,
    log: Log,
    cancel: Event,
    start: Start,
) -> Outcome:
    """A plan of least expected cost and a bound. start: with a solution of `joint`."""
    assert start.x is not None
    begin = time.monotonic()
    parts = [joint.of_world(start.x, n) for n in range(len(worlds))]
    cost = np.array(
        [w.program.cost @ x + w.program.offset
         for w, x in zip(joint.worlds, parts, strict=True)]
    )  # fmt: skip
    few = representatives(worlds, cost, REPRESENTATIVES, limits.seed, instance)
    weight = np.array([world.probability for world in few.worlds])
    together = join_worlds([build(world) for world in few.worlds], expected(weight))
    found = solve_joint(
        together,
        Limits(
            SHARE * limits.time_limit_s, limits.gap / 2, limits.seed, limits.threads
        ),
        lambda cost, bound, x: None,
        cancel,
    )
    best = start
    if found.x is not None and not cancel.is_set():
        decided = found.x[: len(together.place[0])]
        other = start_of(joint, decided, limits, cancel)
        if other.x is not None and other.cost < best.cost:
            best = other
            log.found(best.cost, -np.inf, best.x)
    bound, proof = start.bound, ""
    left = limits.time_limit_s - (time.monotonic() - begin)
    prices = _prices(together, limits.seed, OutOfTime(cancel, max(0.0, left)))
    if prices is not None:
        paid = shares(together, bounding_of(together), prices)[few.of]
        # each pays what its representative does: by weight that adds up to nothing
        left = limits.time_limit_s - (time.monotonic() - begin)
        proven = bounds_apart(
            joint.worlds,
            paid,
            seed=limits.seed,
            threads=limits.threads,
            stop=OutOfTime(cancel, max(0.0, left)),
        )
        apart = joined(joint.worlds, joint.measure.weight, paid, proven)
        if apart > bound:
            bound = apart
            proof = (
                "Checked by arithmetic in each world, over every zone and every way "
                "to deliver; what worlds pay each other adds up to nothing."
            )
            log.found(np.inf, bound, None)
    reached = (best.cost - bound) / max(abs(best.cost), 1e-9)
    ended: Ended = "solved" if reached <= limits.gap else "stopped"
    return Outcome(ended, best.x, best.cost, bound, proof)


def _prices(together: Joint, seed: int, stop: Event) -> Prices | None:
    """The prices that prove most of all representatives, without a split: those of a
    part of all plans would be of that part."""
    bounding = bounding_of(together)
    groups = GROUPS * len(together.worlds)
    best, found = -np.inf, None
    for priced in bounds_by_place(together, bounding, groups, seed, stop):
        if priced is None:
            break
        bound = bounding.bound(priced.prices)
        if bound > best:
            best, found = bound, priced.prices
    return found
