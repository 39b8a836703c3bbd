"""Prices of modules that fall with their number: learning, or a discount on volume.

    spent[k,t] = sum_j (base[k,j] at[k,j,t] + price[k,j] count[k,j,t])         money
    (so_far)   sum_j count[k,j,t] = sum_{s, t'<=t} bought[s,k,t']              modules
    (step_low) count[k,j,t] >= from[k,j] at[k,j,t]
    (step_high) count[k,j,t] <= from[k,j+1] at[k,j,t]
    (one)      sum_j at[k,j,t] = 1

    j          steps of module_prices; the first from 0 on, at capital_cost
    from, price  number from which on a step holds, and what one module costs in it
    base[j]    base[j-1] + (price[j-1] - price[j]) from[j], base[0] = 0: what those
               bought in earlier steps cost more
    from[J+1]  the most that can be bought until t; steps beyond it are left out

spent is what all modules of k bought so far have cost; with falling prices it is
concave, so that without whole at the lowest price would be paid from the first one on.
Modules that stand already, and those of committed sites, do not count.
Source: multiple choice model of piecewise linear costs, Croxton, Gendron and Magnanti
(2003).

Needs: m.bought.  Gives: m.spent[k, t] (expressions, where prices fall).
"""

from itertools import pairwise
from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance

Step = tuple[float, float]
"""Number from which on it holds, and price."""


def add(m: pyo.ConcreteModel, instance: Instance) -> None:
    """Put m.spent on the model."""
    m.spent = {}
    steps = price_steps(instance)
    bought: dict[tuple[str, str], list[Any]] = {}
    for (_, k, t), units in m.bought.items():
        if k in steps:
            bought.setdefault((k, t), []).append(units)
    so_far = {
        (k, t): [
            units for before in m.until[t] for units in bought.get((k, before), ())
        ]
        for k in steps
        for t in m.T
    }
    ends = {
        (k, n, t): (begin, min(end, most))
        for (k, t), units in so_far.items()
        if (most := float(sum(each.ub for each in units)))
        for n, (begin, end) in enumerate(_ranges(steps[k]))
        if begin < most
    }
    inside = pyo.Set(initialize=list(ends), dimen=3)
    m.at_price = pyo.Var(inside, domain=pyo.Binary)
    m.count_at = pyo.Var(inside, bounds=lambda m, *key: (0, ends[key][1]))
    priced = list(dict.fromkeys((k, t) for k, _, t in ends))
    numbers = {
        (k, t): [n for n in range(len(steps[k])) if (k, n, t) in ends]
        for k, t in priced
    }
    every = pyo.Set(initialize=priced, dimen=2)

    @m.Constraint(every)
    def so_far_at(m, k, t):
        count = sum(m.count_at[k, n, t] for n in numbers[k, t])
        return count == sum(so_far[k, t])

    @m.Constraint(inside)
    def step_low(m, k, n, t):
        return m.count_at[k, n, t] >= ends[k, n, t][0] * m.at_price[k, n, t]

    @m.Constraint(inside)
    def step_high(m, k, n, t):
        return m.count_at[k, n, t] <= ends[k, n, t][1] * m.at_price[k, n, t]

    @m.Constraint(every)
    def one(m, k, t):
        return sum(m.at_price[k, n, t] for n in numbers[k, t]) == 1

    for k, t in priced:
        base = _bases(steps[k])
        m.spent[k, t] = sum(
            base[n] * m.at_price[k, n, t] + steps[k][n][1] * m.count_at[k, n, t]
            for n in numbers[k, t]
        )


def price_steps(instance: Instance) -> dict[str, list[Step]]:
    """k -> its steps in order, for technologies whose price falls."""
    capital = instance.technologies.capital_cost.to_dict()
    table = instance.module_prices.sort_values("bought")
    steps: dict[str, list[Step]] = {}
    for k, begin, price in zip(
        table.technology, table.bought, table.capital_cost, strict=True
    ):
        of = steps.setdefault(k, [(0.0, float(capital[k]))])
        of.append((float(begin), float(price)))
    return steps


def _ranges(steps: list[Step]) -> list[tuple[float, float]]:
    begins = [begin for begin, _ in steps]
    return list(zip(begins, [*begins[1:], float("inf")], strict=True))


def _bases(steps: list[Step]) -> list[float]:
    bases = [0.0]
    for (_, before), (begin, price) in pairwise(steps):
        bases.append(bases[-1] + (before - price) * begin)
    return bases
