"""Budgets: most capital, and most public capital, spent in a period.

    (capital)   sum of outlay <= capital_budget[t]                   money
    (public)    sum of public_share outlay <= public_budget[t]       money

Outlays are collected by the blocks that spend: openings, modules, infrastructure
steps, connections.

Needs: m.outlays[t], a list of (cost, public_share, variable or expression).
"""

import pyomo.environ as pyo

from dmopt.data.instance import Instance


def add(m: pyo.ConcreteModel, instance: Instance) -> None:
    capital, public = instance.periods.capital_budget, instance.periods.public_budget

    @m.Constraint(m.T)
    def capital_budget(m, t):
        spent = [(cost, bought) for cost, _, bought in m.outlays[t] if cost > 0]
        if not spent or capital.isna()[t]:
            return pyo.Constraint.Skip
        return sum(cost * bought for cost, bought in spent) <= capital[t]

    @m.Constraint(m.T)
    def public_budget(m, t):
        spent = [
            (cost * share, bought)
            for cost, share, bought in m.outlays[t]
            if cost * share > 0
        ]
        if not spent or public.isna()[t]:
            return pyo.Constraint.Skip
        return sum(cost * bought for cost, bought in spent) <= public[t]
