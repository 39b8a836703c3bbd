"""What a run states about its plan, held against the plan itself."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.tables import all_tables
from dmopt.runs.plain import plain

SAME = 1e-6
"""Relative difference up to which two figures are the same."""


def misstated(plan: Plan, folder: str | Path) -> list[str]:
    """Figures in a run's plan.json that its plan does not bear out, in words.

    Everything is computed anew from the plan: cost, each kind of cost, each
    indicator, and the gap that cost and bound leave. [] means all are as stated.
    """
    about = json.loads((Path(folder) / "plan.json").read_text(encoding="utf-8"))
    cost, bound = total_cost(plan), about.get("bound")
    tables = all_tables(plan)
    found = list(_differ("cost", about.get("cost"), cost))
    for name in ("costs", "indicators"):
        found += _differ(name, about.get(name), plain({name: tables[name]})[name])
    if isinstance(bound, int | float):
        if bound > cost + SAME * abs(cost):
            found.append(f"bound: {bound:.12g} stated, above the cost {cost:.12g}")
        gap = max(0.0, cost - bound) / max(abs(cost), 1e-9)
        found += _differ("gap", about.get("gap"), gap, SAME)
    return found


def _differ(name: str, stated: Any, known: Any, least: float = 0.0) -> Iterator[str]:
    """Where two plain values differ, however deep: "costs 3 cost_per_yr: ..."."""
    if isinstance(known, dict) and isinstance(stated, dict):
        for key in known.keys() | stated.keys():
            yield from _differ(f"{name} {key}", stated.get(key), known.get(key))
    elif isinstance(known, list) and isinstance(stated, list):
        if len(known) != len(stated):
            yield f"{name}: {len(stated)} rows stated, {len(known)} recomputed"
        for row, (one, other) in enumerate(zip(stated, known, strict=False), start=1):
            yield from _differ(f"{name} {row}", one, other)
    elif isinstance(known, float | int) and isinstance(stated, float | int):
        if not math.isclose(stated, known, rel_tol=SAME, abs_tol=max(SAME, least)):
            yield f"{name}: {stated:.12g} stated, {known:.12g} recomputed"
    elif stated != known:
        yield f"{name}: {stated!r} stated, {known!r} recomputed"
