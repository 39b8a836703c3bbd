"""Zones, sites, catalogues and roads put together: an ordinary instance."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.raw import one_fault
from dmopt.data.schema import TABLES
from dmopt.data.validate import make_instance
from dmopt.regions import provision
from dmopt.regions.demand import demand_table, library_rates, own_rates
from dmopt.regions.distances import Ways, ways
from dmopt.regions.library import CURRENCY, Catalogue, catalogue, in_currency
from dmopt.regions.own_sites import own_sites
from dmopt.regions.road_files import read_network
from dmopt.regions.sites import ruled_sites
from dmopt.regions.zones import Zones

CATALOGUES = (
    "commodities",
    "recipes",
    "recipe_items",
    "services",
    "technology_needs",
    "recipe_needs",
    "infrastructure",
    "infrastructure_services",
    "prerequisites",
    "supplies",
    "modes",
    "lanes",
)
"""Tables of the library that go into an instance as they are."""

Source = str | Path | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a user may ask for besides the zones.

    sectors: ids of the library. sites: own list, else by rule, `site_count` of them.
    rates: own rates a head. roads, road_nodes: a road network. currency and
    exchange_rate: money units per pound sterling; the library is in pounds.
    name: of the instance.
    """

    sectors: Sequence[str] = ("bread",)
    sites: Source = None
    site_count: int | None = None
    rates: Source = None
    roads: Source = None
    road_nodes: Source = None
    currency: str = CURRENCY
    exchange_rate: float | None = None
    name: str = ""


@dataclass(frozen=True)
class Region:
    """A region made: the instance, and what a reader must know of it.

    how: how zones, people, sites, demand, roads and money came about, in sentences.
    unreachable: pairs in the region without a way (origin, destination, why).
    sectors: names of the sectors.
    """

    instance: Instance
    how: dict[str, list[str]]
    unreachable: pd.DataFrame
    sectors: list[str] = field(default_factory=list)


def build(zones: Zones, wishes: Wishes) -> Region:
    """An instance of zones and wishes. Raises InstanceError with what is wrong."""
    factor = _factor(wishes)
    library = catalogue(wishes.sectors).priced(factor, wishes.currency)
    settings = _settings()
    detour = float(settings["detour"])
    inside = _sites(zones, library, wishes)
    there = {*inside["class"], *library["outside"]["class"]}
    library, homeless = provision.placeable(library, there)
    people = float(zones.people.sum())
    if wishes.rates:
        rates = own_rates(wishes.rates, zones, library)
    else:
        rates = library_rates(library, zones)
    tables = {name: library[name] for name in CATALOGUES if name in library.tables}
    tables |= {
        "zones": _zone_table(zones),
        "sites": pd.concat([inside, provision.outside_sites(library, zones, detour)]),
        "suppliers": provision.suppliers(library, zones, detour),
        "technologies": provision.technologies(library, people),
        "site_services": pd.concat(
            [
                provision.site_services(inside, library),
                provision.outside_services(library, people),
            ]
        ),
        "locations": provision.locations(_open(inside), library),
        "demand": demand_table(rates, zones),
        "periods": in_currency(_periods(settings), factor, wishes.currency),
    }
    tables = {
        name: _blanks(cells.reset_index(drop=True)) for name, cells in tables.items()
    }
    found = _roads(zones, tables, wishes, detour)
    if found is not None:
        tables["distances"] = found.table
    instance = make_instance(
        _head(zones, wishes, settings, library, found is not None), tables
    )
    how = _how(zones, wishes, library, inside, rates, detour, found)
    if homeless:
        how["sites"].append(
            f"left out, as no site is of a class for them: {', '.join(homeless)}"
        )
    lost = found.unreachable if found is not None else pd.DataFrame()
    return Region(instance, how, lost, [each.name for each in library.sectors])


def _factor(wishes: Wishes) -> float:
    """Units of the wished currency in a pound."""
    rate = wishes.exchange_rate
    if rate is not None and not 0 < rate < float("inf"):
        raise one_fault("--exchange-rate", "a number above 0", f"{rate:g}")
    if wishes.currency == CURRENCY and rate not in (None, 1.0):
        raise one_fault("--exchange-rate", "none, since money stays in pounds")
    if wishes.currency != CURRENCY and rate is None:
        expected = f"{wishes.currency} per {CURRENCY}: the library is in {CURRENCY}"
        raise one_fault("--exchange-rate", expected)
    return rate or 1.0


def _blanks(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells with "" where there is nothing, so that parts put together are alike."""
    return cells.astype(object).where(cells.notna(), "")


def _settings() -> dict[str, Any]:
    file = files("dmopt.regions").joinpath("library/common/settings.toml")
    return tomllib.loads(file.read_text("utf-8"))


def _sites(zones: Zones, library: Catalogue, wishes: Wishes) -> pd.DataFrame:
    if wishes.sites and wishes.site_count is not None:
        expected = "either a list of sites or a number of them, not both"
        raise one_fault("--sites, --site-count", expected)
    if wishes.sites:
        return own_sites(wishes.sites, zones, library)
    return ruled_sites(zones, library, wishes.site_count)


def _open(sites: pd.DataFrame) -> pd.DataFrame:
    """Sites where something may be built."""
    there = sites[sites["status"] != "excluded"]
    if there.empty:
        raise one_fault("--sites", "at least one site that is not excluded")
    return there


def _zone_table(zones: Zones) -> pd.DataFrame:
    known = [c for c in zones.table.columns if c in TABLES["zones"].column]
    return zones.table[known]


def _periods(settings: dict[str, Any]) -> pd.DataFrame:
    year = settings["year"]
    return pd.DataFrame(
        [
            {
                "period": str(year),
                "start_year": year,
                "years": 1,
                "emission_price_per_t": str(settings["emission_price_per_t"]),
                "source": settings["emission_price_source"],
                "confidence": "assumption",
            }
        ]
    )


def _roads(
    zones: Zones, tables: dict[str, pd.DataFrame], wishes: Wishes, detour: float
) -> Ways | None:
    if not wishes.roads:
        if wishes.road_nodes:
            raise one_fault("--road-nodes", "a table of roads (--roads) with it")
        return None
    return ways(
        read_network(wishes.roads, zones.crs, wishes.road_nodes), tables, detour
    )


def _head(
    zones: Zones,
    wishes: Wishes,
    settings: dict[str, Any],
    library: Catalogue,
    listed: bool,
) -> dict[str, Any]:
    made = ", ".join(sector.name.lower() for sector in library.sectors).capitalize()
    people, count = zones.people.sum(), len(zones.table)
    return {
        "name": wishes.name or "My region",
        "description": f"{made} for {people:,.0f} people in {count:,} zones, one "
        "typical year; made by dmopt region",
        "crs": zones.crs,
        "currency": wishes.currency,
        "discount_rate": settings["discount_rate"],
        "holding_rate": settings["holding_rate"],
        "distance": "table" if listed else "projected",
        "detour": settings["detour"],
        "credit": zones.credit,
        "licence": " ".join(filter(None, (zones.licence, settings["licence"]))),
        "source": " ".join(f"{text[:1].upper()}{text[1:]}." for text in zones.how),
    }


def _how(
    zones: Zones,
    wishes: Wishes,
    library: Catalogue,
    inside: pd.DataFrame,
    rates: pd.DataFrame,
    detour: float,
    found: Ways | None,
) -> dict[str, list[str]]:
    kinds = ", ".join(
        f"{number} {str(kind).replace('_', ' ')}"
        for kind, number in inside["class"].value_counts(sort=False).items()
    )
    outside = ", ".join(
        f"{name} ({km} km)"
        for name, km in library["outside"][["name", "road_km"]].itertuples(index=False)
    )
    by = f"from {Path(wishes.sites).name}" if wishes.sites else "chosen by stated rules"
    name = library["commodities"].set_index("commodity")["name"]
    wanted = ", ".join(dict.fromkeys(name[rates["commodity"]]))
    origin = (
        Path(wishes.rates).name if wishes.rates else "the library's rates (Britain)"
    )
    money = f"figures of the library are of Britain, in {CURRENCY}"
    if wishes.currency != CURRENCY:
        money += (
            f"; turned into {wishes.currency} at {wishes.exchange_rate:g}, the rate "
            "you gave: wages, rents and prices are still Britain's, not the region's"
        )
    travel = [
        f"road km: straight km times {detour:g}, at each mode's speed (assumption)"
    ]
    return {
        "zones": zones.how,
        "sites": [
            f"{len(inside)} {by}: {kinds}",
            "modelled places and not real addresses, every cost an assumption"
            if not wishes.sites
            else "what the list does not tell is as usual for the class (assumption)",
            f"outside, in no real place: {outside}",
        ],
        "demand": [f"{wanted}, by {origin} times people"],
        "travel": found.how if found is not None else travel,
        "money": [money],
    }
