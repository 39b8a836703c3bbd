"""Stocks: what a site holds from one period to a later one.

    cost      holding_cost (mid[v+1] - mid[v]) held[s,c,v] / years[v]        money/yr
    (store)   held[s,c,v] <= most[s,c,v] open[s,v]                            units
    (keep)    held[s,c,v] <= most[s,c,v] open[s,v+1]                          units

    held[s,c,v]   = sum_{t<=v<u} left[t,v] put[s,c,t,u]     carried from v into v+1
    aside[s,c,t]  = sum_u put[s,c,t,u] / years[t]                             units/yr
    taken[s,c,u]  = sum_t left[t,u] put[s,c,t,u] / years[u]                   units/yr

    put       units set aside in t for use in u, at most shelf_periods later
    mid[t]    start[t] + years[t] / 2: what is set aside all through t for use all
              through u is held for mid[u] - mid[t] years on average
    left[t,u] (1 - loss_per_yr)^(mid[u] - mid[t])                             share
    most      the least of max_units and of what the modules allowed there can make
              until the end of v; where s makes no c, of what they can use up after v

What is set aside is made there in the same period, or, where s makes none, brought in:
(fresh) in recipes.py. Pairs of periods between which all but a thousandth is lost are
left out.

Needs: m.open.  Gives: m.put[s, c, t, u], and where there is any m.aside[s, c, t],
m.taken[s, c, t] (dictionaries of expressions).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope

LEAST_LEFT = 1e-3
"""Share of what is set aside below which it is not worth a decision."""


def add(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> Any:
    m.aside, m.taken = {}, {}
    stocks = _held_at(instance, scope)
    names = list(m.T)
    years = instance.periods.years.to_dict()
    mid = (instance.periods.start_year + instance.periods.years / 2).to_dict()
    left = {
        key: {(t, u): (1 - row.loss_per_yr) ** (mid[u] - mid[t])
              for n, t in enumerate(names) for u in names[n:]}
        for key, row in stocks.items()
    }  # fmt: skip
    pairs = [
        (s, c, t, u)
        for (s, c), row in stocks.items()
        for n, t in enumerate(names)
        for age, u in enumerate(names[n:])
        if 0 < age <= np.nan_to_num(row.shelf_periods, nan=np.inf)
        and left[s, c][t, u] >= LEAST_LEFT
    ]
    m.put = pyo.Var(pyo.Set(initialize=pairs, dimen=4), domain=pyo.NonNegativeReals)
    for s, c, t, u in pairs:
        put = m.put[s, c, t, u]
        m.aside[s, c, t] = m.aside.get((s, c, t), 0) + put / years[t]
        arrives = left[s, c][t, u] / years[u] * put
        m.taken[s, c, u] = m.taken.get((s, c, u), 0) + arrives

    held: dict[tuple[str, str, str], Any] = {}
    for s, c, t, u in pairs:
        for v in names[names.index(t) : names.index(u)]:
            carried = left[s, c][t, v] * m.put[s, c, t, u]
            held[s, c, v] = held.get((s, c, v), 0) + carried
    most = {
        (s, c, v): np.fmin(stocks[s, c].max_units, units)
        for (s, c), by in left.items()
        for v, units in _most(instance, scope, s, c, by)
    }
    after = dict(pairwise(names))
    boundaries = pyo.Set(initialize=list(held), dimen=3)

    @m.Constraint(boundaries)
    def store(m, s, c, v):
        return held[s, c, v] <= most[s, c, v] * m.open[s, v]

    @m.Constraint(boundaries)
    def keep(m, s, c, v):
        return held[s, c, v] <= most[s, c, v] * m.open[s, after[v]]

    return sum(
        m.weight[v]
        * stocks[s, c].holding_cost_per_yr
        * (mid[after[v]] - mid[v])
        / years[v]
        * units
        for (s, c, v), units in held.items()
    )


def _held_at(instance: Instance, scope: Scope) -> dict[tuple[str, str], Any]:
    """(s, c) -> its row of `stocks`, where s can make or use up c."""
    table = instance.stocks_by_site
    rows = {(row.site, row.commodity): row for row in table.itertuples()}
    there = [*scope.makes, *(key for key in scope.takes if key not in scope.makes)]
    return {key: rows[key] for key in there if key in rows}


def _most(
    instance: Instance,
    scope: Scope,
    s: str,
    c: str,
    left: dict[tuple[str, str], float],
) -> Iterator[tuple[str, float]]:
    """Most units that can be of use if carried on from each period."""
    years = {str(t): float(units) for t, units in instance.periods.years.items()}
    names, makes = list(years), (s, c) in scope.makes
    per_module = scope.made_by_module if makes else scope.used_by_module
    a_year = sum(
        scope.most_modules[s, k] * per_module[k].get(c, 0.0)
        for k in scope.technologies_at[s]
    )
    for n, v in enumerate(names):
        if makes:
            yield v, sum(years[t] for t in names[: n + 1]) * a_year
            continue
        yield (
            v,
            sum(
                years[u] * a_year / left[v, u]
                for u in names[n + 1 :]
                if left[v, u] >= LEAST_LEFT
            ),
        )
