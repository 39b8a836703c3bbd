"""The catalogues shipped with the package: what each sector makes, and how.

A sector is a folder of `library/` with tables as in `dmopt.data.schema`, and besides

    sector.toml           name and description
    rates.csv             units wanted per person and year
    outside.csv           plants outside: road km from the region, bearing
    outside_services.csv  what they have of each service
    suppliers.csv         as outside.csv

`library/common` holds what sectors share. Rows with one key in two sectors are one row
and must be equal. Money is in pounds sterling; every row names its source or is an
assumption.
"""

import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import pandas as pd

from dmopt.data.rows import nearest
from dmopt.data.schema import TABLES
from dmopt.errors import Fault, InstanceError

CURRENCY = "GBP"
COMMON = "common"
SUPPOSED = "assumption"
SEEN = ("measured", "published")
"""Marks of figures that somebody read off; what is worked out of them is `derived`."""

MONEY = re.compile(r"(^|_)(cost|price|fee|budget)(_per|$)")
"""Columns of money; `cost_factor` is not one."""


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector of the library: id (folder), name, description."""

    id: str
    name: str
    description: str


@dataclass(frozen=True)
class Catalogue:
    """Tables of the chosen sectors and of what they share, as text."""

    sectors: tuple[Sector, ...]
    tables: dict[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def priced(self, factor: float, currency: str) -> "Catalogue":
        """The same with all money in another currency, at `factor` of it per pound."""
        tables = {
            name: in_currency(cells, factor, currency)
            for name, cells in self.tables.items()
        }
        return Catalogue(self.sectors, tables)


def sectors() -> list[Sector]:
    """All sectors, by id."""
    found = []
    for folder in sorted(_library().iterdir(), key=lambda f: f.name):
        if folder.is_dir() and folder.joinpath("sector.toml").is_file():
            told = tomllib.loads(folder.joinpath("sector.toml").read_text("utf-8"))
            found.append(Sector(folder.name, told["name"], told["description"]))
    return found


def catalogue(chosen: Sequence[str]) -> Catalogue:
    """Tables of sectors by their ids, and of what they need of the common ones.

    Raises InstanceError for ids that are not known.
    """
    known = {sector.id: sector for sector in sectors()}
    wanted = list(dict.fromkeys(text.strip() for text in chosen if text.strip()))
    hint = f"sectors are {', '.join(known)}"
    faults = [
        Fault("--sector", None, "", repr(name), "a sector of the library", n or hint)
        for name in wanted
        if name not in known
        for n in [nearest(name, list(known))]
    ]
    if not wanted:
        faults = [Fault("--sector", None, "", "", "at least one sector", hint)]
    if faults:
        raise InstanceError(faults)
    own: dict[str, list[pd.DataFrame]] = {}
    for name in wanted:
        for table, cells in _tables(name):
            own.setdefault(table, []).append(cells)
    merged = {table: _merged(table, parts) for table, parts in own.items()}
    common = dict(_tables(COMMON))
    return Catalogue(tuple(known[n] for n in wanted), _needed(merged, common))


def _merged(table: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of all parts; those with one key once."""
    rows = pd.concat(parts, ignore_index=True).fillna("")
    key = [c for c in TABLES[table].unique if c in rows] if table in TABLES else []
    return rows.drop_duplicates(key or None, ignore_index=True)


def _needed(
    own: dict[str, pd.DataFrame], common: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The sectors' tables, and of the common ones what these make use of."""
    services = {*own["technology_needs"]["service"], *own["recipe_needs"]["service"]}
    common = dict(common)
    for table, column in (("services", "service"), ("class_services", "service")):
        common[table] = _only(common[table], column, services)
    common["modes"] = _only(common["modes"], "mode", set(own["lanes"]["mode"]))
    given = _only(common["infrastructure_services"], "service", services)
    ids = set(given["infrastructure"])
    needs = common["prerequisites"]
    for _ in range(len(needs)):
        ids |= set(needs.loc[needs["infrastructure"].isin(ids), "requires"])
    common["infrastructure_services"] = given
    for table in ("infrastructure", "locations", "prerequisites"):
        common[table] = _only(common[table], "infrastructure", ids)
    outside = own["outside_services"]
    own = own | {"outside_services": _only(outside, "service", services)}
    classes = set(";".join(own["technologies"]["site_classes"]).split(";"))
    for table in ("classes", "class_services"):
        common[table] = _only(common[table], "class", classes)
    return common | own


def _only(cells: pd.DataFrame, column: str, kept: set[str]) -> pd.DataFrame:
    return cells[cells[column].isin(kept)].reset_index(drop=True)


def in_currency(cells: pd.DataFrame, factor: float, currency: str) -> pd.DataFrame:
    """Cells with money multiplied by a factor, in currency per pound, and their source
    saying so. Blank cells stay blank. A price that was measured or published in pounds
    is only `derived` in another currency; the note says so."""
    money = [c for c in cells.columns if MONEY.search(str(c))]
    if factor == 1 or not money:
        return cells
    cells = cells.copy()
    if "confidence" in cells:
        turned = (cells[money].fillna("") != "").any(axis=1)
        turned &= cells["confidence"].isin(SEEN)
        note = cells["note"] if "note" in cells else pd.Series("", cells.index)
        said = cells["confidence"] + f" in {CURRENCY}, derived in {currency}"
        said = said.where(note == "", note + "; " + said)
        cells["note"] = note.where(~turned, said)
        cells["confidence"] = cells["confidence"].where(~turned, "derived")
    for column in money:
        cells[column] = [
            "" if text in ("", None) else f"{float(text) * factor:.6g}"
            for text in cells[column]
        ]
    if "source" in cells:
        cells["source"] += f"; times {factor:g} {currency} per {CURRENCY}, as given"
    return cells


@cache
def _texts(folder: str) -> dict[str, str]:
    return {
        file.name.removesuffix(".csv"): file.read_text("utf-8")
        for file in _library().joinpath(folder).iterdir()
        if file.name.endswith(".csv")
    }


def _tables(folder: str) -> Iterator[tuple[str, pd.DataFrame]]:
    for name, text in sorted(_texts(folder).items()):
        yield name, pd.read_csv(io.StringIO(text), dtype="str", na_filter=False)


def _library() -> Traversable:
    return files("dmopt.regions").joinpath("library")
