"""Candidate arcs once more, one by one, as docs/mathematics.md, "Arcs", says them."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope


class Arc(NamedTuple):
    origin: str
    destination: str
    commodity: str
    mode: str
    period: str
    origin_kind: str
    destination_kind: str
    km: float
    hours: float
    trips: float
    cost: float


def plain_arcs(instance: Instance, scope: Scope) -> Iterator[Arc]:
    """Every arc, by lane, origin, destination and period."""
    wants = _by_period(instance, "demand", "zone")
    sells = _by_period(instance, "supplies", "supplier")
    returned = _returned(instance, wants)
    for lane in instance.lanes.itertuples():
        good = instance.commodities.loc[lane.commodity]
        mode = instance.modes.loc[lane.mode]
        for o in _origins(instance, scope, lane, sells, returned):
            for d in _destinations(scope, lane, wants):
                km, minutes = _way(instance, o, d)
                if o == d or km is None:
                    continue
                driving = km / mode.speed_kmh if minutes is None else minutes / 60
                hours = mode.handling_h + driving
                if km > lane.max_km or km > mode.max_km:  # never where blank
                    continue
                if lane.destination == "zone" and hours > good.max_delivery_h:
                    continue
                trips = _trips(good, mode)
                for t, period in instance.periods.iterrows():
                    price = period.emission_price_per_t / 1000
                    money = _moving(good, mode, "cost", km, trips)
                    money += price * _moving(good, mode, "kg", km, trips)
                    if lane.destination == "zone":
                        wanted = wants.get((d, lane.commodity, t))
                        if wanted is None or not wanted["quantity_per_yr"] > 0:
                            continue
                    if lane.origin == "supplier":
                        sold = sells.get((o, lane.commodity, t))
                        if sold is None:
                            continue
                        money += sold["price"] + price * sold["emissions_kg"]
                    comes = lane.origin != "zone" or (o, lane.commodity, t) in returned
                    if not comes:
                        continue
                    kind = lane.origin.split("_")[0]
                    yield Arc(
                        o, d, lane.commodity, lane.mode, t,
                        kind, lane.destination, km, hours, trips, money,
                    )  # fmt: skip


def _by_period(
    instance: Instance, table: str, place: str
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Rows by (place, commodity, period): period by period, those that name it before
    those that do not; of these only where the first do not say."""
    rows = instance.tables[table].to_dict("records")
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for t in instance.periods.index:
        own = {(r[place], r["commodity"]): r for r in rows if r["period"] == t}
        blank = {(r[place], r["commodity"]): r for r in rows if r["period"] == ""}
        for key, row in {
            **own,
            **{k: r for k, r in blank.items() if k not in own},
        }.items():
            found[(*key, t)] = row
    return found


def _returned(instance: Instance, wants: Any) -> list[tuple[str, str, str]]:
    """(zone, commodity, period) of all that can come back."""
    periods = list(instance.periods.index)
    found = []
    for (z, c, t), row in wants.items():
        for back in instance.returns.itertuples():
            later = periods.index(t) + back.lag_periods
            comes = back.commodity == c and row["quantity_per_yr"] > 0
            if comes and later < len(periods):
                found.append((z, back.returns_as, periods[later]))
    return found


def _origins(
    instance: Instance, scope: Scope, lane: Any, sells: Any, returned: Any
) -> list[str]:
    if lane.origin == "zone":
        return list(dict.fromkeys(z for z, c, _ in returned if c == lane.commodity))
    if lane.origin == "supplier":
        return list(dict.fromkeys(o for o, c, _ in sells if c == lane.commodity))
    inside = lane.origin == "site_inside"
    makers = [s for s, c in scope.makes if c == lane.commodity]
    return [s for s in makers if instance.sites.in_region[s] == inside]


def _destinations(scope: Scope, lane: Any, wants: Any) -> list[str]:
    if lane.destination == "zone":
        wanted = [
            z for (z, c, _), row in wants.items()
            if c == lane.commodity and row["quantity_per_yr"] > 0
        ]  # fmt: skip
        return list(dict.fromkeys(wanted))
    return [s for s, c in scope.takes if c == lane.commodity]


def _way(instance: Instance, o: str, d: str) -> tuple[float | None, float | None]:
    """km and minutes; None where there is no way, or no minutes."""
    settings = instance.settings
    if settings.distance == "table":
        for row in instance.distances.itertuples():
            if (row.origin, row.destination) == (o, d):
                return row.km, None if math.isnan(row.minutes) else row.minutes
        return None, None
    a, b = instance.places.loc[o], instance.places.loc[d]
    if settings.distance == "projected":
        return math.hypot(a.x - b.x, a.y - b.y) / 1000 * settings.detour, None
    up, along = (math.radians(v) / 2 for v in (b.lat - a.lat, b.lon - a.lon))
    flat = math.cos(math.radians(a.lat)) * math.cos(math.radians(b.lat))
    h = math.sin(up) ** 2 + flat * math.sin(along) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h)) * settings.detour, None


def _trips(good: Any, mode: Any) -> float:
    by_weight = good.t_per_unit / mode.payload_t
    by_stops = 1 / (good.units_per_drop * mode.drops_per_trip)
    return max([0.0, *(n for n in (by_weight, by_stops) if not math.isnan(n))])


def _moving(good: Any, mode: Any, what: str, km: float, trips: float) -> float:
    return (
        good.t_per_unit * km * mode[f"{what}_per_tkm"]
        + km * mode[f"{what}_per_km"] * trips
        + mode[f"{what}_per_drop"] / good.units_per_drop
    )
