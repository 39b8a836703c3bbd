"""What sites share: infrastructure, what it needs first, and services."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.suspect import (
    TIMES,
    Edit,
    Figure,
    Suspect,
    many_more,
    with_cells,
)
from dmopt.rules.words import figure


def prerequisites(instance: Instance) -> Iterator[Suspect]:
    table = instance.prerequisites
    for i, first in zip(table.infrastructure, table.requires, strict=True):

        def drop(given: Instance, i: str = i, first: str = first) -> Instance:
            rows = given.prerequisites
            kept = rows[(rows.infrastructure != i) | (rows.requires != first)]
            tables = {**given.tables, "prerequisites": kept.reset_index(drop=True)}
            return replace(given, tables=tables)

        says = f"{i} needs {first} first."
        yield Suspect(
            "prerequisite", (i, first), says, (), drop, f"{i} without {first}"
        )


def infrastructure(instance: Instance) -> Iterator[Suspect]:
    table = instance.infrastructure
    for i, rows in instance.locations.groupby("infrastructure", sort=False):
        most = int(rows.max_steps.max())
        users = table.max_users[i]
        says = f"{i} may be built in {figure(most)} step(s) at {len(rows)} location(s)"
        if not np.isnan(users):
            says += f", each step for {figure(users)} site(s)"
        if table.least_km[i] > 0:
            says += f", {figure(table.least_km[i])} km apart"
        yield Suspect(
            "infrastructure",
            (str(i),),
            f"{says}.",
            tuple(_infrastructure_figures(instance, str(i), most)),
            partial(_drop_limits, i=str(i)),
            f"more of {i}, for any number of sites",
        )


def _infrastructure_figures(instance: Instance, i: str, most: int) -> Iterator[Figure]:
    table = instance.infrastructure

    def steps(given: Instance, to: float) -> Instance:
        mine = given.locations.infrastructure == i
        now = given.locations.max_steps[mine]
        return with_cells(
            given, "locations", mine, "max_steps", np.maximum(now, int(to))
        )

    def column(name: str) -> Edit:
        return lambda given, to: with_cells(given, "infrastructure", i, name, to)

    yield Figure(f"max_steps of {i}", "steps", most, TIMES * most, True, steps)
    if not np.isnan(table.max_users[i]):
        now = float(table.max_users[i])
        most_users = max(now, float(len(instance.sites)))
        edit = column("max_users")
        yield Figure(f"max_users of {i}", "sites", now, most_users, True, edit)
    if table.reach[i] == "radius":
        now, edit = float(table.radius_km[i]), column("radius_km")
        yield Figure(f"radius_km of {i}", "km", now, 2_000, False, edit)
    if table.least_km[i] > 0:
        now, edit = float(table.least_km[i]), column("least_km")
        yield Figure(f"least_km of {i}", "km", now, 0, False, edit)


def _drop_limits(instance: Instance, i: str) -> Instance:
    mine = instance.locations.infrastructure == i
    more = many_more(instance.locations.max_steps[mine])
    given = with_cells(instance, "locations", mine, "max_steps", more)
    given = with_cells(given, "infrastructure", i, "max_users", np.nan)
    return with_cells(given, "infrastructure", i, "least_km", 0.0)


def services(instance: Instance) -> Iterator[Suspect]:
    services = instance.services
    needed = {*instance.technology_needs.service, *instance.recipe_needs.service}
    for q in services.index[services.limited & services.index.isin(needed)]:
        here = instance.site_services
        base = here.base[here.service == q]
        has = f"{figure(base.max())} at most" if len(base) else "none of it"
        unit = services.unit[q]

        def edit(given: Instance, to: float, q: Any = q) -> Instance:
            return _with_base(given, str(q), to)

        figures = (Figure(f"{q} at each site, more", unit, 0, 1e9, False, edit),)
        yield Suspect(
            "service",
            (str(q),),
            f"Sites need {q} ({unit}); by themselves they have {has}.",
            figures,
            partial(
                with_cells, table="services", rows=q, column="limited", value=False
            ),
            f"{q} without limit",
        )


def _with_base(instance: Instance, service: str, more: float) -> Instance:
    """Each site with so much more of a service."""
    table = instance.site_services
    mine = table.service == service
    lacking = instance.sites.index.difference(pd.Index(table.site[mine]))
    rows = pd.DataFrame({name: [] for name in table}).astype(table.dtypes.to_dict())
    rows = rows.reindex(range(len(lacking)))
    rows["site"], rows["service"], rows["base"] = lacking.to_numpy(), service, 0.0
    for name in ("source", "confidence", "note"):
        rows[name] = ""
    grown = table.assign(base=table.base + np.where(mine, more, 0.0))
    rows["base"] = more
    both = pd.concat([grown, rows], ignore_index=True)
    return replace(instance, tables={**instance.tables, "site_services": both})
