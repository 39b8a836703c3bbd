"""Published location problems: our optimum beside the published one.

    python benchmarks/orlib.py DATA [--time-limit 60] [--only cap41 pmed7]

DATA holds orlib_cap/ and orlib_pmed/, each with instances/ and optima.csv (columns
instance, optimum_listed and, for files that leave the capacity open,
capacity_to_substitute). Files are solved one after another.
"""

import argparse
import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from proofs import in_words, problem_of, proof_row
from record import record

from dmopt.data.instance import Instance
from dmopt.importers.orlib_cap import read_orlib_cap
from dmopt.importers.orlib_pmed import read_orlib_pmed
from dmopt.solving.result import Result
from dmopt.solving.run import solve

SAME = 1e-6


class Case(NamedTuple):
    """A published file: its name, where it is, and what is known of it."""

    name: str
    family: str
    path: Path
    capacity: str
    optimum: float


def published(data: Path) -> Iterator[Case]:
    """Every file that lies in `data`, in the order of its list of optima."""
    for family in ("orlib_cap", "orlib_pmed"):
        with (data / family / "optima.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                name = row["instance"]
                capacity = row.get("capacity_to_substitute") or ""
                for path in sorted((data / family / "instances").glob(f"{name}.txt*")):
                    optimum = float(row["optimum_listed"])
                    yield Case(name, family, path, capacity, optimum)


def read(case: Case) -> Instance:
    """The instance of a file."""
    if case.family == "orlib_pmed":
        return read_orlib_pmed(case.path)
    if case.capacity == "uncapacitated":
        return read_orlib_cap(case.path, uncapacitated=True)
    return read_orlib_cap(case.path, float(case.capacity) if case.capacity else None)


def row_of(case: Case, result: Result, given: argparse.Namespace) -> dict[str, Any]:
    """What is kept of a run."""
    above = math.nan if result.cost is None else result.cost / case.optimum - 1
    return {
        "instance": case.name,
        "capacity": case.capacity,
        "published": case.optimum,
        "cost": result.cost,
        "bound": result.bound,
        "gap": result.gap,
        "above_published": above,
        "seconds": round(result.seconds, 2),
        "build_seconds": round(result.build_seconds, 2),
        "status": result.status,
        "path": result.path,
        "seed": given.seed,
        "asked_gap": given.gap,
        "time_limit_s": given.time_limit,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--path", default="auto")
    parser.add_argument("--only", nargs="*", help="names of files")
    given = parser.parse_args()
    cases = [
        case
        for case in published(given.data)
        if not given.only or case.name in given.only
    ]
    matched = sum(run(case, given) for case in cases)
    print(f"{matched} of {len(cases)} within {SAME:g} of the published optimum")


def run(case: Case, given: argparse.Namespace) -> bool:
    """Solve one file, print and record it; whether the optimum came out."""
    instance = read(case)
    result = solve(
        instance,
        path=given.path,
        gap=given.gap,
        time_limit_s=given.time_limit,
        seed=given.seed,
    )
    row = row_of(case, result, given) | proof_row(problem_of(instance), result)
    record("orlib", row)
    cost = math.nan if result.cost is None else result.cost
    gap = math.nan if result.gap is None else result.gap
    print(
        f"{case.name:<8}{case.capacity:>14} published {case.optimum:>16,.3f}"
        f"  ours {cost:>16,.3f}  {row['above_published']:>+9.1e}"
        f"  gap {gap:.1e}  {result.seconds:6.1f} s  {result.path}  {result.status}"
        f"  {in_words(row)}",
        flush=True,
    )
    return abs(row["above_published"]) <= SAME


if __name__ == "__main__":
    main()
