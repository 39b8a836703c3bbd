"""A difference of plans in sentences and as a plain object."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dmopt.data.instance import Settings
from dmopt.explaining.words import amount, number
from dmopt.plan.called import COSTS
from dmopt.rules.words import figure, percent
from dmopt.runs.plain import plain
from dmopt.runs.words import badge
from dmopt.studies.plan_difference import PlanDifference, Side

MOST_NAMED = 4
MOST_CHANGES = 8
"""Differences of the instances that are told one by one."""


def sentences(found: PlanDifference) -> Iterator[str]:
    """What differs, in plain words, what matters most first."""
    one, other, tables = found.one, found.other, found.tables
    yield from _cost(found)
    sites = tables["sites"]
    yield _sites(sites, one, other)
    yield from _modules(tables["module_totals"])
    yield from _shared(tables)
    handed = tables["zones"]
    if len(handed):
        summed = " (all periods summed)" if handed.period.nunique() > 1 else ""
        t, unit = float(handed.t_changed_hands.sum()), _unit(found)
        zones = handed.zone[handed.from_before != handed.from_after].nunique()
        yield (
            f"{figure(t)} {unit} a year change hands{summed}; "
            f"{zones:,} zones have another main origin of a product."
        )
    else:
        yield "Every zone is served as before."
    yield from _instances(tables["instance"])


def _cost(found: PlanDifference) -> Iterator[str]:
    one, other = found.one, found.other
    before, after = found.costs
    settings = one.plan.instance.settings
    yield (
        f"{one.name}: {amount(before, settings)}, {badge(one.result)}. "
        f"{other.name}: {amount(after, settings)}, {badge(other.result)}."
    )
    less = before - after
    if differing := found.other_accounts:
        what = ", ".join(differing)
        yield f"Money is not counted alike (other {what}): costs are not compared."
        return
    demand = [side.plan.instance.tables["demand"] for side in (one, other)]
    if not demand[0].equals(demand[1]):
        yield "They do not serve the same demand: costs differ for that too."
    if abs(less) <= 1e-9 * max(abs(before), abs(after)):
        yield "They cost the same."
        return
    word = "less" if less > 0 else "more"
    sure = (
        "the difference is wider than the gaps"
        if found.certain
        else "the gaps leave open whether that is more than chance"
    )
    share = f" ({percent(abs(less / before))})" if before else ""
    yield f"{other.name} costs {amount(abs(less), settings)}{share} {word}; {sure}."
    kinds = found.tables["costs"].groupby("kind").change.sum()
    largest = kinds.reindex(kinds.abs().sort_values(ascending=False).index)[:3]
    parts = [
        f"{COSTS[str(kind)]} {_signed(change, settings)}"
        for kind, change in largest.items()
        if change
    ]
    if parts:
        yield f"Most of it: {'; '.join(parts)}."


def _signed(change: float, settings: Settings) -> str:
    return f"{'+' if change > 0 else '-'}{amount(abs(change), settings)}"


def _sites(sites: pd.DataFrame, one: Side, other: Side) -> str:
    parts = []
    for what in ("added", "dropped", "changed", "kept"):
        rows = sites[sites.change == what]
        word = "kept with other modules" if what == "changed" else what
        names = "" if what == "kept" else f" ({_names(rows)})" if len(rows) else ""
        parts.append(f"{len(rows)} {word}{names}")
    return f"Sites from {one.name} to {other.name}: {', '.join(parts)}."


def _names(rows: pd.DataFrame) -> str:
    names = rows.name.where(rows.name != "", rows.site).tolist()
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _modules(totals: pd.DataFrame) -> Iterator[str]:
    changed = totals[totals[["moved", "more", "fewer"]].any(axis=1)]
    several = totals.period.nunique() > 1
    for row in changed.to_dict("records"):
        when = f" in {row['period']}" if several else ""
        words = {"more": "more", "fewer": "fewer", "moved": "at another site"}
        parts = [f"{row[key]} {word}" for key, word in words.items() if row[key]]
        yield f"Modules of {row['technology']}{when}: {', '.join(parts)}."


def _shared(tables: Any) -> Iterator[str]:
    steps = tables["infrastructure"]
    up, down = steps.change.clip(lower=0), (-steps.change).clip(lower=0)
    sums = (
        steps.assign(up=up, down=down).groupby("infrastructure")[["up", "down"]].sum()
    )
    parts = [
        f"{name} +{more} -{fewer}"
        for name, more, fewer in zip(
            map(str, sums.index), sums.up, sums.down, strict=True
        )
    ]
    if parts:
        yield f"Steps of infrastructure added and dropped: {', '.join(parts)}."
    uses = tables["connections"].change.value_counts()
    if len(uses):
        added, dropped = (int(uses.get(word, 0)) for word in ("added", "dropped"))
        yield f"Connections: {added} added, {dropped} dropped."


def _unit(found: PlanDifference) -> str:
    weights = found.one.plan.instance.commodities.t_per_unit
    return "tonnes" if (weights > 0).any() else "units"


def _instances(table: pd.DataFrame) -> Iterator[str]:
    if table.empty:
        yield "Both are plans of the same data and rules."
        return
    yield "The data differ:"
    yield from (f"  {says}" for says in table.says[:MOST_CHANGES])
    if len(table) > MOST_CHANGES:
        yield f"  and {len(table) - MOST_CHANGES} more (instance.csv)"


def difference_object(found: PlanDifference) -> dict[str, Any]:
    """What `--json` prints and study.json keeps."""
    return plain(
        {
            "plans": [
                {
                    "name": side.name,
                    "status": side.result.status,
                    "cost": number(side.result.cost),
                    "bound": number(side.result.bound),
                    "gap": number(side.result.gap),
                }
                for side in (found.one, found.other)
            ],
            "certain": found.certain,
            "renamed": dict(found.renamed),
            "sentences": list(sentences(found)),
            "tables": {
                name: table for name, table in found.tables.items() if name != "zones"
            },
        }
    )
