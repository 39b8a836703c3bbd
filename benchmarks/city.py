"""A city region two ways: the coarse path, and everything in one HiGHS model.

    python benchmarks/city.py [instances/west-midlands] [--time-limit 60]

One after the other, each in a process of its own; both get the same wall time. Prints
cost, bound, gap and time of both, and how far the gap of one is from the other's.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from record import record

PATHS = ("coarse", "exact")
KEPT = ("status", "cost", "bound", "gap", "seconds", "build_seconds", "peak_mb")


def run(path: str, given: argparse.Namespace) -> dict[str, Any]:
    """Solve here, on one path."""
    from dmopt.data.read import read_instance
    from dmopt.solving.run import solve

    result = solve(
        read_instance(given.instance),
        path=path,
        gap=given.gap,
        time_limit_s=given.time_limit,
        seed=given.seed,
        threads=given.threads,
    )
    return {name: getattr(result, name) for name in KEPT}


def run_apart(path: str, given: argparse.Namespace) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, *sys.argv[1:], "--path", path]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    row = json.loads(answer.stdout.splitlines()[-1])
    asked = {
        "seed": given.seed,
        "threads": given.threads,
        "asked_gap": given.gap,
        "time_limit_s": given.time_limit,
    }
    record("city", {"instance": given.instance.name, "path": path, **row, **asked})
    return row


def say(path: str, row: dict[str, Any]) -> None:
    """One line of the table."""
    cost, bound, gap = (
        "none" if row[name] is None else form.format(row[name])
        for name, form in (("cost", "{:,.0f}"), ("bound", "{:,.0f}"), ("gap", "{:.2%}"))
    )
    print(
        f"{path:<8}{row['status']:<15}cost {cost:>15}  bound {bound:>15}"
        f"  gap {gap:>8}  {row['seconds']:6.1f} s  {row['peak_mb']:7,.0f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).parents[1] / "instances" / "west-midlands"
    parser.add_argument("instance", type=Path, nargs="?", default=default)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--path", choices=PATHS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.path:
        print(json.dumps(run(given.path, given)))
        return
    for path in PATHS:
        say(path, run_apart(path, given))


if __name__ == "__main__":
    main()
