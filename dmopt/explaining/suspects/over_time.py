"""What ties periods: limits on getting rid of things, and firm promises."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.suspect import Figure, Suspect, at_value, with_cells
from dmopt.rules.words import figure

PROMISED = ("site", "technology", "infrastructure", "location", "period")


def disposals(instance: Instance) -> Iterator[Suspect]:
    limits = instance.disposals.dropna(subset="max_per_yr").groupby("commodity")
    for c, rows in limits:
        units = float(rows.max_per_yr.max())

        def factor(i: Instance, to: float, c: Any = c) -> Instance:
            mine = i.disposals.commodity == c
            most = i.disposals.max_per_yr[mine] * to / 100
            return with_cells(i, "disposals", mine, "max_per_yr", most)

        unit = instance.commodities.unit[str(c)]
        yield Suspect(
            "disposal",
            (str(c),),
            f"At most {figure(units)} {unit} of {c} are got rid of a year.",
            (Figure(f"{c} got rid of", "per cent of today", 100, 1e6, False, factor),)
            if units > 0
            else (),
            at_value(factor, np.nan),
            f"any amount of {c} may be got rid of",
        )


def promises(instance: Instance) -> Iterator[Suspect]:
    """Those that are firm; others give way at their price."""
    table = instance.promises
    firm = table.loc[table.change_cost.isna(), [*PROMISED, "count"]]
    for *parts, count in firm.itertuples(index=False, name=None):
        name = tuple(map(str, parts))

        def without(i: Instance, name: tuple[str, ...] = name) -> Instance:
            rest = i.promises[~promised(i, name)]
            return replace(i, tables={**i.tables, "promises": rest})

        what = _thing(name)
        asks = f"has {count}" if name[1] or name[2] else ("is shut", "is open")[count]
        yield Suspect(
            "promise",
            name,
            f"It was promised that {what} {asks} in {name[-1]}.",
            drop=without,
            dropped=f"no promise on {what} in {name[-1]}",
        )


def promised(instance: Instance, name: tuple[str, ...]) -> np.ndarray:
    """Which row of `promises` a suspect is, as a mask (n,)."""
    rows = instance.promises[list(PROMISED)].to_numpy(object)
    return np.asarray((rows == np.array(name, object)).all(axis=1))


def _thing(name: tuple[str, ...]) -> str:
    site, technology, infrastructure, location, _ = name
    if infrastructure:
        return f"{infrastructure} at {location}"
    return f"{technology} at {site}" if technology else f"site {site}"
