"""Which places lanes join: sellers and makers with users and zones that want.

Distances stand in blocks of origins x destinations, so that a country fits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.ability import Ability
from dmopt.data.distances import great_circle_km, travel
from dmopt.data.instance import Instance

BLOCK = 4_000_000
"""Pairs looked at in one go."""


@dataclass(frozen=True)
class Reach:
    """Whether goods find a way, by any lane.

    sends: sites and suppliers x commodities, bool: it reaches someone who wants it.
    gets: sites and zones x commodities, bool: someone who has it reaches it.
    """

    sends: pd.DataFrame
    gets: pd.DataFrame


def reach(instance: Instance, able: Ability) -> Reach:
    """Which lanes join places that have a commodity with places that want it."""
    has, wants = _has(instance, able), _wants(instance, able)
    sends, gets = np.zeros(has.shape, bool), np.zeros(wants.shape, bool)
    commodities = instance.commodities.index
    inside = instance.places.in_region
    sites = able.most.index
    origins = {
        "supplier": instance.suppliers.index,
        "site_inside": sites[inside.loc[sites]],
        "site_outside": sites[~inside.loc[sites]],
    }
    ends = {"site": sites, "zone": instance.zones.index}
    for (origin, end), lanes in instance.lanes.groupby(["origin", "destination"]):
        for a, b, km, minutes in _blocks(
            instance, origins[str(origin)], ends[str(end)]
        ):
            apart = a.to_numpy()[:, None] != b.to_numpy()
            rows, columns = has.index.get_indexer(a), wants.index.get_indexer(b)
            for lane in lanes.itertuples():
                c = commodities.get_loc(lane.commodity)
                fits = apart & _fits(instance, lane, km, minutes)
                fits &= has.to_numpy()[rows, c][:, None] & wants.to_numpy()[columns, c]
                sends[rows, c] |= fits.any(axis=1)
                gets[columns, c] |= fits.any(axis=0)
    return Reach(
        pd.DataFrame(sends, has.index, commodities),
        pd.DataFrame(gets, wants.index, commodities),
    )


def _has(instance: Instance, able: Ability) -> pd.DataFrame:
    """Sites and suppliers x commodities: whether they could send it."""
    sold = pd.crosstab(instance.supplies.supplier, instance.supplies.commodity) > 0
    both = pd.concat([able.makes > 0, sold])
    return (
        both.reindex(
            index=[*able.most.index, *instance.suppliers.index],
            columns=instance.commodities.index,
        )
        .fillna(False)
        .astype(bool)
    )


def _wants(instance: Instance, able: Ability) -> pd.DataFrame:
    """Sites and zones x commodities: whether they could take it."""
    demand = instance.demand[instance.demand.quantity_per_yr > 0]
    asked = pd.crosstab(demand.zone, demand.commodity) > 0
    both = pd.concat([able.uses, asked])
    return (
        both.reindex(
            index=[*able.most.index, *instance.zones.index],
            columns=instance.commodities.index,
        )
        .fillna(False)
        .astype(bool)
    )


def _blocks(
    instance: Instance, origins: pd.Index, ends: pd.Index
) -> Iterator[tuple[pd.Index, pd.Index, np.ndarray, np.ndarray]]:
    """Origins, some of the ends, and km and minutes between them (origins x ends)."""
    if not len(origins):
        return
    step = max(1, BLOCK // len(origins))
    for first in range(0, len(ends), step):
        some = ends[first : first + step]
        yield origins, some, *_travel(instance, origins, some)


def _travel(
    instance: Instance, origins: pd.Index, ends: pd.Index
) -> tuple[np.ndarray, np.ndarray]:
    """km and minutes, both origins x ends, as `distances.travel`."""
    shape = len(origins), len(ends)
    if instance.settings.distance == "table":
        pairs = np.repeat(origins, shape[1]), np.tile(ends, shape[0])
        km, minutes = travel(instance, *pairs)
        return km.reshape(shape), minutes.reshape(shape)
    a, b = instance.places.loc[origins], instance.places.loc[ends]
    if instance.settings.distance == "projected":
        straight = (
            np.hypot(
                a.x.to_numpy()[:, None] - b.x.to_numpy(),
                a.y.to_numpy()[:, None] - b.y.to_numpy(),
            )
            / 1000
        )
    else:
        straight = great_circle_km(
            a.lon.to_numpy()[:, None],
            a.lat.to_numpy()[:, None],
            b.lon.to_numpy(),
            b.lat.to_numpy(),
        )
    return straight * instance.settings.detour, np.full(shape, np.nan)


def _fits(
    instance: Instance, lane: Any, km: np.ndarray, minutes: np.ndarray
) -> np.ndarray:
    """Whether a lane goes that far; to zones, whether it is there in time."""
    mode = instance.modes.loc[lane.mode]
    fits = km <= np.nanmin([lane.max_km, mode.max_km, np.inf])
    longest = instance.commodities.max_delivery_h[lane.commodity]
    if lane.destination == "zone" and not np.isnan(longest):
        driving = np.where(np.isnan(minutes), km / mode.speed_kmh, minutes / 60)
        fits &= mode.handling_h + driving <= longest
    return fits
