"""Siting: which sites are open, and what opening, closing and keeping them costs.

    cost       crf opening_cost sum_{t'<=t} opening[s,t'] + closing_cost closing[s,t] / years[t]
               + fixed_cost open[s,t]                                        money/yr
    (change)   open[s,t] - open[s,t-1] = opening[s,t] - closing[s,t]

    open       0/1   m.open[s, t]         committed: 1 from `opens`, 0 before
    opening    0..1  m.opening[s, t]      whole by (change) and cost
    closing    0..1  m.closing[s, t]      not for candidates in the first period

Needs: m.S, m.T, m.before.  Gives: m.open, m.opening, m.closing, m.outlays (opening).
"""

from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation.money import crf
from dmopt.formulation.scope import Scope


def add(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> Any:
    sites, rate = scope.sites, instance.settings.discount_rate
    years = instance.periods.years.to_dict()
    opens = {
        s: m.T.ord(sites.opens[s] or m.T.first()) for s in scope.committed
    }

    def bounds(m: Any, s: str, t: str) -> tuple[int, int]:
        if s not in opens:
            return 0, 1
        here = int(m.T.ord(t) >= opens[s])
        return here, here

    m.open = pyo.Var(m.S, m.T, domain=pyo.Binary, bounds=bounds)
    m.opening = pyo.Var(m.S, m.T, bounds=(0, 1))
    m.closing = pyo.Var(m.S, m.T, bounds=(0, 1))

    @m.Constraint(m.S, m.T)
    def change(m, s, t):
        stood = m.open[s, m.before[t]] if m.before[t] else int(sites.status[s] == "existing")
        return m.open[s, t] - stood == m.opening[s, t] - m.closing[s, t]

    annuity = {s: crf(rate, sites.life_yr[s]) * sites.opening_cost[s] for s in m.S}
    closing, keeping = sites.closing_cost.to_dict(), sites.fixed_cost_per_yr.to_dict()
    for s in m.S:
        for t in m.T:
            m.outlays[t].append(
                (sites.opening_cost[s], sites.public_share[s], m.opening[s, t])
            )
    return sum(
        m.weight[t]
        * (
            annuity[s] * sum(m.opening[s, earlier] for earlier in m.until[t])
            + closing[s] / years[t] * m.closing[s, t]
            + keeping[s] * m.open[s, t]
        )
        for s in m.S
        for t in m.T
    )
