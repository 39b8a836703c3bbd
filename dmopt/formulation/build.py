"""The decision layer put together: blocks and one objective, then rules.

Rules stand on blocks of their own, `m.rule[id]`, and change nothing of what stands
before them, so that one can be taken away or put on without building the rest again;
a kind that has to change it says so (`reshapes`, dmopt/rules/rule.py).
"""

from collections.abc import Sequence
from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation import (
    budgets,
    disposals,
    infrastructure,
    modules,
    promises,
    recipes,
    services,
    siting,
    stocks,
    supply,
)
from dmopt.formulation.money import weights
from dmopt.formulation.scope import Scope
from dmopt.formulation.soft import Excess, soften


def build(
    instance: Instance, scope: Scope, rules: Sequence[Any] = ()
) -> pyo.ConcreteModel:
    """The decision layer as a Pyomo model under rules: everything but the flows.

    Objective m.cost: all cost but that of flows and of breaking soft rules
    (`penalties`).
    """
    m = foundation(instance, scope)
    for rule in rules:
        impose(m, rule, instance)
    return m


def foundation(instance: Instance, scope: Scope) -> pyo.ConcreteModel:
    """The decision layer without rules.

    Sets m.S (sites not excluded), m.T (periods). Dictionaries for the blocks:
    m.before[t] (period before, "" for the first), m.until[t] and m.onward[t] (periods
    up to t, and from t on), m.weight[t], m.kg_price[t] (money per kg CO2e),
    m.outlays[t]. m.rule: room for a block of each rule.
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
        + stocks.add(m, instance, scope)
        + recipes.add(m, instance, scope)
        + disposals.add(m, instance)
        + infrastructure.add(m, instance, scope)
        + services.add(m, instance, scope)
        + supply.add(m, instance, scope)
        + promises.add(m, instance)
    )
    budgets.add(m, instance)
    m.cost = pyo.Objective(expr=cost)
    m.rule = pyo.Block(pyo.Any)
    return m


def impose(m: pyo.ConcreteModel, rule: Any, instance: Instance) -> Any:
    """Put a rule's rows on the model, in place of what stood under its id; gives its
    block. Soft rows get an excess, and its price stands in `block.penalties`."""
    if rule.id in m.rule:
        del m.rule[rule.id]
    block = m.rule[rule.id]
    block.penalties = []
    rule.constrain(block, instance)
    if rule.soft_price is not None:
        penalise(block, soften(block, m.T), rule.soft_price)
    return block


def penalise(block: Any, excess: Excess, price: float) -> None:
    """Note what each unit of excess costs, weighted money, in `block.penalties`."""
    weight = block.model().weight
    block.penalties += [(variable, weight[t] * price) for t, variable in excess]


def penalties(m: pyo.ConcreteModel) -> Any:
    """What breaking soft rules costs, as an expression."""
    return sum(
        money * variable
        for block in m.rule.values()
        for variable, money in block.penalties
    )
