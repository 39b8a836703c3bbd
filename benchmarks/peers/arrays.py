"""The textbook problem as one sparse matrix, for tools that take arrays.

Columns: x[i,j] = share of zone j served from site i, at i n + j; then y[i,l] at
m n + i L + l. Rows: demand (n), links (m n, where `strong`), capacity (m) and one
level (m) where there are capacities, the count of sites (1) where p is given.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from generators.location import LocationProblem


@dataclass(frozen=True)
class Arrays:
    """minimise cost z with row_low <= A z <= row_high, 0 <= z <= 1, whole where said.

    cost, whole: (columns,). A: csr (rows, columns). row_low, row_high: (rows,).
    """

    cost: np.ndarray
    A: sp.csr_matrix
    row_low: np.ndarray
    row_high: np.ndarray
    whole: np.ndarray


def arrays_of(problem: LocationProblem, strong: bool = True) -> Arrays:
    """strong: x[i,j] <= sum_l y[i,l] for every pair. Without it only capacity rows
    keep demand from closed sites: raises ValueError where there are none."""
    if not strong and not problem.capacitated:
        raise ValueError("without capacities nothing but the links tells closed sites")
    m, n = problem.cost.shape
    levels = problem.fixed.shape[1]
    arc = np.arange(m * n, dtype=np.int32)
    site, zone = np.divmod(arc, np.int32(n))
    y = m * n + np.arange(m * levels, dtype=np.int32)
    y_site = np.repeat(np.arange(m, dtype=np.int32), levels)
    one, none = np.ones(m * n), -np.inf
    triples = [(zone, arc, one)]
    low, high = [np.ones(n)], [np.ones(n)]
    rows = n
    if strong:
        triples.append((rows + arc, arc, one))
        for level in range(levels):
            column = m * n + site * np.int32(levels) + np.int32(level)
            triples.append((rows + arc, column, -one))
        low.append(np.full(m * n, none))
        high.append(np.zeros(m * n))
        rows += m * n
    if problem.capacitated:
        triples.append((rows + site, arc, problem.demand[zone]))
        triples.append((rows + y_site, y, -problem.capacity.ravel()))
        triples.append((rows + m + y_site, y, np.ones(m * levels)))
        low.append(np.full(2 * m, none))
        high += [np.zeros(m), np.ones(m)]
        rows += 2 * m
    if problem.p is not None:
        triples.append((np.full(len(y), rows, np.int32), y, np.ones(len(y))))
        low.append(np.array([float(problem.p)]))
        high.append(np.array([float(problem.p)]))
        rows += 1
    row, column, value = (np.concatenate(part) for part in zip(*triples, strict=True))
    columns = m * n + m * levels
    return Arrays(
        np.concatenate([problem.cost.ravel(), problem.fixed.ravel()]),
        sp.csr_matrix((value, (row, column)), shape=(rows, columns)),
        np.concatenate(low),
        np.concatenate(high),
        np.arange(columns) >= m * n,
    )


def plan_of(problem: LocationProblem, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Openings y (m, L) and shares x (m, n) out of a vector of all columns."""
    m, n = problem.cost.shape
    return z[m * n :].reshape(m, -1), z[: m * n].reshape(m, n)
