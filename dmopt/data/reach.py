"""Which places lanes join: sellers and makers with users and zones that want."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.ability import Ability
from dmopt.data.distances import Pairs, pairs_within
from dmopt.data.instance import Instance


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
    places, goods = instance.places, instance.commodities.index
    has, wants = _has(instance, able), _wants(instance, able)
    sends, gets = np.zeros(has.shape, bool), np.zeros(wants.shape, bool)
    inside, site = places.in_region.to_numpy(bool), (places.kind == "site").to_numpy()
    kinds = {
        "supplier": (places.kind == "supplier").to_numpy(),
        "site_inside": site & inside,
        "site_outside": site & ~inside,
        "site": site,
        "zone": (places.kind == "zone").to_numpy(),
    }
    for lane in instance.lanes.itertuples():
        c = goods.get_indexer(pd.Index([lane.commodity]))[0]
        origins = np.flatnonzero(has[:, c] & kinds[str(lane.origin)])
        ends = np.flatnonzero(wants[:, c] & kinds[str(lane.destination)])
        most_km = np.nanmin(
            [lane.max_km, instance.modes.max_km[str(lane.mode)], np.inf]
        )
        for pairs in pairs_within(instance, origins, ends, float(most_km)):
            fits = _in_time(instance, lane, pairs)
            sends[origins[pairs.origin[fits]], c] = True
            gets[ends[pairs.destination[fits]], c] = True
    sites = able.most.index
    return Reach(
        _table(instance, sends).loc[[*sites, *instance.suppliers.index]],
        _table(instance, gets).loc[[*sites, *instance.zones.index]],
    )


def _table(instance: Instance, found: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(found, instance.places.index, instance.commodities.index)


def _has(instance: Instance, able: Ability) -> np.ndarray:
    """Places x commodities, bool: whether they could send it."""
    has = _of_sites(instance, able.makes > 0)
    _mark(instance, has, instance.supplies.supplier, instance.supplies.commodity)
    returned = instance.returned_by_period
    _mark(instance, has, returned.zone, returned.commodity)
    return has


def _wants(instance: Instance, able: Ability) -> np.ndarray:
    """Places x commodities, bool: whether they could take it."""
    wants = _of_sites(instance, able.uses)
    demand = instance.demand[instance.demand.quantity_per_yr > 0]
    _mark(instance, wants, demand.zone, demand.commodity)
    return wants


def _of_sites(instance: Instance, of_sites: pd.DataFrame) -> np.ndarray:
    """Places x commodities, as `of_sites` says of sites; others nothing."""
    everywhere = of_sites.reindex(
        index=instance.places.index, columns=instance.commodities.index
    )
    return everywhere.eq(True).to_numpy(bool, copy=True)


def _mark(
    instance: Instance, table: np.ndarray, place: pd.Series, commodity: pd.Series
) -> None:
    row = instance.places.index.get_indexer(pd.Index(place))
    table[row, instance.commodities.index.get_indexer(pd.Index(commodity))] = True


def _in_time(instance: Instance, lane: Any, pairs: Pairs) -> np.ndarray:
    """Whether what goes to zones is there in time: bool, one for each pair."""
    longest = instance.commodities.max_delivery_h[lane.commodity]
    if lane.destination != "zone" or np.isnan(longest):
        return np.ones(len(pairs.km), bool)
    mode = instance.modes.loc[lane.mode]
    by_speed = pairs.km / mode.speed_kmh
    driving = np.where(np.isnan(pairs.minutes), by_speed, pairs.minutes / 60)
    return np.asarray(mode.handling_h + driving <= longest)
