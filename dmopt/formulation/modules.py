"""Modules: whole units of technology at sites, bought, sold and moved over time.

    cost      crf (capital_cost sum_{t'<=t} bought - resale sum_{t'<=t} sold)[s,k,t']
              + fixed_cost modules + move_cost moved_in / years[t]           money/yr
    (stand)   modules[t] = modules[t-1] + bought + moved_in - sold - moved_out
    (room)    modules[s,k,t] <= most[s,k] open[s,t]
    (move)    sum_s moved_in[s,k,t] = sum_s moved_out[s,k,t]
    (take)    sold + moved_out <= modules[t-1]
    (wait)    running[s,k,t] >= 0, where something bought may not be ready yet

    running[s,k,t] = modules[s,k,t] - sum_{t'<=t} (1 - ready[k,t',t]) bought[s,k,t']

    resale = resale_share capital_cost.  Where prices fall (prices.py), what is bought
    costs crf spent[k,t] in all, and resale counts the lowest price.

Committed sites are fixed: modules = what comes, nothing bought, sold or moved.

Needs: m.open.  Gives: m.modules, m.bought, m.sold, m.moved_in, m.moved_out
(sparse: only where they can be more than 0), m.running[s, k, t] (expression).
"""

from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation import prices
from dmopt.formulation.money import crf, ready
from dmopt.formulation.scope import Scope


def add(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> Any:
    _variables(m, instance, scope)
    _rows(m, instance, scope)
    prices.add(m, instance)
    return _cost(m, instance)


def _variables(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> None:
    most = scope.most_modules
    movable = instance.technologies.move_cost.notna()
    m.SK = pyo.Set(initialize=list(most), dimen=2)
    free = [(s, k, t) for s, k in m.SK for t in m.T if s not in scope.committed]
    # Only what stood before can leave: nothing at a candidate in the first period.
    leave = [
        (s, k, t) for s, k, t in free if m.before[t] or scope.standing.get((s, k), 0)
    ]
    can_move = {(k, t) for _, k, t in leave if movable[k]}

    def bounds(m: Any, s: str, k: str, t: str) -> tuple[int, int]:
        if s not in scope.committed:
            return 0, most[s, k]
        modules = most[s, k] * int(m.open[s, t].lb)
        return modules, modules

    whole = {"domain": pyo.NonNegativeIntegers}
    limit = lambda m, s, k, t: (0, most[s, k])  # noqa: E731
    m.modules = pyo.Var(m.SK, m.T, bounds=bounds, **whole)
    m.bought = pyo.Var(pyo.Set(initialize=free), bounds=limit, **whole)
    m.sold = pyo.Var(pyo.Set(initialize=leave), bounds=limit, **whole)
    m.moved_out = pyo.Var(
        pyo.Set(initialize=[key for key in leave if movable[key[1]]]),
        bounds=limit,
        **whole,
    )
    m.moved_in = pyo.Var(
        pyo.Set(initialize=[key for key in free if key[1:] in can_move]),
        bounds=limit,
        **whole,
    )


def _rows(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> None:
    share = ready(instance, instance.technologies.setup_yr)

    def stood(s: str, k: str, t: str) -> Any:
        before = m.before[t]
        return m.modules[s, k, before] if before else scope.standing.get((s, k), 0)

    def some(var: Any, s: str, k: str, t: str) -> Any:
        return var[s, k, t] if (s, k, t) in var else 0

    @m.Constraint(m.bought.index_set())
    def stand(m, s, k, t):
        return m.modules[s, k, t] == (
            stood(s, k, t)
            + m.bought[s, k, t]
            + some(m.moved_in, s, k, t)
            - some(m.sold, s, k, t)
            - some(m.moved_out, s, k, t)
        )

    @m.Constraint(m.bought.index_set())
    def room(m, s, k, t):
        return m.modules[s, k, t] <= scope.most_modules[s, k] * m.open[s, t]

    @m.Constraint(pyo.Set(initialize=sorted({key[1:] for key in m.moved_in})))
    def move(m, k, t):
        arrive = sum(
            m.moved_in[s, k2, t2] for s, k2, t2 in m.moved_in if (k2, t2) == (k, t)
        )
        leave = sum(
            m.moved_out[s, k2, t2] for s, k2, t2 in m.moved_out if (k2, t2) == (k, t)
        )
        return arrive == leave

    @m.Constraint(m.sold.index_set())
    def take(m, s, k, t):
        return m.sold[s, k, t] + some(m.moved_out, s, k, t) <= stood(s, k, t)

    @m.Expression(m.SK, m.T)
    def running(m, s, k, t):
        return m.modules[s, k, t] - sum(
            (1 - share[k][earlier, t]) * m.bought[s, k, earlier]
            for earlier in m.until[t]
            if s not in scope.committed and share[k][earlier, t] < 1
        )

    @m.Constraint(m.sold.index_set())
    def wait(m, s, k, t):
        if all(share[k][earlier, t] == 1 for earlier in m.until[t]):
            return pyo.Constraint.Skip
        return m.running[s, k, t] >= 0


def _cost(m: pyo.ConcreteModel, instance: Instance) -> Any:
    technologies, rate = instance.technologies, instance.settings.discount_rate
    years = instance.periods.years.to_dict()
    capital = technologies.capital_cost.to_dict()
    life = technologies.life_yr.to_dict()
    annuity = {k: crf(rate, life[k]) * capital[k] for k in capital}
    steps = prices.price_steps(instance)
    keep, resale = (
        technologies.fixed_cost_per_yr.to_dict(),
        technologies.resale_share.to_dict(),
    )
    lowest = {k: steps[k][-1][1] if k in steps else capital[k] for k in capital}
    regained = {k: crf(rate, life[k]) * lowest[k] for k in capital}
    public, moving = (
        technologies.public_share.to_dict(),
        technologies.move_cost.to_dict(),
    )
    # An annuity is paid from its period to the last: weigh it by all of them.
    onward = {t: sum(m.weight[later] for later in m.onward[t]) for t in m.T}
    for (_, k, t), bought in m.bought.items():
        if k not in steps:
            m.outlays[t].append((capital[k], public[k], bought))
    for (k, t), spent in m.spent.items():
        m.outlays[t].append((1.0, public[k], spent - m.spent.get((k, m.before[t]), 0)))
    return (
        sum(m.weight[t] * keep[k] * m.modules[s, k, t] for s, k, t in m.modules)
        + sum(
            onward[t] * annuity[k] * m.bought[s, k, t]
            for s, k, t in m.bought
            if k not in steps
        )
        + sum(m.weight[t] * crf(rate, life[k]) * m.spent[k, t] for k, t in m.spent)
        - sum(
            onward[t] * regained[k] * resale[k] * m.sold[s, k, t] for s, k, t in m.sold
        )
        + sum(
            m.weight[t] * moving[k] / years[t] * m.moved_in[s, k, t]
            for s, k, t in m.moved_in
        )
    )
