"""Lanes: what may go by which mode from what to what, ready for arrays of pairs.

What an arc costs stands in dmopt/flows/arcs.py. Pairs of places come in blocks, as
numbers, and are cut by distance and time before anything else is made of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dmopt.data.distances import SLACK, Pairs
from dmopt.data.instance import Instance
from dmopt.flows.ends import Ends
from dmopt.formulation.scope import Scope

INSIDE_OUT = ("site_inside", "site_outside")
"""Origins of lanes that are sites."""


class Found(NamedTuple):
    """Arcs of one lane, (n,) each: rows of `Instance.places` and `periods`; km, minutes
    (NaN where not listed) and cost as in `candidate_arcs`."""

    origin: np.ndarray
    destination: np.ndarray
    period: np.ndarray
    km: np.ndarray
    minutes: np.ndarray
    cost: np.ndarray


@dataclass(frozen=True)
class Lane:
    """A row of `lanes` with its ends and all that its arcs cost.

    commodity, mode: rows of their tables; good, by: their figures.
    origins, destinations: rows of `Instance.places` that have it and that want it.
    most_km: of the lane and of its mode. most_h: to zones, of the commodity; else inf.
    wanted: bool (destinations, periods). gate: (origins, periods), suppliers' price
        with that of their emissions, NaN where they sell none; 0 at zones, NaN where
        nothing comes back.
    kind: of the origins, "supplier", "site" or "zone".
    kg_price: money per kg CO2e, (periods,).
    """

    commodity: int
    mode: int
    good: pd.Series
    by: pd.Series
    kind: str
    to_zone: bool
    origins: np.ndarray
    destinations: np.ndarray
    most_km: float
    most_h: float
    wanted: np.ndarray
    gate: np.ndarray
    kg_price: np.ndarray

    @property
    def trips(self) -> float:
        """Vehicles per unit."""
        full = self.good.t_per_unit / self.by.payload_t
        stops = 1 / (self.good.units_per_drop * self.by.drops_per_trip)
        return float(np.nanmax([full, stops, 0.0]))

    def reach_km(self, timed: bool) -> float:
        """No pair is farther. timed: whether a table may list its minutes."""
        if timed:
            return self.most_km
        in_time = (self.most_h - self.by.handling_h) * self.by.speed_kmh
        return float(min(self.most_km, in_time + SLACK * (1 + abs(in_time))))

    def fits(self, km: np.ndarray, minutes: np.ndarray) -> np.ndarray:
        """Whether pairs are near enough and in time, bool, of the shape of both; not
        where km is NaN."""
        near: np.ndarray = km <= self.most_km
        if np.isposinf(self.most_h):
            return near
        driving = np.where(np.isnan(minutes), km / self.by.speed_kmh, minutes / 60)
        return near & (self.by.handling_h + driving <= self.most_h)

    def per_unit(self, km: np.ndarray) -> np.ndarray:
        """Money of moving one unit that far, with that of its emissions: periods are
        the last axis, or the only one there is."""
        cost = moving(self.good, self.by, km, self.trips, "cost")
        if not self.kg_price.any():
            return cost + np.zeros_like(self.kg_price)
        return cost + self.kg_price * moving(self.good, self.by, km, self.trips, "kg")

    def arcs(self, pairs: Pairs) -> Found:
        """Those of the pairs that are near enough and in time, once for each period
        in which both ends want it."""
        fits = np.flatnonzero(self.fits(pairs.km, pairs.minutes))
        o, d, km = pairs.origin[fits], pairs.destination[fits], pairs.km[fits]
        cost = self.per_unit(km[:, None])
        if self.kind != "site":
            cost += self.gate[o]
        pair, period = np.nonzero(self.wanted[d] & ~np.isnan(cost))
        return Found(
            self.origins[o[pair]],
            self.destinations[d[pair]],
            period,
            km[pair],
            pairs.minutes[fits[pair]],
            cost[pair, period],
        )


def is_timed(instance: Instance) -> bool:
    """Whether a table may list the minutes of pairs."""
    return instance.settings.distance == "table"


def moving(good: Any, by: Any, km: np.ndarray, trips: Any, what: str) -> np.ndarray:
    """Money ("cost") or kg CO2e ("kg") of moving one unit that far: see
    dmopt/flows/arcs.py.

    good, by: figures of the commodity and the mode by their columns, one each or one
    for each km. trips: vehicles per unit.
    """
    return np.asarray(
        good["t_per_unit"] * km * by[f"{what}_per_tkm"]
        + km * by[f"{what}_per_km"] * trips
        + by[f"{what}_per_drop"] / good["units_per_drop"]
    )


def lanes_of(instance: Instance, scope: Scope) -> Iterator[Lane]:
    """All lanes in the order of their table, also those without a pair."""
    ends = Ends(instance, scope)
    goods = instance.commodities[["t_per_unit", "units_per_drop", "max_delivery_h"]]
    modes = instance.modes.select_dtypes("number").astype(float)
    for lane in instance.lanes.itertuples():
        c, m = (
            list(goods.index).index(lane.commodity),
            list(modes.index).index(lane.mode),
        )
        good, by = goods.iloc[c], modes.iloc[m]
        to_zone = str(lane.destination) == "zone"
        destinations = ends.takers(str(lane.destination), c)
        origins = ends.senders(str(lane.origin), c)
        yield Lane(
            commodity=c,
            mode=m,
            good=good,
            by=by,
            kind="site" if str(lane.origin) in INSIDE_OUT else str(lane.origin),
            to_zone=to_zone,
            origins=origins,
            destinations=destinations,
            most_km=np.nanmin([lane.max_km, by.max_km, np.inf]),
            most_h=np.nanmin([good.max_delivery_h if to_zone else np.inf, np.inf]),
            wanted=ends.wanted[destinations, c] | (not to_zone),
            gate=ends.gate(origins, c),
            kg_price=ends.kg_price,
        )
