"""Public provision: public money for infrastructure stays within a budget.

    (budget)   sum_{i,l} share[i] capital[i] factor[l] built[i,l,t]
               + sum_{s,i,l} share[i] connection[i] connecting[s,i,l,t] <= B   money
               for all t

    i, l         infrastructure of these kinds; a location counts where its site is
                 covered, or, without a site, where its district has covered zones or
                 sites (all do where the rule names no place)
    s            covered sites; connecting: a use that was not there the period before
    share        public_share    infrastructure
    capital      capital_cost    infrastructure, money for one step
    factor       cost_factor     locations
    connection   connection_cost infrastructure, money for one site
    B            budget          money of one period
    kinds        kinds           kinds of infrastructure, separated by ','; blank: all

In the region and outside, for any product: public money is not told apart by product.
The budget is each period's own; what is left does not carry over.
Source: rule R7.4 of dimension D7 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, Names, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure


class PublicProvision(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "public_provision"

    budget: Amount = looser("up", to=1e9, unit="money")
    """Most public money that may be spent on infrastructure in one period."""
    kinds: Names = ()
    """Kinds of infrastructure that count, separated by commas; blank: all kinds."""

    def sentence(self) -> str:
        what = f" for {' and '.join(self.kinds)}" if self.kinds else ""
        return (
            f"At most {figure(self.budget)} of public money is spent on "
            f"infrastructure{what} in a period."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for name in self.kinds:
            yield "infrastructure", "kind", name

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, table = b.model(), instance.infrastructure
        share, connection = table.public_share, table.connection_cost
        places = _covered(instance, where)
        keys = zip(places.infrastructure, places.location, strict=True)
        factor = {
            key: cost_factor
            for key, cost_factor in zip(keys, places.cost_factor, strict=True)
            if self._counts(table.kind[key[0]])
        }
        spent: dict[str, list[Any]] = {t: [] for t in where.periods}
        for (i, l, t), built in m.built.items():
            if t in spent and (i, l) in factor:
                money = share[i] * table.capital_cost[i] * factor[i, l]
                spent[t] += [float(money) * built] if money > 0 else []
        for (s, i, _, t), connecting in m.connecting.items():
            if t in spent and s in where.sites and self._counts(table.kind[i]):
                money = share[i] * connection[i]
                spent[t] += [float(money) * connecting] if money > 0 else []

        @b.Constraint(list(where.periods))
        def budget(b, t):
            if not spent[t]:
                return pyo.Constraint.Skip
            return sum(spent[t]) <= self.budget

    def _counts(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        table = instance.infrastructure
        if self.kinds:
            table = table[table.kind.isin(self.kinds)]
        built = plan.tables["infrastructure"].merge(instance.locations)
        built = built[_here(instance, where, built)].join(
            table[["capital_cost", "public_share"]], on="infrastructure", how="inner"
        )
        steps = built.built * built.capital_cost * built.cost_factor
        spent = (steps * built.public_share).groupby(built.period).sum()
        uses = plan.tables["uses"]
        uses = uses[uses.site.isin(where.sites)].join(
            table[["connection_cost", "public_share"]], on="infrastructure", how="inner"
        )
        order = list(instance.periods.index)
        for n, t in enumerate(order):
            if t not in where.periods:
                continue
            had = _users(uses, order[n - 1]) if n else set()
            new = uses[uses.period == t].drop_duplicates()
            joins = np.array([key not in had for key in _keys(new)], bool)
            joined = (new.connection_cost * new.public_share)[joins].sum()
            excess = over(spent.get(t, 0.0) + joined, self.budget)
            if excess != 0:
                yield Violation("budget", (t,), excess, "money")


def _covered(instance: Instance, where: Where) -> pd.DataFrame:
    """Locations that the rule covers, for the rows."""
    table = instance.locations
    if where.everywhere:
        return table
    named = instance.sites.district.loc[where.sites]
    districts = {*named, *instance.zones.district.loc[where.zones]} - {""}
    alone = (table.site == "") & table.district.isin(districts)
    return table[table.site.isin(where.sites) | alone]


def _here(instance: Instance, where: Where, places: pd.DataFrame) -> np.ndarray:
    """Whether the rule covers each location, for the check."""
    zones, sites = set(where.zones), set(where.sites)
    districts = {d for z, d in instance.zones.district.items() if z in zones}
    districts |= {d for s, d in instance.sites.district.items() if s in sites}
    here = [
        where.everywhere or (site in sites if site else bool(d) and d in districts)
        for site, d in zip(places.site, places.district, strict=True)
    ]
    return np.array(here, bool)


def _keys(uses: pd.DataFrame) -> list[tuple[str, ...]]:
    columns = ["site", "infrastructure", "location"]
    return list(uses[columns].itertuples(index=False, name=None))


def _users(uses: pd.DataFrame, period: str) -> set[tuple[str, ...]]:
    return set(_keys(uses[uses.period == period]))
