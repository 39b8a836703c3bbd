"""Flows.

(demand)       flow into z + unmet = D[z,c,t], with D = 0 where none is given
(unmet)        unmet = 0 without an `unmet_price`
(lane)         a lane allows commodity, mode and kinds of place; there is a way
(far), (slow)  km <= max_km of lane and mode;  into zones hours <= max_delivery_h
(origin)       suppliers sell it in the period; sites could make it; it can come back
               to the zone in the period
(destination)  sites could use it up; zones want it in the period
(shut)         the sites at both ends are open
(supply)       flow out of a supplier <= max_per_yr
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.plan.frames import books, cells, grouped, names_in, positions, rows_of
from dmopt.plan.ledger import Ledger
from dmopt.plan.moves import from_site
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
    amount = "quantity_per_yr"
    return books(
        BY,
        {
            "demand": (ledger.instance.demand_by_period, BY, amount),
            "delivered": (flows, ["destination", "commodity", "period"], amount),
            "unmet": (ledger.plan.tables["unmet"], BY, amount),
        },
    )


def _demand(ledger: Ledger) -> Iterator[Violation]:
    wanted = delivered(ledger)
    demand, came, unmet = wanted.to_numpy().T
    yield from broken("demand", wanted.index, apart(came + unmet, demand), "units/yr")
    commodity = wanted.index.get_level_values("commodity")
    price = ledger.instance.commodities.unmet_price.reindex(commodity)
    most = np.where(price.isna(), 0.0, np.inf)
    yield from broken("unmet", wanted.index, over(unmet, most), "units/yr")


def _lanes(ledger: Ledger) -> Iterator[Violation]:
    flows = ledger.flows[ledger.flows.quantity_per_yr != 0]
    where = flows[NAMES]
    lanes, modes = ledger.instance.lanes, ledger.instance.modes
    row = rows_of(
        names_in(flows, ["commodity", "mode", "origin_kind", "destination_kind"]),
        names_in(lanes, ["commodity", "mode", "origin", "destination"]),
    )
    km = flows.km.to_numpy()
    itself = (flows.origin == flows.destination).to_numpy()
    allowed = (row >= 0) & ~np.isnan(km) & ~itself
    units = flows.quantity_per_yr.to_numpy()
    yield from broken("lane", where, np.where(allowed, 0.0, units), "units/yr")
    mode_km = cells(modes.max_km, positions(modes.index, flows["mode"]))
    # NaN is no limit
    most_km = np.fmin(np.fmin(cells(lanes.max_km, row), mode_km), np.inf)
    too_far = over(np.nan_to_num(km), most_km)
    yield from broken("far", where, too_far, "km")
    goods = ledger.instance.commodities
    most_h = cells(goods.max_delivery_h, positions(goods.index, flows.commodity))
    to_zone = (flows.destination_kind == "zone").to_numpy()
    most_h = np.where(to_zone & ~np.isnan(most_h), most_h, np.inf)
    too_slow = over(np.nan_to_num(flows.hours.to_numpy()), most_h)
    yield from broken("slow", where, too_slow, "h")


def _ends(ledger: Ledger) -> Iterator[Violation]:
    flows = ledger.flows[ledger.flows.quantity_per_yr != 0]
    where = flows[NAMES]
    units = flows.quantity_per_yr.to_numpy()
    makes, uses = able(ledger)
    of_site, of_zone = from_site(flows), (flows.origin_kind == "zone").to_numpy()
    to_site = (flows.destination_kind == "site").to_numpy()
    sold = flows.sold_per_yr.notna().to_numpy()
    commodity = positions(ledger.instance.commodities.index, flows.commodity)
    sites = ledger.instance.sites.index
    origin, destination = (
        positions(sites, flows[end]) for end in ("origin", "destination")
    )
    demand = names_in(ledger.instance.demand_by_period, BY)
    to = names_in(flows, ["destination", "commodity", "period"])
    enters = np.where(of_zone, False, sold)
    if of_zone.any():
        returned = names_in(ledger.instance.returned_by_period, BY)
        back = names_in(flows[of_zone], ["origin", "commodity", "period"])
        enters[of_zone] = rows_of(back, returned) >= 0
    can = np.where(of_site, makes[origin, commodity], enters)
    yield from broken("origin", where, np.where(can, 0.0, units), "units/yr")
    can = np.where(to_site, uses[destination, commodity], rows_of(to, demand) >= 0)
    yield from broken("destination", where, np.where(can, 0.0, units), "units/yr")
    period = positions(ledger.periods, flows.period)
    is_open = ledger.open.to_numpy() > 0
    shut = of_site & ~is_open[origin, period]
    shut |= to_site & ~is_open[destination, period]
    yield from broken("shut", where, np.where(shut, units, 0.0), "units/yr")


def able(ledger: Ledger) -> tuple[np.ndarray, np.ndarray]:
    """What could be made, and used up, there at all: sites x commodities, bool."""
    recipes, items = ledger.instance.recipes, ledger.instance.recipe_items
    recipe = positions(recipes.index, items.recipe)
    technology = positions(ledger.limit.columns, recipes.technology)[recipe]
    commodities = ledger.instance.commodities.index
    commodity = positions(commodities, items.commodity)
    fits = ledger.limit.to_numpy() > 0
    makes, uses = np.zeros((2, len(fits), len(commodities)), bool)
    for of, good, quantity in zip(technology, commodity, items.quantity, strict=True):
        what = makes if quantity > 0 else uses
        what[:, good] |= fits[:, of]
    return makes, uses


def _supply(ledger: Ledger) -> Iterator[Violation]:
    flows = ledger.flows[ledger.flows.origin_kind == "supplier"]
    by = ["origin", "commodity", "period"]
    row, index = grouped([flows[name].to_numpy(object) for name in by], by)
    total = np.bincount(row, flows.quantity_per_yr.to_numpy(float), len(index))
    most = np.full(len(index), np.inf)
    # what is not sold at all is (origin)'s to say
    most[row] = flows.sold_per_yr.fillna(np.inf)
    yield from broken("supply", index, over(total, most), "units/yr")
