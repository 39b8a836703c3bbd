"""Flexibility floor: every working site can make several products.

    (flexible)   need[s] works[s,t] <= sum_c able[s,c,t]         for all s, t   products
    (if_able)    able[s,c,t] <= sum_{k that makes c} modules[s,k,t]

    s        covered sites in the region
    c        covered products
    k        technologies that make a covered product
    works    1 where modules of such technologies stand, exactly
             (dmopt/rules/working.py)
    able     1 where a module stands that can make c, 0..1
    need[s]  the lesser of V and of the covered products that technologies allowed at s
             (by class and max_modules; at committed sites those that come) can make
    V        products of each site                     least       products

Where every technology allowed at s makes need[s] products, there is nothing to ask.
Leaves open: whether a site makes them, and whether its services suffice for all.
Source: rule R2.3 of dimension D2 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel

from dmopt.data.ability import ability
from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, looser
from dmopt.rules.where import Where
from dmopt.rules.working import add_working


class FlexibilityFloor(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "flexibility_floor"

    least: Count = looser("down", to=0, unit="products")
    """Least number of different products that every working site must be able to
    make."""

    def sentence(self) -> str:
        return (
            f"Every working site in the region can make at least {self.least} "
            "products, or all that may be made there."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m = b.model()
        need = self._need(instance, where)
        makes = _makes(instance, where)
        periods = list(where.periods)
        works = add_working(b, need, where.technologies, periods, exact=True)
        makers: dict[str, dict[str, list[str]]] = {}
        for s, k in m.SK:
            if s in need:
                for c in makes.get(k, ()):
                    makers.setdefault(s, {}).setdefault(c, []).append(k)
        keys = [(s, c, t) for s, of in makers.items() for c in of for t in periods]
        b.means.able = pyo.Var(pyo.Set(initialize=keys, dimen=3), bounds=(0, 1))

        @b.means.Constraint(keys)
        def if_able(block, s, c, t):
            stand = sum(m.modules[s, k, t] for k in makers[s][c])
            return block.able[s, c, t] <= stand

        @b.Constraint(list(works))
        def flexible(b, s, t):
            able = sum(b.means.able[s, c, t] for c in makers[s])
            return need[s] * works[s, t] <= able

    def _need(self, instance: Instance, where: Where) -> dict[str, int]:
        """need[s] of each site where some technology makes fewer."""
        inside = set(where.sites) & set(instance.sites.index[instance.sites.in_region])
        makes = _makes(instance, where)
        allowed: dict[str, list[set[str]]] = {}
        for s, k in Scope(instance).allowed:
            if s in inside and k in makes:
                allowed.setdefault(s, []).append(makes[k])
        need = {s: min(self.least, len(set().union(*of))) for s, of in allowed.items()}
        return {
            s: count for s, count in need.items() if min(map(len, allowed[s])) < count
        }

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        items = instance.recipe_items
        made = items[(items.quantity > 0) & items.commodity.isin(where.products)]
        made = made.assign(technology=made.recipe.map(instance.recipes.technology))
        most = ability(instance).most
        modules = plan.tables["modules"]
        modules = modules[
            (modules.modules > 0)
            & modules.site.isin(where.sites)
            & modules.site.map(instance.sites.in_region).eq(True)
            & modules.period.isin(where.periods)
        ]
        able = modules.merge(plan.tables["opened"], on=["site", "period"])
        able = able.merge(made[["technology", "commodity"]], on="technology")
        count = able.groupby(["site", "period"]).commodity.nunique()
        for s, t, found in count.reset_index().itertuples(index=False, name=None):
            row = most.reindex([s], fill_value=0.0).iloc[0]
            kinds = row.index[row > 0]
            possible = made.commodity[made.technology.isin(kinds)].nunique()
            if (short := min(self.least, possible) - found) > 0:
                yield Violation("flexible", (s, t), float(short), "products")


def _makes(instance: Instance, where: Where) -> dict[str, set[str]]:
    """Technology -> covered products that it makes."""
    technology, items = instance.recipes.technology, instance.recipe_items
    made: dict[str, set[str]] = {}
    for r, c, quantity in zip(
        items.recipe, items.commodity, items.quantity, strict=True
    ):
        if quantity > 0 and c in where.products:
            made.setdefault(technology[r], set()).add(c)
    return made
