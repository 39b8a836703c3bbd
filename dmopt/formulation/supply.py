"""Supply in total: what is not supplied has a price, and modules must add up.

    cost         unmet_price[c] unmet[c,t]                                    money/yr
    (in_total)   sum_s,r yield[r,c] activity + sum_s (taken - aside)[s,c,t]
                 + unmet[c,t] >= demand[c,t]                                  units/yr
    (enough)     sum_s,k avail[s] worth[k,F] modules[s,k,t]
                 + sum_{c in F} (unmet[c,t] + sum_s (taken - aside)[s,c,t]) / most[c]
                 >= sum_{c in F} demand[c,t] / most[c]

    F            a commodity alone, or commodities that technologies share
    most[c]      most of c that one module of any technology makes in a year
    worth[k,F]   most of sum_{c in F} made[c] / most[c] that one module of k makes

Both follow from the flow layer; stated on whole modules (enough) lets the solver cut
off fractions that flows alone do not.

taken, aside: from and to stock, where c is made.

Needs: m.modules, m.activity, m.aside, m.taken.  Gives: m.unmet[c, t], where the flow
layer joins.
"""

from typing import Any

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope


def add(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> Any:
    table = instance.demand_by_period
    total = table.groupby(["commodity", "period"]).quantity_per_yr.sum().to_dict()
    price = instance.commodities.unmet_price
    m.CT = pyo.Set(initialize=list(total), dimen=2)
    m.unmet = pyo.Var(
        m.CT, bounds=lambda m, c, t: (0, total[c, t] if price.notna()[c] else 0)
    )
    makers: dict[str, list[tuple[str, str]]] = {}
    for (s, c), recipes in scope.makes.items():
        makers.setdefault(c, []).extend((s, r) for r in recipes)
    stocked = _from_stock(m, scope)
    # What suppliers bring to zones themselves need not be made at a site.
    local = [(c, t) for c, t in m.CT if c not in scope.sold_to_zones]

    @m.Constraint(pyo.Set(initialize=local, dimen=2))
    def in_total(m, c, t):
        made = sum(
            scope.items[r][c] * m.activity[s, r, t] for s, r in makers.get(c, ())
        )
        return made + stocked.get((c, t), 0) + m.unmet[c, t] >= total[c, t]

    _enough(m, instance, scope, total, stocked)
    return sum(
        m.weight[t] * price[c] * m.unmet[c, t] for c, t in m.CT if price.notna()[c]
    )


def _from_stock(m: pyo.ConcreteModel, scope: Scope) -> dict[tuple[str, str], Any]:
    """(c, t) -> taken less set aside at the sites that make c, units/yr."""
    net: dict[tuple[str, str], Any] = {}
    for sign, amounts in ((1, m.taken), (-1, m.aside)):
        for (s, c, t), units in amounts.items():
            if (s, c) in scope.makes:
                net[c, t] = net.get((c, t), 0) + sign * units
    return net


def _enough(
    m: pyo.ConcreteModel,
    instance: Instance,
    scope: Scope,
    total: dict[Any, float],
    stocked: dict[tuple[str, str], Any],
) -> None:
    made = _made_by_one_module(instance, scope)
    wanted = sorted({c for c, _ in m.CT} - scope.sold_to_zones)
    most = {
        c: max((by.get(c, 0.0) for by in made.values()), default=0.0) for c in wanted
    }
    made_here = [c for c in wanted if most[c] > 0]
    groups = [*((c,) for c in made_here), *_families(scope, made_here)]
    there = instance.sites.availability.to_dict()

    def worth(k: str, group: tuple[str, ...]) -> float:
        return max(
            (
                sum(made[k, r].get(c, 0.0) / most[c] for c in group)
                for r in scope.recipes_of[k]
            ),
            default=0.0,
        )

    @m.Constraint(range(len(groups)), m.T)
    def enough(m, n, t):
        group = groups[n]
        wanted = sum(total.get((c, t), 0.0) / most[c] for c in group)
        if wanted == 0:
            return pyo.Constraint.Skip
        modules = sum(
            there[s] * w * m.modules[s, k, t]
            for s, k in m.SK
            if (w := worth(k, group)) > 0
        )
        short = sum(m.unmet[c, t] / most[c] for c in group if (c, t) in m.unmet)
        short += sum(stocked.get((c, t), 0) / most[c] for c in group)
        return modules + short >= wanted


def _made_by_one_module(
    instance: Instance, scope: Scope
) -> dict[tuple[str, str], dict[str, float]]:
    """(k, r) -> {c: units made in a year by one module that runs only r}."""
    technologies, use = instance.technologies, instance.recipes.capacity_use
    makes = (technologies.availability * technologies.capacity_per_yr).to_dict()
    return {
        (k, r): {
            c: quantity * makes[k] / use[r]
            for c, quantity in scope.items[r].items()
            if quantity > 0
        }
        for k, recipes in scope.recipes_of.items()
        for r in recipes
    }


def _families(scope: Scope, wanted: list[str]) -> list[tuple[str, ...]]:
    """Groups of two or more wanted commodities made by one technology, merged."""
    groups: list[set[str]] = []
    for recipes in scope.recipes_of.values():
        outputs = {
            c
            for r in recipes
            for c, q in scope.items[r].items()
            if q > 0 and c in wanted
        }
        if not outputs:
            continue
        joined = [group for group in groups if group & outputs]
        groups = [group for group in groups if not group & outputs]
        groups.append(outputs.union(*joined))
    return [tuple(sorted(group)) for group in groups if len(group) > 1]
