"""Flows.

(demand)       flow into z + unmet = D[z,c,t], with D = 0 where none is given
(unmet)        unmet = 0 without an `unmet_price`
(lane)         a lane allows commodity, mode and kinds of place; there is a way
(far), (slow)  km <= max_km of lane and mode;  into zones hours <= max_delivery_h
(origin)       suppliers sell it in the period; sites could make it
(destination)  sites could use it up; zones want it in the period
(shut)         the sites at both ends are open
(supply)       flow out of a supplier <= max_per_yr
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.plan.frames import long, positions
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import apart, over
from dmopt.plan.violation import Violation, broken

BY = ["zone", "commodity", "period"]
NAMES = ["origin", "destination", "commodity", "mode", "period"]


def check(ledger: Ledger) -> Iterator[Violation]:
    yield from _demand(ledger)
    yield from _lanes(ledger)
    yield from _ends(ledger)
    yield from _supply(ledger)


def delivered(ledger: Ledger) -> pd.DataFrame:
    """Units/yr demand, delivered and unmet; index (zone, commodity, period)."""
    flows = ledger.flows[ledger.flows.destination_kind == "zone"]
    into = flows.groupby(["destination", "commodity", "period"]).quantity_per_yr.sum()
    parts = {
        "demand": ledger.instance.demand_by_period.set_index(BY).quantity_per_yr,
        "delivered": into.rename_axis(BY),
        "unmet": ledger.plan.tables["unmet"].groupby(BY).quantity_per_yr.sum(),
    }
    return pd.concat(parts, axis=1).fillna(0.0).rename_axis(BY)


def _demand(ledger: Ledger) -> Iterator[Violation]:
    books = delivered(ledger)
    wrong = apart(books.delivered + books.unmet, books.demand)
    yield from broken("demand", books.index, wrong, "units/yr")
    goods = books.index.get_level_values("commodity")
    price = ledger.instance.commodities.unmet_price.reindex(goods)
    most = np.where(price.isna(), 0.0, np.inf)
    yield from broken("unmet", books.index, over(books.unmet, most), "units/yr")


def _lanes(ledger: Ledger) -> Iterator[Violation]:
    flows = ledger.flows[ledger.flows.quantity_per_yr != 0]
    where = flows[NAMES]
    by = ["commodity", "mode", "origin", "destination"]
    lanes = ledger.instance.lanes.set_index(by).max_km.fillna(np.inf)
    kinds = flows[["commodity", "mode", "origin_kind", "destination_kind"]]
    row = lanes.index.get_indexer(pd.MultiIndex.from_frame(kinds))
    km = flows.km.to_numpy()
    itself = (flows.origin == flows.destination).to_numpy()
    allowed = (row >= 0) & ~np.isnan(km) & ~itself
    units = flows.quantity_per_yr.to_numpy()
    yield from broken("lane", where, np.where(allowed, 0.0, units), "units/yr")
    mode_km = ledger.instance.modes.max_km.fillna(np.inf).reindex(flows["mode"])
    most_km = np.append(lanes.to_numpy(), np.inf)[row]
    most_km = np.minimum(most_km, mode_km.to_numpy())
    too_far = over(np.nan_to_num(km), most_km)
    yield from broken("far", where, too_far, "km")
    delivery_h = ledger.instance.commodities.max_delivery_h.fillna(np.inf)
    to_zone = (flows.destination_kind == "zone").to_numpy()
    most_h = np.where(to_zone, delivery_h.reindex(flows.commodity), np.inf)
    too_slow = over(np.nan_to_num(flows.hours.to_numpy()), most_h)
    yield from broken("slow", where, too_slow, "h")


def _ends(ledger: Ledger) -> Iterator[Violation]:
    flows = ledger.flows[ledger.flows.quantity_per_yr != 0]
    where = flows[NAMES]
    units = flows.quantity_per_yr.to_numpy()
    makes, uses = _able(ledger)
    from_site = (flows.origin_kind != "supplier").to_numpy()
    to_site = (flows.destination_kind == "site").to_numpy()
    sold = flows.sold_per_yr.notna().to_numpy()
    made = pd.MultiIndex.from_frame(flows[["origin", "commodity"]]).isin(makes)
    used = pd.MultiIndex.from_frame(flows[["destination", "commodity"]]).isin(uses)
    demand = pd.MultiIndex.from_frame(ledger.instance.demand_by_period[BY])
    wanted = pd.MultiIndex.from_frame(
        flows[["destination", "commodity", "period"]]
    ).isin(demand)
    can = np.where(from_site, made, sold)
    yield from broken("origin", where, np.where(can, 0.0, units), "units/yr")
    can = np.where(to_site, used, wanted)
    yield from broken("destination", where, np.where(can, 0.0, units), "units/yr")
    shut = from_site & ~_open_at(ledger, flows.origin, flows.period)
    shut |= to_site & ~_open_at(ledger, flows.destination, flows.period)
    yield from broken("shut", where, np.where(shut, units, 0.0), "units/yr")


def _able(ledger: Ledger) -> tuple[pd.MultiIndex, pd.MultiIndex]:
    """(site, commodity) pairs that could be made, and used up, there at all."""
    most = long(ledger.limit, "limit", "technology").reset_index()
    may = most.loc[most.limit > 0, ["site", "technology"]]
    items = ledger.instance.recipe_items.join(
        ledger.instance.recipes.technology, on="recipe"
    )
    rows = may.merge(items, on="technology")

    def named(chosen: pd.Series) -> pd.MultiIndex:
        return pd.MultiIndex.from_frame(rows.loc[chosen, ["site", "commodity"]])

    return named(rows.quantity > 0), named(rows.quantity < 0)


def _open_at(ledger: Ledger, places: pd.Series, periods: pd.Series) -> np.ndarray:
    """Whether each place is an open site in the period of its row."""
    row = positions(ledger.open.index, places)
    column = positions(ledger.open.columns, periods)
    return (row >= 0) & (ledger.open.to_numpy()[row, column] > 0)


def _supply(ledger: Ledger) -> Iterator[Violation]:
    flows = ledger.flows[ledger.flows.origin_kind == "supplier"]
    total = flows.groupby(["origin", "commodity", "period"]).agg(
        {
            "quantity_per_yr": "sum",
            "sold_per_yr": "first",
        }
    )
    # what is not sold at all is (origin)'s to say
    most = total.sold_per_yr.fillna(np.inf)
    excess = over(total.quantity_per_yr, most)
    yield from broken("supply", total.index, excess, "units/yr")
