"""Sets of zones by the sites near them, against every pair measured on its own."""

import numpy as np
import pytest

from dmopt.data.distances import travel
from dmopt.rules.near import near_sets
from tests.line import line


@pytest.mark.parametrize("distance", ["projected", "great_circle", "table"])
def test_the_sites_of_a_set_are_those_near_each_of_its_zones(distance):
    chance = np.random.default_rng(7)
    places = chance.uniform(400_000, 420_000, (60, 2)).tolist()
    zones = [{"zone": f"z{n}", "x": x, "y": y} for n, (x, y) in enumerate(places[:50])]
    sites = [{"site": f"s{n}", "x": x, "y": y} for n, (x, y) in enumerate(places[50:])]
    sites[3]["status"] = "excluded"
    sites[5]["in_region"] = False
    ways = [
        {"origin": s["site"], "destination": z["zone"], "km": chance.uniform(0, 20)}
        for s in sites
        for z in zones
        if chance.random() < 0.7
    ]
    wanted = [{"zone": "z0", "commodity": "bread", "quantity_per_yr": 1}]
    settings = {"distance": distance, "detour": 1.3}
    instance = line(settings, zones=zones, sites=sites, demand=wanted, distances=ways)

    covered = instance.zones.index[5:]
    sets = near_sets(instance, covered, lambda km, minutes: km <= 6)
    possible = [s["site"] for n, s in enumerate(sites) if n not in (3, 5)]
    for zone, number in zip(covered, sets.set_of, strict=True):
        km, _ = travel(instance, np.array(possible), np.repeat(zone, len(possible)))
        near = [s for s, way in zip(possible, km, strict=True) if way <= 6]
        assert sets.sites[number] == near
    assert len({tuple(names) for names in sets.sites}) == len(sets.sites) > 5
    _, first = np.unique(sets.set_of, return_index=True)
    assert list(first) == sorted(first)
