"""What a sweep costs beside its solves, and what a second worker brings.

    python benchmarks/sweep.py [--instance FOLDER] [--members 200] [--workers 1 2]

Members differ in the price of transport. For each number of workers, seconds:

    wall_s     the whole sweep;  start_s: until the first worker is ready
    member_s   from begun to ended, mean over members, of which
    solve_s    is solving (as in the run),  write_s writing a run (timed here, alone),
    rest_s     and the rest: the wish, handing over, looking at what is there
    index_s    putting a member into the index, in between

The last line has the ratio of the walls, the starts left out. Run it on a machine that
does nothing else, with as many processors as workers.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import mean

from record import record

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.runs import write_run
from dmopt.solving.run import solve
from dmopt.sweeps import Index, Member, members_from_grid, run_sweep
from dmopt.sweeps.run import News

ROOT = Path(__file__).parents[1]
WRITES = 20


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
        write_s = written(instance, Path(room))
        rows = [
            swept(instance, members, workers, Path(room) / f"with-{workers}")
            for workers in given.workers
        ]
    for row in rows:
        row["write_s"] = write_s
        row["rest_s"] = row["member_s"] - row["solve_s"] - write_s
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


def written(instance: Instance, room: Path) -> float:
    """Seconds to write a run of the instance, mean."""
    result = solve(instance, threads=1)
    begin = time.monotonic()
    for n in range(WRITES):
        write_run(result, room / f"written-{n}")
    return (time.monotonic() - begin) / WRITES


def swept(
    instance: Instance, members: list[Member], workers: int, folder: Path
) -> dict[str, float]:
    """One sweep, timed."""
    began: dict[str, float] = {}
    took: dict[str, float] = {}
    begin = time.monotonic()

    def hear(news: News) -> None:
        now = time.monotonic()
        if news.what == "begun":
            began[news.member.name] = now
        elif news.what == "ended":
            took[news.member.name] = now - began[news.member.name]

    found = run_sweep(instance, members, folder, workers=workers, on_news=hear)
    wall = time.monotonic() - begin
    assert all(outcome.has_plan for outcome in found.outcomes)
    return {
        "workers": workers,
        "wall_s": wall,
        "start_s": min(began.values()) - begin,
        "member_s": mean(took.values()),
        "solve_s": mean(each.seconds or 0.0 for each in found.outcomes),
        "index_s": indexed(found.store.at(members[0].name)),
    }


def indexed(folder: Path) -> float:
    """Seconds to put one member into an index, mean."""
    with Index(folder.parents[2]) as index:
        begin = time.monotonic()
        for _ in range(WRITES):
            (folder / "plan.json").touch()
            index.add(folder)
        return (time.monotonic() - begin) / WRITES


if __name__ == "__main__":
    main()
