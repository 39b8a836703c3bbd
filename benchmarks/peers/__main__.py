"""One peer on one problem, here: what it finds as JSON lines on standard output.

cd benchmarks; python -m peers PEER --kind ufl --sites 60 --zones 300 --seed 0
"""

import argparse
import importlib
import json
import os
from dataclasses import asdict
from typing import IO, Any

from generators.location import KINDS, LocationProblem, location_problem

from peers.apart import own_peak_mb
from peers.check import check
from peers.peer import PEERS, Answer, Clock, Limits

FIRST, FIRST_S, FIRST_GAP = (40, 120, 99), 2.0, 0.01
"""Sites, zones and seed of what each tool solves before the clock starts, and limits of
it: some load parts of themselves when they are used for the first time."""
LEAST_APART_S = 0.02
"""Progress closer together than this is told once."""


class Teller:
    """Writes progress, and knows the best of each side so far."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self.clock = Clock(0.0)
        self._cost: float | None = None
        self._bound: float | None = None
        self._told = -1.0

    def seen(self, cost: float | None, bound: float | None) -> None:
        before = self._cost, self._bound
        if cost is not None:
            self._cost = cost if self._cost is None else min(cost, self._cost)
        if bound is not None:
            self._bound = bound if self._bound is None else max(bound, self._bound)
        now = self.clock.seconds
        if (self._cost, self._bound) != before and now > self._told + LEAST_APART_S:
            self._told = now
            self.write({"at_s": now, "cost": self._cost, "bound": self._bound})

    def write(self, row: dict[str, Any]) -> None:
        print(json.dumps(row), file=self._out, flush=True)


def end(problem: LocationProblem, answer: Answer) -> dict[str, Any]:
    """The last line: the answer without its plan, and what the check of it says."""
    row = {k: v for k, v in asdict(answer).items() if k not in ("x", "y")}
    row |= {"final": True, "peak_mb": own_peak_mb()}
    if answer.y is not None and answer.x is not None:
        checked = check(problem, answer.y, answer.x)
        row |= {"checked_cost": checked.cost, "faults": list(checked.faults)}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m peers")
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--sites", type=int, required=True)
    parser.add_argument("--zones", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    # solvers write to standard output themselves, and some tools catch what they write
    out = os.fdopen(os.dup(1), "w")
    problem = location_problem(given.kind, given.sites, given.zones, given.seed)
    peer = importlib.import_module(f"peers.{PEERS[given.peer].module}")
    begin = Clock(0.0)
    first = Limits(FIRST_S, FIRST_GAP, given.seed, given.threads)
    peer.prepare(location_problem(given.kind, *FIRST))(first, lambda cost, bound: None)
    loaded, begin = begin.seconds, Clock(0.0)
    solve = peer.prepare(problem)
    teller = Teller(out)
    teller.write({"load_seconds": loaded, "prepare_seconds": begin.seconds})
    limits = Limits(given.time_limit, given.gap, given.seed, given.threads)
    teller.clock = Clock(0.0)
    answer = solve(limits, teller.seen)
    teller.write(end(problem, answer))


if __name__ == "__main__":
    main()
