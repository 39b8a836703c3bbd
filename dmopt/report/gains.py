"""The district table, and what changes against another plan."""

import math

import pandas as pd

from dmopt.data.instance import Settings
from dmopt.explaining.words import amount
from dmopt.report.table import NONE, Table, change, figure, per_cent

HEADINGS = {
    "people": "People",
    "nearest_km": "Nearest working site, km",
    "near": "Within 10 km of one",
    "jobs": "Jobs there",
    "cost_per_head": "Cost of supply a head",
    "trips_in": "Vehicle trips in, a year",
    "trips_out": "Vehicle trips from its sites, a year",
    "delivery_t": "Emissions of deliveries, t CO2e a year",
    "site_t": "Emissions at its sites, t CO2e a year",
    "public_cost": "Public capital spent there",
}
MEANS = ("nearest_km", "near", "cost_per_head")
SHARES, MONEY = ("near",), ("cost_per_head", "public_cost")
ELSEWHERE = "in no district"


def name_of(district: str) -> str:
    """A district for people; "" is what stands in none."""
    return district or ELSEWHERE


def gains_table(table: pd.DataFrame, settings: Settings) -> Table:
    """The districts of a plan as they would be."""
    over = ", present value" if settings.money == "discounted" else ", a year"
    shown = _shown(table)
    head = ["District", *(_heading(name, over) for name in HEADINGS)]
    rows = [
        [
            name_of(str(district)),
            *(_says(name, row[name], settings) for name in HEADINGS),
        ]
        for district, row in zip(shown.index, shown.to_dict("records"), strict=True)
    ]
    return Table(
        "The districts under this plan",
        head,
        rows,
        note="Cost of supply: what it costs to make and bring what the district gets, "
        "and what it goes without; capital that is shared is told apart by use. "
        "Emissions at sites: energy and processes, not inputs.",
    )


def change_table(
    now: pd.DataFrame, before: pd.DataFrame, other: str, settings: Settings
) -> Table:
    """This plan less another one, district by district."""
    both = now.reindex(now.index.union(before.index, sort=False))
    sums = [name for name in map(str, now) if name not in MEANS]
    old = before.reindex(both.index)
    both[sums], old[sums] = both[sums].fillna(0.0), old[sums].fillna(0.0)
    names = [name for name in HEADINGS if name != "people"]
    over = ", present value" if settings.money == "discounted" else ", a year"
    kept = _shown(both)
    after, was = kept.to_dict("records"), old.loc[kept.index].to_dict("records")
    rows = [
        [name_of(str(name)), *(_changed(n, a[n], b[n], settings) for n in names)]
        for name, a, b in zip(kept.index, after, was, strict=True)
    ]
    head = ["District", *(_heading(name, over) for name in names)]
    return Table(
        f"What changes for each district against {other}",
        head,
        rows,
        note=f"This plan less {other}. Fewer km, lower costs, fewer trips and lower "
        "emissions are a gain; so are more jobs.",
    )


def _heading(name: str, over: str) -> str:
    return HEADINGS[name] + (over if name == "cost_per_head" else "")


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Without a row that holds nothing."""
    counts = table.drop(columns=list(MEANS))
    return table[(counts != 0).any(axis=1) | (table.index != "")]


def _says(name: str, value: float, settings: Settings) -> str:
    if name in SHARES:
        return per_cent(value)
    if name in MONEY:
        return NONE if math.isnan(value) else amount(value, settings)
    return figure(value)


def _changed(name: str, now: float, before: float, settings: Settings) -> str:
    """A difference; of a way that did not exist before, what it is now."""
    more = now - before
    if math.isnan(more):
        if math.isnan(now) == math.isnan(before):
            return NONE
        return "none any more" if math.isnan(now) else f"{figure(now)}, none before"
    if name in SHARES:
        return change(100 * more) + ("" if abs(more) < 1e-9 else " points")
    if name in MONEY and abs(more) >= 0.005:
        sign = "+" if more > 0 else "\N{MINUS SIGN}"
        return sign + amount(abs(more), settings)
    return "same" if name in MONEY else change(more)
