"""Which demands to merge: those whose reduced costs look alike from every origin.

The bound over groups loses what the members of a group differ in
cost[o,d] - u[d], at the origins in use (dmopt/solve/coarse/aggregate.py). So demands
of one market are clustered on that vector, cut off where no plan would go.
"""

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.cluster.vq import kmeans2

from dmopt.flows.layer import FlowLayer

WARD_MOST = 3_000
"""Ward clustering is exact in its choices and quadratic; above this many, k-means."""


def group_demands(layer: FlowLayer, u: np.ndarray, groups: int, seed: int) -> np.ndarray:
    """Group of each demand (D,), numbered 0 .. G-1; about `groups` in each market."""
    group_of = np.empty(len(layer.quantity), np.int64)
    first = 0
    for market in np.unique(layer.market_of):
        members = np.flatnonzero(layer.market_of == market)
        label = _cluster(_profiles(layer, u, members), groups, seed)
        group_of[members] = first + label
        first += int(label.max()) + 1
    return group_of


def _profiles(layer: FlowLayer, u: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Reduced cost per unit of each member (row) from each origin (column)."""
    place = np.full(len(layer.quantity), -1)
    place[members] = np.arange(len(members))
    mine = np.flatnonzero(place[layer.x_to] >= 0)
    origins, column = np.unique(layer.x_from[mine], return_inverse=True)
    to = layer.x_to[mine]
    reduced = layer.x_cost[mine] / layer.quantity[to] - u[to]
    # Beyond the middle of what reduced costs are, an origin does not serve the member;
    # one that cannot reach it at all is farther still.
    far = np.quantile(reduced, 0.5) if len(reduced) else 0.0
    profile = np.full((len(members), max(1, len(origins))), 2 * far)
    profile[place[to], column] = np.minimum(reduced, far)
    return profile


def _cluster(profile: np.ndarray, groups: int, seed: int) -> np.ndarray:
    if len(profile) <= groups:
        return np.arange(len(profile))
    if len(profile) <= WARD_MOST:
        label = fcluster(linkage(profile, "ward"), groups, "maxclust")
    else:
        _, label = kmeans2(profile, groups, minit="++", seed=seed)
    return np.unique(label, return_inverse=True)[1]
