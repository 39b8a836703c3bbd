"""How near people are to production: the way from each zone to its nearest site."""

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from dmopt.data.distances import travel
from dmopt.data.instance import Instance
from dmopt.plan.ledger import Ledger


def working_sites(ledger: Ledger) -> pd.DataFrame:
    """Sites x periods, bool: in the region, open, and with modules."""
    modules = ledger.modules["modules"].groupby("site").sum()
    modules = modules.reindex(ledger.open.index, fill_value=0)
    inside = ledger.instance.sites.in_region.to_numpy()[:, None]
    return (ledger.open > 0) & (modules > 0) & inside


def nearest_km(instance: Instance, sites: pd.Index) -> np.ndarray:
    """Travel km from the nearest of the sites to each zone, shape (zones,).

    NaN where there is no such site or no way from one. The nearest as the crow flies
    is the nearest by road, unless the instance lists its distances.
    """
    zones = instance.zones.index
    if len(sites) == 0:
        return np.full(len(zones), np.nan)
    if instance.settings.distance == "table":
        listed = instance.distances
        ways = listed[listed.origin.isin(sites)].groupby("destination").km.min()
        return ways.reindex(zones).to_numpy(float)
    _, nearest = KDTree(_points(instance, sites)).query(_points(instance, zones))
    km, _ = travel(instance, sites.to_numpy()[nearest], zones.to_numpy())
    return km


def _points(instance: Instance, ids: pd.Index) -> np.ndarray:
    """Points whose straight distances are in the order of travel distances."""
    places = instance.places.loc[ids]
    if instance.settings.distance == "projected":
        return places[["x", "y"]].to_numpy(float)
    lon, lat = np.radians(places.lon.to_numpy()), np.radians(places.lat.to_numpy())
    return np.column_stack(
        [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    )


def worst_tenth_km(km: np.ndarray, people: np.ndarray) -> float:
    """Mean km, by people, of the tenth of people who have it farthest.

    NaN where nobody lives, or where the tenth includes people without any way.
    """
    order = np.argsort(-np.nan_to_num(km, nan=np.inf), kind="stable")
    tenth = people.sum() / 10
    if tenth == 0:
        return float("nan")
    counted = np.minimum(np.cumsum(people[order]), tenth)
    each = np.diff(counted, prepend=0.0)
    taken = each > 0
    return float(each[taken] @ km[order][taken] / tenth)


def share_within(km: np.ndarray, people: np.ndarray, limit_km: float) -> float:
    """Share of people whose zone is within `limit_km`; NaN where nobody lives."""
    total = people.sum()
    return float(people[km <= limit_km].sum() / total) if total else float("nan")
