"""What a rule covers: sites, zones, periods, products; all of them unless it says so.

    districts   zones and sites of these districts
    areas       zones and sites whose point lies in one of these polygons
    periods     these periods
    products    these commodities that zones want; "trait:digital" is all that have the
                trait, which may be none

A rule that names no districts and no areas covers every site, outside the region too.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from dmopt.data.instance import Instance


@dataclass(frozen=True)
class Where:
    """sites, zones: their ids (excluded sites are in it).  periods: ids, in order.

    products: commodities that zones want.  technologies: those with a recipe that
    makes one of them.  everywhere: no district or area is named.
    """

    sites: pd.Index
    zones: pd.Index
    periods: pd.Index
    products: pd.Index
    technologies: pd.Index
    everywhere: bool

    def same_as(self, other: "Where") -> bool:
        """Whether both cover the same."""
        return self.everywhere == other.everywhere and all(
            mine.equals(theirs)
            for mine, theirs in (
                (self.sites, other.sites),
                (self.zones, other.zones),
                (self.periods, other.periods),
                (self.products, other.products),
                (self.technologies, other.technologies),
            )
        )


def make_where(
    instance: Instance,
    districts: Iterable[str] = (),
    areas: Iterable[str] = (),
    periods: Iterable[str] = (),
    products: Iterable[str] = (),
) -> Where:
    """Resolve names; none of a kind means all. Names must be known."""
    named = set(periods) or set(instance.periods.index)
    goods = instance.commodities.index
    covered = goods[goods.isin(products_named(instance, products))]
    return Where(
        sites=_inside(instance, instance.sites, districts, areas),
        zones=_inside(instance, instance.zones, districts, areas),
        periods=instance.periods.index[instance.periods.index.isin(named)],
        products=covered,
        technologies=_makers(instance, covered),
        everywhere=not (set(districts) or set(areas)),
    )


TRAIT = "trait:"


def products_named(instance: Instance, products: Iterable[str]) -> set[str]:
    """Commodities that zones want and that are named; all where none are."""
    wanted = set(instance.demand.commodity)
    if chosen := set(products):
        wanted &= {c for name in chosen for c in _named(instance, name)}
    return wanted


def _named(instance: Instance, name: str) -> Iterable[str]:
    """The commodity of this name, or all with the trait."""
    if not name.startswith(TRAIT):
        return [name]
    traits = instance.commodities.traits
    wanted = name.removeprefix(TRAIT)
    return [str(c) for c, text in traits.items() if wanted in listed(text)]


def listed(text: str) -> list[str]:
    """Parts of a cell separated by ';'."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _inside(
    instance: Instance,
    table: pd.DataFrame,
    districts: Iterable[str],
    areas: Iterable[str],
) -> pd.Index:
    inside = np.ones(len(table), bool)
    if named := set(districts):
        inside &= table.district.isin(named).to_numpy()
    if chosen := list(areas):
        shape = shapely.union_all(instance.areas.geometry.loc[chosen].to_numpy())
        shapely.prepare(shape)
        points = shapely.points(table.x.to_numpy(), table.y.to_numpy())
        inside &= shapely.intersects(shape, points)
    return table.index[inside]


def _makers(instance: Instance, products: pd.Index) -> pd.Index:
    items = instance.recipe_items
    made = items[(items.quantity > 0) & items.commodity.isin(products)]
    recipes = instance.recipes
    names = recipes.technology[recipes.index.isin(made.recipe)]
    technologies = instance.technologies.index
    return technologies[technologies.isin(names)]
