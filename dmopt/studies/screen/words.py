"""A screening in sentences, and as a plain object."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dmopt.rules.words import figure, percent
from dmopt.runs.plain import plain
from dmopt.runs.words import money
from dmopt.studies.rejected import as_rows, sentence
from dmopt.studies.screen.ranges import Range, Ranges
from dmopt.studies.screen.screen import Screening
from dmopt.studies.screen.step import Point

MOST_NAMED = 3
"""Figures, and sites of one, that a sentence names."""


def of_ranges(given: Ranges) -> Iterator[str]:
    """Where ranges are from, and what has none."""
    groups: dict[tuple[str, str], list[Range]] = {}
    for each in given.given:
        wide = "" if each.origin == "declared" else percent(1 - each.low / each.likely)
        groups.setdefault((each.origin, wide), []).append(each)
    lead = "no range declared" if ("declared", "") in groups else "no ranges declared"
    for (origin, wide), some in groups.items():
        if origin == "declared":
            listed = "; ".join(f"{each.label} ({span(each)})" for each in some)
            yield f"ranges declared: {listed}"
            continue
        why = f"the least sure row it scales: {origin}"
        how = "is assumed" if origin == "assumed" else f"is taken ({why})"
        names = "; ".join(each.label for each in some)
        yield f"{lead}: {wide} either way {how}: {names}"
    for label, why in given.left_out.items():
        yield f"left out: {label}: {why}"


def span(given: Range) -> str:
    """ "0.8 to 1.2 times today"."""
    return f"{figure(given.low)} to {figure(given.high)} {given.unit}"


def sentences(found: Screening) -> Iterator[str]:
    """What matters, in plain words."""
    if found.likely is None or not found.likely.has_plan:
        return
    yield f"Recommended at the likely values: {_sites(found.likely)}."
    yield from _survey(found)
    yield from _of_cost(found)
    yield from _honest(found)


def _sites(point: Point) -> str:
    return ", ".join(sorted(point.sites)) or "no site"


def _survey(found: Screening) -> Iterator[str]:
    """Where the next survey money goes, by what is shown."""
    table = found.table
    shown, left = table[table.had_to_change > 0], table[table.left_open > 0]
    if not table.steps.sum():
        yield "No step was made between two plans, so nothing is known of any figure."
    elif len(shown):
        parts = [_shown(row) for _, row in shown.head(MOST_NAMED).iterrows()]
        yield f"The next survey money goes to: {'; then '.join(parts)}."
    elif len(left):
        parts = [_open(row) for _, row in left.head(MOST_NAMED).iterrows()]
        yield (
            "For no figure is it shown that the sites had to change. They changed, and "
            f"the gaps leave open whether they had to, with: {'; then '.join(parts)}. "
            "A smaller gap or more time may tell, and is cheaper than a survey."
        )
    elif found.is_proven and not table.steps_without_plan.any():
        yield (
            "In every step the sites stayed, or could have stayed within the gap asked "
            "for: on their account no figure needs a survey, as far as was tried."
        )
    else:
        yield (
            "Between the plans found the sites stayed, or could have stayed; that no "
            "figure needs a survey is not shown."
        )
    lost = table[table.steps_without_plan > 0]
    if table.steps.sum() and len(lost):
        parts = [
            f"{row.label} in "
            f"{_steps(row.steps_without_plan, row.steps + row.steps_without_plan)}"
            for _, row in lost.iterrows()
        ]
        yield (
            "Steps that begin or end where no plan is known count for no change of "
            f"sites, and may matter more than one: {'; '.join(parts)}."
        )


def _shown(row: pd.Series) -> str:
    return (
        f"{row.label}: the sites had to change in "
        f"{_steps(row.steps_had_to, row.steps)}, proven{_most_often(row)}"
    )


def _open(row: pd.Series) -> str:
    return f"{row.label} in {_steps(row.steps_open, row.steps)}{_most_often(row)}"


def _steps(some: int, of: int) -> str:
    return f"{some} of {of} step{'' if of == 1 else 's'}"


def _most_often(row: pd.Series) -> str:
    names = [each for each in row.flips.split("; ") if each]
    if not names:
        return ""
    sites = [each.rpartition(" (")[0] for each in names[:MOST_NAMED]]
    return f" (in the plans found most often {', '.join(sites)})"


def _of_cost(found: Screening) -> Iterator[str]:
    table = found.table.dropna(subset="cost_mu_star")
    if not len(table):
        return
    row = table.sort_values("cost_mu_star", kind="stable").iloc[-1]
    settings = found.instance.settings
    yield (
        f"Cost moves most with {row.label}: {money(row.cost_mu_star, settings)} "
        f"for the whole of its range, on average."
    )


def _honest(found: Screening) -> Iterator[str]:
    """What was not reached, and what a step does not show."""
    known = found.known
    none = sum(point.status == "infeasible" for point in known)
    loose = sum(not point.is_proven(found.gap) for point in known) - none
    if none:
        yield f"At {none} of {len(known)} points there is no plan at all (proven)."
    if loose:
        yield (
            f"{loose} of {len(known)} points are not proven within "
            f"{percent(found.gap)}: no step from there shows that sites had to change, "
            "and a step to there none that they could not."
        )
    if found.rejected:
        yield sentence(found.rejected)
    if len(known) < found.planned:
        yield f"Stopped: {len(known)} of {found.planned} points are known."


def screening_object(found: Screening) -> dict[str, Any]:
    """What `--json` prints and study.json keeps."""
    likely = found.likely
    return plain(
        {
            "gap_asked": found.gap,
            "trajectories": found.trajectories,
            "levels": found.levels,
            "points_planned": found.planned,
            "points_known": len(found.known),
            "complete": len(found.known) == found.planned,
            "left_out": found.ranges.left_out,
            "rejected": as_rows(found.rejected),
            "likely": None
            if likely is None
            else {
                "status": likely.status,
                "cost": likely.cost,
                "bound": likely.bound,
                "emissions_t": likely.emissions_t,
                "sites": sorted(likely.sites),
            },
            "sentences": [*of_ranges(found.ranges), *sentences(found)],
            "figures": found.table,
        }
    )
