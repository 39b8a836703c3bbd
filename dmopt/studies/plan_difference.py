"""What differs between two plans of one instance, or of nearly the same one.

    modules       moved  = min(sum of what sites gain, sum of what sites lose)
                  more, fewer: the rest        per technology and period
    changed hands = min(what zone z gets more of from some origins, what it gets less of
                  from others)                 per zone, product and period; tonnes

A site that has another id in the second instance, at the very same point, counts as the
same site. Things that one instance does not know have 0 there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dmopt.data.instance import ACCOUNTS, Instance
from dmopt.plan.costs import KINDS, cost_table
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.solving.result import Result
from dmopt.studies.instance_difference import instance_difference

HANDED = [
    *("zone", "district", "commodity", "period", "from_before", "from_after"),
    *("t_before", "t_after", "t_changed_hands"),
]
ROUNDING = 1e-12
"""Relative: differences below it are the last digits of sums."""
LEAST_T = 1e-6
"""Tonnes a year below which a flow is the last digits of another."""


@dataclass(frozen=True)
class Side:
    """One of two plans: what it is called, and the result that has it."""

    name: str
    result: Result

    @property
    def plan(self) -> Plan:
        """Raises ValueError where there is none: ask `result.plan` first."""
        if self.result.plan is None:
            raise ValueError(f"{self.name} has no plan")
        return self.result.plan


@dataclass(frozen=True)
class PlanDifference:
    """one, other: the plans. tables: by name, as the functions below make them.
    renamed: id of a site in the other's instance -> in the first's, where they
    differ."""

    one: Side
    other: Side
    tables: Mapping[str, pd.DataFrame]
    renamed: Mapping[str, str]

    @property
    def costs(self) -> tuple[float, float]:
        one, other = (
            np.nan if side.result.cost is None else side.result.cost
            for side in (self.one, self.other)
        )
        return one, other

    @property
    def other_accounts(self) -> list[str]:
        """In what the two count money differently, in words; empty where their costs
        can be compared."""
        one, other = self.one.plan.instance, self.other.plan.instance
        found = [
            name.replace("_", " ")
            for name in ACCOUNTS
            if getattr(one.settings, name) != getattr(other.settings, name)
        ]
        same = one.tables["periods"].equals(other.tables["periods"])
        return found if same else [*found, "periods"]

    @property
    def certain(self) -> bool:
        """Whether what divides the costs is more than the gaps leave open: the dearer
        plan's bound is above what the cheaper one costs. Never so where money is
        counted differently."""
        if self.other_accounts:
            return False
        sides = sorted((self.one, self.other), key=lambda side: side.result.cost or 0.0)
        bound, cost = sides[1].result.bound, sides[0].result.cost
        return bound is not None and cost is not None and bound > cost


def plan_difference(one: Side, other: Side) -> PlanDifference:
    """Hold two plans against each other; from `one` to `other`."""
    renamed = _renamed(one.plan.instance, other.plan.instance)
    first, second = one.plan, _under_first_names(other.plan, renamed)
    modules = _counts(first, second, "modules", ["site", "technology"], "modules")
    steps = ["infrastructure", "location"]
    handed = _handed(first, second)
    tables = {
        "sites": _sites(first, second, modules),
        "modules": modules[modules.change != 0].reset_index(drop=True),
        "module_totals": _module_totals(modules),
        "infrastructure": _counts(
            first, second, "infrastructure", steps, "steps", True
        ),
        "connections": _connections(first, second),
        "zones": handed,
        "districts": _by_district(handed),
        "costs": _costs(one.plan, other.plan),
        "indicators": _indicators(one.plan, other.plan),
        "instance": instance_difference(one.plan.instance, other.plan.instance),
    }
    return PlanDifference(one, other, tables, renamed)


def _renamed(one: Instance, other: Instance) -> dict[str, str]:
    """Sites that only the other knows -> the only site that only the first knows at the
    same point."""
    gone = one.sites.loc[one.sites.index.difference(other.sites.index)]
    new = other.sites.loc[other.sites.index.difference(one.sites.index)]
    if one.settings.crs != other.settings.crs:
        return {}
    both = new.reset_index(names="new").merge(
        gone.reset_index(names="old"), on=["x", "y"]
    )
    alone = ~both.new.duplicated(keep=False) & ~both.old.duplicated(keep=False)
    return dict(zip(both.new[alone], both.old[alone], strict=True))


def _under_first_names(plan: Plan, renamed: Mapping[str, str]) -> Plan:
    columns = ("site", "origin", "destination")
    tables = {
        name: table.assign(
            **{c: table[c].replace(dict(renamed)) for c in columns if c in table}
        )
        for name, table in plan.tables.items()
    }
    return replace(plan, tables=tables) if renamed else plan


def _counts(
    one: Plan,
    other: Plan,
    table: str,
    by: Sequence[str],
    value: str,
    only_changes: bool = False,
) -> pd.DataFrame:
    """Counts of a table by its keys and period: before, after, change."""
    keys = [*by, "period"]
    sides = [p.tables[table].groupby(keys)[value].sum() for p in (one, other)]
    both = pd.concat(sides, axis=1, keys=["before", "after"]).fillna(0)
    both = both.astype("int64").sort_index().reset_index()
    both = both.assign(change=both.after - both.before)
    kept = both.change != 0 if only_changes else (both.before > 0) | (both.after > 0)
    return both[kept].reset_index(drop=True)


def _sites(one: Plan, other: Plan, modules: pd.DataFrame) -> pd.DataFrame:
    """Sites open in either plan: site, name, district, x, y (instance CRS), change:
    "added", "dropped", "changed" (other modules in some period) or "kept"."""
    opened = [set(plan.tables["opened"].site) for plan in (one, other)]
    changed = set(modules.site[modules.change != 0])
    given = pd.concat([plan.instance.sites for plan in (one, other)])
    given = given[~given.index.duplicated()]
    rows = []
    for site in sorted(opened[0] | opened[1]):
        before, after = (site in side for side in opened)
        kept = "changed" if site in changed else "kept"
        what = kept if before and after else "added" if after else "dropped"
        rows.append((site, *given.loc[site, ["name", "district", "x", "y"]], what))
    return pd.DataFrame(rows, columns=["site", "name", "district", "x", "y", "change"])


def _module_totals(modules: pd.DataFrame) -> pd.DataFrame:
    """technology, period, before, after; of what differs: moved, more, fewer."""
    up, down = modules.change.clip(lower=0), (-modules.change).clip(lower=0)
    by = ["technology", "period"]
    groups = modules.assign(up=up, down=down).groupby(by)
    totals = groups[["before", "after", "up", "down"]].sum().reset_index()
    moved = totals[["up", "down"]].min(axis=1)
    return totals.assign(
        moved=moved, more=totals.up - moved, fewer=totals.down - moved
    )[[*by, "before", "after", "moved", "more", "fewer"]]


def _connections(one: Plan, other: Plan) -> pd.DataFrame:
    """site, infrastructure, location, period, change ("added" or "dropped")."""
    both = one.tables["uses"].merge(other.tables["uses"], how="outer", indicator=True)
    both = both[both["_merge"] != "both"]
    words = both["_merge"].map({"left_only": "dropped", "right_only": "added"})
    return both.assign(change=words.astype("str"))[
        [*one.tables["uses"].columns, "change"]
    ].reset_index(drop=True)


def _handed(one: Plan, other: Plan) -> pd.DataFrame:
    """One row per zone, product and period that is served otherwise: zone, district,
    commodity, period, from_before, from_after (the origin that brings most; "" none),
    t_before, t_after, t_changed_hands (t/yr)."""
    keys = ["zone", "commodity", "period", "origin"]
    sides = [_deliveries(plan).groupby(keys).t_per_yr.sum() for plan in (one, other)]
    both = pd.concat(sides, axis=1, keys=["before", "after"]).fillna(0.0).reset_index()
    gain = (both.after - both.before).clip(lower=0)
    loss = (both.before - both.after).clip(lower=0)
    by = keys[:3]
    sums = both.assign(gain=gain, loss=loss).groupby(by)
    rows = sums[["before", "after", "gain", "loss"]].sum()
    for side in ("before", "after"):
        most = both[both[side] > 0].sort_values(side, kind="stable")
        rows[f"from_{side}"] = (
            most.drop_duplicates(by, keep="last").set_index(by).origin
        )
    rows = rows[rows[["gain", "loss"]].max(axis=1) > LEAST_T].reset_index()
    zones = pd.concat([p.instance.zones.district for p in (one, other)])
    zones = zones[~zones.index.duplicated()]
    named = {
        f"from_{side}": rows[f"from_{side}"].fillna("") for side in ("before", "after")
    }
    return rows.assign(
        district=zones.reindex(rows.zone).to_numpy(),
        t_changed_hands=rows[["gain", "loss"]].min(axis=1),
        **named,
    ).rename(columns={"before": "t_before", "after": "t_after"})[HANDED]


def _deliveries(plan: Plan) -> pd.DataFrame:
    """Deliveries to zones: zone, commodity, period, origin, t_per_yr; units where
    nothing has weight."""
    flows, instance = plan.tables["flows"], plan.instance
    flows = flows[flows.destination.isin(instance.zones.index)]
    weight = instance.commodities.t_per_unit
    weight = weight if (weight > 0).any() else weight + 1.0
    t = flows.quantity_per_yr * weight.reindex(flows.commodity).to_numpy()
    return flows.rename(columns={"destination": "zone"}).assign(t_per_yr=t)


def _by_district(handed: pd.DataFrame) -> pd.DataFrame:
    """district, commodity, period: zones served otherwise, t before and after,
    t_changed_hands (t/yr)."""
    by = ["district", "commodity", "period"]
    amounts = ["t_before", "t_after", "t_changed_hands"]
    groups = handed.groupby(by)
    count = groups.zone.nunique().rename("zones")
    return pd.concat([count, groups[amounts].sum()], axis=1).reset_index()


def _costs(one: Plan, other: Plan) -> pd.DataFrame:
    """period, kind, before, after, change: money of one year of the period."""
    by = ["period", "kind"]
    sides = [cost_table(plan).set_index(by).cost_per_yr for plan in (one, other)]
    both = pd.concat(sides, axis=1, keys=["before", "after"]).fillna(0.0).reset_index()
    both = both[(both.before != 0) | (both.after != 0)]
    order = both.kind.map({kind: n for n, kind in enumerate(KINDS)})
    both = _with_change(both.assign(order=order))
    return both.sort_values(["period", "order"], kind="stable").drop(columns="order")


def _indicators(one: Plan, other: Plan) -> pd.DataFrame:
    """indicator, unit, before, after, change: over all periods."""
    by = ["indicator", "unit"]
    sides = []
    for plan in (one, other):
        found = indicators(plan)
        sides.append(found[found.period == ALL].set_index(by).value)
    return _with_change(
        pd.concat(sides, axis=1, keys=["before", "after"]).reset_index()
    )


def _with_change(both: pd.DataFrame) -> pd.DataFrame:
    """With after less before; the last digits of two sums are no change."""
    change = both.after - both.before
    size = both[["before", "after"]].abs().max(axis=1)
    return both.assign(change=change.where(change.abs() > ROUNDING * size, 0.0))
