"""The bound of a location problem for given multipliers, compiled.

    L(u) = sum_j u_j + sum over sites of the least V[o] of the options still allowed

with V as in proof/located.py; where the number of counted options is limited, the sites
that gain most by them are taken.
"""

from typing import Any

import numpy as np
from numba import njit

NOT = np.inf


@njit(cache=True, nogil=True)
def list_arcs(cost: Any, reach: Any, use: Any) -> tuple[Any, Any, Any]:
    """Arcs of sites in use with cost below `reach` of their zone, site by site: where
    each site's begin (m + 1,), zones, costs."""
    m, n = cost.shape
    begin = np.zeros(m + 1, np.int64)
    for i in range(m):
        count = 0
        if use[i]:
            for j in range(n):
                count += cost[i, j] < reach[j]
        begin[i + 1] = begin[i] + count
    zone, value = np.empty(begin[m], np.int32), np.empty(begin[m])
    for i in range(m):
        at = begin[i]
        if use[i]:
            for j in range(n):
                if cost[i, j] < reach[j]:
                    zone[at] = j
                    value[at] = cost[i, j]
                    at += 1
    return begin, zone, value


@njit(cache=True, nogil=True)
def gather(
    u: Any, arcs: Any, demand: Any, i: int, gain: Any
) -> tuple[int, float, float]:
    """Put the arcs that site i gains from first, as they stand; their number, demand
    and gain in all."""
    begin, zone, value = arcs
    at, end = begin[i], begin[i + 1]
    q, weight, worth = at, 0.0, 0.0
    for a in range(at, end):
        j = zone[a]
        g = u[j] - value[a]
        if g > 0:
            if a > q:
                zone[a], value[a], zone[q], value[q] = zone[q], value[q], j, value[a]
            gain[q] = g
            weight += demand[j]
            worth += g
            q += 1
    return q - at, weight, worth


@njit(cache=True, nogil=True)
def order(arcs: Any, at: int, count: int, key: Any) -> None:
    """Sort the first arcs of a site by falling key; they stay sorted for the next time,
    when multipliers have moved little and hardly anything is out of place."""
    _, zone, value = arcs
    moves = 0
    for a in range(at + 1, at + count):
        k = key[a]
        if key[a - 1] >= k:
            continue
        z, v, b = zone[a], value[a], a - 1
        while b >= at and key[b] < k:
            key[b + 1], zone[b + 1], value[b + 1] = key[b], zone[b], value[b]
            b -= 1
        key[b + 1], zone[b + 1], value[b + 1] = k, z, v
        moves += a - b
        if moves > 8 * count + 64:
            break
    if moves <= 8 * count + 64:
        return
    place = np.argsort(-key[at : at + count])
    keys, zones = key[at : at + count].copy(), zone[at : at + count].copy()
    values = value[at : at + count].copy()
    for a in range(count):
        key[at + a] = keys[place[a]]
        zone[at + a] = zones[place[a]]
        value[at + a] = values[place[a]]


@njit(cache=True, nogil=True)
def fill(
    key: Any, taken: Any, gained: Any, at: int, count: int, room: float, slope: float
) -> float:
    """Greatest gain of a knapsack with so much room. taken, gained: demand and gain of
    all arcs up to each, in the order of key."""
    low, high = 0, count  # how many fit whole and pay
    while low < high:
        middle = (low + high) // 2
        if taken[at + middle] <= room and key[at + middle] > slope:
            low = middle + 1
        else:
            high = middle
    mass = taken[at + low - 1] if low > 0 else 0.0
    gain = gained[at + low - 1] - slope * mass if low > 0 else 0.0
    if low < count and key[at + low] > slope:
        gain += (key[at + low] - slope) * (room - mass)
    return gain


@njit(cache=True, nogil=True)
def choose(
    V: Any, first: Any, allow: Any, counted: Any, least: int, most: int, choice: Any
) -> tuple[float, float]:
    """The best option of each site; sum of their V, and the price of the count.

    The sum is inf where no choice is allowed.
    """
    m = len(first) - 1
    total = 0.0
    limited = least > 0 or most < m
    if not limited:
        for i in range(m):
            best, at = NOT, -1
            for o in range(first[i], first[i + 1]):
                if allow[o] and V[o] < best:
                    best, at = V[o], o
            choice[i] = at
            total += best
        return total, 0.0
    extra, site, other = np.empty(m), np.empty(m, np.int64), np.empty(m, np.int64)
    free = must = gains = 0
    for i in range(m):
        best0, at0, best1, at1 = NOT, -1, NOT, -1
        for o in range(first[i], first[i + 1]):
            if allow[o]:
                if counted[o]:
                    if V[o] < best1:
                        best1, at1 = V[o], o
                elif V[o] < best0:
                    best0, at0 = V[o], o
        if at0 < 0 and at1 < 0:
            return NOT, 0.0
        if at0 < 0:
            choice[i] = at1
            total += best1
            must += 1
            continue
        choice[i] = at0
        total += best0
        if at1 >= 0:
            extra[free] = best1 - best0
            site[free] = i
            other[free] = at1
            gains += best1 < best0
            free += 1
    wanted = max(gains, least - must)
    wanted = min(wanted, most - must)
    if wanted < 0 or least - must > free:
        return NOT, 0.0
    order = np.argsort(extra[:free])
    for a in range(wanted):
        f = order[a]
        choice[site[f]] = other[f]
        total += extra[f]
    price = 0.0
    if wanted != gains and wanted > 0:
        price = extra[order[wanted - 1]]
        price = min(price, 0.0) if wanted < gains else max(price, 0.0)
    elif wanted != gains:
        price = min(extra[order[0]], 0.0)
    return total, price


@njit(cache=True, nogil=True)
def evaluate(
    u: Any,
    arcs: Any,
    demand: Any,
    options: Any,
    count: Any,
    allow: Any,
    V: Any,
    choice: Any,
    violation: Any,
    key: Any,
    taken: Any,
    gained: Any,
    filled: Any,
) -> tuple[float, float]:
    """L(u), the price of the count, and in place V (O,), choice (m,), violation (n,).

    arcs: begin, zone, value of `list_arcs`; each site's change their order. options:
    first, fixed, slope, capacity, counted. count: least, most. key, taken, gained (of
    each arc), filled (m,): room to work in.
    """  # fmt: skip
    begin, zone, _ = arcs
    first, fixed, slope, capacity, counted = options
    m, n = len(first) - 1, len(u)
    for i in range(m):
        some, smallest, sloped = False, np.inf, False
        for o in range(first[i], first[i + 1]):
            V[o] = fixed[o]
            if allow[o] and capacity[o] > 0:
                some = True
                smallest = min(smallest, capacity[o])
                sloped = sloped or slope[o] > 0
        filled[i] = 0
        if not some:
            continue
        q, weight, worth = gather(u, arcs, demand, i, key)
        filled[i] = q
        if weight <= smallest and not sloped:
            for o in range(first[i], first[i + 1]):
                if capacity[o] > 0:
                    V[o] -= worth
            continue
        at = begin[i]
        for a in range(at, at + q):
            key[a] /= demand[zone[a]]
        order(arcs, at, q, key)
        mass, gain = 0.0, 0.0
        for a in range(at, at + q):
            d = demand[zone[a]]
            mass += d
            gain += key[a] * d
            taken[a] = mass
            gained[a] = gain
        for o in range(first[i], first[i + 1]):
            if capacity[o] > 0:
                V[o] -= fill(key, taken, gained, at, q, capacity[o], slope[o])
    total, price = choose(V, first, allow, counted, count[0], count[1], choice)
    if total == NOT:
        return NOT, 0.0
    for j in range(n):
        violation[j] = 1.0
        total += u[j]
    for i in range(m):
        o = choice[i]
        room, at = capacity[o], begin[i]
        if room <= 0:
            continue
        for a in range(at, at + filled[i]):
            if slope[o] > 0 and key[a] <= slope[o]:
                break
            d = demand[zone[a]]
            if d > room:
                violation[zone[a]] -= room / d
                break
            violation[zone[a]] -= 1.0
            room -= d
    return total, price
