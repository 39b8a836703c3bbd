"""Flows as a map can show them: added up over commodities, modes and, for
deliveries, over the zones of one block of the map."""

import numpy as np
import pandas as pd

from dmopt.data.distances import travel
from dmopt.maps.ground import Ground
from dmopt.maps.shades import weights
from dmopt.plan.plan import Plan

MANY_ZONES = 60
"""With more zones than this, deliveries are drawn by block."""
BLOCKS = 14
"""Blocks along the longer side of the region."""


def streams(plan: Plan, ground: Ground, period: str) -> pd.DataFrame:
    """One row per origin and place served; `amount` in tonnes (or units) a year.

    Columns: origin; kind ("zone", "site": what is served); x0, y0 (origin) and
    x1, y1 (middle of what is served, weighted by amount) on the map's grid;
    amount; km (travel, weighted by amount); far (origin is off the map).
    """
    flows = plan.tables["flows"]
    flows = flows[flows.period == period]
    amount = flows.quantity_per_yr * weights(plan, flows.commodity.to_numpy())
    flows = flows.assign(amount=amount)[amount.to_numpy() > 0]
    km, _ = travel(plan.instance, flows.origin.to_numpy(), flows.destination.to_numpy())
    ends = ground.points.loc[flows.destination]
    flows = flows.assign(
        kind=plan.instance.places.kind.loc[flows.destination].to_numpy(),
        served=_served(ground, flows.destination),
        x=ends.x.to_numpy(),
        y=ends.y.to_numpy(),
        km=km,
    )
    added = _added_up(flows)
    starts = ground.points.loc[added.origin]
    return added.assign(
        x0=starts.x.to_numpy(),
        y0=starts.y.to_numpy(),
        far=ground.far(pd.Index(added.origin)),
    )


def from_afar(rows: pd.DataFrame) -> pd.DataFrame:
    """Streams from origins off the map, one row per origin, largest first."""
    rows = rows[rows.far].assign(weighted=lambda table: table.km * table.amount)
    by_origin = rows.groupby("origin", sort=False)[["amount", "weighted"]].sum()
    by_origin["km"] = by_origin.pop("weighted") / by_origin.amount
    places = rows.groupby("origin", sort=False)[["x0", "y0"]].first()
    return by_origin.join(places).sort_values("amount", ascending=False)


def _served(ground: Ground, destinations: pd.Series) -> np.ndarray:
    """Name under which each destination is added up: a zone's block, or itself."""
    zones = ground.instance.zones
    own = destinations.to_numpy(object)
    if len(zones) <= MANY_ZONES:
        return own
    west, south, east, north = ground.bounds
    side = max(east - west, north - south) / BLOCKS
    place = (ground.points.loc[own].to_numpy() - [west, south]) // side
    block = pd.Series(place[:, 0] * (BLOCKS + 1) + place[:, 1]).astype("str")
    return np.where(destinations.isin(zones.index), block, own)


def _added_up(flows: pd.DataFrame) -> pd.DataFrame:
    """One row per origin, kind and name served: amount, mean x1, y1 and km."""
    total = flows.amount.to_numpy()
    for name in ("x", "y", "km"):
        flows[name] = flows[name].to_numpy() * total
    sums = (
        flows.groupby(["origin", "kind", "served"], sort=False)[
            ["amount", "x", "y", "km"]
        ]
        .sum()
        .reset_index()
    )
    for name in ("x", "y", "km"):
        sums[name] = sums[name] / sums.amount
    return sums.rename(columns={"x": "x1", "y": "y1"})
