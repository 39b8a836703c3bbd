"""Getting rid of things: limits by period, and what comes back and no site takes.

    cost      zone_cost[c,t] left[c,t]                                        money/yr
    (waste)   sum_s disposal[s,c,t] + left[c,t] <= max_per_yr[c,t]            units/yr

    left      what came back to zones and no site took: (left) in flows/returns.py;
              only where it costs something or is limited

Disposal at sites has its own price: recipes.py.

Needs: m.disposal.  Gives: m.left[c, t].
"""

from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance


def add(m: pyo.ConcreteModel, instance: Instance) -> Any:
    table = instance.disposals_by_period.set_index(["commodity", "period"])
    returned = instance.returned_by_period
    most = returned.groupby(["commodity", "period"]).most_per_yr.sum()
    counts = table.zone_cost.gt(0) | table.max_per_yr.notna()
    listed = [key for key, used in counts.items() if used and key in most.index]
    m.left = pyo.Var(
        pyo.Set(initialize=listed, dimen=2),
        bounds=lambda m, c, t: (0, float(most[c, t])),
    )
    at_sites: dict[tuple[str, str], list[Any]] = {}
    for (_, c, t), units in m.disposal.items():
        at_sites.setdefault((c, t), []).append(units)
    limited = [key for key, units in table.max_per_yr.items() if units == units]

    @m.Constraint(pyo.Set(initialize=limited, dimen=2))
    def waste(m, c, t):
        gone = sum(at_sites.get((c, t), ()))
        gone += m.left[c, t] if (c, t) in m.left else 0
        if isinstance(gone, int):
            return pyo.Constraint.Skip
        return gone <= table.max_per_yr[c, t]

    return sum(
        m.weight[t] * table.zone_cost[c, t] * m.left[c, t]
        for c, t in m.left
        if table.zone_cost[c, t] > 0
    )
