"""Decisions of an earlier plan: kept in the first periods, promised for the rest."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.column import PROVENANCE
from dmopt.data.instance import Instance
from dmopt.data.schema import TABLES
from dmopt.errors import Fault, InstanceError
from dmopt.plan.plan import Plan

NAMES = ["site", "technology", "infrastructure", "location"]
Row = dict[str, Any]


def with_promises(
    instance: Instance, plan: Plan, until: str = "", change_cost: float | None = None
) -> Instance:
    """The instance with the table `promises` as the plan decides, in the place of the
    one it has.

    until: the last period in which the plan is firm: which sites are open, how many
        modules and steps stand; "": none.
    change_cost: what each module or step of the plan costs that is not there in a
        later period, money; None: later periods are free.
    Raises InstanceError where the period, or what the plan has, is unknown.
    """
    periods = list(instance.periods.index)
    faults = list(_unknown(instance, plan))
    if until and until not in periods:
        known = f"a period out of {', '.join(periods)}"
        faults.append(Fault("until", read=repr(until), expected=known))
    if faults:
        raise InstanceError(faults)
    kept = periods[: periods.index(until) + 1] if until else []
    rows = [row | {"change_cost": np.nan} for row in _firm(instance, plan, kept)]
    if change_cost is not None:
        later = [row for row in _stands(plan) if row["period"] not in kept]
        rows += [row | {"change_cost": float(change_cost)} for row in later]
    return replace(instance, tables={**instance.tables, "promises": _table(rows)})


def _unknown(instance: Instance, plan: Plan) -> Iterator[Fault]:
    """What stands in the plan and the instance does not have."""
    places = set(zip(instance.locations.infrastructure, instance.locations.location,
                     strict=True))  # fmt: skip
    for row in _stands(plan):
        if row["infrastructure"]:
            place = row["infrastructure"], row["location"]
            known, name = place in places, " at ".join(place)
        else:
            known = row["site"] in instance.sites.index
            known &= row["technology"] in instance.technologies.index
            name = f"{row['technology']} at {row['site']}"
        known &= row["period"] in instance.periods.index
        if not known:
            yield Fault(
                "the plan that is kept", read=f"{name}, {row['period']}",
                expected="only what the instance has",
            )  # fmt: skip


def _stands(plan: Plan) -> Iterator[Row]:
    """Modules and steps that stand, by place and period."""
    blank = dict.fromkeys(NAMES, "")
    modules = plan.tables["modules"].query("modules > 0")
    for row in modules.itertuples():
        named = {"site": row.site, "technology": row.technology}
        yield blank | named | {"period": row.period, "count": row.modules}
    steps = plan.tables["infrastructure"].query("steps > 0")
    for row in steps.itertuples():
        named = {"infrastructure": row.infrastructure, "location": row.location}
        yield blank | named | {"period": row.period, "count": row.steps}


def _firm(instance: Instance, plan: Plan, periods: list[str]) -> Iterator[Row]:
    """All that stands in these periods, and what does not: sites that are shut, kinds
    of module and steps that are not there."""
    blank = dict.fromkeys(NAMES, "")
    opened = set(plan.tables["opened"][["site", "period"]].itertuples(False, None))
    sites = instance.sites.index[instance.sites.status != "excluded"]
    stands = {
        tuple(row[name] for name in (*NAMES, "period")): row["count"]
        for row in _stands(plan)
    }
    places = instance.locations[["infrastructure", "location"]]
    for t in periods:
        for s in sites:
            count = int((s, t) in opened)
            yield blank | {"site": s, "period": t, "count": count}
            for k in instance.technologies.index if count else ():
                count_k = stands.get((s, k, "", "", t), 0)
                named = {"site": s, "technology": k, "period": t, "count": count_k}
                yield blank | named
        for i, l in places.itertuples(index=False, name=None):
            named = {"infrastructure": i, "location": l, "period": t}
            yield blank | named | {"count": stands.get(("", "", i, l, t), 0)}


def _table(rows: list[Row]) -> pd.DataFrame:
    """Rows as the typed table `promises`."""
    columns = [column.name for column in TABLES["promises"].columns]
    table = pd.DataFrame(rows, columns=columns)
    text = [*NAMES, "period", *(column.name for column in PROVENANCE)]
    kinds = dict.fromkeys(text, "str") | {"count": "int64", "change_cost": "float64"}
    table[text] = table[text].astype(object).fillna("")
    return table.astype(kinds)
