"""Sums that can be done before any solve, with the numbers on both sides.

Each is a bound on what any plan could do: what a finding of severity "error" says
cannot be, cannot be. No finding does not mean that there is a plan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dmopt.data.ability import Ability, ability, built_services
from dmopt.data.instance import Instance
from dmopt.data.reach import Reach, reach

SLACK = 1e-9
"""Share by which a need may pass what there is: the noise of sums."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the figures of an instance alone say.

    severity: "error" where no plan can be, else "warning".
    message: what, in words, with the numbers.
    needed, there: the two sides, in the unit the message names; None where it is not
        about amounts.
    """

    severity: Literal["error", "warning"]
    message: str
    needed: float | None = None
    there: float | None = None


def arithmetic_findings(instance: Instance) -> list[Finding]:
    """All findings, errors first."""
    able = ability(instance)
    ways = reach(instance, able)
    findings = [
        *_short(instance, able, ways),
        *_unreached(instance, ways),
        *_committed(instance),
        *_idle_recipes(able),
        *_idle_sites(instance, able, ways),
    ]
    return sorted(findings, key=lambda finding: finding.severity)


def _short(instance: Instance, able: Ability, ways: Reach) -> Iterator[Finding]:
    """Demand against all that reaches anyone, for each commodity and period."""
    demand = instance.demand_by_period
    keys = ["commodity", "period"]
    wanted = demand.groupby(keys, sort=False).quantity_per_yr.sum().reset_index()
    there = _sold(instance, ways) + _with_stock(instance, _made(instance, able, ways))
    for commodity, period, needed in wanted.itertuples(index=False):
        most: Any = there.at[commodity, period]
        if needed > most * (1 + SLACK):
            unit = instance.commodities.unit[commodity]
            yield Finding(
                _severity(instance, commodity),
                f"{commodity}, period {period}: zones want {needed:,.10g} {unit} a "
                f"year, all that can be made or bought for them is {most:,.10g}",
                float(needed),
                float(most),
            )


def _sold(instance: Instance, ways: Reach) -> pd.DataFrame:
    """Most that suppliers who reach anyone sell, commodities x periods, units/yr."""
    sold = instance.supplies_by_period.fillna({"max_per_yr": np.inf})
    reached = [
        bool(ways.sends.at[supplier, commodity])
        for supplier, commodity in zip(sold.supplier, sold.commodity, strict=True)
    ]
    table = sold[np.array(reached, bool)].pivot_table(
        "max_per_yr", "commodity", "period", "sum"
    )
    return table.reindex(
        index=instance.commodities.index, columns=instance.periods.index
    ).fillna(0.0)


def _made(instance: Instance, able: Ability, ways: Reach) -> pd.DataFrame:
    """Most that sites which reach anyone make, commodities x periods, units/yr."""
    makes = able.makes.where(ways.sends.loc[able.makes.index], 0.0)
    opens = _opens(instance).loc[makes.index].to_numpy()
    made = {
        period: makes[opens <= number].sum()
        for number, period in enumerate(instance.periods.index)
    }
    return pd.DataFrame(made)


def _with_stock(instance: Instance, made: pd.DataFrame) -> pd.DataFrame:
    """With all that may be held from earlier periods, were none of it used or lost."""
    table = instance.stocks
    if not len(table):
        return made
    shelf = table.shelf_periods.fillna(np.inf).groupby(table.commodity).max()
    years, units = instance.periods.years.to_numpy(), made.to_numpy(copy=True)
    for commodity, most in shelf.items():
        row = made.index.get_loc(commodity)
        total = made.to_numpy()[row] * years
        for t in range(len(years)):
            first = int(max(t - most, 0))
            units[row, t] = total[first : t + 1].sum() / years[t]
    return pd.DataFrame(units, made.index, made.columns)


def _opens(instance: Instance) -> pd.Series:
    """Number of the first period in which a site may be open, by site."""
    number = instance.periods.index.get_indexer(pd.Index(instance.sites.opens))
    return pd.Series(np.maximum(number, 0), index=instance.sites.index)


def _severity(instance: Instance, commodity: str) -> Literal["error", "warning"]:
    """Demand may stay unmet where that has a price."""
    price = instance.commodities.unmet_price[commodity]
    return "error" if np.isnan(price) else "warning"


def _unreached(instance: Instance, ways: Reach) -> Iterator[Finding]:
    """Zones that want something nobody can bring them."""
    demand = instance.demand[instance.demand.quantity_per_yr > 0]
    got = ways.gets.stack()
    pairs = pd.MultiIndex.from_frame(demand[["zone", "commodity"]])
    unreached = demand[~got.reindex(pairs).to_numpy(bool)]
    for commodity, rows in unreached.groupby("commodity", sort=False):
        zones = rows.zone.unique()
        yield Finding(
            _severity(instance, str(commodity)),
            f"{commodity}: no lane from anyone who makes or sells it reaches "
            f"{_named(zones, 'zone')}",
            float(len(zones)),
            0.0,
        )


def _committed(instance: Instance) -> Iterator[Finding]:
    """What committed modules need against what their site has by itself."""
    built = built_services(instance)
    for site, service, need, has in _committed_needs(instance).itertuples(index=False):
        if need <= has * (1 + SLACK):
            continue
        more = "must provide the rest" if service in built else "provides none"
        yield Finding(
            "warning" if service in built else "error",
            f"committed site {site}: its modules need {need:,.10g} "
            f"{instance.services.unit[service]} of {service}, it has {has:,.10g}; "
            f"infrastructure {more}",
            float(need),
            float(has),
        )


def _committed_needs(instance: Instance) -> pd.DataFrame:
    """Limited services of committed sites: columns site, service, need, base."""
    sites = instance.sites.index[instance.sites.status == "committed"]
    limited = instance.services.index[instance.services.limited]
    standing = instance.standing_modules
    needs = instance.technology_needs[instance.technology_needs.service.isin(limited)]
    needs = standing[standing.site.isin(sites)].merge(needs, on="technology")
    needs = needs.assign(need=needs.modules * needs.per_module)
    needs = needs.groupby(["site", "service"], sort=False).need.sum().reset_index()
    base = instance.site_services[["site", "service", "base"]]
    return needs.merge(base, on=["site", "service"], how="left").fillna({"base": 0.0})


def _idle_recipes(able: Ability) -> Iterator[Finding]:
    for recipe, reason in able.idle.items():
        yield Finding("warning", f"recipe {recipe} can never run: it {reason}")


def _idle_sites(instance: Instance, able: Ability, ways: Reach) -> Iterator[Finding]:
    """Sites that hold nothing, or from which nothing goes anywhere."""
    empty = able.most.index[~(able.most > 0).any(axis=1)]
    if len(empty):
        yield Finding("warning", f"no technology can stand at {_named(empty, 'site')}")
    makes = able.makes.index[(able.makes > 0).any(axis=1)]
    cut_off = makes[~ways.sends.loc[makes].any(axis=1)]
    if len(cut_off):
        yield Finding(
            "warning",
            f"nothing made at {_named(cut_off, 'site')} reaches anyone who wants it",
        )


def _named(names: Iterable[str], noun: str) -> str:
    """The first few names, and how many there are."""
    every = [str(name) for name in names]
    more = f" and {len(every) - 3:,} more {noun}s" if len(every) > 3 else ""
    return f"{noun}{'s' if len(every) > 1 else ''} {', '.join(every[:3])}{more}"
