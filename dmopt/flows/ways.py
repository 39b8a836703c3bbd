"""Ways: what each arc joins, as rows of the flow layer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.arcs import paid
from dmopt.flows.numbers import Lookup, blocks, numbers_at, numbers_of
from dmopt.formulation.compiled import Columns
from dmopt.formulation.money import weights


@dataclass(frozen=True)
class Ways:
    """Of each arc (arcs,): the output it comes from, or outputs + source (supplies,
    then what comes back); the demand or the input it goes to; weighted money, of all of
    a demand or per unit."""

    start: np.ndarray
    end: np.ndarray
    cost: np.ndarray


def ways_of(instance: Instance, column: Columns, arcs: pd.DataFrame) -> Ways:
    """The ways of a table of arcs (dmopt/flows/arcs.py). column: as in `Decisions`."""
    outputs, inputs = column["output"], column["input"]
    sent = Lookup(instance, numbers_of(instance, outputs))
    entering = Lookup(instance, instance.source_numbers)
    wanted = Lookup(instance, instance.demand_numbers)
    brought = Lookup(instance, numbers_of(instance, inputs))
    quantity = instance.demand_by_period.quantity_per_yr.to_numpy(float)
    weight = np.array(list(weights(instance).values()))
    count = len(arcs)
    start, end = np.empty(count, np.int32), np.empty(count, np.int32)
    cost = np.empty(count)
    for block in blocks(count):
        some = arcs.iloc[block]
        leaving = numbers_at(instance, some, "origin")
        from_site = (some.origin_kind == "site").to_numpy()
        start[block] = np.where(
            from_site, sent.rows(leaving), len(outputs) + entering.rows(leaving)
        )
        coming = numbers_at(instance, some, "destination")
        to_zone = (some.destination_kind == "zone").to_numpy()
        end[block] = np.where(to_zone, wanted.rows(coming), brought.rows(coming))
        money = paid(some) * weight[leaving.period]
        money[to_zone] *= quantity[end[block][to_zone]]
        cost[block] = money
    return Ways(start, end, cost)
