"""How far plans are proven good, by what, and what it costs to check that again.

    python benchmarks/bounds.py [INSTANCE...] [--models free,distributed] [--seeds 0,1]

Each run in a process of its own. For each: the gap at 10, 20, 30 seconds and the end;
the part of the bound that is arithmetic alone; the time of `verify --bound`, building
of the model aside, as a share of the solve.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from record import record

INSTANCES = Path(__file__).parents[1] / "instances"
AT_S = (10, 20, 30)


def run(instance: Path, model: str, given: argparse.Namespace) -> dict[str, Any]:
    """Solve and check here."""
    from proofs import problem_of

    from dmopt.data.read import read_instance
    from dmopt.models import read_model, with_model
    from dmopt.solving.again import check_bound
    from dmopt.solving.run import solve

    data = read_instance(instance)
    if model != "own":
        data = with_model(data, read_model(model))
    result = solve(
        data,
        path="coarse",
        gap=given.gap,
        time_limit_s=given.time_limit,
        seed=given.seed,
        threads=given.threads,
    )
    row: dict[str, Any] = {
        name: getattr(result, name)
        for name in ("status", "cost", "bound", "gap", "seconds", "peak_mb")
    }
    for at in AT_S:
        known = [each.gap for each in result.log if each.seconds <= at]
        row[f"gap_{at}_s"] = known[-1] if known else None
    if result.certificate is None:
        return row
    problem = problem_of(data)
    begin = time.monotonic()
    checked = check_bound(problem, result.certificate)
    row["check_s"] = time.monotonic() - begin
    row["holds"] = not checked.faults
    row["parts"], row["trusting"] = checked.parts, checked.trusting
    row["arithmetic"] = checked.arithmetic
    return row


def run_apart(instance: Path, model: str, given: argparse.Namespace) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [
        sys.executable, __file__, str(instance), "--models", model, "--here",
        "--seed", str(given.seed), "--time-limit", str(given.time_limit),
        "--gap", str(given.gap), "--threads", str(given.threads),
    ]  # fmt: skip
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    row: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    asked = {"seed": given.seed, "threads": given.threads, "asked_gap": given.gap}
    told = {"instance": instance.name, "model": model, **asked}
    record("bounds", {**told, "time_limit_s": given.time_limit, **row})
    return row


def say(instance: Path, model: str, seed: int, row: dict[str, Any]) -> None:
    """One line of the table."""

    def share(value: float | None) -> str:
        return "none" if value is None else f"{value:.2%}"

    gaps = "  ".join(f"{at} s {share(row[f'gap_{at}_s']):>7}" for at in AT_S)
    line = (
        f"{instance.name:<20}{model:<15}seed {seed}  {gaps}  "
        f"end {share(row['gap']):>7} after {row['seconds']:5.1f} s"
    )
    if "check_s" in row:
        of_solve = row["check_s"] / row["seconds"]
        line += (
            f"  arithmetic {row['arithmetic']:,.0f} of {row['bound']:,.0f} in "
            f"{row['parts']} parts, {row['trusting']} on the solver; checked in "
            f"{row['check_s']:.2f} s ({of_solve:.1%}): "
            f"{'holds' if row['holds'] else 'DOES NOT HOLD'}"
        )
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = [INSTANCES / "west-midlands"]
    parser.add_argument("instances", type=Path, nargs="*", default=default)
    parser.add_argument("--models", default="own")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(run(given.instances[0], given.models, given)))
        return
    for instance in given.instances:
        for model in given.models.split(","):
            for seed in given.seeds.split(","):
                given.seed = int(seed)
                say(instance, model, given.seed, run_apart(instance, model, given))


if __name__ == "__main__":
    main()
