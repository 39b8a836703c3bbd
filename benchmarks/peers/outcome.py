"""One run of a peer: its row, from what its process told."""

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from peers.apart import Run, run_apart
from peers.peer import PEERS, Limits, relative_gap

GRACE = 1.5
"""A process is ended at this many times its limit, and `GRACE_S` more: solvers look
at the clock now and then only, and importing and checking are not in the limit."""
GRACE_S = 20.0


@dataclass(frozen=True)
class Task:
    """A problem of a size, as a command line names it."""

    kind: str
    sites: int
    zones: int
    seed: int

    @property
    def problem(self) -> str:
        return f"{self.kind} {self.sites} x {self.zones:,}"


@dataclass(frozen=True)
class Outcome:
    """What one peer made of one task.

    status: optimal (to the asked gap), feasible, no_plan_found, infeasible,
        wrong_plan (the plan breaks the problem), cannot_express, not_installed,
        out_of_time, out_of_memory (ended at a limit; what it had told counts), failed.
    load_seconds: a first, small solve. prepare_seconds: data in the tool's own form.
    seconds: build and solve together, or until it was ended. note: why, in words.
    curve: (seconds, cost, bound) as told on the way.
    """

    task: Task
    peer: str
    status: str
    cost: float | None = None
    bound: float | None = None
    load_seconds: float | None = None
    prepare_seconds: float | None = None
    build_seconds: float | None = None
    solve_seconds: float | None = None
    seconds: float | None = None
    peak_mb: float | None = None
    path: str = ""
    note: str = ""
    version: str = ""
    curve: tuple[tuple[float, float | None, float | None], ...] = ()

    @property
    def gap(self) -> float | None:
        return relative_gap(self.cost, self.bound)

    @property
    def ran(self) -> bool:
        return self.status not in ("cannot_express", "not_installed")

    def row(self) -> dict[str, Any]:
        """For the CSV: everything but the curve."""
        task = vars(self.task)
        own = {k: v for k, v in vars(self).items() if k not in ("task", "curve")}
        return {**task, **own, "gap": self.gap}


def run_peer(task: Task, peer: str, limits: Limits, memory_mb: float) -> Outcome:
    """Run a peer on a task in a process of its own."""
    spec = PEERS[peer]
    if task.kind not in spec.kinds:
        return Outcome(task, peer, "cannot_express")
    missing = missing_packages(peer)
    if missing:
        note = f"pip install {' '.join(missing)}"
        return Outcome(task, peer, "not_installed", note=note)
    command = [
        sys.executable, "-m", "peers", peer,
        "--kind", task.kind, "--sites", str(task.sites), "--zones", str(task.zones),
        "--seed", str(task.seed), "--time-limit", str(limits.time_limit_s),
        "--gap", str(limits.gap), "--threads", str(limits.threads),
    ]  # fmt: skip
    longest = limits.time_limit_s * GRACE + GRACE_S
    run = run_apart(command, longest, memory_mb)
    return outcome_of(task, peer, run, limits.gap)


def missing_packages(peer: str) -> list[str]:
    return [name for name in PEERS[peer].packages if find_spec(name) is None]


def outcome_of(task: Task, peer: str, run: Run, gap: float) -> Outcome:
    """What the lines of a process say."""
    told = [line for line in run.lines if "at_s" in line]
    curve = tuple((line["at_s"], line["cost"], line["bound"]) for line in told)
    begun = next((row for row in run.lines if "prepare_seconds" in row), {})
    known: dict[str, Any] = {
        "load_seconds": begun.get("load_seconds"),
        "prepare_seconds": begun.get("prepare_seconds"),
        "version": version_of(PEERS[peer].packages[0]),
        "curve": curve,
    }
    final = run.lines[-1] if run.lines and run.lines[-1].get("final") else None
    if final is None:
        last = curve[-1] if curve else (None, None, None)
        status = {"time": "out_of_time", "memory": "out_of_memory"}.get(run.stopped, "")
        note = run.said or f"ended at the limit of {run.stopped}"
        return Outcome(
            task, peer, status or "failed", last[1], last[2],
            seconds=run.seconds, peak_mb=run.peak_mb, note=note, **known,
        )  # fmt: skip
    cost = final["cost"] if "checked_cost" not in final else final["checked_cost"]
    # children's memory only the watcher sees; short peaks only the process itself
    seen_mb = max(final["peak_mb"], run.peak_mb if run.peak_mb > 0 else 0.0)
    return Outcome(
        task,
        peer,
        _status(final, cost, gap),
        cost,
        final["bound"],
        build_seconds=final["build_seconds"],
        solve_seconds=final["solve_seconds"],
        seconds=final["build_seconds"] + final["solve_seconds"],
        peak_mb=seen_mb if final["held_mb"] is None else final["held_mb"],
        path=final["path"],
        note="; ".join(filter(None, [*final.get("faults", ()), final.get("note")])),
        **known,
    )


def _status(final: dict[str, Any], cost: float | None, gap: float) -> str:
    if final.get("faults"):
        return "wrong_plan"
    if final["ended"] == "infeasible":
        return "infeasible"
    if cost is None:
        return "no_plan_found"
    reached = relative_gap(cost, final["bound"])
    if reached is None:
        # spopt tells no bound: that it ended before its limit is all there is
        return "optimal" if final["ended"] == "solved" else "feasible"
    return "optimal" if reached <= gap + 1e-6 else "feasible"


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
