"""Exact flows for chosen options, compiled: shortest paths among the open sites.

Nodes are the q open sites (and "unmet", without limit, if demand has a price). Every
zone begins at its cheapest site. While a site sends more than it can, what is too much
moves along a shortest path to a site with room, where

    M[a, b] = least over zones served by a of (unit cost from b) - (unit cost from a)

Only rows of M that lost a zone are made anew. No path ever leaves a negative cycle, so
the flow is the cheapest. Its prices pi (money of one more unit at a full site) give
multipliers  u_j = D_j min_a (unit cost + pi_a), at which the bound of these options is
the cost itself: each flow is also a cut (successive shortest paths; Ahuja, Magnanti,
Orlin 1993).
"""

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
def relieve(
    U: Any,
    X: Any,
    served: Any,
    count: Any,
    place: Any,
    load: Any,
    K: Any,
    M: Any,
    via: Any,
    q: int,
    tolerance: float,
    least: float,
) -> int:
    """Move what is too much to where there is room; the site from which there is no
    way, or -1."""
    distance, parent = np.empty(q), np.empty(q, np.int64)
    stale = np.zeros(q, np.bool_)
    for source in range(q):
        while load[source] > K[source] + least:
            if not settle(M, q, source, distance, parent, tolerance):
                return source
            end, nearest = -1, FAR
            for a in range(q):
                if a != source and load[a] < K[a] - least and distance[a] < nearest:
                    nearest, end = distance[a], a
            if end < 0:
                return source
            amount = min(load[source] - K[source], K[end] - load[end])
            b, steps = end, 0
            while b != source:
                a = parent[b]
                amount = min(amount, X[via[a, b], a])
                b = a
                steps += 1
                if steps > q:
                    return source
            # Zones first: moving one may change which zone the next step goes by.
            ends, zones = np.empty(steps + 1, np.int64), np.empty(steps, np.int64)
            b = end
            ends[0] = end
            for k in range(steps):
                a = parent[b]
                zones[k] = via[a, b]
                ends[k + 1] = a
                b = a
            for k in range(steps):
                shift(
                    U, X, served, count, place, load, M, via, q, zones[k],
                    ends[k + 1], ends[k], amount, least, stale,
                )  # fmt: skip
            for a in range(q):
                if stale[a]:
                    refresh(U, served, count, M, via, a, q)
                    stale[a] = False
    return -1


@njit(cache=True, nogil=True)
def price_room(
    M: Any, load: Any, K: Any, q: int, least: float, tolerance: float, pi: Any
) -> None:
    """pi[a]: what one more unit at a costs elsewhere; 0 where there is room."""
    some = False
    for a in range(q):
        pi[a] = FAR
        if load[a] < K[a] - least:
            pi[a] = 0.0
            some = True
    if not some:
        pi[0] = 0.0
    for _ in range(2 * q + 5):
        changed = False
        for a in range(q):
            if some and load[a] < K[a] - least:
                continue
            for b in range(q):
                if (
                    M[a, b] < FAR
                    and pi[b] < FAR
                    and M[a, b] + pi[b] < pi[a] - tolerance
                ):
                    pi[a] = M[a, b] + pi[b]
                    changed = True
        if not changed:
            break
    lowest = FAR
    for a in range(q):
        lowest = min(lowest, pi[a])
    highest = 0.0
    for a in range(q):
        if lowest < 0:
            pi[a] -= lowest
        if pi[a] < FAR / 2:
            highest = max(highest, pi[a])
    for a in range(q):
        if pi[a] >= FAR / 2:
            pi[a] = highest


@njit(cache=True, nogil=True)
def transport(
    cost: Any,
    demand: Any,
    penalty: Any,
    site: Any,
    slope: Any,
    K: Any,
    unmet: bool,
    X: Any,
    u: Any,
) -> float:
    """Cheapest flow from open sites (q,) with slopes and capacities K (q or q + 1 with
    unmet); its cost, or inf where there is none.

    In place: X (n, q or q + 1) units, u (n,) multipliers; without a flow, the demand of
    zones that only sites too small for them can serve, 0 of others.
    """  # fmt: skip
    n, open_sites = len(demand), len(site)
    q = len(K)
    U, total = np.empty((n, q)), 0.0
    for j in range(n):
        total += demand[j]
        for a in range(open_sites):
            U[j, a] = cost[site[a], j] / demand[j] + slope[a]
        if unmet:
            U[j, open_sites] = penalty[j] / demand[j]
    least = 1e-11 * total
    served, place = np.empty((q, n), np.int64), np.full((n, q), -1)
    count, load = np.zeros(q, np.int64), np.zeros(q)
    size = 0.0
    for j in range(n):
        b = 0
        for a in range(q):
            X[j, a] = 0.0
            if U[j, a] < U[j, b]:
                b = a
        if not U[j, b] < np.inf:
            u[:] = 0.0
            u[j] = demand[j]
            return np.inf
        size = max(size, abs(U[j, b]))
        X[j, b] = demand[j]
        place[j, b] = count[b]
        served[b, count[b]] = j
        count[b] += 1
        load[b] += demand[j]
    tolerance = 1e-12 * size
    M, via = np.empty((q, q)), np.empty((q, q), np.int64)
    for a in range(q):
        refresh(U, served, count, M, via, a, q)
    stuck = relieve(U, X, served, count, place, load, K, M, via, q, tolerance, least)
    if stuck >= 0:
        distance, parent = np.empty(q), np.empty(q, np.int64)
        settle(M, q, stuck, distance, parent, tolerance)
        for j in range(n):
            u[j] = 0.0
            for a in range(q):
                if X[j, a] > 0 and distance[a] < FAR:
                    u[j] = demand[j]
        return np.inf
    pi = np.empty(q)
    price_room(M, load, K, q, least, tolerance, pi)
    value = 0.0
    for j in range(n):
        best = np.inf
        for a in range(q):
            best = min(best, U[j, a] + pi[a])
            if X[j, a] > 0:
                value += X[j, a] * U[j, a]
        u[j] = best * demand[j]
    return value
