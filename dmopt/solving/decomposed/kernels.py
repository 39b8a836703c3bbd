"""The bound of a location problem for given multipliers, compiled.

    L(u) = sum_j u_j + sum over sites of the least V[o] of the options still allowed

with V as in proof/located.py; where the number of counted options is limited, the sites
that gain most by them are taken. Steps go along the averaged violation of the demand
rows (volume algorithm, Barahona and Anbil 2000). Only arcs with cost < u + margin are
touched; they are listed again when a multiplier leaves its margin.

The state of an ascent is changed in place: it can be stopped and taken up again.
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


@njit(cache=True, nogil=True)
def in_use(first: Any, capacity: Any, allow: Any) -> Any:
    """Sites with an allowed option that serves, (m,) bool."""
    m = len(first) - 1
    use = np.zeros(m, np.bool_)
    for i in range(m):
        for o in range(first[i], first[i + 1]):
            if allow[o] and capacity[o] > 0:
                use[i] = True
    return use


@njit(cache=True, nogil=True)
def within(u: Any, reach: Any) -> bool:
    """Whether all multipliers are within reach."""
    for j in range(len(u)):  # noqa: SIM110 - compiled
        if u[j] > reach[j]:
            return False
    return True


@njit(cache=True, nogil=True)
def ascend(
    cost: Any,
    demand: Any,
    low: Any,
    high: Any,
    options: Any,
    count: Any,
    allow: Any,
    best_u: Any,
    best_V: Any,
    mean_violation: Any,
    mean_option: Any,
    fresh: bool,
    target: float,
    enough: float,
    steps: int,
    length: float,
    weight: float,
    patience: int,
    margin: float,
    arcs: Any,
    reach: Any,
    listed: Any,
) -> tuple[float, float, float, int, Any]:
    """Some steps from `best_u`, upwards: best L, its count price, the step length to
    go on with, how many evaluations it took, and the arcs to go on with. In place:
    best_u, best_V, means, reach.

    low, high (n,): range of multipliers. fresh: means start anew. target: value that
    step lengths aim at. enough: value to stop at. weight: of the newest violation in
    the mean, at most. arcs: of sites `listed` (m,) with a cost below `reach` (n,).
    """  # fmt: skip
    first = options[0]
    m, n, O = len(first) - 1, len(demand), len(allow)
    u, V = best_u.copy(), best_V.copy()
    violation, choice = np.empty(n), np.zeros(m, np.int64)
    filled = np.zeros(m, np.int64)
    if not within(u, reach):
        for j in range(n):
            reach[j] = max(reach[j], u[j] + margin * abs(u[j]))
        arcs = list_arcs(cost, reach, listed)
    size = len(arcs[1])
    key, taken, gained = np.empty(size), np.empty(size), np.empty(size)
    best, price = evaluate(
        u, arcs, demand, options, count, allow, V, choice, violation,
        key, taken, gained, filled,
    )  # fmt: skip
    best_V[:] = V
    done = 1
    if best == NOT:
        return best, 0.0, length, done, arcs
    if fresh:
        mean_violation[:] = violation
        mean_option[:] = 0.0
        for i in range(m):
            mean_option[choice[i]] = 1.0
    failed = 0
    for _ in range(steps):
        if best >= enough:
            break
        norm = 0.0
        for j in range(n):
            norm += mean_violation[j] * mean_violation[j]
        if norm < 1e-14:
            break
        step = length * max(target - best, 1e-5 * abs(best)) / norm
        for j in range(n):
            v = best_u[j] + step * mean_violation[j]
            u[j] = min(max(v, low[j]), high[j])
        if not within(u, reach):
            for j in range(n):
                reach[j] = max(reach[j], u[j] + margin * abs(u[j]))
            arcs = list_arcs(cost, reach, listed)
            size = len(arcs[1])
            key, taken, gained = np.empty(size), np.empty(size), np.empty(size)
        value, its_price = evaluate(
            u, arcs, demand, options, count, allow, V, choice, violation,
            key, taken, gained, filled,
        )  # fmt: skip
        done += 1
        size2 = along = onward = 0.0
        for j in range(n):
            e = violation[j] - mean_violation[j]
            size2 += e * e
            along -= mean_violation[j] * e
            onward += violation[j] * mean_violation[j]
        a = min(max(along / max(1e-300, size2), weight / 10), weight)
        for j in range(n):
            mean_violation[j] += a * (violation[j] - mean_violation[j])
        for o in range(O):
            mean_option[o] *= 1 - a
        for i in range(m):
            mean_option[choice[i]] += a
        if value > best:
            if onward >= 0:
                length = min(2.0, length * 1.1)
            best, price, failed = value, its_price, 0
            best_u[:] = u
            best_V[:] = V
        else:
            failed += 1
            if failed >= patience:
                length = max(length * 0.66, 1e-4)
                failed = 0
    return best, price, length, done, arcs


@njit(cache=True, nogil=True)
def leave_out(
    best: float,
    price: float,
    V: Any,
    first: Any,
    allow: Any,
    counted: Any,
    enough: float,
) -> int:
    """Take out of `allow` the options that cost `enough` whenever they are chosen; how
    many."""
    out = 0
    for i in range(len(first) - 1):
        least = NOT
        for o in range(first[i], first[i + 1]):
            if allow[o]:
                least = min(least, V[o] - price * counted[o])
        for o in range(first[i], first[i + 1]):
            if allow[o] and best - least + V[o] - price * counted[o] >= enough:
                allow[o] = False
                out += 1
    return out
