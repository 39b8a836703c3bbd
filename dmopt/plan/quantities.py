"""Long tables that follow from a plan: activity, items, services, places of steps."""

import geopandas as gpd
import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.frames import TEXT, books, cells, paired, positions, texts
from dmopt.plan.plan import Plan

FIGURES = ("capacity_use", "variable_cost", "emissions_kg", "stock_days")
"""Columns of a recipe that go with its activity."""

NEED = ["site", "service", "period"]


def activity(instance: Instance, plan: Plan) -> pd.DataFrame:
    """Activity with technology and the `FIGURES` of its recipe, and work: the capacity
    it takes."""
    table, recipes = plan.tables["activity"], instance.recipes
    row = positions(recipes.index, table.recipe)
    figures = {name: cells(recipes[name], row) for name in FIGURES}
    return table.assign(
        technology=pd.array(texts(recipes.technology, row), dtype=TEXT),
        **figures,
        work=figures["capacity_use"] * table.quantity_per_yr.to_numpy(),
    )


def items(instance: Instance, activity: pd.DataFrame) -> pd.DataFrame:
    """What activity makes and uses up, units/yr: one row per site, recipe, commodity
    and period with made, used (both >= 0) and the recipe's stock_days."""
    given = instance.recipe_items
    run, item = paired(activity.recipe, given.recipe)
    each = given.quantity.to_numpy()[item]
    amount = each * activity.quantity_per_yr.to_numpy()[run]
    return pd.DataFrame(
        {
            "site": activity.site.array[run],
            "recipe": activity.recipe.array[run],
            "commodity": given.commodity.array[item],
            "period": activity.period.array[run],
            "made": np.where(each > 0, amount, 0.0),
            "used": np.where(each < 0, -amount, 0.0),
            "stock_days": activity.stock_days.to_numpy()[run],
        }
    )


def needs(instance: Instance, plan: Plan) -> pd.DataFrame:
    """Services needed, units/yr: columns site, service, period, quantity_per_yr."""
    standing, run = plan.tables["modules"], plan.tables["activity"]
    kinds, recipes = instance.technology_needs, instance.recipe_needs
    fixed = _needed(standing, "modules", kinds, "technology", "per_module")
    running = _needed(run, "quantity_per_yr", recipes, "recipe", "per_unit")
    both = books(
        NEED, {"fixed": (fixed, NEED, "units"), "running": (running, NEED, "units")}
    )
    return both.sum(axis=1).rename("quantity_per_yr").reset_index()


def _needed(
    rows: pd.DataFrame, amount: str, needs: pd.DataFrame, by: str, each: str
) -> pd.DataFrame:
    """Units of the services that go with amounts: `each` of them, by name in `by`."""
    row, need = paired(rows[by], needs[by])
    return pd.DataFrame(
        {
            "site": rows.site.array[row],
            "service": needs.service.array[need],
            "period": rows.period.array[row],
            "units": rows[amount].to_numpy()[row] * needs[each].to_numpy()[need],
        }
    )


def most_needed(instance: Instance, limit: pd.DataFrame) -> pd.DataFrame:
    """Most of each service a site can need, units/yr: sites x services.

    sum_k limit[s,k] (per_module[k,q] + avail[k] cap[k] max_r per_unit[r,q] / use[r])
    """
    kinds, recipes = instance.technologies, instance.recipes
    fixed, running = instance.technology_needs, instance.recipe_needs
    services = instance.services.index
    per_module = np.zeros((len(kinds), len(services)))
    where = positions(kinds.index, fixed.technology), positions(services, fixed.service)
    np.add.at(per_module, where, fixed.per_module.to_numpy())
    share = np.zeros_like(per_module)
    recipe = positions(recipes.index, running.recipe)
    where = (
        positions(kinds.index, recipes.technology)[recipe],
        positions(services, running.service),
    )
    each = running.per_unit.to_numpy() / recipes.capacity_use.to_numpy()[recipe]
    np.maximum.at(share, where, each)
    full = (kinds.availability * kinds.capacity_per_yr).to_numpy()[:, None]
    most = limit.to_numpy(float) @ (per_module + full * share)
    return pd.DataFrame(most, index=limit.index, columns=services)


def locations(instance: Instance) -> pd.DataFrame:
    """Locations with the columns of their infrastructure.

    Index (infrastructure, location). x, y and district are the site's where the
    location's own are blank; lon, lat in degrees (NaN: no point); in_region is the
    site's, and true where there is no site.
    """
    own = instance.infrastructure.columns.difference(instance.locations.columns)
    kind = positions(instance.infrastructure.index, instance.locations.infrastructure)
    kinds = instance.infrastructure[own].take(kind).reset_index(drop=True)
    table = pd.concat([instance.locations, kinds], axis=1)
    sites = instance.sites
    site = positions(sites.index, table.site)
    for column in ("x", "y"):
        here = table[column].to_numpy()
        table[column] = np.where(np.isnan(here), cells(sites[column], site), here)
    table["district"] = table.district.where(
        table.district != "", texts(sites.district, site)
    )
    table["in_region"] = np.append(sites.in_region.to_numpy(bool), True)[site]
    table["lon"], table["lat"] = _degrees(table.x, table.y, instance.settings.crs)
    return table.set_index(["infrastructure", "location"])


def _degrees(x: pd.Series, y: pd.Series, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of points; NaN where there is no point."""
    known = (x.notna() & y.notna()).to_numpy()
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    if known.any():
        points = gpd.GeoSeries.from_xy(x[known], y[known], crs=crs).to_crs("EPSG:4326")
        lon[known], lat[known] = points.x, points.y
    return lon, lat
