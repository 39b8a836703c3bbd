"""What could be made at most, and where: the data alone, before any decision.

most[s,k]     modules of k that may stand at s
rate[r]       cap[k] avail[k] / use[r], activity of one module      per year
makes[s,c]    avail[s] sum_k most[s,k] max_{r of k} rate[r] yield[r,c]^+     units/yr
uses[s,c]     some recipe that may run at s uses c up

Recipes that can never run count for nothing; `Ability.idle` says why they cannot.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance


@dataclass(frozen=True)
class Ability:
    """What the sites that are not excluded could do at most.

    most: modules, sites x technologies. makes: units/yr, sites x commodities.
    uses: bool, sites x commodities. idle: why a recipe can never run, by recipe.
    """

    most: pd.DataFrame
    makes: pd.DataFrame
    uses: pd.DataFrame
    idle: dict[str, str]


def ability(instance: Instance) -> Ability:
    """What the sites of an instance could do at most."""
    most = _most(instance)
    yields = _yields(instance)
    idle = _idle(instance, yields, most.columns[(most > 0).any()])
    yields = yields.drop(index=list(idle))
    technology = instance.recipes.technology.loc[yields.index]
    k = instance.technologies.loc[technology]
    rate = (k.capacity_per_yr * k.availability).to_numpy()
    rate = rate / instance.recipes.capacity_use.loc[yields.index].to_numpy()
    best = yields.clip(lower=0).mul(rate, axis=0).groupby(technology).max()
    used = yields.lt(0).groupby(technology).any()
    best = best.reindex(most.columns, fill_value=0.0)
    used = used.reindex(most.columns, fill_value=False)
    makes = (most @ best).mul(instance.sites.availability.loc[most.index], axis=0)
    uses = (most > 0).to_numpy(int) @ used.to_numpy(int) > 0
    return Ability(most, makes, pd.DataFrame(uses, most.index, yields.columns), idle)


def _most(instance: Instance) -> pd.DataFrame:
    """Most modules, sites that are not excluded x technologies."""
    sites = instance.sites[instance.sites.status != "excluded"]
    technologies = instance.technologies
    fits = np.array([_fits(sites["class"], text) for text in technologies.site_classes])
    most = pd.DataFrame(
        fits.T * technologies.max_modules.to_numpy(float),
        sites.index,
        technologies.index,
    )
    standing = _standing(instance).reindex(
        index=most.index, columns=most.columns, fill_value=0.0
    )
    more = most.where(most >= standing, standing)
    most = most.where(sites.status != "existing", more)
    return most.where(sites.status != "committed", standing)


def _fits(classes: pd.Series, text: str) -> np.ndarray:
    """Which sites are of the classes of a technology (blank: all)."""
    wanted = [name.strip() for name in text.split(";") if name.strip()]
    return (
        classes.isin(wanted).to_numpy(bool) if wanted else np.ones(len(classes), bool)
    )


def _standing(instance: Instance) -> pd.DataFrame:
    table = instance.standing_modules
    return table.pivot(index="site", columns="technology", values="modules").fillna(0.0)


def _yields(instance: Instance) -> pd.DataFrame:
    """recipe_items as recipes x commodities, 0 where there is no row."""
    table = instance.recipe_items.pivot(
        index="recipe", columns="commodity", values="quantity"
    )
    return table.reindex(
        index=instance.recipes.index, columns=instance.commodities.index
    ).fillna(0.0)


def _idle(
    instance: Instance, yields: pd.DataFrame, placeable: pd.Index
) -> dict[str, str]:
    """Recipes that can never run, each with the reason, until no more are found."""
    no_site = ~instance.recipes.technology.isin(placeable)
    idle = dict.fromkeys(instance.recipes.index[no_site], "stands at no site")
    missing = _missing_services(instance)
    for recipe, technology in instance.recipes.technology.items():
        short = missing.get(("technology", technology))
        short = short or missing.get(("recipe", str(recipe)))
        if short:
            idle.setdefault(str(recipe), f"needs {short}, which nobody provides")
    sold = set(instance.supplies.commodity) | set(instance.returns.returns_as)
    wanted = set(instance.demand.commodity[instance.demand.quantity_per_yr > 0])
    wanted |= set(
        instance.commodities.index[instance.commodities.disposal_cost.notna()]
    )
    while True:
        runs = yields.drop(index=list(idle))
        got = sold | set(runs.columns[(runs > 0).any()])
        taken = wanted | set(runs.columns[(runs < 0).any()])
        found = {}
        for recipe, row in runs.iterrows():
            lacking = sorted(set(row.index[row < 0]) - got)
            stuck = sorted(set(row.index[row > 0]) - taken)
            if lacking:
                found[str(recipe)] = f"uses {lacking[0]}, which nobody sells or makes"
            elif stuck:
                lacks = "nobody takes and which has no disposal_cost"
                found[str(recipe)] = f"makes {stuck[0]}, which {lacks}"
        if not found:
            return idle
        idle |= found


def built_services(instance: Instance) -> set[str]:
    """Services that infrastructure could provide somewhere."""
    table = instance.infrastructure_services
    built = table.infrastructure.isin(instance.locations.infrastructure)
    return set(table.service[built & (table.per_step != 0)])


def _missing_services(instance: Instance) -> dict[tuple[str, str], str]:
    """A limited service that nobody provides, by ("technology" or "recipe", name)
    of what needs it."""
    base = instance.site_services
    provided = built_services(instance) | set(base.service[base.base > 0])
    limited = instance.services.index[instance.services.limited]
    short = set(limited) - provided
    needs = [
        (instance.technology_needs, "technology", "per_module"),
        (instance.recipe_needs, "recipe", "per_unit"),
    ]
    return {
        (name, str(row[0])): str(row[1])
        for table, name, quantity in needs
        for row in table.loc[
            table.service.isin(short) & (table[quantity] > 0), [name, "service"]
        ].itertuples(index=False)
    }
