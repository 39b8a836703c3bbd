"""Steps of multipliers along the averaged violation of demand rows, compiled.

The volume algorithm (Barahona and Anbil 2000). Only arcs with cost < u + margin are
touched; they are listed again when a multiplier leaves its margin. The state of an
ascent is changed in place: it can be stopped and taken up again.
"""

from typing import Any

import numpy as np
from numba import njit

from dmopt.solving.decomposed.kernels import NOT, evaluate, list_arcs


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
def copy(source: Any, target: Any) -> None:
    """In a loop: what a slice may raise takes long to compile."""
    for j in range(len(source)):
        target[j] = source[j]


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
    copy(V, best_V)
    done = 1
    if best == NOT:
        return best, 0.0, length, done, arcs
    if fresh:
        copy(violation, mean_violation)
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
            copy(u, best_u)
            copy(V, best_V)
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
