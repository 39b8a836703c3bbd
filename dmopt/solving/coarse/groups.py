"""Which demands to merge: those whose reduced costs look alike from the origins in use.

What a plan loses in the bound over groups (dmopt/solving/coarse/aggregate.py) is

    sum over its deliveries of D x ((cost[o,d] - u[d]) - least over the group),

so demands of one market are clustered (Ward 1963) on cost[o,d] - u[d] over the origins
that good plans use, in money, and all markets are cut at one height: a market where
origins hardly differ gets few groups, one where they differ much gets many.
"""

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.cluster.vq import kmeans2
from scipy.spatial.distance import pdist

from dmopt.flows.layer import FlowLayer
from dmopt.solving.coarse.aggregate import Multipliers

WARD_MOST = 3_000
"""Ward clustering is quadratic; above this many demands, k-means."""


def group_demands(
    layer: FlowLayer,
    prices: Multipliers,
    used: np.ndarray,
    groups: int,
    seed: int,
) -> np.ndarray:
    """Group of each demand (D,), numbered 0 .. G-1; about `groups` in all.

    used (origins,) bool: origins in use, as numbered in `layer.x_from`.
    """
    markets = [np.flatnonzero(layer.market_of == m) for m in np.unique(layer.market_of)]
    cost = prices.priced(layer) / layer.quantity[layer.x_to]
    reduced = cost - prices.demand[layer.x_to]
    profiles = [_profiles(layer, reduced, used, members) for members in markets]
    trees = [_tree(profile) for profile in profiles]
    height = _height(trees, groups)
    group_of = np.empty(len(layer.quantity), np.int64)
    first = 0
    for members, profile, tree in zip(markets, profiles, trees, strict=True):
        if tree is None:
            share = max(1, round(groups * len(members) / len(group_of)))
            label = _k_means(profile, share, seed)
        else:
            label = _cut(tree, height)
        label = np.unique(label, return_inverse=True)[1]
        group_of[members] = first + label
        first += int(label.max()) + 1
    return group_of


def _profiles(
    layer: FlowLayer, unit: np.ndarray, used: np.ndarray, members: np.ndarray
) -> np.ndarray:
    """Reduced cost in money of each member (row) from each origin in use (column).

    unit (X,): reduced cost of each delivery, money per unit.
    """
    place = np.full(len(layer.quantity), -1)
    place[members] = np.arange(len(members))
    mine = np.flatnonzero((place[layer.x_to] >= 0) & used[layer.x_from])
    if not len(mine):
        return np.zeros((len(members), 1))
    origins, column = np.unique(layer.x_from[mine], return_inverse=True)
    to = layer.x_to[mine]
    # Money for a demand of mean size: what a difference costs, the same in all markets.
    size = layer.quantity[members].mean()
    reduced = unit[mine] * size
    out_of_reach = 2 * reduced.max() - reduced.min()
    profile = np.full((len(members), len(origins)), out_of_reach)
    np.minimum.at(profile, (place[to], column), reduced)
    return profile


def _tree(profile: np.ndarray) -> np.ndarray | None:
    """Ward's merges; None where there are too many demands for it."""
    if len(profile) > WARD_MOST:
        return None
    return linkage(pdist(profile), "ward") if len(profile) > 1 else np.empty((0, 4))


def _cut(tree: np.ndarray, height: float) -> np.ndarray:
    return fcluster(tree, height, "distance") if len(tree) else np.zeros(1, int)


def _height(trees: list[np.ndarray | None], groups: int) -> float:
    """The height at which all trees together have about `groups` groups."""
    grown = [tree[:, 2] for tree in trees if tree is not None]
    merges = np.sort(np.concatenate([np.empty(0), *grown]))
    left = groups - len(trees)
    if left <= 0 or not len(merges):
        return np.inf
    return float(merges[-left]) * (1 - 1e-12) if left <= len(merges) else -1.0


def _k_means(profile: np.ndarray, groups: int, seed: int) -> np.ndarray:
    if groups >= len(profile):
        return np.arange(len(profile))
    return kmeans2(profile, groups, minit="++", seed=seed)[1]
