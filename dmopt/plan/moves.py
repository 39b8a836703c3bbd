"""Flows with all that goes with them: distance, time, vehicles, cost, emissions."""

import numpy as np
import pandas as pd

from dmopt.data.distances import travel
from dmopt.data.instance import Instance

MODE_COLUMNS = [
    "cost_per_tkm",
    "cost_per_km",
    "cost_per_drop",
    "payload_t",
    "drops_per_trip",
    "speed_kmh",
    "handling_h",
    "kg_per_tkm",
    "kg_per_km",
    "kg_per_drop",
]
GOODS_COLUMNS = ["t_per_unit", "units_per_drop", "price"]


def moves(instance: Instance, flows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a plan's `flows`, in their order, with these columns added:

    origin_kind ("supplier", "site_inside", "site_outside"), destination_kind
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


def _ends(instance: Instance, table: pd.DataFrame) -> dict[str, np.ndarray]:
    inside = instance.sites.index[instance.sites.in_region]
    from_site = table.origin.isin(instance.sites.index).to_numpy()
    from_inside = table.origin.isin(inside).to_numpy()
    place = np.where(from_inside, "site_inside", "site_outside")
    to_zone = table.destination.isin(instance.zones.index).to_numpy()
    return {
        "origin_kind": np.where(from_site, place, "supplier"),
        "destination_kind": np.where(to_zone, "zone", "site"),
        "origin_inside": from_inside,
        "destination_inside": table.destination.isin(inside).to_numpy(),
    }


def _travelled(instance: Instance, table: pd.DataFrame) -> dict[str, np.ndarray]:
    km, minutes = travel(
        instance, table.origin.to_numpy(), table.destination.to_numpy()
    )
    modes = instance.modes.reindex(table["mode"])
    driving = np.where(np.isnan(minutes), km / modes.speed_kmh.to_numpy(), minutes / 60)
    return {"km": km, "hours": modes.handling_h.to_numpy() + driving}


def _moving(instance: Instance, table: pd.DataFrame) -> dict[str, np.ndarray]:
    mode = {
        column: instance.modes[column].reindex(table["mode"]).to_numpy()
        for column in MODE_COLUMNS
    }
    goods = {
        column: instance.commodities[column].reindex(table.commodity).to_numpy()
        for column in GOODS_COLUMNS
    }
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
    by = ["supplier", "commodity", "period"]
    offers = instance.supplies_by_period.set_index(by)
    wanted = pd.MultiIndex.from_frame(table[["origin", "commodity", "period"]])
    row = offers.index.get_indexer(wanted)
    bought = (table.origin_kind == "supplier").to_numpy()

    def of(column: str) -> np.ndarray:
        figures = np.append(offers[column].to_numpy(float), np.nan)[row]
        return np.where(bought, figures, 0.0)

    most = np.append(offers.max_per_yr.fillna(np.inf).to_numpy(float), np.nan)[row]
    return {
        "gate_price": of("price"),
        "gate_kg": of("emissions_kg"),
        "sold_per_yr": np.where(bought, most, np.inf),
    }
