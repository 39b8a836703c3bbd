"""Tables of outcomes: seconds to the asked gap, medians, ratios, and where we lose."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from peers.outcome import Outcome

OURS = "dmopt"
SHORT = {
    "cannot_express": "cannot say it",
    "not_installed": "not installed",
    "out_of_time": "ended: time",
    "out_of_memory": "ended: memory",
    "no_plan_found": "no plan",
    "infeasible": "INFEASIBLE",
    "wrong_plan": "WRONG PLAN",
    "failed": "failed",
}


@dataclass(frozen=True)
class Middle:
    """Medians over the seeds of a problem. seconds: to the asked gap, inf where half
    of the seeds or more did not get there. gap: of all, inf where half have none."""

    runs: int
    reached: int
    seconds: float
    gap: float
    peak_mb: float


def middle(outcomes: Sequence[Outcome]) -> Middle | None:
    """None where the peer did not run."""
    ran = [one for one in outcomes if one.ran]
    if not ran:
        return None
    reached = [one for one in ran if one.status == "optimal"]
    return Middle(
        len(ran),
        len(reached),
        statistics.median(_or(one.seconds if one in reached else None) for one in ran),
        statistics.median(_or(one.gap) for one in ran),
        statistics.median(_or(one.peak_mb, math.nan) for one in ran),
    )


def _or(value: float | None, none: float = math.inf) -> float:
    return none if value is None else value


def cell(one: Outcome | None) -> str:
    """What a run came to, in a few characters."""
    if one is None:
        return ""
    if one.status == "optimal":
        return f"{one.seconds:.2f} s"
    if one.gap is not None and one.status != "wrong_plan":
        mark = "" if one.status == "feasible" else " " + SHORT[one.status]
        return f"gap {one.gap:.2%}{mark}"
    if one.status == "feasible":
        return "no bound"
    return SHORT.get(one.status, one.status)


def ratio(ours: Middle | None, theirs: Middle | None, limit_s: float) -> str:
    """Their median seconds over ours; one-sided where a limit cut one of them off."""
    if ours is None or theirs is None:
        return ""
    if math.isinf(ours.seconds) and math.isinf(theirs.seconds):
        return "neither"
    if math.isinf(theirs.seconds):
        return f"> {limit_s / ours.seconds:,.3g} x"
    if math.isinf(ours.seconds):
        return f"< {theirs.seconds / limit_s:,.3g} x"
    return f"{theirs.seconds / ours.seconds:,.3g} x"


def rows_of(
    outcomes: Sequence[Outcome], peers: Sequence[str], limit_s: float
) -> list[list[str]]:
    """Header; for each problem its seeds, its medians, and the ratios to dmopt."""
    rows = [["problem", "seed", *peers]]
    for problem, each in by_problem(outcomes).items():
        for seed in dict.fromkeys(one.task.seed for one in each):
            found = {one.peer: one for one in each if one.task.seed == seed}
            rows.append([problem, str(seed), *(cell(found.get(p)) for p in peers)])
        middles = {p: middle([o for o in each if o.peer == p]) for p in peers}
        rows.append([problem, "median", *(_median_cell(middles[p]) for p in peers)])
        ours = middles.get(OURS)
        ratios = [ratio(ours, middles[p], limit_s) for p in peers]
        rows.append([problem, "ratio", *ratios])
        built = {p: [o.build_seconds for o in each if o.peer == p] for p in peers}
        rows.append([problem, "build", *(_seconds(built[p]) for p in peers)])
        memory = [f"{m.peak_mb:,.0f} MB" if m else "" for m in middles.values()]
        rows.append([problem, "memory", *memory])
    return rows


def _seconds(values: Sequence[float | None]) -> str:
    """Median of what is known."""
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.2f} s" if known else ""


def _median_cell(found: Middle | None) -> str:
    if found is None:
        return ""
    if math.isfinite(found.seconds):
        return f"{found.seconds:.2f} s"
    return f"gap {found.gap:.2%}" if math.isfinite(found.gap) else "no proof"


def by_problem(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(one.task.problem, []).append(one)
    return groups


def losses(outcomes: Sequence[Outcome]) -> list[str]:
    """Where dmopt does not win, by medians: time, gap left, memory. Sentences."""
    found = []
    for problem, each in by_problem(outcomes).items():
        ours = middle([one for one in each if one.peer == OURS])
        if ours is None:
            continue
        if ours.reached < ours.runs:
            found.append(
                f"{problem}: dmopt reached the asked gap on {ours.reached} of "
                f"{ours.runs} seeds; median gap left {_share(ours.gap)}"
            )
        others = {
            peer: theirs
            for peer in dict.fromkeys(one.peer for one in each if one.peer != OURS)
            if (theirs := middle([one for one in each if one.peer == peer]))
        }
        found += [f"{problem}: {text}" for text in _worse(ours, others)]
    return found


def _worse(ours: Middle, others: Mapping[str, Middle]) -> list[str]:
    faster = {
        peer: f"{m.seconds:.2f} s"
        for peer, m in others.items()
        if math.isfinite(m.seconds) and m.seconds < ours.seconds
    }
    nearer = {
        peer: _share(m.gap)
        for peer, m in others.items()
        if math.isinf(ours.seconds) and math.isinf(m.seconds) and m.gap < ours.gap
    }
    smaller = {
        peer: f"{m.peak_mb:,.0f} MB"
        for peer, m in others.items()
        if m.peak_mb < ours.peak_mb
    }
    mine = (
        f"{ours.seconds:.2f} s"
        if math.isfinite(ours.seconds)
        else f"not there, gap {_share(ours.gap)}"
    )
    told = (
        ("faster", faster, mine),
        ("nearer at the limit", nearer, f"gap {_share(ours.gap)}"),
        ("less memory", smaller, f"{ours.peak_mb:,.0f} MB"),
    )
    return [
        f"{what}: {', '.join(f'{peer} {figure}' for peer, figure in who.items())}; "
        f"dmopt {own}"
        for what, who, own in told
        if who
    ]


def _share(gap: float) -> str:
    return f"{gap:.2%}" if math.isfinite(gap) else "unknown, no plan or no bound"


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table for a README, columns lined up so that a terminal shows it too."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
