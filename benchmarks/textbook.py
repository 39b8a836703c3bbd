"""dmopt beside other tools on textbook location problems: one command for the table.

    python benchmarks/textbook.py [--kinds ufl p-median modular] [--sizes 60x300]
        [--seeds 0 1 2] [--time-limit 60] [--gap 0.001] [--peers dmopt highs scip]

Every run stands in a process of its own, one after another, each with the same wall
time for building and solving together, the same number of threads, and a memory limit.
Rows are problems and seeds, columns are tools; a cell is the seconds to the asked gap,
or the gap that is left. Each plan is checked and its cost computed again here; a bound
of one tool above a cost of another is an error (exit code 1). Writes results/
textbook.csv (a row for each run), textbook.md (table, agreement, and where we do not
win) and textbook.png (gap over time).
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from generators.location import KINDS
from peers.agreement import disagreements
from peers.chart import gap_chart
from peers.outcome import Outcome, Task, run_peer
from peers.peer import PEERS, Limits
from peers.table import OURS, as_markdown, cell, losses, rows_of
from record import RESULTS, record, setting

WARM_UP_S, WARM_UP = 20.0, (60, 300, 99)
"""Limit in seconds; sites, zones and seed."""


def tasks(given: argparse.Namespace) -> Iterator[Task]:
    """Problems in the order of the table."""
    for kind in given.kinds:
        for sites, zones in given.sizes:
            for seed in given.seeds:
                yield Task(kind, sites, zones, seed)


def warm_up(given: argparse.Namespace) -> float:
    """Seconds of dmopt's first runs, one of each kind: what it compiles in them stays
    on the disk, as the others' machine code comes in their wheels."""
    limits = Limits(min(given.time_limit, WARM_UP_S), given.gap, 0, given.threads)
    begin = time.monotonic()
    for kind in given.kinds:
        run_peer(Task(kind, *WARM_UP), OURS, limits, given.memory_mb)
    return time.monotonic() - begin


def run_all(given: argparse.Namespace) -> list[Outcome]:
    """Every peer on every task, in turn, so that a slow spell meets all of them."""
    outcomes = []
    for task in tasks(given):
        limits = Limits(given.time_limit, given.gap, task.seed, given.threads)
        for peer in given.peers:
            one = run_peer(task, peer, limits, given.memory_mb)
            outcomes.append(one)
            asked = {
                "asked_gap": given.gap,
                "time_limit_s": given.time_limit,
                "memory_limit_mb": given.memory_mb,
                "threads": given.threads,
                "conditions": given.conditions,
            }
            record("textbook", {**one.row(), **asked})
            print(
                f"{task.problem}, seed {task.seed}, {peer:<11}{cell(one):<22}"
                f"{f'{one.peak_mb:,.0f} MB' if one.peak_mb else ''} {one.note[-300:]}",
                flush=True,
            )
    return outcomes


def report(
    outcomes: list[Outcome], given: argparse.Namespace, warm_s: float
) -> tuple[str, bool]:
    """The text of textbook.md, and whether all tools agree and dmopt never failed.

    warm_s: seconds of dmopt's runs before the table.
    """
    wrong = [
        text
        for task in dict.fromkeys(one.task for one in outcomes)
        for text in disagreements([o for o in outcomes if o.task == task], given.gap)
    ]
    failed = [
        f"{one.task.problem}, seed {one.task.seed}: {one.peer} failed: {one.note}"
        for one in outcomes
        if one.status == "failed"
    ]
    lost = losses(outcomes)
    about = [f"- {peer}: {PEERS[peer].about}" for peer in given.peers]
    paths = Counter(one.path for one in outcomes if one.path)
    taken = ", ".join(f"{path} ({runs})" for path, runs in paths.items())
    used = {o.peer: o.version for o in outcomes if o.version}
    parts = [
        "# Textbook problems, tool by tool",
        f"Seconds to a proven gap of {given.gap:g} (build and solve), or the gap left "
        f"after {given.time_limit:g} s; threads {given.threads}, memory limit "
        f"{given.memory_mb:,.0f} MB, each alone in a process, "
        f"{given.conditions} machine. Ratio: median seconds over dmopt's; "
        "`>` and `<` where a limit cut one of them off. The median of a tool that "
        "reached the gap on half of the seeds or fewer is the gap. Before all, dmopt "
        f"ran each kind once ({warm_s:.0f} s in all, not in the table), so that "
        "what it compiles is on the disk.",
        "## Table",
        as_markdown(rows_of(outcomes, given.peers, given.time_limit)),
        "## Where we do not win",
        _bullets(lost) or "By these medians, nowhere in this run.",
        "## Agreement",
        _bullets([f"DISAGREEMENT: {text}" for text in wrong])
        or "Every plan passes the check, and no tool has a plan cheaper than what "
        "another says is the least.",
        *(["## Failed runs", _bullets(failed)] if failed else []),
        "## Tools and versions",
        "\n".join(about) + (f"\n\nPaths that dmopt took: {taken}." if taken else ""),
        ", ".join(f"{peer} {number}" for peer, number in used.items())
        + "; "
        + ", ".join(f"{name} {value}" for name, value in setting().items() if value),
    ]
    broken = any(one.status == "failed" and one.peer == OURS for one in outcomes)
    return "\n\n".join(parts) + "\n", not (wrong or broken)


def _bullets(texts: list[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def size(text: str) -> tuple[int, int]:
    """60x300 as (sites, zones)."""
    sites, _, zones = text.partition("x")
    return int(sites), int(zones)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--sizes", nargs="+", type=size, default=[(60, 300)])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory-mb", type=float, default=12_000.0)
    parser.add_argument(
        "--conditions", choices=("quiet", "busy"), default="quiet",
        help="busy: something else ran on the machine; told beside every figure",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    warm_s = warm_up(given) if OURS in given.peers else 0.0
    outcomes = run_all(given)
    text, sound = report(outcomes, given, warm_s)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "textbook.md").write_text(text, encoding="utf-8")
    gap_chart(outcomes, given.gap, given.out / "textbook.png")
    print(f"\n{text}\nWritten to {given.out}/textbook.md, textbook.png, and rows added "
          f"to {RESULTS / 'textbook.csv'}")  # fmt: skip
    if not sound:
        sys.exit("The tools do not agree, or dmopt failed: see above.")


if __name__ == "__main__":
    main()
