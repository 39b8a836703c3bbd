"""Alternatives as a table, in sentences and as a plain object."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.rules.words import percent
from dmopt.runs.plain import plain
from dmopt.runs.words import badge, money
from dmopt.studies.alternatives import Alternatives
from dmopt.studies.rejected import as_rows, sentence


def alternatives_table(found: Alternatives) -> pd.DataFrame:
    """One row for the plan at hand and for each alternative: number (0: at hand), cost,
    more (share above the plan at hand), bound, gap (of the cost among plans as
    different), different (sites otherwise than in each plan before, at least), most
    (proven: by no plan more), emissions_t (t/yr), opens, shuts (sites that work here
    and not in the plan at hand; the other way round), sites."""
    base, order = found.base, list(found.instance.sites.index)
    assert base.plan is not None and base.cost is not None

    def names(sites: frozenset[str]) -> str:
        return ", ".join(s for s in order if s in sites)

    rows: list[dict[str, Any]] = [
        {
            "number": 0,
            "cost": base.cost,
            "more": 0.0,
            "bound": base.bound,
            "gap": base.gap,
            "different": 0,
            "most": np.nan,
            "emissions_t": _emissions_t(base.plan),
            "opens": "",
            "shuts": "",
            "sites": names(found.sites),
        }
    ]
    for number, each in enumerate(found.found, 1):
        rows.append(
            {
                "number": number,
                "cost": each.cost,
                "more": (each.cost - base.cost) / max(abs(base.cost), 1e-9),
                "bound": each.bound,
                "gap": each.gap,
                "different": each.different,
                "most": each.most,
                "emissions_t": _emissions_t(each.plan),
                "opens": names(each.sites - found.sites),
                "shuts": names(found.sites - each.sites),
                "sites": names(each.sites),
            }
        )
    return pd.DataFrame(rows).astype({"gap": float, "bound": float, "most": float})


def alternatives_object(found: Alternatives) -> dict[str, Any]:
    return {
        "within": found.within,
        "leaving": found.leaving,
        "limit": found.limit,
        "period": found.period,
        "always": found.always,
        "most_different_next": found.most,
        "stopped": found.stopped,
        "rejected": as_rows(found.rejected),
        "plans": plain({"plans": alternatives_table(found)})["plans"],
    }


def sentences(found: Alternatives, asked: int) -> Iterator[str]:
    """What was found and what is proven. asked: alternatives that were."""
    settings = found.instance.settings
    near, number = percent(found.within), len(found.found)
    assert found.base.cost is not None
    yield (
        f"The plan at hand costs {money(found.base.cost, settings)}, "
        f"{badge(found.base)}; alternatives cost up to {near} more."
    )
    if number:
        common = ", ".join(found.always)
        every = f"all {number + 1} plans" if number > 1 else "both plans"
        yield (
            f"In {every} work: {common}." if common else f"No site works in {every}."
        )
        first = found.found[0]
        proven = (
            "as many as can be (proven)"
            if first.most == first.different
            else f"no plan within {near} in more than {first.most} (proven)"
        )
        does = "leaves" if found.leaving else "is otherwise in"
        yield f"The first {does} {first.different} sites: {proven}."
    if any(each.cost < found.base.cost for each in found.found):
        yield "One costs less than the plan at hand: with a smaller gap that is found."
    if found.rejected:
        yield sentence(found.rejected)
    if number < asked:
        yield _why_no_more(found, near)


def _why_no_more(found: Alternatives, near: str) -> str:
    if found.stopped:
        return "Stopped: more may be found."
    if found.most == 0:
        when = f" in {found.period}" if len(found.instance.periods) > 1 else ""
        does = (
            "leaves a site of each of them"
            if found.leaving
            else "has still other sites"
        )
        return f"No further plan within {near} {does}{when} (proven)."
    return "No further one was found; there may be one."


def _emissions_t(plan: Plan) -> float:
    table = indicators(plan)
    every = table[(table.period == ALL) & (table.indicator == "emissions_t")]
    return float(every.value.iloc[0])
