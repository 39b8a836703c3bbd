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

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from dmopt.data.distances import Pairs, pairs_within, travel
from dmopt.data.instance import Instance
from dmopt.flows.growing import Growing
from dmopt.flows.lanes import Lane, is_timed, lanes_of
from dmopt.flows.numbers import blocks
from dmopt.formulation.scope import Scope

ORIGINS = ["supplier", "site", "zone"]
"""Kinds of places that arcs come from; from zones comes what was returned."""


def candidate_arcs(instance: Instance, scope: Scope) -> pd.DataFrame:
    """Every arc that may carry something, by every mode.

    Columns: origin, destination, commodity, mode, period (ids), origin_kind
    ("supplier", "site", "zone"), destination_kind ("site", "zone"), trips (vehicles per
    unit), all categorical; km, minutes (of the way, only where a table lists them, NaN
    for others in it), cost (money per unit per year, emission price and supplier's
    price included). By lane, origin, destination, period. Where soft rules charge for
    arcs, `charge` is added (money per unit per year; dmopt/solving/builder.py).
    """
    lanes = list(lanes_of(instance, scope))
    timed = is_timed(instance)
    parts = [Growing(timed) for _ in lanes]
    # Lanes that join the same places share pairs: measure each pair once.
    same: dict[tuple[bytes, bytes], list[int]] = {}
    for n, lane in enumerate(lanes):
        ends = lane.origins.tobytes(), lane.destinations.tobytes()
        same.setdefault(ends, []).append(n)
    for numbers in same.values():
        first = lanes[numbers[0]]
        most_km = max(lanes[n].reach_km(timed) for n in numbers)
        for pairs in pairs_within(instance, first.origins, first.destinations, most_km):
            for n in numbers:
                parts[n].add(lanes[n].arcs(pairs))
    return _table(instance, lanes, parts, timed)


def arcs_between(
    instance: Instance, scope: Scope, origins: np.ndarray, destinations: np.ndarray
) -> pd.DataFrame:
    """Those of `candidate_arcs` that join an origin to a destination each (rows of
    `Instance.places`, (n,) both)."""
    lanes, timed = list(lanes_of(instance, scope)), is_timed(instance)
    ends = origins, destinations
    names = instance.places.index.to_numpy()
    km, minutes = travel(instance, *(names[each] for each in ends))
    parts = [Growing(timed) for _ in lanes]
    for lane, part in zip(lanes, parts, strict=True):
        start, end = (
            pd.Index(listed).get_indexer(each)
            for listed, each in zip(
                (lane.origins, lane.destinations), ends, strict=True
            )
        )
        on = np.flatnonzero((start >= 0) & (end >= 0))
        on = on[np.lexsort((end[on], start[on]))]
        part.add(lane.arcs(Pairs(start[on], end[on], km[on], minutes[on])))
    return _table(instance, lanes, parts, timed)


def hours_of(instance: Instance, arcs: pd.DataFrame) -> np.ndarray:
    """Hours that each arc takes, handling included, (arcs,). They follow from the rest
    and are as long as arcs: made where somebody asks."""
    mode, km = arcs["mode"].array, arcs.km.to_numpy()
    row = instance.modes.index.get_indexer(mode.categories)[mode.codes]
    speed, handling = (
        instance.modes[name].to_numpy(float)[row]
        for name in ("speed_kmh", "handling_h")
    )
    driving = km / speed
    if "minutes" in arcs:
        minutes = arcs.minutes.to_numpy()
        driving = np.where(np.isnan(minutes), driving, minutes / 60)
    return np.asarray(handling + driving)


def paid(arcs: pd.DataFrame) -> np.ndarray:
    """What each arc costs per unit, and what soft rules charge for it, (arcs,)."""
    cost = arcs.cost.to_numpy()
    return cost + arcs.charge.to_numpy() if "charge" in arcs else cost


def cheapest(arcs: pd.DataFrame, told_apart: Iterable[np.ndarray] = ()) -> np.ndarray:
    """Of arcs that differ only in the mode, the first of the cheapest: bool (arcs,).

    told_apart: what rules see in an arc, (arcs,) each: arcs that differ in it stay.
    """
    kept = np.ones(len(arcs), bool)
    several = np.flatnonzero(by_several_modes(arcs))
    if not len(several):
        return kept
    alike = np.zeros(len(several), np.int64)
    for name in ("origin", "destination", "commodity", "period"):
        alike = _both(alike, arcs[name].cat.codes.to_numpy()[several])
    for seen in told_apart:
        alike = _both(alike, seen[several])
    cost = paid(arcs)[several]
    order = np.lexsort((cost, alike))
    alike = alike[order]
    kept[several[order[1:][alike[1:] == alike[:-1]]]] = False
    return kept


def by_several_modes(arcs: pd.DataFrame) -> np.ndarray:
    """Arcs of a commodity that goes by several modes between such kinds of places: bool
    (arcs,). All others differ in more than the mode."""
    names = ("commodity", "origin_kind", "destination_kind", "mode")
    columns = [arcs[name].array for name in names]
    shape = [len(column.categories) for column in columns]
    used = np.zeros(shape, bool)
    codes = [column.codes for column in columns]
    for block in blocks(len(arcs)):
        used[tuple(each[block] for each in codes)] = True
    several = used.sum(axis=-1) > 1
    found = np.zeros(len(arcs), bool)
    if several.any():
        for block in blocks(len(arcs)):
            found[block] = several[tuple(each[block] for each in codes[:-1])]
    return found


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Numbers of the different pairs of two arrays, int (n,)."""
    codes, values = pd.factorize(other)
    return pd.factorize(one * len(values) + codes)[0]


def _table(
    instance: Instance, lanes: list[Lane], parts: list[Growing], timed: bool
) -> pd.DataFrame:
    """Arcs of all lanes in one table; takes them out of `parts`."""
    count = [part.count for part in parts]

    def each(name: str) -> np.ndarray:
        return np.concatenate([part.take(name) for part in parts])

    def by_lane(values: Sequence[float] | np.ndarray, kind: type) -> np.ndarray:
        return np.repeat(np.array(values, kind), count)

    places = instance.places.index
    kind = [ORIGINS.index(lane.kind) for lane in lanes]
    to_zone = [lane.to_zone for lane in lanes]
    trips, number = np.unique([lane.trips for lane in lanes], return_inverse=True)
    columns = {
        "origin": _named(each("origin"), places),
        "destination": _named(each("destination"), places),
        "commodity": _named(
            by_lane([lane.commodity for lane in lanes], np.int16),
            instance.commodities.index,
        ),
        "mode": _named(
            by_lane([lane.mode for lane in lanes], np.int16), instance.modes.index
        ),
        "period": _named(each("period"), instance.periods.index),
        "origin_kind": _named(by_lane(kind, np.int8), ORIGINS),
        "destination_kind": _named(by_lane(to_zone, np.int8), ["site", "zone"]),
        "km": each("km"),
        "trips": pd.Categorical.from_codes(
            by_lane(number, np.int16), dtype=pd.CategoricalDtype(pd.Index(trips))
        ),
        "cost": each("cost"),
    }
    if timed:
        columns["minutes"] = each("minutes")
    return pd.DataFrame(columns, copy=False)


def _named(codes: np.ndarray, names: pd.Index | list[str]) -> pd.Categorical:
    """Codes with their names; "" is a name too, that of none, as in all tables."""
    categories = pd.CategoricalDtype(pd.Index([*names, ""], dtype="str"))
    return pd.Categorical.from_codes(codes, dtype=categories)
