"""Optima of tiny textbook problems by trying every set of open sites."""

from itertools import combinations

import numpy as np
from generators.location import LocationProblem


def least_cost(problem: LocationProblem) -> float:
    """Without capacities each zone takes the nearest open site: no solver is asked."""
    assert not problem.capacitated
    m = len(problem.cost)
    sizes = range(1, m + 1) if problem.p is None else [problem.p]
    return min(
        problem.fixed[list(opened), 0].sum()
        + np.min(problem.cost[list(opened)], axis=0).sum()
        for size in sizes
        for opened in combinations(range(m), size)
    )
