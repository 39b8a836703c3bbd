"""Long tables that follow from a plan: activity, items, services, places of steps."""

import geopandas as gpd
import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.frames import (
    TEXT,
    books,
    cells,
    names_in,
    paired,
    positions,
    rows_of,
    texts,
)
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


def stocks(instance: Instance, plan: Plan, middle: np.ndarray) -> pd.DataFrame:
    """What is set aside, with from and to (numbers of the periods), age (in periods),
    middle (of the period, in years), left (units that arrive), shelf_periods (infinity:
    any; NaN: may not be held there) and loss_per_yr.

    middle (periods,): middle of each period, in years.
    """
    table, given = plan.tables["stocks"], instance.stocks_by_site
    by, periods = ["site", "commodity"], instance.periods.index
    row = rows_of(names_in(table, by), names_in(given, by))
    begin, end = (positions(periods, table[name]) for name in ("period", "until"))
    loss = np.nan_to_num(cells(given.loss_per_yr, row))
    passed = np.maximum(middle[end] - middle[begin], 0.0)
    shelf = cells(given.shelf_periods.fillna(np.inf), row)
    return table.assign(
        **{"from": begin, "to": end},
        age=end - begin,
        middle=middle[begin],
        left=table.units.to_numpy() * (1 - loss) ** passed,
        shelf_periods=shelf,
        loss_per_yr=loss,
    )


def returned(instance: Instance, flows: pd.DataFrame) -> pd.DataFrame:
    """Units/yr that came back to zones, and what sites took of it: came, collected;
    index (zone, commodity, period).

    quantity[c,b] delivered[z,c,t] years[t] / years[t + lag[c,b]] comes back as b.
    """
    into = flows[flows.destination_kind == "zone"]
    out = flows[flows.origin_kind == "zone"]
    given, periods = instance.returns, instance.periods
    years = periods.years.to_numpy(float)
    flow, row = paired(into.commodity, given.commodity)
    first = positions(periods.index, into.period)[flow]
    later = first + given.lag_periods.to_numpy(int)[row]
    kept = later < len(years)
    flow, row, first, later = flow[kept], row[kept], first[kept], later[kept]
    units = into.quantity_per_yr.to_numpy(float)[flow]
    each = given.quantity.to_numpy(float)[row] * years[first] / years[later]
    came = pd.DataFrame(
        {
            "zone": into.destination.to_numpy(object)[flow],
            "commodity": given.returns_as.to_numpy(object)[row],
            "period": periods.index.to_numpy(object)[later],
            "units": units * each,
        }
    )
    by = ["zone", "commodity", "period"]
    taken = (out, ["origin", "commodity", "period"], "quantity_per_yr")
    return books(by, {"came": (came, by, "units"), "collected": taken})


def left_at_zones(instance: Instance, returned: pd.DataFrame) -> pd.DataFrame:
    """What came back and no site took: commodity, period, quantity_per_yr, cost_per_yr;
    rounding below 0 is 0."""
    by = ["commodity", "period"]
    left = (returned.came - returned.collected).groupby(by).sum().clip(lower=0.0)
    rows = left.rename("quantity_per_yr").reset_index()
    prices = instance.disposals_by_period
    row = rows_of(names_in(rows, by), names_in(prices, by))
    each = np.nan_to_num(cells(prices.zone_cost, row))
    return rows.assign(cost_per_yr=each * rows.quantity_per_yr)


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
