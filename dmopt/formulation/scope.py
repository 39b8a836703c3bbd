"""Scope: what is possible at all, before anything is decided.

    placements   (s, k) technology k may stand at site s        -> most modules there
    works        (s, r) recipe r may run at site s
    makes, takes (s, c) site s can make / can use up commodity c
    reach        (s, i, l) site s can draw on infrastructure i at location l

Pure functions of the instance; docs/mathematics.md, "Sets and data".
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dmopt.data.distances import straight_table
from dmopt.data.instance import Instance

if TYPE_CHECKING:
    from pyproj import Transformer


@dataclass(frozen=True)
class Scope:
    """What is possible in `instance`; see the module's maths.

    by_services: whether services that can never be had limit the modules of a site.
    """

    instance: Instance
    by_services: bool = True

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Sites that are not excluded, index site."""
        sites = self.instance.sites
        return sites[sites.status != "excluded"]

    @cached_property
    def committed(self) -> frozenset[str]:
        return frozenset(self.sites.index[self.sites.status == "committed"])

    @cached_property
    def standing(self) -> dict[tuple[str, str], int]:
        """(s, k) -> modules that stand at existing or come at committed sites."""
        table = self.instance.standing_modules
        return dict(
            zip(
                zip(table.site, table.technology, strict=True),
                table.modules,
                strict=True,
            )
        )

    @cached_property
    def most_modules(self) -> dict[tuple[str, str], int]:
        """Placement (s, k) -> most modules that can ever stand there, at least 1.

        The least of `allowed` and of what each limited service leaves room for, if
        every step in reach were built; never less than what stands already.
        """
        most = {
            (s, k): max(min(modules, self._room(s, k)), self.standing.get((s, k), 0))
            for (s, k), modules in self.allowed.items()
        }
        return {key: modules for key, modules in most.items() if modules > 0}

    @cached_property
    def allowed(self) -> dict[tuple[str, str], int]:
        """(s, k) -> modules allowed by class and `max_modules`; at committed sites,
        those that come; at existing ones at least what stands."""
        technologies = self.instance.technologies
        classes = {
            k: {c.strip() for c in text.split(";") if c.strip()}
            for k, text in zip(
                technologies.index, technologies.site_classes, strict=True
            )
        }
        most = dict(zip(technologies.index, technologies.max_modules, strict=True))
        kinds = dict(zip(self.sites.index, self.sites["class"], strict=True))
        allowed = {
            (s, k): int(modules)
            for s, site_class in kinds.items()
            for k, modules in most.items()
            if s not in self.committed and (not classes[k] or site_class in classes[k])
        }
        for key, modules in self.standing.items():
            if key[0] in kinds:
                allowed[key] = max(allowed.get(key, 0), int(modules))
        return allowed

    def _room(self, s: str, k: str) -> int:
        """Modules of k that the services s can ever have would allow."""
        if not self.by_services:
            return 10**9
        room = [
            int((self.most_had.get((s, q), 0.0) + 1e-6) / units)
            for q, units in self.per_module.get(k, {}).items()
            if units > 0
            and q in self.limited
            and self.most_had.get((s, q), 0.0) < np.inf
        ]
        return min(room, default=10**9)

    @cached_property
    def most_had(self) -> dict[tuple[str, str], float]:
        """(s, q) -> units of service q if every step in reach were built; inf: any."""
        had = dict(self.base)
        there = self.locations.set_index(["infrastructure", "location"])
        most = there[["max_steps", "existing_steps"]].max(axis=1)
        steps: dict[Any, int] = most.to_dict()
        for s, i, l in self.reach:
            for q, per_step in self.offers.get(i, {}).items():
                more = np.inf if np.isnan(per_step) else per_step * steps[i, l]
                had[s, q] = had.get((s, q), 0.0) + more
        return had

    @cached_property
    def offers(self) -> dict[str, dict[str, float]]:
        """i -> {q: units one step provides; NaN: as much as asked}."""
        table = self.instance.infrastructure_services
        return _nested(table.infrastructure, table.service, table.per_step)

    @cached_property
    def recipes_of(self) -> dict[str, list[str]]:
        """k -> its recipes."""
        recipes = self.instance.recipes
        of: dict[str, list[str]] = {k: [] for k in self.instance.technologies.index}
        for r, k in zip(recipes.index, recipes.technology, strict=True):
            of[k].append(r)
        return of

    @cached_property
    def technologies_at(self) -> dict[str, list[str]]:
        """s -> technologies that may stand there."""
        at: dict[str, list[str]] = {s: [] for s in self.sites.index}
        for s, k in self.most_modules:
            at[s].append(k)
        return at

    @cached_property
    def works(self) -> list[tuple[str, str]]:
        return [(s, r) for s, k in self.most_modules for r in self.recipes_of[k]]

    @cached_property
    def items(self) -> dict[str, dict[str, float]]:
        """r -> {c: yield}, > 0 made, < 0 used up, per unit of activity."""
        items: dict[str, dict[str, float]] = {
            r: {} for r in self.instance.recipes.index
        }
        table = self.instance.recipe_items
        for r, c, quantity in zip(
            table.recipe, table.commodity, table.quantity, strict=True
        ):
            items[r][c] = float(quantity)
        return items

    @cached_property
    def made_by_module(self) -> dict[str, dict[str, float]]:
        """k -> {c: most units of c that one module makes in a year, above 0}."""
        return self._by_module(1.0)

    @cached_property
    def used_by_module(self) -> dict[str, dict[str, float]]:
        """k -> {c: most units of c that one module uses up in a year, above 0}."""
        return self._by_module(-1.0)

    def _by_module(self, sign: float) -> dict[str, dict[str, float]]:
        technologies = self.instance.technologies
        use = self.instance.recipes.capacity_use.to_dict()
        capacity = technologies.availability * technologies.capacity_per_yr
        found: dict[str, dict[str, float]] = {}
        for k, a_year in zip(technologies.index, capacity, strict=True):
            most = found.setdefault(k, {})
            for r in self.recipes_of[k]:
                for c, quantity in self.items[r].items():
                    if (amount := sign * quantity) > 0:
                        most[c] = max(most.get(c, 0.0), amount * a_year / use[r])
        return found

    @cached_property
    def makes(self) -> dict[tuple[str, str], list[str]]:
        """(s, c) -> recipes at s that make c, in stable order."""
        return self._recipes_by_item(made=True)

    @cached_property
    def takes(self) -> dict[tuple[str, str], list[str]]:
        """(s, c) -> recipes at s that use c up."""
        return self._recipes_by_item(made=False)

    def _recipes_by_item(self, made: bool) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for s, r in self.works:
            for c, quantity in self.items[r].items():
                if (quantity > 0) == made:
                    found.setdefault((s, c), []).append(r)
        return found

    @cached_property
    def sold_to_zones(self) -> frozenset[str]:
        """Commodities that suppliers bring to zones without a site between."""
        lanes = self.instance.lanes
        direct = (lanes.origin == "supplier") & (lanes.destination == "zone")
        return frozenset(lanes.commodity[direct])

    @cached_property
    def reach(self) -> list[tuple[str, str, str]]:
        """(s, i, l) of every site in reach; own infrastructure included."""
        if not len(self.instance.locations):
            return []
        table = self.locations
        sites = self.sites.join(self.instance.places[["lon", "lat"]])
        inside = sites.in_region.to_numpy()
        near = np.zeros((len(table), len(sites)), bool)
        kind = table.reach.to_numpy(object)
        own = sites.index.get_indexer(pd.Index(table.site))
        at_site = np.flatnonzero((kind == "site") & (own >= 0))
        near[at_site, own[at_site]] = True
        around = kind == "radius"
        km = straight_table(self.instance, table[around], sites)
        near[around] = km <= table.radius_km.to_numpy()[around, None]
        same = kind == "district"
        names = sites.district.to_numpy(object)
        near[same] = inside & (table.district.to_numpy(object)[same, None] == names)
        near[kind == "region"] = inside
        l, s = np.nonzero(near)
        names = sites.index.to_numpy(object)[s]
        i, at = (
            table[column].to_numpy(object)[l]
            for column in ("infrastructure", "location")
        )
        return list(zip(names, i, at, strict=True))

    @cached_property
    def locations(self) -> pd.DataFrame:
        """Locations with reach and radius_km of their infrastructure, and x, y,
        lon, lat, district filled from the location's site where blank."""
        table = self.instance.locations.reset_index(drop=True).copy()
        sites = self.instance.sites
        here = table.site.where(table.site.isin(sites.index))
        for column in ("x", "y"):
            table[column] = table[column].fillna(here.map(sites[column]))
        blank = table.district == ""
        table["district"] = table.district.mask(blank, here.map(sites.district)).fillna(
            ""
        )
        degrees = to_degrees(self.instance, table.x.to_numpy(), table.y.to_numpy())
        table["lon"], table["lat"] = degrees
        kinds = self.instance.infrastructure[["reach", "radius_km"]]
        return table.join(kinds, on="infrastructure")

    @cached_property
    def limited(self) -> list[str]:
        services = self.instance.services
        return list(services.index[services.limited])

    @cached_property
    def price(self) -> dict[tuple[str, str], float]:
        """(s, q) -> price of one unit of service q at site s."""
        services: dict[Any, float] = self.instance.services.price.to_dict()
        price = {
            (s, q): float(each)
            for s in self.sites.index
            for q, each in services.items()
        }
        own = self.instance.site_services.dropna(subset="price")
        price.update(
            zip(zip(own.site, own.service, strict=True), own.price, strict=True)
        )
        return price

    @cached_property
    def per_module(self) -> dict[str, dict[str, float]]:
        """k -> {q: units one module needs}."""
        table = self.instance.technology_needs
        return _nested(table.technology, table.service, table.per_module)

    @cached_property
    def per_unit(self) -> dict[str, dict[str, float]]:
        """r -> {q: units one unit of activity uses}."""
        table = self.instance.recipe_needs
        return _nested(table.recipe, table.service, table.per_unit)

    @cached_property
    def base(self) -> dict[tuple[str, str], float]:
        """(s, q) -> units of service q the site already has."""
        table = self.instance.site_services
        return dict(
            zip(zip(table.site, table.service, strict=True), table.base, strict=True)
        )

    @cached_property
    def most_need(self) -> dict[tuple[str, str], float]:
        """(s, q) -> most of service q that site s can ever need."""
        return self._need_of(self.most_modules)

    @cached_property
    def allowed_need(self) -> dict[tuple[str, str], float]:
        """(s, q) -> most[s, q] of the mathematics: the need of all that is allowed.
        What infrastructure without a `per_step` gives while it is partly live."""
        return self._need_of(self.allowed)

    def _need_of(
        self, placements: dict[tuple[str, str], int]
    ) -> dict[tuple[str, str], float]:
        need: dict[tuple[str, str], float] = {}
        for (s, k), most in placements.items():
            for q, units in self.most_per_module[k].items():
                need[s, q] = need.get((s, q), 0.0) + most * units
        return need

    @cached_property
    def most_per_module(self) -> dict[str, dict[str, float]]:
        """k -> {q: most units of service q that one module can need, above 0}."""
        technologies = self.instance.technologies
        use = self.instance.recipes.capacity_use.to_dict()
        activity = technologies.availability * technologies.capacity_per_yr
        most: dict[str, dict[str, float]] = {}
        for k, all_day in zip(technologies.index, activity, strict=True):
            most[k] = {}
            for q in self.instance.services.index:
                running = [
                    self.per_unit.get(r, {}).get(q, 0.0) / use[r]
                    for r in self.recipes_of[k]
                ]
                units = self.per_module.get(k, {}).get(q, 0.0)
                units += all_day * max(running, default=0.0)
                if units > 0:
                    most[k][q] = units
        return most


def _nested(
    first: pd.Series, second: pd.Series, value: pd.Series
) -> dict[str, dict[str, float]]:
    nested: dict[str, dict[str, float]] = {}
    for a, b, number in zip(first, second, value, strict=True):
        nested.setdefault(a, {})[b] = float(number)
    return nested


def to_degrees(
    instance: Instance, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of points in the instance's CRS; NaN stays NaN."""
    transformer = _degrees_from(instance.settings.crs)
    known = np.isfinite(x) & np.isfinite(y)
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[known], lat[known] = transformer.transform(x[known], y[known])
    return lon, lat


@cache
def _degrees_from(crs: str) -> "Transformer":
    """Made once per CRS: making one takes longer than most instances' points."""
    from pyproj import Transformer

    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
