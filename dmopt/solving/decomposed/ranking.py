"""Moves ranked by cuts, compiled: change one site's option, or two near sites' options.

A cut k says of every choice of options o:  cost >= base_k + sum_i pool[o_i, k]. The
greatest over all cuts bounds what a move can come to: moves whose bound is not below
the cost at hand are never tried.
"""

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def put(move: Any, moves: Any, place: int) -> None:
    for k in range(len(move)):
        moves[place, k] = move[k]


@njit(cache=True, nogil=True)
def among(i: int, near: Any, r: int) -> bool:
    """Whether i is one of the sites near r."""
    found = False
    for t in range(near.shape[1]):
        found = found or near[r, t] == i
    return found


@njit(cache=True, nogil=True)
def greatest(values: Any) -> float:
    most = values[0]
    for v in values:
        most = max(most, v)
    return most


@njit(cache=True, nogil=True)
def keep_least(estimate: float, move: Any, moves: Any, values: Any, count: int) -> int:
    """Put a move among the least; how many there are then."""
    size = len(values)
    if count < size:
        put(move, moves, count)
        values[count] = estimate
        return count + 1
    worst = 0
    for a in range(1, size):
        if values[a] > values[worst]:
            worst = a
    if estimate < values[worst]:
        put(move, moves, worst)
        values[worst] = estimate
    return count


@njit(cache=True, nogil=True)
def rank(
    choice: Any,
    base: Any,
    pool: Any,
    cuts: int,
    first: Any,
    capacity: Any,
    counted: Any,
    near: Any,
    spare: float,
    fewer: int,
    more: int,
    below: float,
    moves: Any,
    values: Any,
) -> int:
    """Moves whose bound is below `below`, the least of them; how many.

    In place: moves (size, 4): site, option, second site (or -1), its option; values.
    spare: capacity beyond demand that may be given up; inf where demand may stay unmet.
    fewer, more: by how many the number of counted options may fall or rise.
    """  # fmt: skip
    m, O = len(first) - 1, len(capacity)
    now = np.empty(cuts)
    for k in range(cuts):
        now[k] = base[k]
        for i in range(m):
            now[k] += pool[choice[i], k]
    change = np.empty((O, cuts))
    alone = np.empty(O)
    for i in range(m):
        at = choice[i]
        for o in range(first[i], first[i + 1]):
            alone[o] = -np.inf
            for k in range(cuts):
                change[o, k] = pool[o, k] - pool[at, k]
                alone[o] = max(alone[o], now[k] + change[o, k])
    count, worst = 0, below
    move = np.empty(4, np.int64)
    hint = 0
    for i in range(m):
        here = choice[i]
        for o in range(first[i], first[i + 1]):
            if o == here:
                continue
            room = spare + capacity[o] - capacity[here]
            number = int(counted[o]) - int(counted[here])
            if room >= 0 and -fewer <= number <= more and alone[o] < worst:
                move[0], move[1], move[2], move[3] = i, o, -1, -1
                count = keep_least(alone[o], move, moves, values, count)
                if count == len(values):
                    worst = min(worst, greatest(values))
            for t in range(near.shape[1]):
                r = near[i, t]
                if r <= i and among(i, near, r):
                    continue
                there = choice[r]
                for p in range(first[r], first[r + 1]):
                    both = number + int(counted[p]) - int(counted[there])
                    if (
                        p == there
                        or room + capacity[p] - capacity[there] < 0
                        or both < -fewer
                        or both > more
                        or now[hint] + change[o, hint] + change[p, hint] >= worst
                    ):
                        continue
                    estimate = -np.inf
                    for k in range(cuts):
                        e = now[k] + change[o, k] + change[p, k]
                        if e > estimate:
                            estimate = e
                            if e >= worst:
                                hint = k
                                break
                    if estimate < worst:
                        move[0], move[1], move[2], move[3] = i, o, r, p
                        count = keep_least(estimate, move, moves, values, count)
                        if count == len(values):
                            worst = min(worst, greatest(values))
    return count
