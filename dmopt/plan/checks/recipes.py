"""Recipes: what goes through a site.

    (balance)    input + sum_r yield activity = output + disposal
    (made here)  output + disposal <= sum over yield > 0 of yield activity
    (disposal)   disposal = 0 without a `disposal_cost`

input and output are the flows into and out of the site.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import apart, over
from dmopt.plan.violation import Violation, broken

BY = ["site", "commodity", "period"]


def check(ledger: Ledger) -> Iterator[Violation]:
    books = throughput(ledger)
    came = books.input + books.made
    went = books.output + books.disposal
    unit = "units/yr"
    yield from broken("balance", books.index, apart(came, went + books.used), unit)
    yield from broken("made here", books.index, over(went, books.made), unit)
    goods = books.index.get_level_values("commodity")
    cost = ledger.instance.commodities.disposal_cost.reindex(goods)
    most = np.where(cost.isna(), 0.0, np.inf)
    yield from broken("disposal", books.index, over(books.disposal, most), unit)


def throughput(ledger: Ledger) -> pd.DataFrame:
    """Units/yr input, made, used, output, disposal; index (site, commodity, period)."""
    flows = ledger.flows
    into = flows[flows.destination_kind == "site"].groupby(
        ["destination", "commodity", "period"]
    )
    out_of = flows[flows.origin_kind != "supplier"].groupby(
        ["origin", "commodity", "period"]
    )
    items = ledger.items.groupby(BY)
    parts = {
        "input": into.quantity_per_yr.sum().rename_axis(BY),
        "made": items.made.sum(),
        "used": items.used.sum(),
        "output": out_of.quantity_per_yr.sum().rename_axis(BY),
        "disposal": ledger.plan.tables["disposal"].groupby(BY).quantity_per_yr.sum(),
    }
    return pd.concat(parts, axis=1).fillna(0.0).rename_axis(BY)
