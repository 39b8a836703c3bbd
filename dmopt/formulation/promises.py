"""Promises: what an earlier plan decided, kept or changed at a price.

    cost      change_cost fewer / years[t]                                    money/yr
    (firm)    open[s,t] = count;  modules[s,k,t] = count;  steps[i,l,t] = count
              where change_cost is blank
    (fewer)   modules[s,k,t] + fewer >= count;  steps[i,l,t] + fewer >= count

What cannot stand at a place at all counts as 0 there. More than was promised costs
nothing besides what it costs anyway.

Needs: m.open, m.modules, m.steps.
"""

from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance


def add(m: pyo.ConcreteModel, instance: Instance) -> Any:
    table = instance.promises.reset_index(drop=True)
    if not len(table):
        return 0
    firm = table.change_cost.isna()
    things = [_promised(m, row) for row in table.itertuples()]
    # A row needs a variable, also where nothing can stand.
    m.nothing_stands = pyo.Var(bounds=(0, 0))

    @m.Constraint(list(table.index[firm]))
    def firm_promise(m, n):
        return things[n] + m.nothing_stands == table["count"][n]

    m.fewer = pyo.Var(
        list(table.index[~firm]), bounds=lambda m, n: (0, int(table["count"][n]))
    )

    @m.Constraint(list(table.index[~firm]))
    def fewer_than_promised(m, n):
        return things[n] + m.nothing_stands + m.fewer[n] >= table["count"][n]

    years = instance.periods.years.to_dict()
    return sum(
        m.weight[t] * table.change_cost[n] / years[t] * m.fewer[n]
        for n in m.fewer
        for t in (table.period[n],)
    )


def _promised(m: pyo.ConcreteModel, row: Any) -> Any:
    """The variable that a promise is about; 0 where there is none."""
    key: tuple[str, ...]
    if row.infrastructure:
        family, key = m.steps, (row.infrastructure, row.location, row.period)
    elif row.technology:
        family, key = m.modules, (row.site, row.technology, row.period)
    else:
        family, key = m.open, (row.site, row.period)
    return family[key] if key in family else 0
