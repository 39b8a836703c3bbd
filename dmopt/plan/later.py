"""What one period leaves to later ones: stock carried, promises kept."""

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.frames import grouped, names_in
from dmopt.plan.plan import Plan


def carried(
    stocks: pd.DataFrame, middle: np.ndarray, periods: pd.Index
) -> pd.DataFrame:
    """Units carried from each period into the next, what was lost until its middle
    taken off: (site, commodity) x periods.

    stocks: as `quantities.stocks` has it. middle (periods,): in years.
    """
    number = np.arange(len(periods))
    begin, end = (stocks[name].to_numpy()[:, None] for name in ("from", "to"))
    passed = middle - stocks.middle.to_numpy()[:, None]
    kept = (1 - stocks.loss_per_yr.to_numpy()[:, None]) ** np.maximum(passed, 0.0)
    during = (number >= begin) & (number < end)
    units = np.where(during, kept, 0.0) * stocks.units.to_numpy()[:, None]
    by = ["site", "commodity"]
    row, things = grouped([stocks[name].to_numpy(object) for name in by], by)
    sums = np.zeros((len(things), len(number)))
    np.add.at(sums, row, units)
    return pd.DataFrame(sums, things, periods)


def promises(instance: Instance, plan: Plan) -> pd.DataFrame:
    """Promises with there: how many of the promised stand (a site: 1 open)."""
    table, tables = instance.promises, plan.tables
    if not len(table):
        return table.assign(there=0.0)
    by = ["site", "technology", "infrastructure", "location", "period"]
    blank = dict.fromkeys(by, "")
    stand: dict[tuple[str, ...], int] = {}
    for name, count in (
        ("opened", None), ("modules", "modules"), ("infrastructure", "steps"),
    ):  # fmt: skip
        rows = tables[name]
        number = rows[count].tolist() if count else [1] * len(rows)
        keys = names_in(rows.assign(**{c: "" for c in blank if c not in rows}), by)
        stand.update(zip(keys, number, strict=True))
    there = [float(stand.get(key, 0)) for key in names_in(table, by)]
    return table.assign(there=there)
