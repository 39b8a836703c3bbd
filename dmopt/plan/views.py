"""A plan as layers on a map: GeoDataFrames in the instance's CRS, fixed columns.

Amounts are per year, money in the instance's currency. Rows come in the order of the
periods, then of the instance.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from dmopt.plan.checks.capacity import work_and_capacity
from dmopt.plan.checks.flows import delivered
from dmopt.plan.checks.services import provided
from dmopt.plan.frames import long, positions
from dmopt.plan.ledger import Ledger
from dmopt.plan.nearness import nearest_km, working_sites
from dmopt.plan.plan import Plan
from dmopt.plan.words import amounts_in_words, in_words

SITE = ["name", "class", "district", "in_region", "status", "owner"]
ZONE = ["name", "district", "population", "deprivation_decile"]
STEPS = ["infrastructure", "location", "period"]


def sites(plan: Plan) -> gpd.GeoDataFrame:
    """Every site that is not excluded, in every period.

    Columns site, name, class, district, in_region, status, owner, period, open (bool),
    modules (int), technologies ("2 x micro bakery"), made ("1,200 loaf bread"),
    sent_t_per_yr, utilisation (share of running capacity, weighted by capital; NaN:
    no running modules), geometry (point).
    """
    ledger = plan.ledger
    given = ledger.instance.sites
    given = given[given.status != "excluded"]
    rows = _each_period(ledger, given[SITE].rename_axis("site").reset_index())
    by = ["site", "period"]
    modules = plan.tables["modules"].groupby(by).modules.sum()
    rows = rows.join(long(ledger.open.astype(bool), "open"), on=by)
    rows = rows.join(modules, on=by).join(in_words(ledger), on=by)
    rows = rows.join(amounts_in_words(ledger), on=by)
    sent = ledger.flows.groupby(["origin", "period"]).t_per_yr.sum().rename_axis(by)
    rows = rows.join(sent.rename("sent_t_per_yr"), on=by)
    rows = rows.join(_utilisation(ledger), on=by)
    rows["modules"] = rows.modules.fillna(0).astype("int64")
    rows["sent_t_per_yr"] = rows.sent_t_per_yr.fillna(0.0)
    words = {"technologies": "", "made": ""}
    rows = rows.fillna(words).astype(dict.fromkeys(words, "str"))
    places = given.loc[rows.site]
    return _layer(ledger, rows, shapely.points(places.x, places.y))


def flows(plan: Plan) -> gpd.GeoDataFrame:
    """Every flow as a straight line, whatever way it takes.

    Columns origin, destination, commodity, mode, period, quantity_per_yr, t_per_yr,
    km and hours (of one trip), vehicle_km_per_yr, cost_per_yr and kg_per_yr (of
    moving), geometry.
    """
    ledger = plan.ledger
    places = ledger.instance.places[["x", "y"]]
    rows = ledger.flows
    ends = [places.reindex(rows[end]).to_numpy() for end in ("origin", "destination")]
    columns = [
        *plan.tables["flows"].columns,
        "t_per_yr",
        "km",
        "hours",
        "vehicle_km_per_yr",
        "cost_per_yr",
        "kg_per_yr",
    ]
    return _layer(ledger, rows[columns], shapely.linestrings(np.stack(ends, axis=1)))


def zones(plan: Plan) -> gpd.GeoDataFrame:
    """Every zone in every period.

    Columns zone, name, district, population, deprivation_decile, period,
    demand_value_per_yr and delivered_value_per_yr (at the commodities' prices; units
    where all prices are 0), unmet_share (of the value; NaN: no demand), nearest_km
    (way to the nearest working site in the region; NaN: none), delivery_km (mean way
    of what comes, by weight, by units where nothing has weight; NaN: nothing comes),
    main_supplier (from where most of the value comes; "": nowhere), geometry.
    """
    ledger = plan.ledger
    geo = ledger.instance.zones_geo
    rows = _each_period(ledger, geo[ZONE].rename_axis("zone").reset_index())
    working = working_sites(ledger)
    km = [nearest_km(ledger.instance, working.index[working[t]]) for t in working]
    by = ["zone", "period"]
    rows = rows.join(_supplied(ledger), on=by).join(_deliveries(ledger), on=by)
    rows["nearest_km"] = np.concatenate(km)
    values = ["demand_value_per_yr", "delivered_value_per_yr"]
    rows[values] = rows[values].fillna(0.0)
    rows["main_supplier"] = rows.main_supplier.fillna("").astype("str")
    columns = [
        "zone",
        *ZONE,
        "period",
        *values,
        "unmet_share",
        "nearest_km",
        "delivery_km",
        "main_supplier",
    ]
    shapes = geo.geometry.loc[rows.zone].to_numpy()
    return _layer(ledger, rows[columns], shapes)


def infrastructure(plan: Plan) -> gpd.GeoDataFrame:
    """Infrastructure that stands.

    Columns infrastructure, location, period, name, kind, reach, site, district, steps
    and built (int), live (steps that run), users (int: sites connected; its own site
    where reach is "site"), utilisation (of the service used most; NaN: nothing that is
    counted), geometry (point; None: no place).
    """
    ledger = plan.ledger
    rows = long(ledger.steps, "steps").reset_index()
    rows = rows.join(long(ledger.built, "built"), on=STEPS)
    rows = rows.join(long(ledger.live, "live"), on=STEPS)
    by = ["infrastructure", "location"]
    kept = ["name", "kind", "reach", "site", "district", "x", "y"]
    rows = rows.join(ledger.locations[kept], on=by)
    rows = rows.join(_share_drawn(ledger), on=STEPS)
    users = plan.tables["uses"].groupby(STEPS).size()
    rows = rows.join(users.rename("users"), on=STEPS)
    own = (rows.reach == "site") & (rows.site != "")
    rows["users"] = rows.users.fillna(0).astype("int64").where(~own, 1)
    order = positions(ledger.periods, rows.period)
    rows = rows.iloc[np.argsort(order, kind="stable")]
    rows = rows[rows.steps > 0].reset_index(drop=True)
    known = (rows.x.notna() & rows.y.notna()).to_numpy()
    points = np.full(len(rows), None, object)
    points[known] = shapely.points(rows.x[known], rows.y[known])
    columns = [
        *STEPS,
        "name",
        "kind",
        "reach",
        "site",
        "district",
        "steps",
        "built",
        "live",
        "users",
        "utilisation",
    ]
    return _layer(ledger, rows[columns], points)


def _layer(ledger: Ledger, rows: pd.DataFrame, shapes: np.ndarray) -> gpd.GeoDataFrame:
    crs = ledger.instance.settings.crs
    return gpd.GeoDataFrame(rows.reset_index(drop=True), geometry=shapes, crs=crs)


def _each_period(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows once for each period, period by period."""
    periods = pd.DataFrame({"period": ledger.periods})
    both = periods.merge(rows, how="cross")
    return both[[*rows.columns, "period"]]


def _utilisation(ledger: Ledger) -> pd.Series:
    """Share of running capacity in use by (site, period), weighted by capital."""
    work, full = work_and_capacity(ledger)
    kinds = ledger.instance.technologies
    capital = kinds.capital_cost / (kinds.availability * kinds.capacity_per_yr)
    capital = capital.where(capital > 0, 1e-9)
    each = capital.reindex(work.index.get_level_values("technology")).to_numpy()
    used = work.mul(each, axis=0).groupby("site").sum()
    there = full.mul(each, axis=0).groupby("site").sum()
    return long(used / there.where(there > 0), "utilisation")


def _share_drawn(ledger: Ledger) -> pd.Series:
    """Largest share of a service drawn, by infrastructure, location and period."""
    by = [*STEPS[:2], "service", "period"]
    draws = ledger.plan.tables["draws"].groupby(by).quantity_per_yr.sum()
    rows = provided(ledger).join(draws, on=by)
    shared = rows[(rows.reach != "site") & rows.per_step.notna() & (rows.live > 0)]
    share = shared.quantity_per_yr.fillna(0.0) / (shared.live * shared.per_step)
    return share.groupby([shared[name] for name in STEPS]).max().rename("utilisation")


def _supplied(ledger: Ledger) -> pd.DataFrame:
    """Value wanted and delivered, and unmet share, by (zone, period)."""
    books = delivered(ledger)
    goods = books.index.get_level_values("commodity")
    price = ledger.instance.commodities.price.reindex(goods).to_numpy(float)
    if not (price * books.demand).sum() > 0:
        price = np.ones(len(books))
    value = books.mul(price, axis=0).groupby(["zone", "period"]).sum()
    share = value.unmet / value.demand.where(value.demand > 0)
    return pd.DataFrame(
        {
            "demand_value_per_yr": value.demand,
            "delivered_value_per_yr": value.delivered,
            "unmet_share": share,
        }
    )


def _deliveries(ledger: Ledger) -> pd.DataFrame:
    """Mean km and main supplier by (zone, period)."""
    rows = ledger.flows[ledger.flows.destination_kind == "zone"]
    rows = rows.rename(columns={"destination": "zone"})
    by = ["zone", "period"]
    amount = rows.t_per_yr if rows.t_per_yr.sum() > 0 else rows.quantity_per_yr
    sums = rows.assign(amount=amount, way=amount * rows.km).groupby(by)
    total = sums.amount.sum()
    value = rows.value_per_yr if rows.value_per_yr.sum() > 0 else rows.quantity_per_yr
    each = rows.assign(value=value).groupby([*by, "origin"]).value.sum().reset_index()
    ordered = each.sort_values("value", ascending=False, kind="stable")
    most = ordered.drop_duplicates(by).set_index(by).origin
    return pd.DataFrame(
        {
            "delivery_km": sums.way.sum() / total.where(total > 0),
            "main_supplier": most,
        }
    )
