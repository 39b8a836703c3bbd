"""Pooled capacity: the others can take over what any one site makes.

    (pooled)   sum_{s' != s, k} worth[k,F] modules[s',k,t]
               >= beta sum_{c in F} D[c,t] / most[c]    for all s, F, t
                                                        modules of the largest kind

    s, k          covered sites in the region (not excluded), covered technologies
    F             a covered product alone, or covered products that technologies share
    most[c]       most of c that one module of any covered technology makes in a year
    worth[k,F]    most of sum_{c in F} made[c] / most[c] that one module of k makes:
                  capacity_per_yr availability quantity / capacity_use
    D[c,t]        demand of covered zones
    modules       m.modules[s, k, t]
    beta          share of the demand that the others can make     share      share

`total[F,t]`, what all of them can make, is on b.means. Modules that stand count, also
those not set up yet. Products that no covered technology makes ask nothing; with one
site in the region there are no others, and no plan. There is a row for each site,
open or not: of a soft rule each of them is paid for.
Source: rule R3.3 of dimension D3 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent

UNIT = "modules of the largest kind"
Group = tuple[str, ...]
Made = dict[tuple[str, str], dict[str, float]]
"""(k, r) -> {c: units of a covered product that a module of k makes a year with r}."""


class PooledCapacity(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "pooled_capacity"

    share: Share = looser("down", to=0.0)
    """Least share of the demand that the other sites can make when any one site
    fails."""

    def sentence(self) -> str:
        return (
            f"Without any one site, the others can make {percent(self.share)} "
            "of the demand."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m = b.model()
        made = _made_by_one_module(instance, where)
        most = _most(made)
        groups = _groups(made)
        worth = {" + ".join(group): _worth(made, most, group) for group in groups}
        need = _need(instance, where, most, groups)
        periods = list(where.periods)
        asked = [(n, t) for n in worth for t in periods if need.get((n, t), 0) > 0]
        inside = instance.sites.loc[where.sites].query("in_region").index
        at: dict[str, list[str]] = {s: [] for s in inside if s in m.S}
        for s, k in m.SK:
            if s in at:
                at[s].append(k)
        b.means = pyo.Block()
        b.means.total = pyo.Var(pyo.Set(initialize=asked, dimen=2))

        def able(s: str, n: str, t: str) -> Any:
            of = worth[n]
            return sum(of[k] * m.modules[s, k, t] for k in at[s] if of.get(k))

        @b.means.Constraint(asked)
        def of_all(block, n, t):
            return block.total[n, t] == sum(able(s, n, t) for s in at)

        @b.Constraint([(s, n, t) for s in at for n, t in asked])
        def pooled(b, s, n, t):
            others = b.means.total[n, t] - able(s, n, t)
            return others >= self.share * need[n, t]

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        known = instance.sites[instance.sites.index.isin(where.sites)]
        sites = known.index[known.in_region & (known.status != "excluded")]
        parts = _parts(instance, where)
        if parts.empty:
            return
        most = parts.groupby("commodity").most.first()
        wanted = instance.demand_by_period
        wanted = wanted[wanted.zone.isin(where.zones)]
        demand = wanted.groupby(["commodity", "period"]).quantity_per_yr.sum()
        modules = plan.tables["modules"]
        modules = modules[modules.site.isin(sites)]
        for group in _together(parts):
            of_recipe = parts[parts.commodity.isin(group)].groupby(
                ["technology", "recipe"]
            )
            worth = of_recipe.part.sum().groupby("technology").max()
            able = (
                modules.technology.map(worth).astype(float).fillna(0.0)
                * modules.modules
            )
            for t in where.periods:
                need = sum(demand.get((c, t), 0.0) / most[c] for c in group)
                here = able[modules.period == t].groupby(modules.site).sum()
                others = here.sum() - here.reindex(sites, fill_value=0.0).to_numpy()
                excess = over(self.share * need, others)
                for s, short in zip(sites, excess.tolist(), strict=True):
                    if short:
                        key = (s, " + ".join(group), t)
                        yield Violation("pooled", key, short, UNIT)


def _made_by_one_module(instance: Instance, where: Where) -> Made:
    """(k, r) -> {c: covered product that one module running only r makes in a year}."""
    kinds, recipes, items = (
        instance.technologies,
        instance.recipes,
        instance.recipe_items,
    )
    made: Made = {}
    for r, c, units in zip(items.recipe, items.commodity, items.quantity, strict=True):
        k = recipes.technology[r]
        if units > 0 and c in where.products and k in where.technologies:
            full = kinds.capacity_per_yr[k] * kinds.availability[k]
            made.setdefault((k, r), {})[c] = full * units / recipes.capacity_use[r]
    return made


def _most(made: Made) -> dict[str, float]:
    most: dict[str, float] = {}
    for by in made.values():
        for c, units in by.items():
            most[c] = max(units, most.get(c, 0.0))
    return most


def _groups(made: Made) -> list[Group]:
    """Each product alone; then those that technologies share, merged."""
    outputs: dict[str, set[str]] = {}
    for (k, _), by in made.items():
        outputs.setdefault(k, set()).update(by)
    families: list[set[str]] = []
    for together in outputs.values():
        joined = [each for each in families if each & together]
        families = [each for each in families if not each & together]
        families.append(together.union(*joined))
    alone = sorted(set().union(*outputs.values()))
    shared = [tuple(sorted(family)) for family in families if len(family) > 1]
    return [*((c,) for c in alone), *shared]


def _worth(made: Made, most: dict[str, float], group: Group) -> dict[str, float]:
    """k -> worth[k, group]."""
    worth: dict[str, float] = {}
    for (k, _), by in made.items():
        part = sum(by.get(c, 0.0) / most[c] for c in group)
        worth[k] = max(part, worth.get(k, 0.0))
    return worth


def _need(
    instance: Instance, where: Where, most: dict[str, float], groups: list[Group]
) -> dict[tuple[str, str], float]:
    """(name of a group, t) -> demand of covered zones in modules."""
    demand = instance.demand_by_period
    demand = demand[demand.zone.isin(where.zones) & demand.commodity.isin(most)]
    total = demand.groupby(["commodity", "period"]).quantity_per_yr.sum().reset_index()
    need: dict[tuple[str, str], float] = {}
    for c, t, units in total.itertuples(index=False, name=None):
        for group in groups:
            if c in group:
                key = (" + ".join(group), t)
                need[key] = need.get(key, 0.0) + units / most[c]
    return need


def _parts(instance: Instance, where: Where) -> pd.DataFrame:
    """What one module running one recipe makes of each covered product: technology,
    recipe, commodity, most (by any), part (of that)."""
    made = instance.recipe_items.query("quantity > 0")
    made = made[made.commodity.isin(where.products)]
    made = made.join(instance.recipes[["technology", "capacity_use"]], on="recipe")
    made = made.join(
        instance.technologies[["capacity_per_yr", "availability"]], on="technology"
    )
    full = made.capacity_per_yr * made.availability / made.capacity_use
    units = full * made.quantity
    most = units.groupby(made.commodity).transform("max")
    return made[["technology", "recipe", "commodity"]].assign(
        most=most, part=units / most
    )


def _together(parts: pd.DataFrame) -> list[Group]:
    """The groups of products, by a graph of products and technologies."""
    alone, of_product = np.unique(parts.commodity.to_numpy(str), return_inverse=True)
    kinds, of_kind = np.unique(parts.technology.to_numpy(str), return_inverse=True)
    size = len(alone) + len(kinds)
    ends = (of_product, len(alone) + of_kind)
    graph = coo_matrix((np.ones(len(parts)), ends), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    families = pd.Series(alone).groupby(label[: len(alone)]).agg(tuple)
    return [*((c,) for c in alone), *(each for each in families if len(each) > 1)]
