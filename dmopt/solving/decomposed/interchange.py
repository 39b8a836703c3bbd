"""Plans without capacities: open, shut or exchange sites while it pays, compiled.

Fast interchange (Whitaker 1983; Resende and Werneck 2007): with d1, d2 the cost of the
nearest and second nearest open site of each zone, opening i and shutting r saves

    gain[i] - loss[r] + extra[i, r]
    gain[i]     = sum_j max(0, d1_j - c_ij) - fixed_i
    loss[r]     = sum over zones of r of d2_j - d1_j, less fixed_r
    extra[i, r] = sum over zones of r with c_ij < d2_j of d2_j - max(c_ij, d1_j)
"""

from typing import Any

import numpy as np
from numba import njit

from dmopt.solving.decomposed.ascent import within
from dmopt.solving.decomposed.kernels import list_arcs


@njit(cache=True, nogil=True)
def nearest(
    cost: Any, penalty: Any, opened: Any, nearest_at: Any, d1: Any, d2: Any
) -> float:
    """Cost of serving all zones from their nearest open sites (or leaving them); in
    place who serves each (-1: nobody), and the two least costs."""
    m, n = cost.shape
    for j in range(n):
        nearest_at[j] = -1
        d1[j] = penalty[j]
        d2[j] = penalty[j]
    for i in range(m):
        if opened[i]:
            for j in range(n):
                c = cost[i, j]
                if c < d1[j]:
                    d2[j] = d1[j]
                    d1[j] = c
                    nearest_at[j] = i
                elif c < d2[j]:
                    d2[j] = c
    total = 0.0
    for j in range(n):
        total += d1[j]
    return total


@njit(cache=True, nogil=True)
def serve(
    cost: Any, penalty: Any, opened: Any, i: int, at: Any, at2: Any, d1: Any, d2: Any
) -> float:
    """Open site i: who is nearest and second nearest then; by how much serving all
    zones gets dearer (below 0)."""
    opened[i] = True
    change = 0.0
    for j in range(len(d1)):
        c = cost[i, j]
        if c < d1[j]:
            change += c - d1[j]
            d2[j], at2[j] = d1[j], at[j]
            d1[j], at[j] = c, i
        elif c < d2[j]:
            d2[j], at2[j] = c, i
    return change


@njit(cache=True, nogil=True)
def leave(
    cost: Any, penalty: Any, opened: Any, r: int, at: Any, at2: Any, d1: Any, d2: Any
) -> float:
    """Shut site r; as `serve`."""
    opened[r] = False
    sites = np.nonzero(opened)[0]
    change = 0.0
    for j in range(len(d1)):
        if at[j] != r and at2[j] != r:
            continue
        if at[j] == r:
            change += d2[j] - d1[j]
            d1[j], at[j] = d2[j], at2[j]
        d2[j], at2[j] = penalty[j], -1
        for i in sites:
            if i != at[j] and cost[i, j] < d2[j]:
                d2[j], at2[j] = cost[i, j], i
    return change


AT_ONCE = 12
"""Moves tried for one look at all of them."""


@njit(cache=True, nogil=True)
def interchange(
    cost: Any,
    penalty: Any,
    fixed: Any,
    least: int,
    most: int,
    allowed: Any,
    opened: Any,
    tolerance: float,
    rounds: int,
) -> float:
    """Improve the open sites (m,) bool in place; the cost at the end.

    penalty (n,): cost of leaving a zone, finite. allowed (m,): sites that may open.
    """  # fmt: skip
    m, n = cost.shape
    at, at2 = np.full(n, -1), np.full(n, -1)
    d1, d2 = penalty.copy(), penalty.copy()
    reach = np.full(n, -np.inf)
    arcs = (np.zeros(m + 1, np.int64), np.zeros(0, np.int32), np.zeros(0))
    loss, extra = np.zeros(m), np.zeros(m)
    touched, is_touched = np.empty(m, np.int64), np.zeros(m, np.bool_)
    saves, goes = np.empty(m + 1), np.empty(m + 1, np.int64)
    total = penalty.sum()
    for i in range(m):
        if opened[i]:
            total += fixed[i] + serve(cost, penalty, opened, i, at, at2, d1, d2)
    for _ in range(rounds):
        count = 0
        for i in range(m):
            count += opened[i]
        if not within(d2, reach):
            for j in range(n):
                reach[j] = d2[j] + 0.2 * abs(d2[j])
            arcs = list_arcs(cost, reach, allowed)
        begin, zone, value = arcs
        for i in range(m):
            loss[i] = -fixed[i] if opened[i] else 0.0
        for j in range(n):
            if at[j] >= 0:
                loss[at[j]] += d2[j] - d1[j]
        lightest = -1
        for r in range(m):
            if opened[r] and (lightest < 0 or loss[r] < loss[lightest]):
                lightest = r
        # saves[i]: the most that opening i saves, with goes[i] shut (-1: none);
        # at m: shutting a site and opening none
        saves[:] = 0.0
        goes[:] = -1
        if count > least and lightest >= 0:
            saves[m], goes[m] = -loss[lightest], lightest
        for i in range(m):
            if opened[i] or not allowed[i]:
                continue
            gain, seen = -fixed[i], 0
            for a in range(begin[i], begin[i + 1]):
                j = zone[a]
                c = value[a]
                if c >= d2[j]:
                    continue
                if c < d1[j]:
                    gain += d1[j] - c
                r = at[j]
                if r >= 0:
                    if not is_touched[r]:
                        is_touched[r] = True
                        touched[seen] = r
                        seen += 1
                    extra[r] += d2[j] - max(c, d1[j])
            best, go = 0.0, -1
            if count < most:
                best = gain
            if lightest >= 0 and gain - loss[lightest] > best:
                best, go = gain - loss[lightest], lightest
            for k in range(seen):
                r = touched[k]
                if gain - loss[r] + extra[r] > best:
                    best, go = gain - loss[r] + extra[r], r
                extra[r] = 0.0
                is_touched[r] = False
            saves[i], goes[i] = best, go
        # The best few in turn; what one of them changes may spoil the next.
        improved = False
        for _ in range(AT_ONCE):
            i = int(np.argmax(saves))
            if saves[i] <= tolerance * max(1.0, abs(total)):
                break
            saves[i], r = 0.0, goes[i]
            if (i < m and opened[i]) or (r >= 0 and not opened[r]):
                continue
            grown = count + (i < m) - (r >= 0)
            if grown < least or grown > most:
                continue
            change = 0.0
            if i < m:
                change += fixed[i] + serve(cost, penalty, opened, i, at, at2, d1, d2)
            if r >= 0:
                change -= fixed[r]
                change += leave(cost, penalty, opened, r, at, at2, d1, d2)
            if change < -tolerance * max(1.0, abs(total)):
                total, improved, count = total + change, True, grown
                continue
            if r >= 0:
                serve(cost, penalty, opened, r, at, at2, d1, d2)
            if i < m:
                leave(cost, penalty, opened, i, at, at2, d1, d2)
        if not improved:
            break
    return total
