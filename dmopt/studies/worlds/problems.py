"""Worlds as problems: with probabilities that add up, each with its own figures."""

import math
from collections.abc import Sequence
from dataclasses import replace

from dmopt.data.instance import Instance
from dmopt.data.uncertain import PROBABLE
from dmopt.errors import InstanceError
from dmopt.solving.builder import make_problem
from dmopt.solving.problem import Problem
from dmopt.studies.whatif import wished
from dmopt.studies.worlds.world import World


def likely(worlds: Sequence[World]) -> list[World]:
    """The worlds with probabilities that add up to 1, as far as digits go.

    Raises ValueError where they are farther off than what is written may be.
    """
    total = math.fsum(world.probability for world in worlds)
    if not worlds or abs(total - 1) > PROBABLE:
        raise ValueError("worlds whose probabilities add up to 1 expected")
    if abs(total - 1) < 1e-12:
        return list(worlds)
    return [replace(each, probability=each.probability / total) for each in worlds]


def problem_in(instance: Instance, world: World) -> Problem:
    """The problem of a world. Raises InstanceError, each fault with the world's key."""
    try:
        changed = wished(instance, world.wish)
    except InstanceError as error:
        named = f"world {world.key}: "
        raise InstanceError(
            [replace(fault, place=named + fault.place) for fault in error.faults]
        ) from None
    return make_problem(changed.instance, changed.rules)
