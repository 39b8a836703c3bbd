"""Road network: nodes, directed edges, and the fastest way from some places to others.

    minutes[o, d] = snap(o) / v + min over ways of sum minutes(edge) + snap(d) / v
    km[o, d]      = snap(o) + km along that way + snap(d)

    snap   straight km from a place to the nearest node   at most `MOST_SNAP_KM`
    v      mean speed of the network's edges              km per minute

Without times the shortest way counts, and minutes are left to the mode's speed.
A pair without a way has no number at all.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

MOST_SNAP_KM = 3.0
"""A place farther from every node is off the network."""
SMALL_PART = 0.05
"""Parts of the network with a smaller share of the largest part's nodes (cut-off
ends of one-way streets, private yards) are left out."""
LEAST = 1e-9
NO_NODE = -9999
"""What scipy writes where a way has no predecessor."""


@dataclass(frozen=True)
class Network:
    """Directed edges between nodes.

    xy: nodes in metres of the region's CRS, shape (nodes, 2).
    start, end: node numbers, shape (edges,). km: lengths.
    minutes: times, or None where the source has none.
    how: what was read and supposed, in sentences for people.
    """

    xy: np.ndarray
    start: np.ndarray
    end: np.ndarray
    km: np.ndarray
    minutes: np.ndarray | None
    how: list[str]

    def without_small_parts(self) -> "Network":
        """The network without parts from which no way leads out and back."""
        count = len(self.xy)
        graph = csr_matrix(
            (np.ones(len(self.km)), (self.start, self.end)), (count,) * 2
        )
        _, part = connected_components(graph, directed=True, connection="strong")
        size = np.bincount(part)
        kept = size[part] >= SMALL_PART * size.max()
        if kept.all():
            return self
        number = np.cumsum(kept) - 1
        edge = kept[self.start] & kept[self.end]
        gone = f"{(~kept).sum():,} of {count:,} nodes in cut-off small parts left out"
        return Network(
            self.xy[kept],
            number[self.start[edge]],
            number[self.end[edge]],
            self.km[edge],
            None if self.minutes is None else self.minutes[edge],
            [*self.how, gone],
        )


@dataclass(frozen=True)
class Travel:
    """Ways found: km and minutes, (origins, destinations), NaN where there is none
    (minutes all NaN where the network has no times); snap_km of both, NaN off it."""

    km: np.ndarray
    minutes: np.ndarray
    origin_snap_km: np.ndarray
    destination_snap_km: np.ndarray


def travel(network: Network, origins: np.ndarray, destinations: np.ndarray) -> Travel:
    """Ways from origins to destinations, points in metres, (o, 2) and (d, 2)."""
    tree = cKDTree(network.xy)
    most = MOST_SNAP_KM * 1000
    gap_o, node_o = tree.query(origins, distance_upper_bound=most)
    gap_d, node_d = tree.query(destinations, distance_upper_bound=most)
    snap_o, snap_d = (
        np.where(np.isfinite(g), g / 1000, np.nan) for g in (gap_o, gap_d)
    )
    km = np.full((len(origins), len(destinations)), np.nan)
    minutes = km.copy()
    on_o, on_d = np.isfinite(gap_o), np.isfinite(gap_d)
    weight, other = _single_edges(network)
    begins = node_o[on_o]
    if not len(begins) or not on_d.any():
        return Travel(km, minutes, snap_o, snap_d)
    least, before = dijkstra(weight, indices=begins, return_predecessors=True)
    rest = np.vstack([_along(other, tree_of_one) for tree_of_one in before])
    inner = np.ix_(on_o, on_d)
    ends = node_d[on_d]
    reached = np.isfinite(least[:, ends])
    off = snap_o[on_o][:, None] + snap_d[on_d][None, :]
    along_km = least if network.minutes is None else rest
    km[inner] = np.where(reached, along_km[:, ends] + off, np.nan)
    if network.minutes is not None:
        speed = network.km.sum() / max(network.minutes.sum(), LEAST)
        minutes[inner] = np.where(reached, least[:, ends] + off / speed, np.nan)
    return Travel(km, minutes, snap_o, snap_d)


def _single_edges(network: Network) -> tuple[csr_matrix, csr_matrix]:
    """What ways are chosen by, and km, as matrices; of parallel edges the best one."""
    by = network.km if network.minutes is None else network.minutes
    edges = pd.DataFrame({"a": network.start, "b": network.end, "by": by})
    edges["km"] = network.km
    edges = edges.sort_values(["by", "km"]).drop_duplicates(["a", "b"])
    shape = (len(network.xy),) * 2
    at = (edges["a"].to_numpy(), edges["b"].to_numpy())
    # explicit zeros would count as no edge
    weight = csr_matrix((np.maximum(edges["by"].to_numpy(float), LEAST), at), shape)
    return weight, csr_matrix(
        (np.maximum(edges["km"].to_numpy(float), LEAST), at), shape
    )


def _along(km: csr_matrix, before: np.ndarray) -> np.ndarray:
    """km along the tree of fastest ways from one node, shape (nodes,): each node adds
    what its predecessor has, twice as far back at each step."""
    nodes = np.arange(len(before))
    last = np.where(before == NO_NODE, nodes, before)
    step = np.asarray(km[last, nodes]).ravel()
    step[last == nodes] = 0.0
    while True:
        further = last[last]
        if (further == last).all():
            return step
        step = step + step[last]
        last = further
