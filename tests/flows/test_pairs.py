"""Pairs of places that are near enough, against all pairs measured one by one."""

from dataclasses import replace

import numpy as np
import pytest

from dmopt.data import distances
from dmopt.data.distances import great_circle_km, pairs_within, straight_table, travel
from dmopt.data.instance import Instance
from tests.line import line


def scattered(r: np.random.Generator, settings: dict, spread: float) -> Instance:
    """Eight zones and six sites anywhere; the first site lies at the first zone."""
    x, y = r.uniform(-spread, spread, (2, 14))
    x[8], y[8] = x[0], y[0]
    zones = [{"zone": f"z{n}", "x": x[n], "y": y[n]} for n in range(8)]
    sites = [{"site": f"s{n}", "x": x[8 + n], "y": y[8 + n]} for n in range(6)]
    demand = [{"zone": "z0", "commodity": "bread", "quantity_per_yr": 1}]
    ways = []
    if settings["distance"] == "table":
        pairs = r.permutation([(s, z) for s in range(6) for z in range(8)])[:30]
        ways = [
            {"origin": f"s{s}", "destination": f"z{z}", "km": float(r.uniform(0, 99))}
            for s, z in pairs
        ]
    return line(settings, zones=zones, sites=sites, demand=demand, distances=ways)


WAYS = {
    "projected": ({"distance": "projected", "crs": "EPSG:27700"}, 50_000.0),
    # over both hemispheres and the date line
    "great_circle": ({"distance": "great_circle", "crs": "EPSG:4326"}, 89.0),
    "table": ({"distance": "table", "crs": "EPSG:27700"}, 50_000.0),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("share", [0.0, 0.2, 0.7, np.inf])
def test_near_pairs_are_those_of_all_that_are_near(way, seed, share, monkeypatch):
    r = np.random.default_rng(seed)
    monkeypatch.setattr(distances, "BLOCK", int(r.integers(1, 40)))
    settings, spread = WAYS[way]
    instance = scattered(r, {**settings, "detour": 1.3}, spread)
    names = instance.places.index.to_numpy(object)
    origins, ends = r.permutation(np.arange(8, 14)), r.permutation(14)[:10]
    o, d = np.repeat(np.arange(6), 10), np.tile(np.arange(10), 6)
    km, minutes = travel(instance, names[origins[o]], names[ends[d]])
    # exactly as far as one of the pairs is near enough
    most_km = (
        share if share in (0.0, np.inf) else np.nanquantile(km, share, method="nearest")
    )
    near = (km <= most_km) & (origins[o] != ends[d])
    found = list(pairs_within(instance, origins, ends, float(most_km)))
    for name, told in (("origin", o), ("destination", d), ("km", km)):
        values = np.concatenate([np.empty(0), *(getattr(p, name) for p in found)])
        assert values.tolist() == told[near].tolist(), name
    told = np.concatenate([np.empty(0), *(pairs.minutes for pairs in found)])
    np.testing.assert_array_equal(told, minutes[near])


def test_a_place_is_not_joined_to_itself_but_to_another_at_the_same_point():
    instance = line()  # west and w at one point
    every = np.arange(len(instance.places))
    (found,) = pairs_within(instance, every, every, 0.0)
    names = instance.places.index
    pairs = set(zip(names[found.origin], names[found.destination], strict=True))
    assert pairs == {("west", "w"), ("w", "west"), ("east", "e"), ("e", "east")}


def test_straight_km_of_all_pairs_are_those_of_each():
    # one degree of a meridian is 6371.0088 pi / 180 = 111.195 km
    instance = scattered(
        np.random.default_rng(0), {"distance": "great_circle", "crs": "EPSG:4326"}, 80.0
    )
    at = instance.places
    km = straight_table(instance, at, at.iloc[:3])
    assert km.shape == (14, 3)
    for a in range(14):
        for b in range(3):
            here, there = at.iloc[a], at.iloc[b]
            one = great_circle_km(here.lon, here.lat, there.lon, there.lat)
            assert km[a, b] == one
    north = replace(instance, tables=dict(instance.tables)).places.assign(lon=0.0)
    apart = straight_table(instance, north.assign(lat=0.0), north.assign(lat=1.0))
    assert apart == pytest.approx(111.195, abs=1e-3)
