"""What a sweep costs beside its solves, and what a second worker brings.

    python benchmarks/sweep.py [--instance FOLDER] [--members 200] [--workers 1 2]

Members differ in the price of transport. *Solve* is what a solve of any instance is:
the model is built, HiGHS runs, the plan is read, checked and priced (`Desk.solve`; in a
run's plan.json `seconds`). *Overhead* is all else that a member costs: the wish, its
costs and indicators, fingerprint and folder, in the worker; handing it over, looking at
what came of it, the index, in the sweep's own process.

For each number of workers, in seconds. By the clock, where nothing else runs:

    wall_s           the whole sweep;  start_s: until the first worker is ready
    member_s         from begun to ended, mean over members, of which
    solve_s          is solving (as in the run), and
    overhead_s       the rest

and of the processor, which counts on a busy machine too, for each member:

    solve_busy_s     a worker's loop, solving (timed in this process, 20 members)
    worker_busy_s    the same loop, all else
    own_busy_s       the sweep's own process, its start left out
    overhead_busy_s  the last two

The last line has the ratio of the walls, the starts left out, for as many processors as
workers.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import mean

from record import record

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.solving.result import Result
from dmopt.studies.whatif import Wished
from dmopt.sweeps import Member, members_from_grid, run_sweep
from dmopt.sweeps.desk import Desk
from dmopt.sweeps.run import News
from dmopt.sweeps.store import make_store

ROOT = Path(__file__).parents[1]
SOLVES = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instance", type=Path, default=ROOT / "instances/two-towns")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--gap", type=float, default=0.01)
    given = parser.parse_args()
    instance = read_instance(given.instance)
    prices = [0.5 + 1.5 * n / given.members for n in range(given.members)]
    members = members_from_grid(instance, {"transport_price": prices}, gap=given.gap)
    with tempfile.TemporaryDirectory() as room:
        solving, rest = worked(instance, members, Path(room) / "worked")
        rows = [
            swept(instance, members, workers, Path(room) / f"with-{workers}")
            for workers in given.workers
        ]
    for row in rows:
        row["solve_busy_s"], row["worker_busy_s"] = solving, rest
        row["overhead_busy_s"] = row["own_busy_s"] + rest
        shown = {
            "instance": instance.name,
            "members": len(members),
            **{k: v if isinstance(v, int) else f"{v:.4f}" for k, v in row.items()},
        }
        print("  ".join(f"{k} {v}" for k, v in shown.items()), flush=True)
        record("sweep", shown)
    net = [row["wall_s"] - row["start_s"] for row in rows]
    for row, own in zip(rows[1:], net[1:], strict=True):
        print(f"{row['workers']} workers: {net[0] / own:.2f} times as fast")


class TimedDesk(Desk):
    """A worker's desk; solving: processor time spent in it so far."""

    solving = 0.0

    def solve(self, member: Member, changed: Wished) -> Result:
        begin = time.process_time()
        try:
            return super().solve(member, changed)
        finally:
            self.solving += time.process_time() - begin


def worked(
    instance: Instance, members: list[Member], folder: Path
) -> tuple[float, float]:
    """Processor time of a member in a worker, solving and all else, mean; the first,
    which loads much, left out."""
    first, *some = members[: SOLVES + 1]
    store = make_store(instance, [first, *some], folder)
    desk = TimedDesk(folder, store.about.sha256)
    desk.run(first)
    desk.solving, begin = 0.0, time.process_time()
    for member in some:
        desk.run(member)
    whole = time.process_time() - begin
    return desk.solving / len(some), (whole - desk.solving) / len(some)


def swept(
    instance: Instance, members: list[Member], workers: int, folder: Path
) -> dict[str, float]:
    """A sweep, timed; beside one that is little but the start of its workers."""
    started = once(instance, members[:workers], workers, folder / "started")
    found = once(instance, members, workers, folder / "all")
    own = found["own_busy_s"] - started["own_busy_s"]
    return found | {"own_busy_s": own / (len(members) - workers)}


def once(
    instance: Instance, members: list[Member], workers: int, folder: Path
) -> dict[str, float]:
    """One sweep; own_busy_s: processor time of this process, all members together."""
    began: dict[str, float] = {}
    took: dict[str, float] = {}
    begin, busy = time.monotonic(), time.process_time()

    def hear(news: News) -> None:
        now = time.monotonic()
        if news.what == "begun":
            began[news.member.name] = now
        elif news.what == "ended":
            took[news.member.name] = now - began[news.member.name]

    found = run_sweep(instance, members, folder, workers=workers, on_news=hear)
    wall = time.monotonic() - begin
    assert all(outcome.has_plan for outcome in found.outcomes)
    solve_s = mean(each.seconds or 0.0 for each in found.outcomes)
    member_s = mean(took.values())
    return {
        "workers": workers,
        "wall_s": wall,
        "start_s": min(began.values()) - begin,
        "member_s": member_s,
        "solve_s": solve_s,
        "overhead_s": member_s - solve_s,
        "own_busy_s": time.process_time() - busy,
    }


if __name__ == "__main__":
    main()
