"""The decision layer put together: blocks, then rules, then one objective."""

from collections.abc import Sequence
from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation import (
    budgets,
    infrastructure,
    modules,
    recipes,
    services,
    siting,
    supply,
)
from dmopt.formulation.money import weights
from dmopt.formulation.scope import Scope
from dmopt.formulation.soft import Excess, soften


def build(
    instance: Instance, scope: Scope, rules: Sequence[Any] = ()
) -> pyo.ConcreteModel:
    """The decision layer as a Pyomo model: everything but the flows.

    Sets m.S (sites not excluded), m.T (periods). Dictionaries for the blocks:
    m.before[t] (period before, "" for the first), m.until[t] and m.onward[t] (periods
    up to t, and from t on), m.weight[t], m.kg_price[t] (money per kg CO2e),
    m.outlays[t]. Objective m.cost: all cost but that of flows. Each rule has its own
    sub-block m.rule[id]; what breaking soft ones costs is in m.cost.
    """
    m = pyo.ConcreteModel(name=instance.name)
    names = list(instance.periods.index)
    m.S = pyo.Set(initialize=list(scope.sites.index))
    m.T = pyo.Set(initialize=names)
    m.before = dict(zip(names, ["", *names[:-1]], strict=True))
    m.until = {t: names[: n + 1] for n, t in enumerate(names)}
    m.onward = {t: names[n:] for n, t in enumerate(names)}
    m.weight = weights(instance)
    m.kg_price = (instance.periods.emission_price_per_t / 1000).to_dict()
    m.outlays = {t: [] for t in names}

    cost = (
        siting.add(m, instance, scope)
        + modules.add(m, instance, scope)
        + recipes.add(m, instance, scope)
        + infrastructure.add(m, instance, scope)
        + services.add(m, instance, scope)
        + supply.add(m, instance, scope)
    )
    budgets.add(m, instance)
    m.cost = pyo.Objective(expr=cost)
    m.rule = pyo.Block([rule.id for rule in rules])
    for rule in rules:
        rule.constrain(m.rule[rule.id], instance)
        if rule.soft_price is not None:
            charge(m, soften(m.rule[rule.id], m.T), rule.soft_price)
    return m


def charge(m: pyo.ConcreteModel, excess: Excess, price: float) -> None:
    """Add to the cost what each unit of excess in a year costs."""
    m.cost.set_value(m.cost.expr + sum(m.weight[t] * price * e for t, e in excess))
