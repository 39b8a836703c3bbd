"""Sites of the West Midlands: modelled places, chosen from zones by stated rules.

No list of real premises is used. Each class of site has one rule, worked in the
order below; how many a district gets goes by its people, with a least number
(Sainte-Lague).

    high street   the zone that newly brings most people of the region within 2.5 km
    hospital      the zone that most lowers the people's mean distance to one
    makerspace    the densest zone not yet taken, at least 2 km from the last ones
    industrial    of the thinner-peopled third of zones (none above 6 km2) the one
                  farthest from the places chosen; there the thinnest small area
    depot         of all zones up to 6 km2 the one farthest from the places chosen
"""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd

COUNT = {
    "high_street": 24,
    "hospital": 10,
    "makerspace": 10,
    "industrial": 15,
    "depot": 7,
}
LEAST = {name: 2 if name == "industrial" else 1 for name in COUNT}
NAME = {
    "high_street": "high street",
    "hospital": "hospital",
    "makerspace": "makerspace and light-industrial units",
    "industrial": "industrial estate",
    "depot": "council depot",
}
COVER_KM = 2.5
APART_KM = 2.0
LARGEST_KM2 = 6.0

Pick = Callable[["Choice", np.ndarray], int]


class Choice:
    """Zones, the places chosen so far and the distances both need.

    km: zone by zone, straight, shape (zones, zones). chosen: (class, zone number).
    """

    def __init__(self, zones: gpd.GeoDataFrame) -> None:
        xy = zones[["x", "y"]].to_numpy(float) / 1000
        self.km = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        self.people = zones["population"].to_numpy(float)
        self.district = zones["district"].to_numpy()
        self.km2 = zones["km2"].to_numpy()
        self.density = self.people / self.km2
        self.chosen: list[tuple[str, int]] = []

    def of(self, *classes: str) -> list[int]:
        """Zone numbers chosen for these classes; for all where none is named."""
        return [zone for kind, zone in self.chosen if not classes or kind in classes]

    def nearest_km(self, zones: list[int]) -> np.ndarray:
        """km from each zone to the nearest of `zones`; 1,000 where there is none."""
        return self.km[:, zones].min(axis=1) if zones else np.full(len(self.km), 1e3)


def high_street(choice: Choice, free: np.ndarray) -> int:
    uncovered = choice.nearest_km(choice.of("high_street")) > COVER_KM
    gain = (choice.km <= COVER_KM) @ (choice.people * uncovered)
    return _best(gain, free)


def hospital(choice: Choice, free: np.ndarray) -> int:
    now = np.minimum(choice.nearest_km(choice.of("hospital")), 30.0)
    saved = np.clip(now[None, :] - choice.km, 0.0, None)
    return _best(saved @ (choice.people * _same_district(choice, free)), free)


def makerspace(choice: Choice, free: np.ndarray) -> int:
    apart = choice.nearest_km(choice.of("makerspace")) >= APART_KM
    return _best(choice.density, free & apart)


def industrial(choice: Choice, free: np.ndarray) -> int:
    there = _same_district(choice, free) & (choice.km2 <= LARGEST_KM2)
    thin = choice.density <= np.quantile(choice.density[there], 1 / 3)
    far = choice.nearest_km(choice.of("high_street", "industrial"))
    return _best(far, free & there & thin)


def depot(choice: Choice, free: np.ndarray) -> int:
    return _best(choice.nearest_km(choice.of()), free & (choice.km2 <= LARGEST_KM2))


def _best(score: np.ndarray, allowed: np.ndarray) -> int:
    """The allowed zone with the highest score, to 1e-6; the first of equals."""
    return int(np.argmax(np.where(allowed, np.round(score, 6), -np.inf)))


def _same_district(choice: Choice, free: np.ndarray) -> np.ndarray:
    return np.isin(choice.district, choice.district[free])


def sites(areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sites in the region, indexed by id: name, class, number, district, zone, x, y."""
    choice = Choice(zones)
    pickers: dict[str, Pick] = {
        "high_street": high_street,
        "hospital": hospital,
        "makerspace": makerspace,
        "industrial": industrial,
        "depot": depot,
    }
    for kind, pick in pickers.items():
        left = _quota(zones, COUNT[kind], LEAST[kind])
        while left.sum():
            taken = np.isin(np.arange(len(zones)), choice.of())
            wanted = np.isin(choice.district, left.index[left > 0])
            zone = pick(choice, wanted & ~taken)
            choice.chosen.append((kind, zone))
            left[choice.district[zone]] -= 1
    return _table(choice, areas, zones)


def _quota(zones: gpd.GeoDataFrame, count: int, least: int) -> pd.Series:
    """How many sites each district gets: by people, no fewer than `least`."""
    people = zones.groupby("district")["population"].sum()
    quota = pd.Series(least, index=people.index)
    while quota.sum() < count:
        quota[(people / (quota + 0.5)).idxmax()] += 1
    return quota


def _table(
    choice: Choice, areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame
) -> pd.DataFrame:
    rows, number = [], {}
    for kind, position in choice.chosen:
        zone = zones.iloc[position]
        key = (kind, zone["district"])
        number[key] = number.get(key, 0) + 1
        slug = f"{zone['district'].lower()}-{kind.replace('_', '-')}"
        x, y = _spot(areas, zone) if kind == "industrial" else (zone["x"], zone["y"])
        rows.append(
            {
                "site": f"{slug}-{number[key]}",
                "name": f"{zone['district']} {NAME[kind]} {number[key]}",
                "class": kind,
                "number": number[key],
                "district": zone["district"],
                "zone": zones.index[position],
                "x": int(x),
                "y": int(y),
            }
        )
    table = pd.DataFrame(rows).sort_values(["class", "district", "number"])
    return table.set_index("site")


def _spot(areas: gpd.GeoDataFrame, zone: pd.Series) -> tuple[float, float]:
    """The largest small area of a zone: as all hold about as many, the thinnest."""
    part = areas[areas["msoa"] == zone["name"]]
    return tuple(part.loc[part["km2"].idxmax(), ["x", "y"]])
