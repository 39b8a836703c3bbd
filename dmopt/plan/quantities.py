"""Long tables that follow from a plan: activity, items, services, places of steps."""

import geopandas as gpd
import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan

RECIPE_COLUMNS = [
    "technology",
    "capacity_use",
    "variable_cost",
    "emissions_kg",
    "stock_days",
]


def activity(instance: Instance, plan: Plan) -> pd.DataFrame:
    """Activity with the columns of its recipe, and work: the capacity it takes."""
    table = plan.tables["activity"].join(instance.recipes[RECIPE_COLUMNS], on="recipe")
    return table.assign(work=table.capacity_use * table.quantity_per_yr)


def items(instance: Instance, activity: pd.DataFrame) -> pd.DataFrame:
    """What activity makes and uses up, units/yr: one row per site, recipe, commodity
    and period with made, used (both >= 0) and the recipe's stock_days."""
    recipe = instance.recipe_items[["recipe", "commodity", "quantity"]]
    rows = activity.merge(recipe, on="recipe")
    amount = rows.quantity * rows.quantity_per_yr
    return rows.assign(
        made=amount.where(rows.quantity > 0, 0.0),
        used=-amount.where(rows.quantity < 0, 0.0),
    )[["site", "recipe", "commodity", "period", "made", "used", "stock_days"]]


def needs(instance: Instance, plan: Plan) -> pd.DataFrame:
    """Services needed, units/yr: columns site, service, period, quantity_per_yr."""
    modules = plan.tables["modules"].merge(instance.technology_needs, on="technology")
    modules["quantity_per_yr"] = modules.modules * modules.per_module
    made = plan.tables["activity"].merge(instance.recipe_needs, on="recipe")
    made["quantity_per_yr"] = made.quantity_per_yr * made.per_unit
    by = ["site", "service", "period"]
    both = pd.concat([part[[*by, "quantity_per_yr"]] for part in (modules, made)])
    return both.groupby(by).quantity_per_yr.sum().reset_index()


def most_needed(instance: Instance, limit: pd.DataFrame) -> pd.DataFrame:
    """Most of each service a site can need, units/yr: sites x services.

    sum_k limit[s,k] (per_module[k,q] + avail[k] cap[k] max_r per_unit[r,q] / use[r])
    """
    kinds = instance.technologies
    recipes = instance.recipe_needs[["recipe", "service", "per_unit"]].join(
        instance.recipes[RECIPE_COLUMNS], on="recipe"
    )
    recipes["share"] = recipes.per_unit / recipes.capacity_use
    each = recipes.groupby(["technology", "service"]).share.max().reset_index()
    full = (kinds.availability * kinds.capacity_per_yr).reindex(each.technology)
    each["units"] = each.share * full.to_numpy()
    fixed = instance.technology_needs.rename(columns={"per_module": "units"})
    columns = ["technology", "service", "units"]
    both = pd.concat([fixed[columns], each[columns]])
    per_module = both.groupby(["technology", "service"]).units.sum().unstack()
    services = instance.services.index
    per_module = per_module.reindex(index=limit.columns, columns=services).fillna(0.0)
    most = limit.to_numpy(float) @ per_module.to_numpy(float)
    return pd.DataFrame(most, index=limit.index, columns=services)


def locations(instance: Instance) -> pd.DataFrame:
    """Locations with the columns of their infrastructure.

    Index (infrastructure, location). x, y and district are the site's where the
    location's own are blank; lon, lat in degrees (NaN: no point); in_region is the
    site's, and true where there is no site.
    """
    own = instance.infrastructure.columns.difference(instance.locations.columns)
    table = instance.locations.join(instance.infrastructure[own], on="infrastructure")
    sites = instance.sites.reindex(table.site)
    for column in ("x", "y"):
        table[column] = table[column].fillna(pd.Series(sites[column].to_numpy()))
    given = sites.district.fillna("").to_numpy()
    table["district"] = table.district.where(table.district != "", given)
    table["in_region"] = [flag is not False for flag in sites.in_region.tolist()]
    table["lon"], table["lat"] = _degrees(table.x, table.y, instance.settings.crs)
    return table.set_index(["infrastructure", "location"])


def _degrees(x: pd.Series, y: pd.Series, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of points; NaN where there is no point."""
    known = (x.notna() & y.notna()).to_numpy()
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    points = gpd.GeoSeries.from_xy(x[known], y[known], crs=crs).to_crs("EPSG:4326")
    lon[known], lat[known] = points.x, points.y
    return lon, lat
