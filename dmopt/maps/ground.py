"""The ground of a map: one flat grid in which every place is drawn.

A projected instance keeps its grid. Degrees are laid out in an azimuthal
equidistant grid about the middle of the region, so that km are true there.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod, Transformer

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan

SMALLEST = 1000.0
"""Least side of a region, grid units (metres, feet): a lone place is one point."""

NEAR = 0.25
"""A place farther from the region than this many of its widths is off the map."""


@dataclass(frozen=True)
class Ground:
    """instance: what is drawn.  crs: its grid on the map."""

    instance: Instance
    crs: CRS

    @cached_property
    def zones(self) -> gpd.GeoDataFrame:
        """Zones as in `Instance.zones_geo`, on the map's grid."""
        return self.instance.zones_geo.to_crs(self.crs)

    @cached_property
    def has_outlines(self) -> bool:
        """Whether zones are areas; otherwise they are points."""
        return bool((self.zones.geom_type != "Point").any())

    def zone_km2(self) -> np.ndarray:
        """Area of each zone, shape (zones,); 0 for points."""
        return self.zones.area.to_numpy() * self.km_per_unit() ** 2

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """Outlines of districts by name, for drawing: cracks between zones are
        closed. Empty where zones are points."""
        named = self.zones[(self.zones.district != "") & (self.zones.area > 0)]
        if named.empty:
            return named[["geometry"]]
        whole = named[["district", "geometry"]].dissolve(by="district")
        crack = max(self.bounds[2:] - self.bounds[:2]) / 500
        closed = whole.buffer(crack, join_style="mitre").buffer(
            -crack, join_style="mitre"
        )
        return whole.set_geometry(closed)

    @cached_property
    def land(self) -> shapely.Geometry:
        """All zones in one shape, simplified: where the map is not empty."""
        shapes = self.districts if len(self.districts) else self.zones
        size = max(self.bounds[2:] - self.bounds[:2])
        return shapely.union_all(shapes.simplify(size / 200).buffer(size / 200))

    @cached_property
    def points(self) -> pd.DataFrame:
        """Zones, sites and suppliers on the grid: index id; columns x, y."""
        places = self.instance.places
        grid = self.on_grid(places.x.to_numpy(), places.y.to_numpy())
        return pd.DataFrame(grid, index=places.index, columns=["x", "y"])

    @cached_property
    def middles(self) -> pd.DataFrame:
        """A point well inside each district: index name; columns x, y."""
        if len(self.districts):
            inside = self.districts.representative_point()
            return pd.DataFrame({"x": inside.x, "y": inside.y})
        points = self.points.loc[self.zones.index]
        return (
            points.groupby(self.zones.district).mean().drop(index="", errors="ignore")
        )

    def on_grid(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Coordinates of the instance, two arrays (n,), on the grid, shape (n, 2)."""
        known = ~np.isnan(x)
        grid = np.full((len(x), 2), np.nan)
        change = Transformer.from_crs(
            self.instance.settings.crs, self.crs, always_xy=True
        )
        grid[known] = np.column_stack(change.transform(x[known], y[known]))
        return grid

    @cached_property
    def bounds(self) -> np.ndarray:
        """West, south, east, north of all places on the map."""
        return _around(self.region, self.points[~self.far(self.points.index)])

    @cached_property
    def region(self) -> np.ndarray:
        """West, south, east, north of the region: zones and sites inside it."""
        sites = self.instance.sites
        inside = self.points.loc[sites.index[sites.in_region]]
        return _around(self.zones.total_bounds, inside)

    def far(self, ids: pd.Index) -> np.ndarray:
        """Whether each place lies too far from the region to be on the map."""
        west, south, east, north = self.region
        room = NEAR * max(east - west, north - south, SMALLEST)
        at = self.points.loc[ids]
        across = at.x.between(west - room, east + room)
        return ~(across & at.y.between(south - room, north + room)).to_numpy()

    def km_per_unit(self) -> float:
        """True km of one grid unit, west to east in the middle of the region."""
        west, south, east, north = self.bounds
        half = max(east - west, north - south, SMALLEST) / 2
        centre, middle = (west + east) / 2, (south + north) / 2
        degrees = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        lon, lat = degrees.transform([centre - half, centre + half], [middle] * 2)
        metres = Geod(ellps="WGS84").inv(lon[0], lat[0], lon[1], lat[1])[2]
        return metres / 1000 / (2 * half)


def _around(bounds: np.ndarray, points: pd.DataFrame) -> np.ndarray:
    """The bounds, widened to take the points in."""
    corners = np.vstack([bounds.reshape(2, 2), points[["x", "y"]].to_numpy()])
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def lay_out(instance: Instance) -> Ground:
    """The ground of an instance's map."""
    crs = CRS.from_user_input(instance.settings.crs)
    if crs.is_geographic:
        middle = instance.zones_geo.total_bounds.reshape(2, 2).mean(axis=0)
        crs = CRS.from_proj4(
            f"+proj=aeqd +lon_0={middle[0]} +lat_0={middle[1]} +datum=WGS84 +units=m"
        )
    return Ground(instance, crs)


def located(plan: Plan, ground: Ground, period: str) -> pd.DataFrame:
    """Infrastructure standing in a period: infrastructure, location, steps, x, y.

    Where a location has no place of its own it takes its site's, then the middle
    of its district; x and y are NaN where it has neither.
    """
    standing = plan.tables["infrastructure"]
    standing = standing[(standing.period == period) & (standing.steps > 0)]
    named = plan.instance.locations.set_index(["infrastructure", "location"])
    rows = named.loc[pd.MultiIndex.from_frame(standing.iloc[:, :2])]
    own = ground.on_grid(rows.x.to_numpy(), rows.y.to_numpy())
    site = ground.points.reindex(rows.site).to_numpy()
    district = ground.middles.reindex(rows.district).to_numpy()
    place = np.where(np.isnan(own), np.where(np.isnan(site), district, site), own)
    return standing[["infrastructure", "location", "steps"]].assign(
        x=place[:, 0], y=place[:, 1]
    )
