"""Rows of returns: what zones got comes back some periods later.

    back[z,b,u] = sum_{c,t} share D[z,c,t] sum of x into (z,c,t)              units/yr
    share       = quantity[c,b] years[t] / years[u],   u = t + lag_periods[c,b]

    (returned)  sum of y of b out of z in u - back[z,b,u] <= 0       for all z, b, u
    (left)      sum_{c,t} share (D[c,t] - unmet[c,t]) - left[b,u]
                <= sum of y of b out of all zones in u               for all b, u

(left) is written where what no site takes costs something or is limited
(formulation/disposals.py).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.rows import FlowRows

BY = ["zone", "commodity", "period"]


def return_rows(m: Any, instance: Instance, arcs: pd.DataFrame) -> Iterator[FlowRows]:
    """The rows above over a table of arcs.

    m: the decision layer, of which `unmet` and `left` are used.
    """
    if not len(instance.returns):
        return
    yield from _returned(instance, arcs)
    yield from _left(m, instance, arcs)


def _returned(instance: Instance, arcs: pd.DataFrame) -> Iterator[FlowRows]:
    """One family for each thing that comes back: a delivery may count for several."""
    rows, all_labels = instance.returns_of_demand, instance.returned_by_period
    for back, own in rows.groupby("commodity", sort=False):
        labels = all_labels[all_labels.commodity == back]
        index = pd.MultiIndex.from_frame(labels[BY])
        yield _balance(instance, arcs, str(back), index, own)


def _balance(
    instance: Instance,
    arcs: pd.DataFrame,
    back: str,
    labels: pd.MultiIndex,
    rows: pd.DataFrame,
) -> FlowRows:
    """(returned) of one thing that comes back, `labels` (zone, it, period)."""
    leaves = (arcs.origin_kind == "zone") & (arcs.commodity == back)
    row = np.full(len(arcs), -1, np.int32)
    weight = np.zeros(len(arcs))
    out = np.flatnonzero(leaves)
    row[out] = labels.get_indexer(_named(arcs.iloc[out], "origin"))
    weight[out] = 1.0
    into = np.flatnonzero(arcs.destination_kind == "zone")
    demand = instance.demand_by_period
    wanted = pd.MultiIndex.from_frame(demand[BY])
    of = pd.Index(rows.of)
    entry = of.get_indexer(wanted.get_indexer(_named(arcs.iloc[into], "destination")))
    number = labels.get_indexer(pd.MultiIndex.from_frame(rows[BY]))
    into, entry = into[entry >= 0], entry[entry >= 0]
    row[into] = number[entry]
    weight[into] = -rows.share.to_numpy()[entry]
    label = [tuple(map(str, each)) for each in labels]
    return FlowRows(label, row, weight, np.zeros(len(label)), means=True)


def _named(arcs: pd.DataFrame, end: str) -> pd.MultiIndex:
    columns = [arcs[name].astype(object) for name in (end, "commodity", "period")]
    return pd.MultiIndex.from_arrays(columns, names=BY)


def _left(m: Any, instance: Instance, arcs: pd.DataFrame) -> Iterator[FlowRows]:
    """(left) of all that is in m.left."""
    keys = list(m.left)
    if not keys:
        return
    there = pd.MultiIndex.from_tuples(keys, names=BY[1:])
    leaves = np.flatnonzero(arcs.origin_kind == "zone")
    row = np.full(len(arcs), -1, np.int32)
    out = arcs.iloc[leaves]
    row[leaves] = there.get_indexer(_named(out, "origin").droplevel("zone"))
    rows = instance.returns_of_demand
    demand = instance.demand_by_period.iloc[rows.of]
    of = pd.DataFrame(
        {
            "row": there.get_indexer(pd.MultiIndex.from_frame(rows[BY[1:]])),
            "commodity": demand.commodity.to_numpy(object),
            "period": demand.period.to_numpy(object),
            "share": rows.share.to_numpy(),
            "units": rows.share.to_numpy() * demand.quantity_per_yr.to_numpy(),
        }
    ).query("row >= 0")
    most = -np.bincount(of.row, of.units, len(keys))
    shares = of.drop_duplicates(["row", "commodity", "period"])
    unmet = [
        (n, m.unmet[c, t], share)
        for n, c, t, share, _ in shares.itertuples(index=False, name=None)
    ]
    own = [(n, m.left[key], 1.0) for n, key in enumerate(keys)]
    weight = np.where(row >= 0, -1.0, 0.0)
    yield FlowRows(keys, row, weight, most, [*unmet, *own], means=True)
