"""Grounds for production: a made-up city, and a country of real or made-up zones."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2
from scipy.spatial import KDTree

from dmopt.data.instance import Instance
from generators.location import CORNER_M, numbered_ids
from generators.points import clustered_points
from generators.production import Ground, production_instance

CITY_SIDE_KM, COUNTRY_SIDE_KM = 40.0, 400.0
CITY_DISTRICTS, SITES_OF_A_DISTRICT = 6, 12
COUNTRY_ZONES = 34_753
COUNTRY_LONGEST_KM = 80.0
SMALL_AREAS = Path("ew_small_areas") / "ew_lsoa11.parquet"
COUNTRY_RULES = [
    {
        "id": "near",
        "rule": "proximity_service",
        "parameters": "share=0.5; within_km=50; per=region",
        "products": "trait:perishable; trait:personalised",
    },
    {
        "id": "spread",
        "rule": "no_dominant_site",
        "parameters": "share=0.1; by=t",
    },
    {"id": "connected", "rule": "connected_first"},
]


def whatif_city(sites: int = 60, zones: int = 300, seed: int = 0) -> Instance:
    """A city without rules where every site can serve every zone: with the sizes
    given, 216,000 arcs (4 products, 3 periods), one mode each."""
    rng = np.random.default_rng(seed)
    points = clustered_points(zones, sites, rng, CITY_SIDE_KM)
    zone_m, site_m = points.zones + CORNER_M, points.sites + CORNER_M
    ground = _ground(
        zone_m, points.people, site_m, CITY_DISTRICTS, rng, "clustered points"
    )
    return production_instance(f"city-{sites}x{zones}-seed{seed}", ground, seed, [])


def national(
    sites: int = 2000,
    zones: int = COUNTRY_ZONES,
    seed: int = 0,
    data: Path | None = None,
    longest_km: float = COUNTRY_LONGEST_KM,
) -> Instance:
    """A country with rules: sites drawn from the zones by population.

    data: folder with ew_small_areas/ (England and Wales; fewer zones than there are
    is a seeded draw of them, with the people of all). None, or a folder without it:
    clustered points; the instance's description says which it is.
    """
    rng = np.random.default_rng(seed)
    zone_m, people, origin = _country(zones, rng, data)
    chosen = rng.choice(
        len(zone_m), sites, replace=sites > len(zone_m), p=people / people.sum()
    )
    beside = np.round(zone_m[chosen] + rng.normal(0, 300, (sites, 2)))
    districts = max(CITY_DISTRICTS, sites // SITES_OF_A_DISTRICT)
    ground = _ground(zone_m, people, beside, districts, rng, origin)
    name = f"national-{sites}x{len(zone_m)}-seed{seed}"
    return production_instance(name, ground, seed, COUNTRY_RULES, longest_km)


def has_small_areas(data: Path | None) -> bool:
    return data is not None and (data / SMALL_AREAS).is_file()


def _country(
    zones: int, rng: np.random.Generator, data: Path | None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Positions (n, 2), people (n,), and what they are."""
    if data is None or not has_small_areas(data):
        points = clustered_points(zones, 1, rng, COUNTRY_SIDE_KM)
        south_west = np.array([150_000.0, 50_000.0])
        return points.zones + south_west, points.people, "clustered points"
    try:
        # not by pyarrow: where it is installed pandas keeps texts in its arrays, and
        # dmopt would not be measured as most people have it
        table = pd.read_parquet(data / SMALL_AREAS, engine="fastparquet")
    except ImportError as error:
        raise SystemExit(
            "reading the small areas needs fastparquet: pip install -e '.[bench]'"
        ) from error
    people = table["population_2020"].to_numpy(float)
    at = table[["easting", "northing"]].to_numpy(float)
    if zones > len(table):
        raise ValueError(f"zones = {zones}, but there are {len(table)} small areas")
    total = people.sum()
    if zones < len(table):
        drawn = np.sort(rng.choice(len(table), zones, replace=False))
        at, people = at[drawn], people[drawn]
        people = people * (total / people.sum())
    return at, people, "small areas of England and Wales (ONS, OGL v3.0)"


def _ground(
    zones: np.ndarray,
    people: np.ndarray,
    sites: np.ndarray,
    districts: int,
    rng: np.random.Generator,
    origin: str,
) -> Ground:
    """Districts are k-means clusters of the sites; a zone lies in that of the nearest
    centre. Clusters without a site do not count."""
    centres, _ = kmeans2(sites, min(districts, len(sites)), minit="++", seed=rng)
    _, of_site = KDTree(centres).query(sites)
    used, of_site = np.unique(of_site, return_inverse=True)
    _, of_zone = KDTree(centres[used]).query(zones)
    names = numbered_ids("district", len(used))
    return Ground(zones, people, sites, names[of_zone], names[of_site], origin)
