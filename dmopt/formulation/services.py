"""Services: power, people, land, water, data, licence: needed, had, and provided.

    cost        (price[s,q] + emission price kg[q]) need[s,q,t]               money/yr
    need        sum_k per_module[k,q] modules + sum_r per_unit[r,q] activity
    (service)   need[s,q,t] <= base[s,q] + sum of own per_step live + sum draw
    (share)     sum_s draw[s,i,l,q,t] <= per_step[i,q] live[i,l,t]
    (draw)      draw[s,i,l,q,t] <= lack[s,q] uses[s,i,l,t]
    (cover)     draw[s,i,l,q,t] <= most[s,q] live[i,l,t]       per_step is blank
    (permit)    modules[s,k,t] <= max[s,k] (sum uses + sum own steps)
                where one module needs more than base

    most[s,q]   need of all modules allowed at s;  lack[s,q] what those that have room
                need beyond base, at least 0

(permit) follows from the rest for whole numbers; it tightens the relaxation.

Needs: m.modules, m.activity, m.uses, m.live, m.steps.  Gives: m.draw[s, i, l, q, t].
"""

from collections import defaultdict
from math import isnan
from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope

Offered = dict[tuple[str, str], list[tuple[str, str, float]]]
"""(s, q) -> (i, l, per_step) of each location that offers q to s."""


def add(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> Any:
    limited = set(scope.limited)
    wanted = {key for key in scope.most_need if key[1] in limited}
    own: Offered = defaultdict(list)
    shared: Offered = defaultdict(list)
    for s, i, l in scope.reach:
        for q, per_step in scope.offers.get(i, {}).items():
            if (s, q) in wanted:
                to = shared if (s, i, l) in m.SIL else own
                to[s, q].append((i, l, per_step))

    draws = [(s, i, l, q) for (s, q), there in shared.items() for i, l, _ in there]
    m.draw = pyo.Var(
        pyo.Set(initialize=draws, dimen=4), m.T, domain=pyo.NonNegativeReals
    )
    _supply(m, scope, sorted(wanted), own, shared)
    _shares(m, scope)
    _permits(m, scope, sorted(wanted), own, shared)
    return _cost(m, instance, scope)


def need(m: pyo.ConcreteModel, scope: Scope, s: str, q: str, t: str) -> Any:
    """What site s needs of service q in period t: a linear expression."""
    modules = sum(
        scope.per_module[k][q] * m.modules[s, k, t]
        for k in scope.technologies_at[s]
        if scope.per_module.get(k, {}).get(q, 0)
    )
    activity = sum(
        scope.per_unit[r][q] * m.activity[s, r, t]
        for k in scope.technologies_at[s]
        for r in scope.recipes_of[k]
        if scope.per_unit.get(r, {}).get(q, 0)
    )
    return modules + activity


def _supply(m: Any, scope: Scope, wanted: Any, own: Any, shared: Any) -> None:
    @m.Constraint(pyo.Set(initialize=wanted, dimen=2), m.T)
    def service(m, s, q, t):
        most = scope.allowed_need[s, q]
        had = scope.base.get((s, q), 0.0) + sum(
            (most if isnan(per_step) else per_step) * m.live[i, l, t]
            for i, l, per_step in own[s, q]
        )
        drawn = sum(m.draw[s, i, l, q, t] for i, l, _ in shared[s, q])
        return need(m, scope, s, q, t) <= had + drawn


def _shares(m: Any, scope: Scope) -> None:
    per_step = {
        (i, q): units for i, by in scope.offers.items() for q, units in by.items()
    }
    drawers = defaultdict(list)
    for s, i, l, q in _keys(m.draw):
        drawers[i, l, q].append(s)
    counted = [(i, l, q) for i, l, q in drawers if not isnan(per_step[i, q])]
    open_ended = [(s, i, l, q) for s, i, l, q in _keys(m.draw) if isnan(per_step[i, q])]

    @m.Constraint(pyo.Set(initialize=counted, dimen=3), m.T)
    def share(m, i, l, q, t):
        drawn = sum(m.draw[s, i, l, q, t] for s in drawers[i, l, q])
        return drawn <= per_step[i, q] * m.live[i, l, t]

    @m.Constraint(pyo.Set(initialize=_keys(m.draw), dimen=4), m.T)
    def draw_from(m, s, i, l, q, t):
        lack = max(scope.most_need[s, q] - scope.base.get((s, q), 0.0), 0.0)
        return m.draw[s, i, l, q, t] <= lack * m.uses[s, i, l, t]

    @m.Constraint(pyo.Set(initialize=open_ended, dimen=4), m.T)
    def cover(m, s, i, l, q, t):
        return m.draw[s, i, l, q, t] <= scope.allowed_need[s, q] * m.live[i, l, t]


def _keys(var: Any) -> list[Any]:
    """Keys of a variable without the period, in order."""
    return list(dict.fromkeys(key[:-1] for key in var))


def _permits(m: Any, scope: Scope, wanted: Any, own: Any, shared: Any) -> None:
    permits = [
        (s, k, q)
        for s, q in wanted
        for k in scope.technologies_at[s]
        if scope.per_module.get(k, {}).get(q, 0)
        > scope.base.get((s, q), 0.0) * (1 + 1e-9)
        and s not in scope.committed
    ]

    @m.Constraint(pyo.Set(initialize=permits, dimen=3), m.T)
    def permit(m, s, k, q, t):
        providers = sum(m.uses[s, i, l, t] for i, l, _ in shared[s, q]) + sum(
            m.steps[i, l, t] for i, l, _ in own[s, q]
        )
        return m.modules[s, k, t] - scope.most_modules[s, k] * providers <= 0


def _cost(m: Any, instance: Instance, scope: Scope) -> Any:
    kg = instance.services.emissions_kg.to_dict()

    def rate(s: str, needs: dict[str, float], t: str) -> float:
        return sum(
            (scope.price[s, q] + m.kg_price[t] * kg[q]) * units
            for q, units in needs.items()
        )

    return sum(
        m.weight[t] * rate(s, scope.per_module.get(k, {}), t) * m.modules[s, k, t]
        for s, k, t in m.modules
    ) + sum(
        m.weight[t] * rate(s, scope.per_unit.get(r, {}), t) * m.activity[s, r, t]
        for s, r, t in m.activity
    )
