"""Stages of a preference as a table, in sentences and as a plain object."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dmopt.rules.words import figure, percent
from dmopt.runs.plain import plain
from dmopt.runs.words import badge, money
from dmopt.studies.frontier.preference import DEAREST, Preference, Stage
from dmopt.studies.rejected import as_rows, sentence


def stages_table(found: Preference) -> pd.DataFrame:
    """One row for each stage: objective, unit, best (found), limit (no plan goes
    beyond), end_of_scale (the limit is only where looking ends), proven, held, cost,
    bound, gap (of the cheapest plan that keeps all held so far), and a column for each
    objective: what that plan attains."""
    names = [each.name for each in found.objectives]
    rows = [
        {
            "objective": stage.name,
            "unit": _unit(found, stage),
            "best": stage.value,
            "limit": stage.limit,
            "end_of_scale": is_end_of_scale(stage),
            "proven": stage.proven,
            "held": stage.held,
            "cost": stage.cost,
            "bound": stage.bound,
            "gap": stage.gap,
            **dict(zip(names, stage.attained, strict=True)),
        }
        for stage in found.stages
    ]
    return pd.DataFrame(rows)


def is_end_of_scale(stage: Stage) -> bool:
    """Whether more would be better still, and is only not looked for."""
    each = stage.objective
    return each is not None and each.is_open and each.as_tight(stage.limit, each.ideal)


def limit_in_words(stage: Stage) -> str:
    """What no plan goes beyond, with what is not proven about it."""
    if is_end_of_scale(stage):
        return f"{figure(stage.limit)}, the end of the scale"
    return figure(stage.limit) + ("" if stage.proven else " (wider than the gap)")


def preference_object(found: Preference) -> dict[str, Any]:
    cheapest = found.cheapest
    about = {
        "order": [e if isinstance(e, str) else e.name for e in found.order],
        "slack": found.slack,
        "gap_asked": found.gap,
        "complete": found.is_complete,
        "cheapest": {
            "status": cheapest.status,
            "cost": cheapest.cost,
            "bound": cheapest.bound,
        },
        "most_cost": found.most_cost,
        "served": [
            {"product": c, "period": t, "share": share}
            for (c, t), share in found.served.items()
        ],
        "stages": stages_table(found),
        "rejected": as_rows(found.rejected),
    }
    return dict(plain(about))


def sentences(found: Preference) -> Iterator[str]:
    """What the order comes to and what it costs."""
    settings, cheapest = found.instance.settings, found.cheapest.cost
    assert cheapest is not None
    yield f"The cheapest plan: {money(cheapest, settings)}, {badge(found.cheapest)}."
    if found.rejected:
        yield sentence(found.rejected)
    if not found.stages:
        yield _why_no_more(found)
        return
    last = found.stages[-1]
    kept = [
        f"{called(each.name)} {figure(value)} {each.unit}"
        for each, value in zip(found.objectives, last.attained, strict=True)
        if np.isfinite(value)
    ]
    more = last.cost - cheapest
    share = f" ({percent(more / abs(cheapest))})" if cheapest else ""
    price = (
        f"{money(more, settings)}{share} more than the cheapest"
        if more > 1e-6 * abs(cheapest)
        else "no more than the cheapest"
    )
    yield f"The plan in this order has {'; '.join(kept)}. It costs {price}."
    if not found.is_complete:
        yield _why_no_more(found)
    if found.stages[0].objective is not None:
        yield (
            f"What is proven is so of plans that cost up to "
            f"{money(found.most_cost, settings)}, {DEAREST:g} times the cheapest."
        )


def _why_no_more(found: Preference) -> str:
    each = found.order[len(found.stages)]
    name = called(each if isinstance(each, str) else each.name)
    return f"{name.capitalize()} was not reached, or no plan found keeps it at all."


def called(name: str) -> str:
    return name.replace("_", " ")


def _unit(found: Preference, stage: Stage) -> str:
    if stage.objective is not None:
        return stage.objective.unit
    settings = found.instance.settings
    paid = "present value" if settings.money == "discounted" else "a year"
    return f"{settings.currency} {paid}"
