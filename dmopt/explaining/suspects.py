"""What a user gave that can stand in the way of a plan: rules and figures, by name.

A suspect can be dropped altogether (`Elastic` does it) or loosened: each of its figures
has a value now, a way it can go, and an edit that gives the instance with another value
in its place. Edits change ordinary tables and nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.rules.edit import edit_rules
from dmopt.rules.rule import Rule
from dmopt.rules.words import figure

TIMES = 10
"""How many times as large capacities may become when their limit is dropped."""

SHARE = "%"
"""Unit of figures that are shares: told as per cent."""
LEAST_DEMAND = 5.0
"""Per cent of a demand below which to lower it further is no way out."""

Edit = Callable[[Instance, float], Instance]


@dataclass(frozen=True)
class Figure:
    """A number of a suspect that can be loosened.

    name: what it is called where the user wrote it. unit. now, most: value today and
    the farthest it makes sense to go. whole: counts in whole numbers.
    edit: (instance, value) -> instance with the value in its place.
    """

    name: str
    unit: str
    now: float
    most: float
    whole: bool
    edit: Edit = field(compare=False)

    def says(self, value: float) -> str:
        """ "within_km: 10 -> 12.4 km"."""
        scale = 100 if self.unit == SHARE else 1
        unit = f" {self.unit}" if self.unit else ""
        now, then = figure(scale * self.now), figure(scale * value)
        return f"{self.name}: {now} -> {then}{unit}"


@dataclass(frozen=True)
class Suspect:
    """One thing that may be in a conflict.

    kind: "rule", "demand", "budget", "supply", "capacity", "use", "infrastructure",
        "prerequisite", "service", "delivery time" or "excluded site".
    name: names in the instance: a rule's id, (commodity,), (period, "capital") ...
    says: what it asks, with its figures. figures: how it can be loosened.
    drop: (instance) -> instance without it, and what that is in words.
    """

    kind: str
    name: tuple[str, ...]
    says: str
    figures: Sequence[Figure] = ()
    drop: Callable[[Instance], Instance] | None = field(default=None, compare=False)
    dropped: str = ""

    @property
    def label(self) -> str:
        return f"{self.kind} {' '.join(self.name)}"


def suspects(instance: Instance, rules: Sequence[Rule]) -> list[Suspect]:
    """All suspects of an instance, those first whose names say most to people."""
    return [
        *_rules(rules),
        *_budgets(instance),
        *_demands(instance),
        *_delivery_times(instance),
        *_excluded(instance),
        *_supplies(instance),
        *_uses(instance),
        *_prerequisites(instance),
        *_infrastructure(instance),
        *_services(instance),
        *_capacities(instance),
    ]


def _rules(rules: Sequence[Rule]) -> Iterator[Suspect]:
    for rule in rules:
        if rule.soft_price is None:
            yield Suspect(
                "rule",
                (rule.id,),
                rule.kind.sentence(),
                tuple(rule_figures(rule)),
                partial(edit_rules, off=[rule.id]),
                f"rule {rule.id} switched off",
            )


def rule_figures(rule: Rule) -> Iterator[Figure]:
    """The parameters of a rule that say how they are loosened (`parameters.looser`)."""
    for name, declared in type(rule.kind).model_fields.items():  # type: ignore[attr-defined]
        extra, value = declared.json_schema_extra, getattr(rule.kind, name)
        if not isinstance(extra, dict) or "looser" not in extra or value is None:
            continue

        def edit(
            instance: Instance, to: float, id: str = rule.id, parameter: str = name
        ) -> Instance:
            return edit_rules(instance, change=[f"{id}.{parameter}={to:.12g}"])

        whole = isinstance(value, int) and not isinstance(value, bool)
        unit = str(extra.get("unit") or unit_of(name))
        yield Figure(name, unit, float(value), float(extra["to"]), whole, edit)


def unit_of(parameter: str) -> str:
    """The unit that the name of a parameter ends in, or ""."""
    words = {"km": "km", "h": "h", "min": "min", "days": "days", "t": "t"}
    words |= {"share": SHARE, "reserve": SHARE}
    return words.get(parameter.rsplit("_", 1)[-1], "")


def with_cells(
    instance: Instance, table: str, rows: Any, column: str, value: Any
) -> Instance:
    """The instance with one column of some rows of a table (mask or labels) changed."""
    frame = instance.tables[table].copy()
    frame.loc[rows, column] = value
    return replace(instance, tables={**instance.tables, table: frame})


def _at(edit: Edit, value: float) -> Callable[[Instance], Instance]:
    """The edit to one value."""
    return lambda instance: edit(instance, value)


def _budgets(instance: Instance) -> Iterator[Suspect]:
    currency = instance.settings.currency
    for kind, column in (("capital", "capital_budget"), ("public", "public_budget")):
        for t, money in instance.periods[column].items():
            if np.isnan(money):
                continue
            name = f"{column} of {t}"

            def edit(i: Instance, to: float, t: Any = t, c: str = column) -> Instance:
                return with_cells(i, "periods", t, c, to)

            yield Suspect(
                "budget",
                (str(t), kind),
                f"The {kind} budget of {t} is {currency} {figure(money)}.",
                (Figure(name, currency, money, max(1e12, money), False, edit),),
                _at(edit, np.nan),
                f"no {kind} budget in {t}",
            )


def _demands(instance: Instance) -> Iterator[Suspect]:
    wanted = instance.demand_by_period.groupby("commodity").quantity_per_yr.sum()
    for name, quantity in wanted.items():
        c = str(name)
        if instance.commodities.unmet_price.notna()[c]:
            continue
        unit = instance.commodities.unit[c]

        def edit(i: Instance, to: float, c: str = c) -> Instance:
            rows = i.demand.commodity == c
            scaled = i.demand.quantity_per_yr[rows] * to / 100
            return with_cells(i, "demand", rows, "quantity_per_yr", scaled)

        def may_fail(i: Instance, c: str = c) -> Instance:
            return with_cells(i, "commodities", c, "unmet_price", 10 * _dear(i))

        yield Suspect(
            "demand",
            (c,),
            f"All {figure(quantity)} {unit} a year of {c} must be supplied.",
            (
                Figure(
                    f"demand for {c}",
                    "per cent of today",
                    100,
                    LEAST_DEMAND,
                    False,
                    edit,
                ),
            ),
            may_fail,
            f"{c} may stay unmet, at a price",
        )


def _dear(instance: Instance) -> float:
    """A price of what is missing that is above every price in the instance."""
    prices = instance.commodities[["price", "unmet_price"]].to_numpy(float)
    return max(1.0, float(np.nanmax(prices, initial=0.0)))


def _delivery_times(instance: Instance) -> Iterator[Suspect]:
    for c, hours in instance.commodities.max_delivery_h.items():
        if np.isnan(hours):
            continue

        def edit(i: Instance, to: float, c: Any = c) -> Instance:
            return with_cells(i, "commodities", c, "max_delivery_h", to)

        yield Suspect(
            "delivery time",
            (str(c),),
            f"{c} must arrive within {figure(hours)} h.",
            (Figure(f"max_delivery_h of {c}", "h", hours, 1e4, False, edit),),
            _at(edit, np.nan),
            f"{c} may take any time",
        )


def _excluded(instance: Instance) -> Iterator[Suspect]:
    sites = instance.sites
    for s in sites.index[sites.status == "excluded"]:
        reason = f" ({sites.reason[s]})" if sites.reason[s] else ""
        yield Suspect(
            "excluded site",
            (str(s),),
            f"Site {s} is excluded{reason}.",
            (),
            partial(
                with_cells, table="sites", rows=s, column="status", value="candidate"
            ),
            f"site {s} may open",
        )


def _supplies(instance: Instance) -> Iterator[Suspect]:
    table = instance.supplies
    most = table.dropna(subset="max_per_yr").groupby(["supplier", "commodity"])
    for (g, c), rows in most:
        units = float(rows.max_per_yr.max())

        def factor(i: Instance, to: float, g: Any = g, c: Any = c) -> Instance:
            mine = (i.supplies.supplier == g) & (i.supplies.commodity == c)
            return with_cells(
                i,
                "supplies",
                mine,
                "max_per_yr",
                i.supplies.max_per_yr[mine] * to / 100,
            )

        unit = instance.commodities.unit[str(c)]
        yield Suspect(
            "supply",
            (str(g), str(c)),
            f"{g} sells at most {figure(units)} {unit} of {c} a year.",
            (Figure(f"{c} sold by {g}", "per cent of today", 100, 1e6, False, factor),),
            _at(factor, np.nan),
            f"{g} sells any amount of {c}",
        )


def _uses(instance: Instance) -> Iterator[Suspect]:
    for k, low in instance.technologies.least_use.items():
        if low == 0:
            continue

        def edit(i: Instance, to: float, k: Any = k) -> Instance:
            return with_cells(i, "technologies", k, "least_use", to)

        yield Suspect(
            "use",
            (str(k),),
            f"{k} runs at {figure(100 * low)} % of its capacity or more.",
            (Figure(f"least_use of {k}", "", low, 0, False, edit),),
            _at(edit, 0.0),
            f"{k} may run at any use",
        )


def _prerequisites(instance: Instance) -> Iterator[Suspect]:
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


def _infrastructure(instance: Instance) -> Iterator[Suspect]:
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
            partial(drop_infrastructure_limits, i=str(i)),
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


def many_more(most: pd.Series) -> pd.Series:
    """A limit dropped: so many times as large, as far as the tables allow."""
    return (most * TIMES).clip(upper=10_000).where(most < 10_000, most)


def drop_infrastructure_limits(instance: Instance, i: str) -> Instance:
    mine = instance.locations.infrastructure == i
    more = many_more(instance.locations.max_steps[mine])
    given = with_cells(instance, "locations", mine, "max_steps", more)
    given = with_cells(given, "infrastructure", i, "max_users", np.nan)
    return with_cells(given, "infrastructure", i, "least_km", 0.0)


def _services(instance: Instance) -> Iterator[Suspect]:
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


def _capacities(instance: Instance) -> Iterator[Suspect]:
    technologies = instance.technologies
    for name, most in technologies.max_modules.items():
        k = str(name)

        def edit(given: Instance, to: float, k: str = k) -> Instance:
            return with_cells(given, "technologies", k, "max_modules", int(to))

        more = float(many_more(pd.Series([most])).iloc[0])
        capacity = technologies.capacity_per_yr[k] * technologies.availability[k]
        yield Suspect(
            "capacity",
            (k,),
            f"A site takes at most {most} of {k}, each of {figure(capacity)} a year.",
            (Figure(f"max_modules of {k}", "modules", most, more, True, edit),),
            _at(edit, more),
            f"up to {figure(more)} of {k} at a site",
        )
