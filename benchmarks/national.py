"""A country: how long its model takes to build, how large it is, and to solve.

    python benchmarks/national.py [--sites 50 100 --zones 2000] [--time-limit 300]

The instance of `generate.py national` (3 technologies, 4 products, 3 periods,
infrastructure, rules). For each number of sites two processes, one after the other:
one that makes the instance and builds its model (seconds of both, arcs, rows, columns,
peak memory), and one that makes it and solves it (path, cost, bound, gap, peak
memory). Either is ended at the memory limit, and that is told. A row of each goes to
results/national.csv.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from generate import DATA
from generators.places import COUNTRY_LONGEST_KM, national
from peers.apart import own_peak_mb, run_apart
from record import record


def build(given: argparse.Namespace) -> dict[str, Any]:
    """Make the instance and build its model, here."""
    from dmopt.rules import make_rules
    from dmopt.solving.builder import make_problem

    instance, row = make(given)
    begin = time.perf_counter()
    problem = make_problem(instance, make_rules(instance))
    rows, columns = problem.program.A.shape
    return row | {
        "build_seconds": time.perf_counter() - begin,
        "arcs": len(problem.layer.x_to),
        "rows": rows,
        "columns": columns,
        "nonzeros": int(problem.program.A.nnz),
        "peak_mb": own_peak_mb(),
    }


def solve(given: argparse.Namespace) -> dict[str, Any]:
    """Make the instance and solve it, here."""
    from proofs import problem_of, proof_row

    from dmopt.solving.progress import Progress
    from dmopt.solving.run import solve as solve_instance

    instance, row = make(given)

    def told(now: Progress) -> None:
        tell({"at_s": now.seconds, "cost": now.cost, "bound": now.bound})

    result = solve_instance(
        instance,
        gap=given.gap,
        time_limit_s=given.time_limit,
        seed=given.seed,
        threads=given.threads,
        on_progress=told,
    )
    names = ("status", "cost", "bound", "gap", "path", "seconds", "build_seconds")
    row |= {name: getattr(result, name) for name in names}
    row["peak_mb"] = own_peak_mb()  # of the solve: the check needs a second model
    return row | proof_row(problem_of(instance), result)


def make(given: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    """The instance, and what it took."""
    begin = time.perf_counter()
    instance = national(
        given.sites[0], given.zones, given.seed, given.data, given.longest_km
    )
    row = {
        "instance": instance.name,
        "zones_from": instance.settings.description.rpartition(" on ")[2],
        "make_seconds": time.perf_counter() - begin,
    }
    tell({**row, "stage": "made"})
    return instance, row


def tell(row: dict[str, Any]) -> None:
    print(json.dumps(row), flush=True)


STAGES = {"build": build, "solve": solve}


def run_stage(stage: str, sites: int, given: argparse.Namespace) -> dict[str, Any]:
    """A stage in a process of its own: its row, also where it was ended."""
    command = [
        sys.executable, __file__, "--stage", stage, "--sites", str(sites),
        "--zones", str(given.zones), "--seed", str(given.seed),
        "--data", str(given.data.resolve()), "--longest-km", str(given.longest_km),
        "--time-limit", str(given.time_limit), "--gap", str(given.gap),
        "--threads", str(given.threads),
    ]  # fmt: skip
    longest = given.build_limit + (given.time_limit if stage == "solve" else 0.0)
    run = run_apart(command, longest, given.memory_mb)
    row: dict[str, Any] = {"sites": sites, "zones": given.zones, "stage": stage}
    for line in run.lines:  # later lines know more
        row |= {k: v for k, v in line.items() if k not in ("stage", "at_s")}
    ended = {"time": "out_of_time", "memory": "out_of_memory"}
    if run.stopped:
        row["status"] = ended.get(run.stopped, "failed")
        row["peak_mb"] = run.peak_mb
        row["note"] = run.said[-500:]
    return {"status": "built", **row, "process_seconds": run.seconds}


COLUMNS = (
    "instance", "sites", "zones", "stage", "status", "zones_from", "make_seconds",
    "build_seconds", "arcs", "rows", "columns", "nonzeros", "path", "seconds", "cost",
    "bound", "gap", "peak_mb", "bound_holds", "check_s", "process_seconds", "note",
)  # fmt: skip
"""Of the CSV, whatever a stage got to."""


def say(row: dict[str, Any]) -> None:
    """One line of the table."""
    forms = {
        "make_seconds": "made in {:.2f} s", "build_seconds": "built in {:.2f} s",
        "arcs": "{:,} arcs", "rows": "{:,} rows", "columns": "{:,} columns",
        "path": "path {}", "cost": "cost {:,.0f}", "bound": "bound {:,.0f}",
        "gap": "gap {:.2%}", "seconds": "solved in {:.1f} s",
        "peak_mb": "{:,.0f} MB", "check_s": "bound checked in {:.2f} s",
        "bound_holds": "holds: {}", "note": "{}",
    }  # fmt: skip
    known = [f.format(row[k]) for k, f in forms.items() if row.get(k) not in (None, "")]
    print(
        f"{row['sites']:,} x {row['zones']:,} {row['stage']}: {row['status']}; "
        + ", ".join(known),
        flush=True,
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", nargs="+", type=int, default=[50, 100])
    parser.add_argument("--zones", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--longest-km", type=float, default=COUNTRY_LONGEST_KM)
    parser.add_argument("--time-limit", type=float, default=300.0)
    parser.add_argument("--build-limit", type=float, default=600.0)
    parser.add_argument("--gap", type=float, default=1e-2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-mb", type=float, default=12_000.0)
    parser.add_argument("--only-build", action="store_true")
    parser.add_argument("--conditions", choices=("quiet", "busy"), default="quiet")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if given.stage:
        tell(STAGES[given.stage](given))
        return
    stages = ("build",) if given.only_build else tuple(STAGES)
    for sites in given.sites:
        for stage in stages:
            row = run_stage(stage, sites, given)
            say(row)
            asked = {
                "seed": given.seed,
                "asked_gap": given.gap,
                "time_limit_s": given.time_limit,
                "memory_limit_mb": given.memory_mb,
                "threads": given.threads,
                "conditions": given.conditions,
            }
            record("national", {k: row.get(k, "") for k in COLUMNS} | asked)


if __name__ == "__main__":
    main()
