"""What making runs into: supplies, least use, modules at a site."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.suspect import (
    Figure,
    Suspect,
    at_value,
    many_more,
    with_cells,
)
from dmopt.rules.words import figure


def supplies(instance: Instance) -> Iterator[Suspect]:
    table = instance.supplies
    most = table.dropna(subset="max_per_yr").groupby(["supplier", "commodity"])
    for (g, c), rows in most:
        units = float(rows.max_per_yr.max())

        def factor(i: Instance, to: float, g: Any = g, c: Any = c) -> Instance:
            mine = (i.supplies.supplier == g) & (i.supplies.commodity == c)
            return with_cells(
                i,
                "supplies",
                mine,
                "max_per_yr",
                i.supplies.max_per_yr[mine] * to / 100,
            )

        unit = instance.commodities.unit[str(c)]
        yield Suspect(
            "supply",
            (str(g), str(c)),
            f"{g} sells at most {figure(units)} {unit} of {c} a year.",
            (Figure(f"{c} sold by {g}", "per cent of today", 100, 1e6, False, factor),),
            at_value(factor, np.nan),
            f"{g} sells any amount of {c}",
        )


def least_uses(instance: Instance) -> Iterator[Suspect]:
    for k, low in instance.technologies.least_use.items():
        if low == 0:
            continue

        def edit(i: Instance, to: float, k: Any = k) -> Instance:
            return with_cells(i, "technologies", k, "least_use", to)

        yield Suspect(
            "use",
            (str(k),),
            f"{k} runs at {figure(100 * low)} % of its capacity or more.",
            (Figure(f"least_use of {k}", "", low, 0, False, edit),),
            at_value(edit, 0.0),
            f"{k} may run at any use",
        )


def capacities(instance: Instance) -> Iterator[Suspect]:
    technologies = instance.technologies
    for name, most in technologies.max_modules.items():
        k = str(name)

        def edit(given: Instance, to: float, k: str = k) -> Instance:
            return with_cells(given, "technologies", k, "max_modules", int(to))

        more = float(many_more(pd.Series([most])).iloc[0])
        capacity = technologies.capacity_per_yr[k] * technologies.availability[k]
        yield Suspect(
            "capacity",
            (k,),
            f"A site takes at most {most} of {k}, each of {figure(capacity)} a year.",
            (Figure(f"max_modules of {k}", "modules", most, more, True, edit),),
            at_value(edit, more),
            f"up to {figure(more)} of {k} at a site",
        )
