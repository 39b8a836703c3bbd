"""Arcs: every way a commodity may go, in one columnar table.

    trips       max(t_per_unit / payload_t, 1 / (units_per_drop drops_per_trip))
    move_cost   t_per_unit km cost_per_tkm + km cost_per_km trips
                + cost_per_drop / units_per_drop
    kg          t_per_unit km kg_per_tkm + km kg_per_km trips
                + kg_per_drop / units_per_drop
    cost        move_cost + supplier's price + emission price (kg + supplier's kg)

All per unit: vehicles, money, kg, money.

One arc for each period in which its ends want it. Of arcs that differ only in the
mode, and that no rule tells apart, the cheapest stays. docs/mathematics.md, "Arcs".
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from dmopt.data.distances import travel
from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope


def candidate_arcs(instance: Instance, scope: Scope) -> pd.DataFrame:
    """Every arc that may carry something, by every mode.

    Columns: origin, destination, commodity, mode, period (ids), origin_kind
    ("supplier", "site"), destination_kind ("site", "zone"), km, hours (handling
    included), trips (vehicles per unit), cost (money per unit per year, emission
    price and supplier's price included).
    """
    ends = pd.concat([_site_ends(instance, scope), _supplier_ends(instance)])
    takers = pd.concat([_site_takers(scope), _zone_takers(instance)])
    lanes = instance.lanes[["commodity", "mode", "origin", "destination", "max_km"]]
    lanes = lanes.rename(columns={"origin": "from_kind", "destination": "to_kind"})
    pairs = (
        lanes.merge(ends, on=["from_kind", "commodity"])
        .merge(takers, on=["to_kind", "commodity"])
        .query("origin != destination")
        .reset_index(drop=True)
    )
    pairs["km"], pairs["hours"] = _travel(instance, pairs)
    pairs = pairs[_allowed(instance, pairs)]
    arcs = _by_period(instance, _unit_cost(instance, pairs))
    return arcs.reset_index(drop=True)


def cheapest(arcs: pd.DataFrame, told_apart: Iterable[np.ndarray] = ()) -> np.ndarray:
    """Of arcs that differ only in the mode, the first of the cheapest: bool (arcs,).

    told_apart: what rules see in an arc, (arcs,) each: arcs that differ in it stay.
    """
    order = np.argsort(arcs.cost.to_numpy(), kind="stable")
    same = arcs[["origin", "destination", "commodity", "period"]]
    same = same.assign(**{f"rule {n}": seen for n, seen in enumerate(told_apart)})
    first = ~same.iloc[order].duplicated().to_numpy()
    kept = np.zeros(len(arcs), bool)
    kept[order[first]] = True
    return kept


def _site_ends(instance: Instance, scope: Scope) -> pd.DataFrame:
    makes = pd.DataFrame(list(scope.makes), columns=["origin", "commodity"])
    inside = makes.origin.map(instance.sites.in_region).astype(bool)
    return makes.assign(from_kind=np.where(inside, "site_inside", "site_outside"))


def _supplier_ends(instance: Instance) -> pd.DataFrame:
    sells = instance.supplies[["supplier", "commodity"]].drop_duplicates()
    return sells.rename(columns={"supplier": "origin"}).assign(from_kind="supplier")


def _site_takers(scope: Scope) -> pd.DataFrame:
    takes = pd.DataFrame(list(scope.takes), columns=["destination", "commodity"])
    return takes.assign(to_kind="site")


def _zone_takers(instance: Instance) -> pd.DataFrame:
    wants = instance.demand_by_period[["zone", "commodity"]].drop_duplicates()
    return wants.rename(columns={"zone": "destination"}).assign(to_kind="zone")


def _travel(instance: Instance, pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """km, and hours with handling, of each pair."""
    # Many commodities and modes share a pair: measure each pair once.
    start, starts = pd.factorize(pairs.origin)
    end, ends = pd.factorize(pairs.destination)
    code, once = pd.factorize(start.astype(np.int64) * len(ends) + end)
    origins, destinations = starts[once // len(ends)], ends[once % len(ends)]
    km, minutes = travel(instance, origins.to_numpy(), destinations.to_numpy())
    km, minutes = km[code], minutes[code]
    modes = instance.modes.reindex(pairs["mode"])
    driving = np.where(np.isnan(minutes), km / modes.speed_kmh.to_numpy(), minutes / 60)
    return km, modes.handling_h.to_numpy() + driving


def _allowed(instance: Instance, pairs: pd.DataFrame) -> np.ndarray:
    modes = instance.modes.reindex(pairs["mode"])
    longest = instance.commodities.max_delivery_h.reindex(pairs.commodity).to_numpy()
    longest = np.where((pairs.to_kind == "zone") & ~np.isnan(longest), longest, np.inf)
    return (
        pairs.km.notna().to_numpy()
        & (pairs.km <= pairs.max_km.fillna(np.inf)).to_numpy()
        & (pairs.km.to_numpy() <= modes.max_km.fillna(np.inf).to_numpy())
        & (pairs.hours.to_numpy() <= longest)
    )


def _unit_cost(instance: Instance, pairs: pd.DataFrame) -> pd.DataFrame:
    """Adds trips (vehicles), move_cost (money) and kg, all per unit."""
    modes = instance.modes.reindex(pairs["mode"]).reset_index(drop=True)
    goods = instance.commodities.reindex(pairs.commodity).reset_index(drop=True)
    km = pairs.km.reset_index(drop=True)
    trips = np.maximum(
        (goods.t_per_unit / modes.payload_t).fillna(0.0),
        (1 / (goods.units_per_drop * modes.drops_per_trip)).fillna(0.0),
    )
    cost = (
        goods.t_per_unit * km * modes.cost_per_tkm
        + km * modes.cost_per_km * trips
        + modes.cost_per_drop / goods.units_per_drop
    )
    kg = (
        goods.t_per_unit * km * modes.kg_per_tkm
        + km * modes.kg_per_km * trips
        + modes.kg_per_drop / goods.units_per_drop
    )
    return pairs.assign(
        trips=np.asarray(trips), move_cost=cost.to_numpy(), kg=kg.to_numpy()
    )


def _by_period(instance: Instance, pairs: pd.DataFrame) -> pd.DataFrame:
    """Each pair once per period in which both its ends want it, with its cost."""
    price = pd.DataFrame(
        {
            "period": instance.periods.index,
            "kg_price": instance.periods.emission_price_per_t.to_numpy() / 1000,
        }
    )
    arcs = pairs.merge(price, how="cross")
    from_supplier = arcs.from_kind == "supplier"
    to_zone = arcs.to_kind == "zone"

    sells = instance.supplies_by_period.set_index(["supplier", "commodity", "period"])
    sold = sells.reindex(
        pd.MultiIndex.from_frame(arcs[["origin", "commodity", "period"]])
    )
    gate = (
        sold.price.to_numpy() + arcs.kg_price.to_numpy() * sold.emissions_kg.to_numpy()
    )
    cost = arcs.move_cost + arcs.kg_price * arcs.kg + np.where(from_supplier, gate, 0.0)

    wants = pd.MultiIndex.from_frame(
        instance.demand_by_period[["zone", "commodity", "period"]]
    )
    wanted = pd.MultiIndex.from_frame(
        arcs[["destination", "commodity", "period"]]
    ).isin(wants)
    keep = (~to_zone | wanted) & cost.notna()
    return pd.DataFrame(
        {
            "origin": arcs.origin,
            "destination": arcs.destination,
            "commodity": arcs.commodity,
            "mode": arcs["mode"],
            "period": arcs.period,
            "origin_kind": np.where(from_supplier, "supplier", "site"),
            "destination_kind": arcs.to_kind,
            "km": arcs.km,
            "hours": arcs.hours,
            "trips": arcs.trips,
            "cost": cost,
        }
    )[keep]
