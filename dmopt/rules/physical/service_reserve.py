"""No site without capacity: what a site has covers its need and a reserve.

    (enough)   (1 + reserve) need[s,q,t] <= base[s,q] + own + drawn + given
                                            for all s, q, t            units/yr
    (users)    given[s,i,l,q,t] <= top[s,q] uses[s,i,l,t]
    (ready)    given[s,i,l,q,t] <= top[s,q] live[i,l,t]

    need       all that stands and runs at s    services.need            units/yr
    own        sum of per_step live of infrastructure of reach `site` at s;
               top live where per_step is blank
    drawn      sum of draw from shared infrastructure with a per_step
    given      from shared infrastructure without   b.means.given        units/yr
    top[s,q]   (1 + reserve) most[s,q], of all modules allowed at s
    reserve    share on top of the need         reserve     share, may be above 1
    q          limited services of these kinds  kinds       that covered technologies
                                                            need
    s          covered sites in the region

The core of the model keeps need <= had without reserve. It lets no site draw more than
the site can ever need beyond its base; here that row (draw_from) is widened by
reserve times the most it can need, or a site at its most could not hold a reserve
at all. What it draws for it, others cannot have. Where infrastructure
gives as much as asked (per_step blank), who uses it has the reserve once live is 1.
The need is that of the whole site, also of technologies that are not covered.
Source: rule R5.1 of dimension D5 (reconstructed); form of the rows: ours.
"""

from collections import defaultdict
from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, field_validator

from dmopt.data.instance import Instance
from dmopt.data.schema import TABLES
from dmopt.plan.frames import long
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.parameters import STRICT, Margin, Names, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent

if TYPE_CHECKING:
    from dmopt.formulation.scope import Scope

KINDS = TABLES["services"].column["kind"].choices
BY = ["site", "service", "period"]
STEP = ["infrastructure", "location", "period"]
Pair = tuple[str, str]
Providers = dict[Pair, list[Any]]


class ServiceReserve(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "service_reserve"
    reshapes: ClassVar[bool] = True

    reserve: Margin = looser("down", to=0.0)
    """What each site must have on top of its need, as a share of the need; may be above
    100 %."""
    kinds: Names = ("power", "land", "water")
    """Kinds of services that are asked for, such as power, land and water, separated by
    commas."""

    @field_validator("kinds")
    @classmethod
    def _kinds_known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [kind for kind in kinds if kind not in KINDS]:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(KINDS)}")
        return kinds

    def sentence(self) -> str:
        return (
            f"Each site in the region has the {', '.join(self.kinds)} that it needs "
            f"and {percent(self.reserve)} more."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        from dmopt.formulation.scope import Scope  # late: checking needs no model
        from dmopt.formulation.services import need

        m, scope, more = b.model(), Scope(instance), 1 + self.reserve
        times, inside = list(where.periods), instance.sites.in_region
        top = {
            (s, q): more * scope.allowed_need[s, q]
            for s in where.sites
            for q in self._services(scope, where)
            if inside[s] and scope.most_need.get((s, q), 0.0) > 0
        }
        own, counted, given = _providers(m, scope, top)
        _widen(m, scope, counted, times, self.reserve)
        free = _add_given(b, given, top, times)

        @b.Constraint(list(top), times)
        def enough(b, s, q, t):
            had = scope.base.get((s, q), 0.0)
            had += sum(units * m.live[i, l, t] for i, l, units in own[s, q])
            had += sum(m.draw[s, i, l, q, t] for i, l in counted[s, q])
            had += sum(free[s, i, l, q, t] for i, l in given[s, q])
            return more * need(m, scope, s, q, t) <= had

    def _services(self, scope: "Scope", where: Where) -> list[str]:
        """Limited services of its kinds that covered technologies need."""
        needed: set[str] = set()
        for k in where.technologies:
            needed |= set(scope.per_module.get(k, {}))
            for r in scope.recipes_of[k]:
                needed |= set(scope.per_unit.get(r, {}))
        kind = scope.instance.services.kind
        return [q for q in scope.limited if kind[q] in self.kinds and q in needed]

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        ledger, more = Ledger(instance, plan), 1 + self.reserve
        needs = ledger.needs
        needs = needs[
            needs.site.isin(where.sites)
            & needs.site.isin(instance.sites.index[instance.sites.in_region])
            & needs.service.isin(self._counted(instance, where))
            & needs.period.isin(where.periods)
        ]
        base = instance.site_services.set_index(["site", "service"]).base
        had = np.zeros(len(needs))
        for part in (base, _had(ledger, more), _drawn(plan)):
            names = pd.MultiIndex.from_frame(needs[part.index.names])
            had += part.reindex(names, fill_value=0.0).to_numpy()
        excess = over(more * needs.quantity_per_yr, had)
        yield from broken("enough", needs[BY], excess, "units/yr short of the reserve")

    def _counted(self, instance: Instance, where: Where) -> pd.Index:
        services, covered = instance.services, list(where.technologies)
        by_module = instance.technology_needs
        by_unit = instance.recipe_needs
        runs = by_unit.recipe.map(instance.recipes.technology)
        needed = pd.concat(
            [
                by_module.service[by_module.technology.isin(covered)],
                by_unit.service[runs.isin(covered)],
            ]
        )
        of_kind = services.limited & services.kind.isin(self.kinds)
        return services.index[of_kind & services.index.isin(needed)]


def _providers(
    m: Any, scope: "Scope", top: dict[Pair, float]
) -> tuple[Providers, Providers, Providers]:
    """(s, q) -> own (i, l, units per step); shared (i, l) of so much a step; shared
    (i, l) of as much as asked."""
    own: Providers = defaultdict(list)
    counted: Providers = defaultdict(list)
    given: Providers = defaultdict(list)
    for s, i, l in scope.reach:
        for q, per_step in scope.offers.get(i, {}).items():
            if (s, q) not in top:
                continue
            if (s, i, l) not in m.SIL:
                own[s, q].append((i, l, top[s, q] if isnan(per_step) else per_step))
            else:
                (given if isnan(per_step) else counted)[s, q].append((i, l))
    return own, counted, given


def _widen(
    m: Any, scope: "Scope", counted: Providers, times: list[str], reserve: float
) -> None:
    """Let sites draw a reserve too: see above."""
    for (s, q), there in counted.items():
        extra = reserve * scope.most_need[s, q]
        for i, l in there:
            for t in times:
                row = m.draw_from[s, i, l, q, t]
                row.set_value(row.body - extra * m.uses[s, i, l, t] <= row.upper)


def _add_given(
    b: Any, given: Providers, top: dict[Pair, float], times: list[str]
) -> Any:
    import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

    m = b.model()
    keys = [(s, i, l, q) for (s, q), there in given.items() for i, l in there]
    b.means = pyo.Block()
    b.means.given = pyo.Var(keys, times, domain=pyo.NonNegativeReals)

    @b.means.Constraint(keys, times)
    def users(block, s, i, l, q, t):
        return block.given[s, i, l, q, t] <= top[s, q] * m.uses[s, i, l, t]

    @b.means.Constraint(keys, times)
    def ready(block, s, i, l, q, t):
        return block.given[s, i, l, q, t] <= top[s, q] * m.live[i, l, t]

    return b.means.given


def _had(ledger: Ledger, more: float) -> pd.Series:
    """What own infrastructure gives each (site, service, period), and shared that
    gives as much as asked."""
    live = long(ledger.live, "live").reset_index()
    live = live.join(ledger.locations[["site", "reach"]], on=STEP[:2])
    offers = ledger.instance.infrastructure_services
    live = live.merge(offers[["infrastructure", "service", "per_step"]])
    alone = live.reach == "site"
    common = live[~alone & live.per_step.isna()].drop(columns="site")
    users = ledger.plan.tables["uses"].drop_duplicates()
    rows = pd.concat([live[alone & (live.site != "")], users.merge(common, on=STEP)])
    most = long(ledger.most_needed, "most", over="service")
    asked = most.reindex(pd.MultiIndex.from_frame(rows[most.index.names]))
    amount = np.where(
        rows.per_step.isna(),
        more * asked.to_numpy(float) * rows.live.clip(upper=1),
        rows.per_step * rows.live,
    )
    return rows.assign(amount=amount).groupby(BY).amount.sum(skipna=False)


def _drawn(plan: Plan) -> pd.Series:
    """What each (site, service, period) draws where a step gives so much."""
    offers = plan.instance.infrastructure_services
    counted = offers.loc[offers.per_step.notna(), ["infrastructure", "service"]]
    draws = plan.tables["draws"].merge(counted)
    return draws.groupby(BY).quantity_per_yr.sum(skipna=False)
