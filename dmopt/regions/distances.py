"""The table `distances` from a road network, and the pairs that have no way.

Between places of the region: by the network. To and from places outside it, which are
modelled and farther than roads were read: straight km times the detour factor, and
said so. Pairs in the region without a way are left out and listed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.regions.network import MOST_SNAP_KM, Network, travel
from dmopt.regions.zones import pair_km

OFF = f"farther than {MOST_SNAP_KM:g} km from every road"
NAMED = 5
"""Destinations named of one origin."""
COLUMNS = ["origin", "destination", "km", "minutes", "source", "confidence"]


@dataclass(frozen=True)
class Ways:
    """table: rows of `distances`. unreachable: columns origin, destination, why.
    how: what was found, in sentences for people."""

    table: pd.DataFrame
    unreachable: pd.DataFrame
    how: list[str]


def ways(network: Network, tables: dict[str, pd.DataFrame], detour: float) -> Ways:
    """Ways between all pairs that the instance can use: sites and suppliers to sites
    and zones. tables: zones, sites, suppliers with ids, x, y, in_region."""
    origins = pd.concat([_places(tables, "sites"), _places(tables, "suppliers")])
    ends = pd.concat([_places(tables, "sites"), _places(tables, "zones")])
    xy_o, xy_d = origins[["x", "y"]].to_numpy(float), ends[["x", "y"]].to_numpy(float)
    found = travel(network, xy_o, xy_d)
    by_road = origins["inside"].to_numpy()[:, None] & ends["inside"].to_numpy()[None, :]
    same = origins["id"].to_numpy()[:, None] == ends["id"].to_numpy()[None, :]
    road = by_road & ~same & np.isfinite(found.km)
    straight = ~by_road & ~same
    rough = pair_km(xy_o / 1000, xy_d / 1000) * detour
    table = pd.concat(
        [
            _rows(
                origins, ends, road, found.km, found.minutes, "road network", "derived"
            ),
            _rows(
                origins,
                ends,
                straight,
                rough,
                np.full_like(rough, np.nan),
                f"outside the network: straight km times {detour:g}",
                "modelled",
            ),
        ],
        ignore_index=True,
    )
    lost = by_road & ~same & ~np.isfinite(found.km)
    unreachable = _lost(
        origins, ends, lost, found.origin_snap_km, found.destination_snap_km
    )
    snapped = found.destination_snap_km[ends["inside"].to_numpy()]
    return Ways(table, unreachable, [*network.how, *_told(snapped, road, lost)])


def _places(tables: dict[str, pd.DataFrame], name: str) -> pd.DataFrame:
    cells = tables[name]
    inside = cells["in_region"] == "yes" if "in_region" in cells else True
    return pd.DataFrame(
        {"id": cells[name[:-1]], "x": cells["x"], "y": cells["y"], "inside": inside}
    ).astype({"x": float, "y": float, "inside": bool})


def _rows(
    origins: pd.DataFrame,
    ends: pd.DataFrame,
    kept: np.ndarray,
    km: np.ndarray,
    minutes: np.ndarray,
    source: str,
    confidence: str,
) -> pd.DataFrame:
    o, d = np.nonzero(kept)
    return pd.DataFrame(
        {
            "origin": origins["id"].to_numpy()[o],
            "destination": ends["id"].to_numpy()[d],
            "km": km[o, d].round(3),
            "minutes": minutes[o, d].round(2),
            "source": source,
            "confidence": confidence,
        },
        columns=COLUMNS,
    )


def _lost(
    origins: pd.DataFrame,
    ends: pd.DataFrame,
    lost: np.ndarray,
    snap_o: np.ndarray,
    snap_d: np.ndarray,
) -> pd.DataFrame:
    o, d = np.nonzero(lost)
    why = np.where(
        np.isnan(snap_o[o]),
        f"origin {OFF}",
        np.where(np.isnan(snap_d[d]), f"destination {OFF}", "no way by road"),
    )
    return pd.DataFrame(
        {
            "origin": origins["id"].to_numpy()[o],
            "destination": ends["id"].to_numpy()[d],
            "why": why,
        }
    )


def lost_in_words(unreachable: pd.DataFrame) -> list[str]:
    """The pairs of `Ways.unreachable`, told by place: those off the network once, then
    for each origin where no way leads."""
    off = unreachable["why"].str.endswith(OFF)
    lone = [
        unreachable.loc[unreachable["why"] == f"{end} {OFF}", end]
        for end in ("origin", "destination")
    ]
    places = list(dict.fromkeys(pd.concat(lone)))
    lines = [f"{place}: {OFF}" for place in places]
    for origin, part in unreachable[~off].groupby("origin", sort=False):
        ends = part["destination"].tolist()
        more = f" and {len(ends) - NAMED} more" if len(ends) > NAMED else ""
        lines.append(f"{origin} to {', '.join(ends[:NAMED])}{more}: no way by road")
    return lines


def _told(snapped: np.ndarray, road: np.ndarray, lost: np.ndarray) -> list[str]:
    told = [f"{road.sum():,} pairs in the region by road, {lost.sum():,} without a way"]
    near = snapped[np.isfinite(snapped)]
    if len(near):
        told.append(
            f"places were put on the nearest node, {near.mean():.2f} km away in the "
            f"mean and {near.max():.2f} km at most (limit {MOST_SNAP_KM:g} km)"
        )
    return told
