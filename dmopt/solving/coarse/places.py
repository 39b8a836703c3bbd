"""Groups of zones that lie together: what a coarse program can begin with.

They need nothing but the zones' positions, so that plans can be looked for before any
relaxation of everything is solved. Groups by reduced costs (groups.py) lose less in a
bound, and need its prices.
"""

import numpy as np
from scipy.cluster.vq import kmeans2

from dmopt.solving.coarse.aggregate import Multipliers
from dmopt.solving.coarse.groups import group_demands
from dmopt.solving.problem import Problem


def group_by_place(problem: Problem, groups: int, seed: int) -> np.ndarray:
    """Group of each demand (D,), numbered 0 .. G-1: zones of a market that lie
    together; about `groups` in all, as many in each market."""
    instance, layer = problem.instance, problem.layer
    if instance.settings.distance == "table":
        return _group_by_cost(problem, groups, seed)
    zone = problem.zone_of_demand
    wanted = np.unique(zone)
    markets = len(np.unique(layer.market_of))
    where = instance.places.loc[instance.zones.index, ["lon", "lat"]]
    points = len(where.iloc[wanted].drop_duplicates())
    count = min(max(1, round(groups / max(1, markets))), points)
    label = np.zeros(len(instance.zones), np.int64)
    if count >= len(wanted):
        label[wanted] = np.arange(len(wanted))
    else:
        lon, lat = instance.places.loc[
            instance.zones.index, ["lon", "lat"]
        ].T.to_numpy()
        # a degree of longitude is shorter away from the equator
        places = np.column_stack([lon * np.cos(np.radians(lat.mean())), lat])[wanted]
        label[wanted] = kmeans2(places, count, minit="++", seed=seed)[1]
    both = layer.market_of.astype(np.int64) * (label.max() + 1) + label[zone]
    return np.unique(both, return_inverse=True)[1]


def _group_by_cost(problem: Problem, groups: int, seed: int) -> np.ndarray:
    """With ways in a table positions need not mean anything: zones are alike that cost
    the same from everywhere."""
    layer = problem.layer
    nothing = np.zeros(len(layer.quantity)), np.zeros(len(layer.side.most))
    origins = len(layer.gates.output) + len(layer.gates.supply_most)
    everywhere = np.ones(origins, bool)
    return group_demands(layer, Multipliers(*nothing), everywhere, groups, seed)
