"""A large region for the page: 2,000 zones and 300 sites, all of it made up."""

import itertools
import math
from typing import Any

WEST, SOUTH, STEP, COLUMNS = -2.0, 52.0, 0.02, 50
CORNERS = 6
"""Corners on each side of a zone, so that outlines are as long as real ones."""


def large(
    answer: dict[str, Any], zones: int = 2_000, sites: int = 300
) -> dict[str, Any]:
    """A map as the server gives it, with these zones and sites instead of its own.

    answer: of a small region; its first product is what the zones want. Zones form a
    grid and share their wavy edges exactly.
    """
    first = answer["zones"]["features"][0]["properties"]
    product = next(iter(first["demand"]), "bread")
    rows = -(-zones // COLUMNS)
    return {
        **answer,
        "bounds": [WEST, SOUTH, WEST + STEP * COLUMNS, SOUTH + STEP * rows],
        "zones": _collection(_zone(place, product) for place in range(zones)),
        "sites": _collection(_site(place) for place in range(sites)),
    }


def _zone(place: int, product: str) -> dict[str, Any]:
    column, row = place % COLUMNS, place // COLUMNS
    x, y = WEST + STEP * column, SOUTH + STEP * row
    turns = [(x, y), (x + STEP, y), (x + STEP, y + STEP), (x, y + STEP), (x, y)]
    ring = [
        _wavy(a + (c - a) * part / CORNERS, b + (d - b) * part / CORNERS)
        for (a, b), (c, d) in itertools.pairwise(turns)
        for part in range(CORNERS)
    ]
    return _feature(
        {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        id=f"z{place}",
        name=f"Zone {place}",
        district=f"District {column // 10}",
        population=1_000 + place,
        decile=place % 10 + 1,
        demand={product: 10.0 + place % 97},
    )


def _site(place: int) -> dict[str, Any]:
    x = WEST + STEP * (2.5 * (place % 20) + 1.3)
    y = SOUTH + STEP * (2.6 * (place // 20) + 1.4)
    return _feature(
        {"type": "Point", "coordinates": [round(x, 5), round(y, 5)]},
        **{"class": "depot"},
        id=f"s{place}",
        name=f"Site {place}",
        district="",
        status="excluded" if place % 50 == 0 else "candidate",
        in_region=True,
        reason="",
    )


def _wavy(x: float, y: float) -> list[float]:
    """A point moved a little, in the same way wherever it is met."""
    x, y = round(x, 5), round(y, 5)
    wave = 0.15 * STEP
    moved = x + wave * math.sin(700 * y + 40 * x), y + wave * math.sin(650 * x + 30 * y)
    return [round(part, 5) for part in moved]


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
