"""Siting: which sites are open, and what opening, closing and keeping them costs.

    cost       crf opening_cost sum_{t'<=t} opening[s,t']
               + closing_cost closing[s,t] / years[t]
               + fixed_cost open[s,t]                                        money/yr
    (change)   open[s,t] - open[s,t-1] = opening[s,t] - closing[s,t]     not committed

    open       0/1   m.open[s, t]         committed: 1 from `opens`, 0 before
    opening    0..1  m.opening[s, t]      whole by (change) and cost
    closing    0..1  m.closing[s, t]

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
    opens = {s: m.T.ord(sites.opens[s] or m.T.first()) for s in scope.committed}
    stands = (sites.status == "existing").astype(int).to_dict()

    def bounds(m: Any, s: str, t: str) -> tuple[int, int]:
        if s not in opens:
            return 0, 1
        here = int(m.T.ord(t) >= opens[s])
        return here, here

    m.open = pyo.Var(m.S, m.T, domain=pyo.Binary, bounds=bounds)
    # What is committed is paid for: it neither opens nor closes here.
    m.undecided = pyo.Set(initialize=[s for s in m.S if s not in opens])
    m.opening = pyo.Var(m.undecided, m.T, bounds=(0, 1))
    m.closing = pyo.Var(m.undecided, m.T, bounds=(0, 1))

    @m.Constraint(m.undecided, m.T)
    def change(m, s, t):
        stood = m.open[s, m.before[t]] if m.before[t] else stands[s]
        return m.open[s, t] - stood == m.opening[s, t] - m.closing[s, t]

    life, paid = sites.life_yr.to_dict(), sites.opening_cost.to_dict()
    annuity = {s: crf(rate, life[s]) * paid[s] for s in m.S}
    onward = {t: sum(m.weight[later] for later in m.onward[t]) for t in m.T}
    closing, keeping = sites.closing_cost.to_dict(), sites.fixed_cost_per_yr.to_dict()
    public = sites.public_share.to_dict()
    for (s, t), opening in m.opening.items():
        m.outlays[t].append((paid[s], public[s], opening))
    return (
        sum(m.weight[t] * keeping[s] * m.open[s, t] for s, t in m.open)
        + sum(onward[t] * annuity[s] * m.opening[s, t] for s, t in m.opening)
        + sum(
            m.weight[t] * closing[s] / years[t] * m.closing[s, t] for s, t in m.closing
        )
    )
