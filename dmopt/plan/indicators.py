"""What a plan brings, beside what it costs: per period and over all of them.

Each indicator is a numerator and a denominator per period (the denominator is 1
where it is no ratio). Over all periods both are weighted by years first, so that a
share is a share of all that was counted; outlays are summed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dmopt.plan.checks.capacity import work_and_capacity
from dmopt.plan.checks.flows import delivered
from dmopt.plan.emissions import by_cause
from dmopt.plan.frames import positions
from dmopt.plan.ledger import Ledger
from dmopt.plan.moves import from_site
from dmopt.plan.nearness import (
    nearest_km,
    share_within,
    working_sites,
    worst_tenth_km,
)
from dmopt.plan.outlays import outlays
from dmopt.plan.plan import Plan

ALL = "all"
NEAR_KM = (5, 10, 15)


@dataclass(frozen=True)
class Measure:
    """One indicator. top, bottom: shape (periods,); total: sum, not mean, over time."""

    name: str
    unit: str
    top: np.ndarray
    bottom: np.ndarray = field(default_factory=lambda: np.ones(1))
    total: bool = False

    def values(self, years: np.ndarray) -> np.ndarray:
        """Value of each period, then of all of them; NaN where nothing is counted."""
        bottom = np.broadcast_to(self.bottom, self.top.shape)
        weight = np.ones_like(years) if self.total else years / years.sum()
        tops = np.append(self.top, weight @ np.where(bottom == 0, 0.0, self.top))
        bottoms = np.append(bottom, 1.0 if self.total else weight @ bottom)
        empty = np.full(len(tops), np.nan)
        return np.divide(tops, bottoms, out=empty, where=bottoms != 0)


def indicators(plan: Plan) -> pd.DataFrame:
    """Columns period ("all": all of them), indicator, value, unit.

    What each means stands in docs/mathematics.md, "Indicators". NaN: distances to a
    site where none works or people have no way to it; ratios of nothing (no
    deliveries, no modules, no people, no demand).
    """
    table = measured(plan)
    periods = table.columns[2:]
    return pd.DataFrame(
        {
            "period": np.tile(periods.to_numpy(object), len(table)),
            "indicator": np.repeat(table.indicator.to_numpy(object), len(periods)),
            "value": table[periods].to_numpy().ravel(),
            "unit": np.repeat(table.unit.to_numpy(object), len(periods)),
        }
    ).astype(dict.fromkeys(("period", "indicator", "unit"), "str"))


def measured(plan: Plan) -> pd.DataFrame:
    """One row per indicator: indicator, unit, a column per period, and "all"."""
    ledger = plan.ledger
    measures = [measure for block in BLOCKS for measure in block(ledger)]
    values = np.array([measure.values(ledger.years) for measure in measures])
    return pd.DataFrame(
        {
            "indicator": [measure.name for measure in measures],
            "unit": [measure.unit for measure in measures],
            **dict(zip([*ledger.periods, ALL], values.T, strict=True)),
        }
    )


def supply_table(plan: Plan) -> pd.DataFrame:
    """Per commodity that zones want and period ("all": mean of a year): commodity,
    period, demand_per_yr, delivered_per_yr, unmet_per_yr, unmet_share, unit."""
    ledger = plan.ledger
    books = delivered(ledger).groupby(["commodity", "period"]).sum().reset_index()
    amounts = ["demand", "delivered", "unmet"]
    length = ledger.instance.periods.years.reindex(books.period).to_numpy()
    weighted = books[amounts].mul(length / ledger.years.sum(), axis=0)
    mean = weighted.groupby(books.commodity).sum().reset_index().assign(period=ALL)
    books = pd.concat([books, mean], ignore_index=True)
    order = positions(pd.Index([*ledger.periods, ALL]), books.period)
    books = books.assign(order=order).sort_values(["commodity", "order"])
    books["unmet_share"] = books.unmet / books.demand.where(books.demand > 0)
    unit = ledger.instance.commodities.unit.reindex(books.commodity).to_numpy()
    books = books.rename(columns={name: f"{name}_per_yr" for name in amounts})
    columns = ["commodity", "period", *(f"{name}_per_yr" for name in amounts)]
    return books.assign(unit=unit)[[*columns, "unmet_share", "unit"]].reset_index(
        drop=True
    )


def _environment(ledger: Ledger) -> Iterator[Measure]:
    kg = np.sum(list(by_cause(ledger).values()), axis=0)
    yield Measure("emissions_t", "t/yr", kg / 1000)
    services = ledger.instance.services
    energy = services.index[services.kind == "energy"]
    rows = ledger.needs[ledger.needs.service.isin(energy)]
    kwh = ledger.per_period(rows, rows.quantity_per_yr)
    yield Measure("energy_kwh", "kWh/yr", kwh)
    flows = ledger.flows
    vehicle_km = ledger.per_period(flows, flows.vehicle_km_per_yr)
    yield Measure("vehicle_km", "km/yr", vehicle_km)


def _jobs(ledger: Ledger) -> Iterator[Measure]:
    modules = ledger.modules["modules"].mul(ledger.of_pairs("jobs_per_module"), axis=0)
    inside = ledger.site_of_pairs("in_region").astype(bool)
    places = ledger.locations
    steps = ledger.steps.mul(places.jobs_per_step, axis=0)
    within = places.in_region.to_numpy(bool)
    for name, here, there in (
        ("jobs", inside, within),
        ("jobs_outside", ~inside, ~within),
    ):
        jobs = modules[here].to_numpy().sum(axis=0) + steps[there].to_numpy().sum(
            axis=0
        )
        yield Measure(name, "jobs", jobs.astype(float))


def _supply(ledger: Ledger) -> Iterator[Measure]:
    books = delivered(ledger).reset_index()
    price = ledger.instance.commodities.price.reindex(books.commodity).to_numpy()
    if not (price * books.demand).sum() > 0:
        price = np.ones(len(books))
    yield Measure(
        "unmet_share",
        "share",
        ledger.per_period(books, price * books.unmet),
        ledger.per_period(books, price * books.demand),
    )


def _people(ledger: Ledger) -> Iterator[Measure]:
    people = ledger.instance.zones.population.to_numpy(float)
    working = working_sites(ledger)
    km = [
        nearest_km(ledger.instance, working.index[working[period]])
        for period in ledger.periods
    ]
    for limit in NEAR_KM:
        shares = np.array([share_within(each, people, limit) for each in km])
        yield Measure(f"people_{limit}km", "share", shares)
    worst = np.array([worst_tenth_km(each, people) for each in km])
    yield Measure("worst_tenth_km", "km", worst)


def _deliveries(ledger: Ledger) -> Iterator[Measure]:
    rows = ledger.flows[ledger.flows.destination_kind == "zone"]
    by_weight = rows.t_per_yr.sum() > 0
    amount = rows.t_per_yr if by_weight else rows.quantity_per_yr
    yield Measure(
        "mean_delivery_km",
        "km",
        ledger.per_period(rows, amount * rows.km),
        ledger.per_period(rows, amount),
    )
    by_value = rows.value_per_yr.sum() > 0
    value = rows.value_per_yr if by_value else rows.quantity_per_yr
    yield Measure(
        "local_share",
        "share",
        ledger.per_period(rows, value.where(rows.origin_inside, 0.0)),
        ledger.per_period(rows, value),
    )


def _value(ledger: Ledger) -> Iterator[Measure]:
    flows = ledger.flows
    sent = flows.value_per_yr.where(flows.origin_inside, 0.0)
    paid = flows.value_per_yr.where(
        from_site(flows), flows.gate_price * flows.quantity_per_yr
    ).where(flows.destination_inside, 0.0)
    money = ledger.instance.settings.currency
    yield Measure(
        "local_value_added", f"{money}/yr", ledger.per_period(flows, sent - paid)
    )
    spent = outlays(ledger).groupby("period")[["public", "capital"]].sum()
    for name in ("public", "capital"):
        outlay = spent[name].reindex(ledger.periods).to_numpy()
        yield Measure(f"{name}_cost", money, outlay, total=True)


def _plant(ledger: Ledger) -> Iterator[Measure]:
    work, full = work_and_capacity(ledger)
    sites, kinds = ledger.instance.sites, ledger.instance.technologies
    here = sites.in_region.reindex(work.index.get_level_values("site")).to_numpy(bool)
    names = work.index.get_level_values("technology")
    each = (kinds.availability * kinds.capacity_per_yr).reindex(names).to_numpy()
    capital = kinds.capital_cost.reindex(names).to_numpy()
    capital = capital if capital[here].sum() > 0 else np.ones(len(capital))
    # capital that a unit of capacity stands for, so that unlike capacities add up
    weight = np.where(here, capital / each, 0.0)
    yield Measure(
        "utilisation", "share", weight @ work.to_numpy(), weight @ full.to_numpy()
    )
    inside = sites.in_region.to_numpy(bool)
    is_open = ledger.open.to_numpy(float)
    yield Measure("sites_open", "sites", is_open[inside].sum(axis=0))
    yield Measure("sites_outside", "sites", is_open[~inside].sum(axis=0))
    local = ledger.site_of_pairs("in_region").astype(bool)
    modules = ledger.modules["modules"].to_numpy(float)
    yield Measure("modules", "modules", modules[local].sum(axis=0))


BLOCKS: tuple[Callable[[Ledger], Iterator[Measure]], ...] = (
    _environment,
    _jobs,
    _supply,
    _people,
    _deliveries,
    _value,
    _plant,
)
