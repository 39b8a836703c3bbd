"""Recipes: what goes through a site.

    (balance)    input + sum_r yield activity = output + disposal
    (made here)  output + disposal <= sum over yield > 0 of yield activity
    (disposal)   disposal = 0 without a `disposal_cost`

input and output are the flows into and out of the site.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.plan.frames import books
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import apart, over
from dmopt.plan.violation import Violation, broken

BY = ["site", "commodity", "period"]


def check(ledger: Ledger) -> Iterator[Violation]:
    through = throughput(ledger)
    where, unit = through.index, "units/yr"
    came, made, used, sent, disposal = through.to_numpy().T
    wrong = apart(came + made, sent + disposal + used)
    yield from broken("balance", where, wrong, unit)
    yield from broken("made here", where, over(sent + disposal, made), unit)
    commodity = where.get_level_values("commodity")
    cost = ledger.instance.commodities.disposal_cost.reindex(commodity)
    most = np.where(cost.isna(), 0.0, np.inf)
    yield from broken("disposal", where, over(disposal, most), unit)


def throughput(ledger: Ledger) -> pd.DataFrame:
    """Units/yr input, made, used, output, disposal; index (site, commodity, period)."""
    flows, amount = ledger.flows, "quantity_per_yr"
    into = flows[flows.destination_kind == "site"]
    out_of = flows[flows.origin_kind != "supplier"]
    return books(
        BY,
        {
            "input": (into, ["destination", "commodity", "period"], amount),
            "made": (ledger.items, BY, "made"),
            "used": (ledger.items, BY, "used"),
            "output": (out_of, ["origin", "commodity", "period"], amount),
            "disposal": (ledger.plan.tables["disposal"], BY, amount),
        },
    )
