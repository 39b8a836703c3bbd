"""Prices and quantities that a what-if turns: one number each, over whole tables.

transport_price    what moving costs, times today
emission_price     money a tonne of CO2e, in every period: the value itself
machine_price      capital of modules, plants aside, times today
labour             labour that modules and recipes need, plants aside, times today
energy_price       price of energy, everywhere, times today
input_price        what suppliers ask, times today
demand             all demand, times today
demand:PRODUCT     demand for one product, times today
availability:SITE  share of the capacity at a site that can be used: the value itself;
                   a figure of worlds and ranges, and of no page, as sites are many
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from dmopt.data.instance import Instance
from dmopt.data.uncertain import AVAILABILITY, MOST
from dmopt.studies.breakeven import (
    crew,
    emission_price,
    machine_price,
    transport_price,
    volume,
)

TIMES = "times today"
PRODUCT = "demand:"
AT_SITE = f"{AVAILABILITY}:"
STEP = 0.05

Edit = Callable[[Instance, float], Instance]


@dataclass(frozen=True)
class Knob:
    """One number to turn.

    key: its name in a wish. label, unit: for people. now: its value in the instance.
    low, high: least and greatest value taken. step: a sensible step between values.
    edit: (instance, value) -> instance with it.
    """

    key: str
    label: str
    unit: str
    now: float
    low: float
    high: float
    step: float
    edit: Edit = field(compare=False, repr=False)


def knobs(instance: Instance) -> list[Knob]:
    """Every knob that has something to turn in the instance."""
    return [*_prices(instance), *_demands(instance)]


def every_knob(instance: Instance) -> list[Knob]:
    """Those, and the availability of each site."""
    return [*knobs(instance), *_availabilities(instance)]


def key_of(figure: str, of: str, site: str) -> str:
    """The key of the knob that a row of `uncertain` or `world_changes` names."""
    return f"{PRODUCT}{of}" if of else f"{AT_SITE}{site}" if site else figure


def _availabilities(instance: Instance) -> Iterator[Knob]:
    table = instance.sites[["name", AVAILABILITY]]
    for site, name, now in table.itertuples(name=None):
        yield Knob(
            f"{AT_SITE}{site}",
            f"Availability of {name or site}",
            "share of its capacity",
            float(now),
            0.0,
            MOST[AVAILABILITY],
            STEP,
            partial(_available, site=str(site)),
        )


def _available(instance: Instance, share: float, *, site: str) -> Instance:
    sites = instance.sites.copy()
    sites.loc[site, AVAILABILITY] = share
    return replace(instance, tables={**instance.tables, "sites": sites})


def _prices(instance: Instance) -> Iterator[Knob]:
    yield _factor("transport_price", "Price of transport", transport_price)
    prices = instance.periods.emission_price_per_t
    differ = ", the same in every period (now: the first)" * (prices.nunique() > 1)
    yield Knob(
        "emission_price",
        f"Price of emissions{differ}",
        f"{instance.settings.currency} per t CO2e",
        float(prices.iloc[0]),
        0.0,
        MOST["emission_price"],
        5.0,
        emission_price,
    )
    yield _factor(
        "machine_price", "Price of machines, central plants aside", machine_price
    )
    services = instance.services
    if (services.kind == "labour").any():
        yield _factor("labour", "Labour needed, central plants aside", crew)
    if (services.kind == "energy").any():
        yield _factor("energy_price", "Price of energy", energy_price)
    if len(instance.supplies):
        yield _factor("input_price", "Price of inputs", input_price)


def _demands(instance: Instance) -> Iterator[Knob]:
    yield _factor("demand", "All demand", volume)
    wanted = instance.commodities.loc[
        instance.commodities.index.isin(instance.demand.commodity)
    ]
    for product, name in wanted.name.items():
        label = f"Demand for {name or product}"
        key = f"{PRODUCT}{product}"
        yield _factor(key, label, partial(_demand_for, product=str(product)))


def _factor(key: str, label: str, edit: Edit) -> Knob:
    most = MOST[key.partition(":")[0]]
    return Knob(key, label, TIMES, 1.0, 0.0, most, STEP, edit)


def energy_price(instance: Instance, factor: float) -> Instance:
    """Energy at another price: in general, and where a site has its own."""
    services, own = instance.services.copy(), instance.site_services.copy()
    energy = services.kind == "energy"
    services.loc[energy, "price"] *= factor
    own.loc[own.service.isin(services.index[energy]), "price"] *= factor
    tables = {**instance.tables, "services": services, "site_services": own}
    return replace(instance, tables=tables)


def input_price(instance: Instance, factor: float) -> Instance:
    """Suppliers at other prices."""
    supplies = instance.supplies.assign(price=instance.supplies.price * factor)
    return replace(instance, tables={**instance.tables, "supplies": supplies})


def _demand_for(instance: Instance, factor: float, *, product: str) -> Instance:
    demand = instance.demand.copy()
    demand.loc[demand.commodity == product, "quantity_per_yr"] *= factor
    return replace(instance, tables={**instance.tables, "demand": demand})
