"""Recipes and capacity: what sites make, from what, with which modules.

    cost          (variable_cost + stock) activity[s,r,t]
                  + disposal_cost disposal[s,c,t]                         money/yr
    (balance)     input + sum_r yield[r,c] activity + taken
                  = output + disposal + aside                             units/yr
    (made_here)   output + disposal + aside <= sum_{yield>0} yield[r,c] activity + taken
    (fresh)       aside <= sum_{yield>0} yield[r,c] activity, or input where none is
    (capacity)    sum_r use[r] activity <= avail[s] avail[k] cap[k] running[s,k,t]
    (least_use)   sum_r use[r] activity >= low avail[s] avail[k] cap[k] running[s,k,t]
                                                                       capacity/yr

    stock[r]      stock_days/365 holding_rate sum_{yield>0} price[c] yield[r,c]

(made_here) is written where a commodity is both made and used up at one site;
elsewhere (balance) says it already. (fresh) is written where something can be held and
something else can be taken from stock in the same period: what is old is not put back.

Needs: m.running, m.aside, m.taken.  Gives: m.activity[s, r, t], m.output[s, c, t],
m.input[s, c, t], m.disposal[s, c, t]: output and input are where the flow layer joins.
"""

from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope


def add(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> Any:
    commodities, recipes = instance.commodities, instance.recipes
    dispose = commodities.disposal_cost.notna()
    made = list(scope.makes)
    m.activity = pyo.Var(
        pyo.Set(initialize=scope.works), m.T, domain=pyo.NonNegativeReals
    )
    m.output = pyo.Var(pyo.Set(initialize=made), m.T, domain=pyo.NonNegativeReals)
    m.input = pyo.Var(
        pyo.Set(initialize=list(scope.takes)), m.T, domain=pyo.NonNegativeReals
    )
    m.disposal = pyo.Var(
        pyo.Set(initialize=[(s, c) for s, c in made if dispose[c]]),
        m.T,
        domain=pyo.NonNegativeReals,
    )
    _balances(m, scope)
    _capacities(m, instance, scope)

    kg_price = m.kg_price
    price, disposal = commodities.price.to_dict(), commodities.disposal_cost.to_dict()
    days = recipes.stock_days.to_dict()
    stock = {
        r: days[r]
        / 365
        * instance.settings.holding_rate
        * sum(price[c] * quantity for c, quantity in items.items() if quantity > 0)
        for r, items in scope.items.items()
    }
    cost, kg = recipes.variable_cost.to_dict(), recipes.emissions_kg.to_dict()
    return sum(
        m.weight[t] * (cost[r] + stock[r] + kg_price[t] * kg[r]) * m.activity[s, r, t]
        for s, r, t in m.activity
    ) + sum(m.weight[t] * disposal[c] * m.disposal[s, c, t] for s, c, t in m.disposal)


def _balances(m: pyo.ConcreteModel, scope: Scope) -> None:
    def gone(s: str, c: str, t: str) -> Any:
        sent = m.output[s, c, t] if (s, c, t) in m.output else 0
        sent += m.disposal[s, c, t] if (s, c, t) in m.disposal else 0
        return sent + m.aside.get((s, c, t), 0) - m.taken.get((s, c, t), 0)

    def made(s: str, c: str, t: str) -> Any:
        return sum(items[r][c] * m.activity[s, r, t] for r in scope.makes[s, c])

    items = scope.items
    both = [key for key in scope.makes if key in scope.takes]

    @m.Constraint(pyo.Set(initialize=sorted({*scope.makes, *scope.takes})), m.T)
    def balance(m, s, c, t):
        recipes = {*scope.makes.get((s, c), ()), *scope.takes.get((s, c), ())}
        net = sum(items[r][c] * m.activity[s, r, t] for r in sorted(recipes))
        brought = m.input[s, c, t] if (s, c, t) in m.input else 0
        return brought + net == gone(s, c, t)

    @m.Constraint(pyo.Set(initialize=both, dimen=2), m.T)
    def made_here(m, s, c, t):
        return gone(s, c, t) <= made(s, c, t)

    @m.Constraint(pyo.Set(initialize=[*(k for k in m.aside if k in m.taken)], dimen=3))
    def fresh(m, s, c, t):
        new = made(s, c, t) if (s, c) in scope.makes else m.input[s, c, t]
        return m.aside[s, c, t] <= new


def _capacities(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> None:
    technologies, use = instance.technologies, instance.recipes.capacity_use.to_dict()
    most = (technologies.availability * technologies.capacity_per_yr).to_dict()
    low, there = technologies.least_use.to_dict(), instance.sites.availability.to_dict()

    def used(s: str, k: str, t: str) -> Any:
        return sum(use[r] * m.activity[s, r, t] for r in scope.recipes_of[k])

    @m.Constraint(m.SK, m.T)
    def capacity(m, s, k, t):
        return used(s, k, t) <= there[s] * most[k] * m.running[s, k, t]

    @m.Constraint(m.SK, m.T)
    def least_use(m, s, k, t):
        if low[k] == 0:
            return pyo.Constraint.Skip
        return used(s, k, t) >= low[k] * there[s] * most[k] * m.running[s, k, t]
