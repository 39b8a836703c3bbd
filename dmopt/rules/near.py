"""Which sites are near which zones, for whole arrays: for rows of rules.

    near[z,s]   travel km from site s to zone z <= within_km, or
                travel minutes <= within_min (km at a speed where none are listed)

Zones with the same near sites are alike to a rule that asks for one of them: they are
one set. No way from a site means that it is not near.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.data.distances import straight_km
from dmopt.data.instance import Instance

Fits = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From km and minutes (NaN: not listed) of ways to whether they are near."""


@dataclass(frozen=True)
class NearSets:
    """set_of (zones,): number of each zone's set, in the order of their first zones.
    sites: of each set, the sites near its zones, in the instance's order."""

    set_of: np.ndarray
    sites: list[list[str]]


def near_sets(instance: Instance, zones: pd.Index, fits: Fits) -> NearSets:
    """Sets of zones by the sites near them: sites in the region, but excluded ones."""
    table = instance.sites
    sites = table.index[table.in_region & (table.status != "excluded")]
    near = _near(instance, zones, sites, fits)
    # a row of bits as one thing that can be sorted, never empty
    bits = np.packbits(np.column_stack([np.ones(len(zones), bool), near]), axis=1)
    rows = np.ascontiguousarray(bits).view(np.dtype((np.void, bits.shape[1])))[:, 0]
    _, first, set_of = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    names = sites.to_numpy(object)
    return NearSets(rank[set_of], [names[near[z]].tolist() for z in first[order]])


def _near(
    instance: Instance, zones: pd.Index, sites: pd.Index, fits: Fits
) -> np.ndarray:
    """zones x sites, bool."""
    near = np.zeros((len(zones), len(sites)), bool)
    if instance.settings.distance == "table":
        ways = instance.distances
        z = zones.get_indexer(pd.Index(ways.destination))
        s = sites.get_indexer(pd.Index(ways.origin))
        there = (z >= 0) & (s >= 0)
        there &= fits(ways.km.to_numpy(float), ways.minutes.to_numpy(float))
        near[z[there], s[there]] = True
        return near
    ends = instance.places.loc[zones]
    unknown = np.full(len(zones), np.nan)
    for n, site in enumerate(sites):
        km = straight_km(instance, instance.places.loc[[site]], ends)
        near[:, n] = fits(km * instance.settings.detour, unknown)
    return near
