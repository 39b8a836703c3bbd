"""The spatial layers of a plan, in the instance's CRS: a row for each thing and
period, as in `dmopt.plan.views`, with the columns that styles go by."""

import geopandas as gpd
import numpy as np
import pandas as pd

from dmopt.maps.excluded import excluded
from dmopt.maps.ground import lay_out, located
from dmopt.maps.palette import families, size_ranks
from dmopt.maps.shades import per_km2, wanted
from dmopt.plan import views
from dmopt.plan.plan import Plan

NOT_OPEN, NO_MODULES = "not open", "open, no modules"
EXCLUDED = "excluded"


def layers(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Every spatial layer, by name."""
    return {
        "zones": zones_layer(plan),
        "sites": sites_layer(plan),
        "infrastructure": infrastructure_layer(plan),
        "flows": views.flows(plan),
    }


def zones_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Zones with demand_per_yr (tonnes; where nothing has weight, units) and
    demand_per_km2 (NaN for points)."""
    zones, periods = views.zones(plan), plan.instance.periods.index
    square_km = lay_out(plan.instance).zone_km2()
    demand = [wanted(plan, period) for period in periods]
    density = [per_km2(amount, square_km) for amount in demand]
    return zones.assign(
        demand_per_yr=np.concatenate(demand), demand_per_km2=np.concatenate(density)
    )


def sites_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Sites, excluded ones too, with size_class (of the largest module), excluded_by
    and reason (as in `excluded.excluded`; "" where it may open) and drawn_as: the
    family of most of the modules, "open, no modules", "excluded" or "not open"."""
    out = excluded(plan.instance)
    sites = _with_excluded(plan).join(_kinds(plan), on=["site", "period"])
    sites = sites.join(out, on="site")
    shut = np.where(sites.site.isin(out.index), EXCLUDED, NOT_OPEN)
    drawn = sites.drawn_as.fillna(NO_MODULES).where(sites.open, shut)
    words = ["size_class", *out.columns]
    return sites.assign(drawn_as=drawn, **sites[words].fillna("")).astype(
        dict.fromkeys(["drawn_as", *words], "str")
    )


def _with_excluded(plan: Plan) -> gpd.GeoDataFrame:
    """`views.sites`, and those whose status is excluded, which it leaves out."""
    sites, given = views.sites(plan), plan.instance.sites
    rest = given[given.status == "excluded"]
    if rest.empty:
        return sites
    idle = {"open": False, "modules": 0, "technologies": "", "made": ""}
    kept = rest[views.SITE].rename_axis("site").reset_index()
    points = gpd.points_from_xy(rest.x, rest.y, crs=sites.crs)
    kept = gpd.GeoDataFrame(kept, geometry=points).assign(sent_t_per_yr=0.0, **idle)
    each = [kept.assign(period=t) for t in plan.instance.periods.index]
    both = pd.concat([sites, *each], ignore_index=True)[list(sites.columns)]
    at = [
        plan.instance.periods.index.get_indexer(both.period),
        given.index.get_indexer(both.site),
    ]
    order = np.lexsort(at[::-1])
    return both.iloc[order].reset_index(drop=True)


def _kinds(plan: Plan) -> pd.DataFrame:
    """Index site and period; columns drawn_as (family), size_class."""
    technologies, by = plan.instance.technologies, ["site", "period"]
    kinds = size_ranks(technologies).assign(family=families(technologies))
    rows = plan.tables["modules"]
    rows = rows[rows.modules > 0].join(kinds, on="technology")
    counts = rows.groupby([*by, "family"], sort=False).modules.sum().reset_index()
    most = counts.sort_values("modules", ascending=False, kind="stable")
    largest = rows.sort_values("rank", ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "drawn_as": most.drop_duplicates(by).set_index(by).family,
            "size_class": largest.drop_duplicates(by).set_index(by).size_class,
        }
    )


def infrastructure_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Infrastructure that stands; what is for a district stands in its middle, what is
    for the whole region has no geometry."""
    ground, by = lay_out(plan.instance), ["infrastructure", "location", "period"]
    rows = views.infrastructure(plan)
    at = pd.concat(
        [located(plan, ground, t).assign(period=t) for t in plan.instance.periods.index]
    )
    at = rows[by].merge(at, on=by, how="left")
    points = gpd.GeoSeries.from_xy(at.x, at.y, crs=ground.crs)
    points = points.where(at.x.notna(), None).to_crs(rows.crs)
    return rows.set_geometry(rows.geometry.fillna(points))
