"""What may still move from site to site in a flow, compiled (see transport.py)."""

from typing import Any

import numpy as np
from numba import njit

FAR = 1e200


@njit(cache=True, nogil=True)
def refresh(U: Any, served: Any, count: Any, M: Any, via: Any, a: int, q: int) -> None:
    """Row a of M, and the zone `via` that each least value is of."""
    for b in range(q):
        M[a, b] = FAR
        via[a, b] = -1
    for t in range(count[a]):
        j = served[a, t]
        here = U[j, a]
        for b in range(q):
            v = U[j, b] - here
            if v < M[a, b]:
                M[a, b] = v
                via[a, b] = j
    M[a, a] = FAR


@njit(cache=True, nogil=True)
def settle(
    M: Any, q: int, source: int, distance: Any, parent: Any, tolerance: float
) -> bool:
    """Shortest ways from a site, label correcting; False if there is no end to it."""
    for a in range(q):
        distance[a] = FAR
        parent[a] = -1
    distance[source] = 0.0
    queue, waiting = np.empty(q + 1, np.int64), np.zeros(q, np.bool_)
    head, tail, length, turns = 0, 1, 1, 0
    queue[0] = source
    waiting[source] = True
    while length > 0:
        a = queue[head]
        head = (head + 1) % (q + 1)
        length -= 1
        waiting[a] = False
        turns += 1
        if turns > 50 * q * q + 1000:
            return False
        for b in range(q):
            if M[a, b] >= FAR:
                continue
            v = distance[a] + M[a, b]
            if v < distance[b] - tolerance:
                distance[b] = v
                parent[b] = a
                if not waiting[b]:
                    queue[tail] = b
                    tail = (tail + 1) % (q + 1)
                    waiting[b] = True
                    length += 1
    return True


@njit(cache=True, nogil=True)
def shift(
    U: Any,
    X: Any,
    served: Any,
    count: Any,
    place: Any,
    load: Any,
    M: Any,
    via: Any,
    q: int,
    j: int,
    a: int,
    b: int,
    amount: float,
    least: float,
    stale: Any,
) -> None:
    """Move so much of zone j from site a to b."""  # fmt: skip
    load[a] -= amount
    load[b] += amount
    if X[j, b] == 0.0:
        place[j, b] = count[b]
        served[b, count[b]] = j
        count[b] += 1
        here = U[j, b]
        for c in range(q):
            if c != b:
                v = U[j, c] - here
                if v < M[b, c]:
                    M[b, c] = v
                    via[b, c] = j
    X[j, b] += amount
    X[j, a] -= amount
    if X[j, a] <= least:
        X[j, b] += X[j, a]
        load[b] += X[j, a]
        load[a] -= X[j, a]
        X[j, a] = 0.0
        last = served[a, count[a] - 1]
        served[a, place[j, a]] = last
        place[last, a] = place[j, a]
        count[a] -= 1
        stale[a] = True


@njit(cache=True, nogil=True)
def make_way(M: Any, kept: Any, K: Any, a: int, q: int, least: float) -> None:
    """Whether a unit of site a may still be kept there, and whether one is to give."""
    M[a, q] = 0.0 if kept[a] < K[a] - least else FAR
    M[q, a] = 0.0 if kept[a] > least else FAR
