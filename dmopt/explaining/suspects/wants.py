"""What is wanted: demand that must be met, and the time it may take to arrive."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.suspect import Figure, Suspect, at_value, with_cells
from dmopt.rules.words import figure

LEAST_DEMAND = 5.0
"""Per cent of a demand below which to lower it further is no way out."""


def demands(instance: Instance) -> Iterator[Suspect]:
    wanted = instance.demand_by_period.groupby("commodity").quantity_per_yr.sum()
    for name, quantity in wanted.items():
        c = str(name)
        if instance.commodities.unmet_price.notna()[c]:
            continue
        unit = instance.commodities.unit[c]

        def edit(i: Instance, to: float, c: str = c) -> Instance:
            rows = i.demand.commodity == c
            scaled = i.demand.quantity_per_yr[rows] * to / 100
            return with_cells(i, "demand", rows, "quantity_per_yr", scaled)

        def may_fail(i: Instance, c: str = c) -> Instance:
            return with_cells(i, "commodities", c, "unmet_price", 10 * _dear(i))

        yield Suspect(
            "demand",
            (c,),
            f"All {figure(quantity)} {unit} a year of {c} must be supplied.",
            (
                Figure(
                    f"demand for {c}",
                    "per cent of today",
                    100,
                    LEAST_DEMAND,
                    False,
                    edit,
                ),
            ),
            may_fail,
            f"{c} may stay unmet, at a price",
        )


def _dear(instance: Instance) -> float:
    """A price of what is missing that is above every price in the instance."""
    prices = instance.commodities[["price", "unmet_price"]].to_numpy(float)
    return max(1.0, float(np.nanmax(prices, initial=0.0)))


def delivery_times(instance: Instance) -> Iterator[Suspect]:
    for c, hours in instance.commodities.max_delivery_h.items():
        if np.isnan(hours):
            continue

        def edit(i: Instance, to: float, c: Any = c) -> Instance:
            return with_cells(i, "commodities", c, "max_delivery_h", to)

        yield Suspect(
            "delivery time",
            (str(c),),
            f"{c} must arrive within {figure(hours)} h.",
            (Figure(f"max_delivery_h of {c}", "h", hours, 1e4, False, edit),),
            at_value(edit, np.nan),
            f"{c} may take any time",
        )
