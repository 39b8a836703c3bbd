"""What zones are shaded by: how much they want, or how near production is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dmopt.maps.ground import Ground
from dmopt.plan.nearness import nearest_km, working_sites
from dmopt.plan.plan import Plan

Shade = Literal["demand", "access"]


@dataclass(frozen=True)
class Shading:
    """title: what is shown, with its unit.  values: one per zone, NaN = none."""

    title: str
    values: np.ndarray


def shading(plan: Plan, ground: Ground, period: str, shade: Shade) -> Shading:
    """Values by which the zones are shaded in a period."""
    if shade == "access":
        title = "Way to the nearest open\nsite in the region, km"
        return Shading(title, way_km(plan, period))
    amount = wanted(plan, period)
    if not ground.has_outlines:
        return Shading(f"Demand, {weight_unit(plan)} a year", amount)
    title = f"Demand, {weight_unit(plan)} a year per km\u00b2"
    return Shading(title, per_km2(amount, ground.zone_km2()))


def per_km2(amount: np.ndarray, square_km: np.ndarray) -> np.ndarray:
    """Amount per km2 of each zone; NaN for points. All shaped (zones,)."""
    none = np.full(len(amount), np.nan)
    return np.divide(amount, square_km, where=square_km > 0, out=none)


def weight_unit(plan: Plan) -> str:
    """Unit in which quantities of several commodities are added up: tonnes, or
    where nothing has weight their own unit."""
    commodities = plan.instance.commodities
    if (commodities.t_per_unit > 0).any():
        return "tonnes"
    units = commodities.unit.unique()
    return str(units[0]) if len(units) == 1 else "units"


def weights(plan: Plan, commodities: np.ndarray) -> np.ndarray:
    """Weight of one unit of each commodity in `weight_unit`; shape as given."""
    per_unit = plan.instance.commodities.t_per_unit
    if not (per_unit > 0).any():
        return np.ones(len(commodities))
    return per_unit.reindex(commodities).to_numpy(float)


def wanted(plan: Plan, period: str) -> np.ndarray:
    """What each zone wants in the period, all commodities, `weight_unit` a year."""
    demand = plan.instance.demand_by_period
    demand = demand[demand.period == period]
    amount = demand.quantity_per_yr * weights(plan, demand.commodity.to_numpy())
    by_zone = amount.groupby(demand.zone).sum()
    return by_zone.reindex(plan.instance.zones.index, fill_value=0.0).to_numpy()


def way_km(plan: Plan, period: str) -> np.ndarray:
    """Travel km from each zone to the nearest open site in the region that has
    modules; NaN where there is none."""
    working = working_sites(plan.ledger)
    return nearest_km(plan.instance, working.index[working[period]])
