"""Recipes: what goes through a site.

    (balance)    input + sum_r yield activity + taken = output + disposal + aside
    (made here)  output + disposal <= sum over yield > 0 of yield activity, and, where
                 it could be made, + taken - aside
    (disposal)   disposal = 0 without a `disposal_cost`

input and output are the flows into and out of the site; aside and taken what it sets
aside for later periods, and takes from what it set aside before, per year.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.plan.checks.flows import able
from dmopt.plan.frames import books, positions
from dmopt.plan.ledger import Ledger
from dmopt.plan.moves import from_site
from dmopt.plan.tolerance import apart, over
from dmopt.plan.violation import Violation, broken

BY = ["site", "commodity", "period"]


def check(ledger: Ledger) -> Iterator[Violation]:
    through = throughput(ledger)
    where, unit = through.index, "units/yr"
    came, made, used, sent, disposal, aside, taken = through.to_numpy().T
    gone = sent + disposal
    wrong = apart(came + made + taken, gone + aside + used)
    yield from broken("balance", where, wrong, unit)
    stocked = np.where(makes_at(ledger, where), taken - aside, 0.0)
    yield from broken("made here", where, over(gone, made + stocked), unit)
    commodity = where.get_level_values("commodity")
    cost = ledger.instance.commodities.disposal_cost.reindex(commodity)
    most = np.where(cost.isna(), 0.0, np.inf)
    yield from broken("disposal", where, over(disposal, most), unit)


def makes_at(ledger: Ledger, where: pd.Index) -> np.ndarray:
    """Whether the site could make the commodity, (n,), for an index with both."""
    makes, _ = able(ledger)
    site, commodity = (where.get_level_values(name) for name in BY[:2])
    goods = ledger.instance.commodities.index
    row = positions(ledger.instance.sites.index, site)
    return np.asarray(makes[row, positions(goods, commodity)])


def throughput(ledger: Ledger) -> pd.DataFrame:
    """Units/yr input, made, used, output, disposal, aside, taken; index (site,
    commodity, period)."""
    stocks = ledger.stocks
    a_year = stocks.assign(
        aside=stocks.units / ledger.years[stocks["from"]],
        taken=stocks.left / ledger.years[stocks["to"]],
    )
    flows, amount = ledger.flows, "quantity_per_yr"
    into = flows[flows.destination_kind == "site"]
    out_of = flows[from_site(flows)]
    return books(
        BY,
        {
            "input": (into, ["destination", "commodity", "period"], amount),
            "made": (ledger.items, BY, "made"),
            "used": (ledger.items, BY, "used"),
            "output": (out_of, ["origin", "commodity", "period"], amount),
            "disposal": (ledger.plan.tables["disposal"], BY, amount),
            "aside": (a_year, BY, "aside"),
            "taken": (a_year, ["site", "commodity", "until"], "taken"),
        },
    )
