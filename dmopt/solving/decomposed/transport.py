"""Exact flows for chosen options, compiled: shortest paths among the open sites.

Nodes are the q open sites (and "unmet", without limit, if demand has a price), and room
itself, where every unit ends. Given prices pi >= 0 of room (money of one more unit at a
site; those of a flow before), every zone begins at the site with least unit cost + pi;
a site with a price keeps all it can, others what they are sent. What a node has too
much of moves along a shortest path to one that has too little, where

    M[a, b] = least over zones served by a of (unit cost from b) - (unit cost from a)
    M[a, room] = 0 where a keeps less than it can,  M[room, a] = 0 where it keeps any

Only rows of M that lost a zone are made anew. At the start M[a, b] >= pi_a - pi_b, so
there is no negative cycle, and no path ever leaves one: the flow is the cheapest. Its
prices give multipliers  u_j = D_j min_a (unit cost + pi_a),  at which the bound of
these options is the cost itself: each flow is also a cut (successive shortest paths;
Ahuja, Magnanti, Orlin 1993).
"""

from typing import Any

import numpy as np
from numba import njit

from dmopt.solving.decomposed.residual import FAR, make_way, refresh, settle, shift

GREAT = 1e3
"""Times what any zone pays at least: sums with greater prices are rounded too much."""


@njit(cache=True, nogil=True)
def surely(q: int, least: float) -> float:
    """So much too much at one node that another has too little by more than `least`."""
    return (q + 2) * least


@njit(cache=True, nogil=True)
def relieve(
    U: Any,
    X: Any,
    served: Any,
    count: Any,
    place: Any,
    load: Any,
    K: Any,
    kept: Any,
    M: Any,
    via: Any,
    q: int,
    tolerance: float,
    least: float,
) -> int:
    """Move units until every site keeps what it sends; the site from which there is no
    way, or -1. kept (q,): what counts as kept at each site, of K at most."""
    distance, parent = np.empty(q + 1), np.empty(q + 1, np.int64)
    ends, zones = np.empty(q + 2, np.int64), np.empty(q + 1, np.int64)
    stale, over = np.zeros(q, np.bool_), np.empty(q + 1)
    for source in range(q + 1):
        while True:
            over[q] = 0.0
            for a in range(q):
                over[a] = load[a] - kept[a]
                over[q] -= over[a]
            if over[source] <= surely(q, least):
                break
            if not settle(M, q + 1, source, distance, parent, tolerance):
                return source
            end, nearest = -1, FAR
            for a in range(q + 1):
                if over[a] < -least and distance[a] < nearest:
                    nearest, end = distance[a], a
            if end < 0:
                return source
            amount = min(over[source], -over[end])
            # Zones first: moving one may change which zone the next step goes by.
            b, steps = end, 0
            ends[0] = end
            while b != source:
                a = parent[b]
                if b == q:
                    amount = min(amount, K[a] - kept[a])
                elif a == q:
                    amount = min(amount, kept[b])
                else:
                    zones[steps] = via[a, b]
                    amount = min(amount, X[via[a, b], a])
                steps += 1
                ends[steps] = a
                b = a
                if steps > q:
                    return source
            for k in range(steps):
                a, b = ends[k + 1], ends[k]
                if b == q:
                    kept[a] += amount
                    make_way(M, kept, K, a, q, least)
                elif a == q:
                    kept[b] -= amount
                    make_way(M, kept, K, b, q, least)
                else:
                    shift(
                        U, X, served, count, place, load, M, via, q, zones[k],
                        a, b, amount, least, stale,
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
    pi: Any,
    X: Any,
    u: Any,
) -> float:
    """Cheapest flow from open sites (q,) with slopes and capacities K (q or q + 1 with
    unmet); its cost, or inf where there is none.

    In place: pi (as K), prices to begin with, none below 0, and those of the flow (they
    begin at 0 where some are too great); X
    (n, as K) units, u (n,) multipliers; without a flow, the demand of zones that only
    sites too small for them can serve, 0 of others.
    """  # fmt: skip
    n, open_sites = len(demand), len(site)
    q = len(K)
    U, total = np.empty((n, q)), 0.0
    for a in range(open_sites):
        i, here = site[a], slope[a]
        for j in range(n):
            U[j, a] = cost[i, j] / demand[j] + here
    for j in range(n):
        total += demand[j]
        if unmet:
            U[j, open_sites] = penalty[j] / demand[j]
    usual = 0.0
    for j in range(n):
        usual = max(usual, U[j, :].min())
    if pi.max() > GREAT * usual:
        pi[:] = 0.0
    least = 1e-13 * total
    K = np.minimum(K, 2 * total)
    served, place = np.empty((q, n), np.int64), np.full((n, q), -1)
    count, load = np.zeros(q, np.int64), np.zeros(q)
    size = 0.0
    for j in range(n):
        b, cheapest = 0, U[j, 0] + pi[0]
        for a in range(q):
            X[j, a] = 0.0
            if U[j, a] + pi[a] < cheapest:
                b, cheapest = a, U[j, a] + pi[a]
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
    M, via = np.full((q + 1, q + 1), FAR), np.empty((q, q), np.int64)
    kept = np.empty(q)
    for a in range(q):
        refresh(U, served, count, M, via, a, q)
        # Where room has a price it must be used up, or given back as worth nothing.
        kept[a] = K[a] if pi[a] > 0 else min(load[a], K[a])
        make_way(M, kept, K, a, q, least)
    stuck = relieve(
        U, X, served, count, place, load, K, kept, M, via, q, tolerance, least
    )
    if stuck >= 0:
        distance, parent = np.empty(q + 1), np.empty(q + 1, np.int64)
        settle(M, q + 1, stuck, distance, parent, tolerance)
        for j in range(n):
            u[j] = 0.0
            for a in range(q):
                if X[j, a] > 0 and distance[a] < FAR:
                    u[j] = demand[j]
        return np.inf
    price_room(M, load, K, q, surely(q, least), tolerance, pi)
    value = 0.0
    for j in range(n):
        best = np.inf
        for a in range(q):
            best = min(best, U[j, a] + pi[a])
            if X[j, a] > 0:
                value += X[j, a] * U[j, a]
        u[j] = best * demand[j]
    return value
