"""Reach: which sites and locations an infrastructure serves."""

import numpy as np
import pandas as pd

from dmopt.data.distances import straight_km
from dmopt.plan.frames import positions, rows_of
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import over


def reaches(ledger: Ledger, uses: pd.Index) -> np.ndarray:
    """Whether each (site, infrastructure, location) is a shared infrastructure in
    reach of the site, shape (uses,)."""
    names = uses.get_level_values("site")
    sites = ledger.instance.sites
    sites = sites.iloc[positions(sites.index, names)]
    points = ledger.instance.places[["lon", "lat"]].loc[names]
    sites = sites.assign(
        site=names, lon=points.lon.to_numpy(), lat=points.lat.to_numpy()
    )
    listed = ledger.locations.index.tolist()
    found = ledger.locations.iloc[rows_of(without_site(uses).tolist(), listed)]
    within = covers(ledger, found, sites)
    inside = sites.in_region.to_numpy() & (sites.status != "excluded").to_numpy()
    by_kind = {
        "radius": within & (sites.status != "excluded").to_numpy(),
        "district": within & inside,
        "region": inside,
    }
    return _of_kind(found, by_kind)


def without_site(uses: pd.Index) -> pd.MultiIndex:
    """(infrastructure, location) of each (site, infrastructure, location)."""
    names = ["infrastructure", "location"]
    return pd.MultiIndex.from_arrays(
        [uses.get_level_values(n) for n in names], names=names
    )


def covers(ledger: Ledger, found: pd.DataFrame, there: pd.DataFrame) -> np.ndarray:
    """Whether each infrastructure of `found` reaches the place in the same row of
    `there` (columns site, district, x, y, lon, lat)."""
    km = straight_km(ledger.instance, found, there)
    near = np.nan_to_num(over(km, found.radius_km.to_numpy()), nan=1.0) == 0
    district = found.district.to_numpy()
    site = found.site.to_numpy()
    by_kind = {
        "site": (site == there.site.to_numpy()) & (site != ""),
        "radius": near,
        "district": (district == there.district.to_numpy()) & (district != ""),
        "region": np.ones(len(found), bool),
    }
    return _of_kind(found, by_kind)


def _of_kind(found: pd.DataFrame, by_kind: dict[str, np.ndarray]) -> np.ndarray:
    kind = found.reach.to_numpy()
    chosen = np.zeros(len(found), bool)
    for name, fits in by_kind.items():
        chosen |= (kind == name) & fits
    return chosen
