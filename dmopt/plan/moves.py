"""Flows with all that goes with them: distance, time, vehicles, cost, emissions."""

import numpy as np
import pandas as pd

from dmopt.data.distances import travel
from dmopt.data.instance import Instance
from dmopt.plan.frames import cells, names_in, positions, rows_of

MODE_COLUMNS = [
    "cost_per_tkm",
    "cost_per_km",
    "cost_per_drop",
    "payload_t",
    "drops_per_trip",
    "kg_per_tkm",
    "kg_per_km",
    "kg_per_drop",
]
ENDS = ("origin", "destination")
SITES = ("site_inside", "site_outside")
"""Origins that are sites."""
GOODS_COLUMNS = ["t_per_unit", "units_per_drop", "price"]


def moves(instance: Instance, flows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a plan's `flows`, in their order, with these columns added:

    origin_kind ("supplier", "site_inside", "site_outside", "zone"), destination_kind
    ("site", "zone"), origin_inside, destination_inside (bool: a site in the region),
    km, hours, t_per_yr, vehicle_km_per_yr, cost_per_yr and kg_per_yr (of moving),
    value_per_yr (at the commodity's price), gate_price, gate_kg (of one unit from a
    supplier, else 0; NaN: not sold in the period) and sold_per_yr (most that it
    sells in the period, infinity: any).
    """
    table = flows.reset_index(drop=True)
    table = table.assign(**_ends(instance, table), **_travelled(instance, table))
    table = table.assign(**_moving(instance, table))
    return table.assign(**_at_the_gate(instance, table))


def from_site(flows: pd.DataFrame) -> np.ndarray:
    """Which flows (with `origin_kind`) come from sites: bool (n,)."""
    return flows.origin_kind.isin(SITES).to_numpy(bool)


def _ends(instance: Instance, table: pd.DataFrame) -> dict[str, np.ndarray]:
    sites = instance.sites.index
    inside = np.append(instance.sites.in_region.to_numpy(bool), False)
    origin, destination = (positions(sites, table[end]) for end in ENDS)
    place = np.where(inside[origin], "site_inside", "site_outside")
    to_zone = positions(instance.zones.index, table.destination) >= 0
    from_zone = positions(instance.zones.index, table.origin) >= 0
    enters = np.where(from_zone, "zone", "supplier")
    return {
        "origin_kind": np.where(origin >= 0, place, enters),
        "destination_kind": np.where(to_zone, "zone", "site"),
        "origin_inside": inside[origin],
        "destination_inside": inside[destination],
    }


def _travelled(instance: Instance, table: pd.DataFrame) -> dict[str, np.ndarray]:
    km, minutes = travel(
        instance, table.origin.to_numpy(), table.destination.to_numpy()
    )
    modes = instance.modes
    row = positions(modes.index, table["mode"])
    driving = np.where(
        np.isnan(minutes), km / cells(modes.speed_kmh, row), minutes / 60
    )
    return {"km": km, "hours": cells(modes.handling_h, row) + driving}


def _moving(instance: Instance, table: pd.DataFrame) -> dict[str, np.ndarray]:
    modes, commodities = instance.modes, instance.commodities
    row = positions(modes.index, table["mode"])
    mode = {column: cells(modes[column], row) for column in MODE_COLUMNS}
    row = positions(commodities.index, table.commodity)
    goods = {column: cells(commodities[column], row) for column in GOODS_COLUMNS}
    units, km = table.quantity_per_yr.to_numpy(), table.km.to_numpy()
    tonnes = goods["t_per_unit"] * units
    stops = units / goods["units_per_drop"]
    by_weight = np.nan_to_num(tonnes / mode["payload_t"])
    by_stops = np.nan_to_num(stops / mode["drops_per_trip"])
    vehicle_km = np.maximum(by_weight, by_stops) * km
    return {
        "t_per_yr": tonnes,
        "vehicle_km_per_yr": vehicle_km,
        "cost_per_yr": tonnes * km * mode["cost_per_tkm"]
        + vehicle_km * mode["cost_per_km"]
        + stops * mode["cost_per_drop"],
        "kg_per_yr": tonnes * km * mode["kg_per_tkm"]
        + vehicle_km * mode["kg_per_km"]
        + stops * mode["kg_per_drop"],
        "value_per_yr": goods["price"] * units,
    }


def _at_the_gate(instance: Instance, table: pd.DataFrame) -> dict[str, np.ndarray]:
    offers = instance.supplies_by_period
    row = rows_of(
        names_in(table, ["origin", "commodity", "period"]),
        names_in(offers, ["supplier", "commodity", "period"]),
    )
    bought = (table.origin_kind == "supplier").to_numpy()

    def of(column: str) -> np.ndarray:
        return np.where(bought, cells(offers[column], row), 0.0)

    most = cells(offers.max_per_yr.fillna(np.inf), row)
    return {
        "gate_price": of("price"),
        "gate_kg": of("emissions_kg"),
        "sold_per_yr": np.where(bought, most, np.inf),
    }
