"""A bound on what worlds cost together, from each on its own (shares.py).

Each world is relaxed over zones that lie together, and its prices are proven over all
zones and arcs (coarse/first_bound.py); the bounds, by their weights, add up.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import numpy as np

from dmopt.proof.certificate import Certificate, whole
from dmopt.solving.coarse.bound import BY_PLACE
from dmopt.solving.coarse.first_bound import bounds_by_place
from dmopt.solving.duals import bounding_of
from dmopt.solving.problem import Problem

OnBound = Callable[[int], None]


def with_share(problem: Problem, share: np.ndarray) -> Problem:
    """The problem of a world that pays `share` (n,) for its columns besides."""
    d = problem.decisions
    return replace(problem, decisions=replace(d, cost=d.cost + share))


def bounds_apart(
    problems: Sequence[Problem],
    share: np.ndarray,
    *,
    seed: int,
    threads: int,
    stop: Event,
    done: OnBound = lambda number: None,
) -> list[Certificate | None]:
    """What is proven of each world with its share (W, n): the caller adds up bounds by
    weight, where the shares by weight add up to nothing. None where stopped before a
    bound."""

    def one(number: int) -> Certificate | None:
        problem = with_share(problems[number], share[number])
        bounding = bounding_of(problem)
        best: Certificate | None = None
        for priced in bounds_by_place(problem, bounding, BY_PLACE, seed, stop):
            if priced is None:
                return best
            proven = whole(priced.prices, bounding)
            if best is None or proven.bound > best.bound:
                best = proven
        done(number)
        return best

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(len(problems))))


def together(
    problems: Sequence[Problem],
    weight: np.ndarray,
    share: np.ndarray,
    proven: Sequence[Certificate | None],
) -> float:
    """What is proven of the expected cost of all worlds; -inf without a bound of each.

    What is left of the shares' sum by rounding counts at the most that decisions may
    be.
    """
    bounds = [-np.inf if each is None else each.bound for each in proven]
    d = problems[0].decisions
    left = np.abs(weight @ share)
    most = np.maximum(np.abs(d.low), np.abs(d.high))
    most = np.where(np.isfinite(most), most, bounding_of(problems[0]).ranges[1])
    used = left > 0
    return float(weight @ bounds - left[used] @ most[used])
