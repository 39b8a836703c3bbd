"""What zones want: units per head and year, of all people or of a band of them.

    quantity[z, c] = sum of the rates of c:  per_person_per_yr * people of z

The library's rates, or a list of the user's (CSV, workbook) with columns commodity,
per_person_per_yr, and if wanted

    people       column of the user's zones that counts them (an age band, say);
                 blank: all residents
    source, confidence

What comes out is `derived` at best, and never surer than its rates or its zones.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from dmopt.data.column import CONFIDENCE
from dmopt.data.raw import one_fault
from dmopt.data.rows import Rows, nearest
from dmopt.errors import Fault, InstanceError
from dmopt.regions.library import SUPPOSED, Catalogue
from dmopt.regions.own_sites import read_cells
from dmopt.regions.zones import Zones

COLUMNS = ("commodity", "per_person_per_yr", "people", "source", "confidence")


def library_rates(catalogue: Catalogue, zones: Zones) -> pd.DataFrame:
    """The library's rates, columns as `COLUMNS`. They are Britain's: for zones that are
    not known to be there they are an assumption, and their source says so."""
    rates = catalogue["rates"].assign(people="")
    if not zones.british:
        source = rates["source"] + "; zones not known to be in Britain: an assumption"
        rates = rates.assign(source=source, confidence=SUPPOSED)
    return rates[list(COLUMNS)]


def own_rates(path: str | Path, zones: Zones, catalogue: Catalogue) -> pd.DataFrame:
    """Rates of a user's list, checked; columns as `COLUMNS`. Raises InstanceError."""
    path = Path(path)
    cells, rows = read_cells(path)
    faults = [
        Fault(path.name, 1, "", repr(name), "a known column", nearest(name, COLUMNS))
        for name in cells.columns
        if name not in COLUMNS
    ]
    for name in COLUMNS[:2]:
        if name not in cells:
            faults.append(Fault(path.name, 1, name, "", "this column"))
    if faults:
        raise InstanceError(faults)
    for name in COLUMNS[2:]:
        if name not in cells:
            cells[name] = ""
    rate = pd.to_numeric(cells["per_person_per_yr"], errors="coerce").to_numpy(float)
    products = wanted_products(catalogue)
    cells["source"] = np.where(cells["source"] == "", path.name, cells["source"])
    faults = [
        *_named(rows, cells, "commodity", products, "a product of the chosen sectors"),
        *rows.faults(
            ~(np.isfinite(rate) & (rate >= 0)),
            "per_person_per_yr",
            cells["per_person_per_yr"],
            "units per person and year, 0 or more",
        ),
        *_band_faults(rows, cells["people"], zones),
        *_named(rows, cells, "confidence", ["", *CONFIDENCE], "how far to trust it"),
    ]
    if faults:
        raise InstanceError(faults)
    return cells[list(COLUMNS)]


def wanted_products(catalogue: Catalogue) -> list[str]:
    """Commodities of the sectors that people want: those with a library rate."""
    return list(dict.fromkeys(catalogue["rates"]["commodity"]))


def _named(
    rows: Rows, cells: pd.DataFrame, column: str, known: list[str], what: str
) -> list[Fault]:
    told = cells[column].tolist()
    expected = f"{what}: {', '.join(k for k in known if k)}"
    wrong = ~cells[column].isin(known)
    return rows.faults(
        wrong, column, cells[column], expected, lambda i: nearest(told[i], known)
    )


def _band_faults(rows: Rows, people: pd.Series, zones: Zones) -> list[Fault]:
    told, known = people.tolist(), list(zones.bands)
    numbers = {k for k, v in zones.bands.items() if not np.isnan(v).any()}
    unknown = np.array([bool(t) and t not in zones.bands for t in told])
    unread = np.array([bool(t) and t in known and t not in numbers for t in told])
    below = np.array([t in numbers and bool((zones.bands[t] < 0).any()) for t in told])
    column = "people"
    return [
        *rows.faults(
            unknown,
            column,
            people,
            "a column of the zones file, or blank for all residents",
            lambda i: nearest(told[i], known),
        ),
        *rows.faults(unread, column, people, "a column with a number in every zone"),
        *rows.faults(below, column, people, "a column without negative numbers"),
    ]


def _weakest(rates: pd.Series, zones: Zones) -> np.ndarray:
    """The weakest mark of all rates and of each zone, `derived` at best.

    A rate without a mark is an assumption; a zone without one says nothing.
    Shape (zones,)."""
    rank = CONFIDENCE.index
    rate = max(rank("derived"), *(rank(text or SUPPOSED) for text in rates))
    marks = zones.table["confidence"]
    worst = [max(rate, rank(text) if text else 0) for text in marks]
    return np.array(CONFIDENCE)[worst]


def demand_table(rates: pd.DataFrame, zones: Zones) -> pd.DataFrame:
    """The table `demand`. Raises InstanceError where nothing is wanted."""
    ids = zones.table["zone"].to_numpy()
    parts = []
    for commodity, mine in rates.groupby("commodity", sort=False):
        quantity = np.zeros(len(ids))
        for band, rate in zip(mine["people"], mine["per_person_per_yr"], strict=True):
            people = zones.bands[band] if band else zones.people
            quantity += people * float(rate)
        part = pd.DataFrame({"zone": ids, "commodity": commodity})
        part["quantity_per_yr"] = quantity.round(6)
        part["source"] = "rate a head times people: " + "; ".join(mine["source"])
        parts.append(part.assign(confidence=_weakest(mine["confidence"], zones)))
    table = pd.concat(parts, ignore_index=True)
    table = table[table["quantity_per_yr"] > 0].reset_index(drop=True)
    if table.empty:
        raise one_fault("--rates", "some demand", "0 in all")
    return table
