"""How soon a what-if session answers: bound, verified plan, and how good both are.

    python benchmarks/whatif.py [--instance FOLDER] [--seeds 0 1 2] [--limit 5]

Without an instance: the seeded city of 300 zones, 60 sites, 3 technologies, 4 products,
3 periods with infrastructure, every arc, of each seed. It is solved as it is for
`--first` seconds; then each change is asked of the same session, from the plan before:

    bound_s    certified bound of the changed instance
    plan_s     first verified plan of it, and its gap then
    gap_1s, gap_limit   gap of the best verified plan after one second, and at the limit
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generate import generate
from proofs import proof_row
from record import record

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.plan.plan import Plan
from dmopt.solving.progress import Progress
from dmopt.solving.result import Result
from dmopt.studies.session import AT_ONCE, Session
from dmopt.studies.whatif import Wish

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instance", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--first", type=float, default=60.0)
    parser.add_argument("--limit", type=float, default=5.0)
    parser.add_argument("--gap", type=float, default=0.01)
    given = parser.parse_args()
    for seed in given.seeds:
        instance = (
            generate("whatif", seed=seed)
            if given.instance is None
            else read_instance(given.instance)
        )
        session = Session(instance)
        first, row = ask(session, Wish(), given.gap, given.first, seed)
        told(instance, seed, "as it is", row)
        if first.plan is None:
            continue
        for name, wish in changes(instance, first.plan):
            _, row = ask(session, wish, given.gap, given.limit, seed)
            told(instance, seed, name, row)


def told(instance: Instance, seed: int, name: str, row: Row) -> None:
    row = {"instance": instance.name, "seed": seed, "change": name, **row}
    print("  ".join(f"{k} {v}" for k, v in row.items()), flush=True)
    record("whatif", row)


def changes(instance: Instance, plan: Plan) -> Iterator[tuple[str, Wish]]:
    """One change each, from the sites that a plan uses."""
    used = sorted(set(plan.tables["opened"].site))
    spare = [
        s
        for s in instance.sites.index[instance.sites.status == "candidate"]
        if s not in used
    ]
    yield "one site shut", Wish(sites={used[0]: "shut"})
    yield "two sites shut", Wish(sites={used[0]: "shut", used[1]: "shut"})
    yield "one site open", Wish(sites={spare[0]: "open"})
    yield (
        "no more than now",
        Wish.model_validate(
            {"rules": {"add": [f"few: site_count most={len(used)}; where=all"]}}
        ),
    )
    yield (
        "one fewer",
        Wish.model_validate(
            {"rules": {"add": [f"few: site_count most={len(used) - 1}; where=all"]}}
        ),
    )
    yield "transport 20 % dearer", Wish(knobs={"transport_price": 1.2})
    yield "demand up 10 %", Wish(knobs={"demand": 1.1})


def ask(
    session: Session, wish: Wish, gap: float, seconds: float, seed: int
) -> tuple[Result, Row]:
    """One answer, timed."""
    begin = time.monotonic()
    bound: list[float] = []
    plans: list[tuple[float, Result]] = []

    def heard(progress: Progress) -> None:
        if progress.step == AT_ONCE and not bound:
            bound.append(time.monotonic() - begin)

    result = session.ask(
        wish,
        gap=gap,
        time_limit_s=seconds,
        seed=seed,
        on_progress=heard,
        on_plan=lambda plan: plans.append((time.monotonic() - begin, plan)),
    )
    plans.append((time.monotonic() - begin, result))
    good = [(at, plan) for at, plan in plans if plan.gap is not None]
    end_s = time.monotonic() - begin
    soon = [plan.gap for at, plan in good if at <= 1.0]
    return result, {
        "bound_s": f"{bound[0]:.3f}" if bound else "",
        "plan_s": f"{good[0][0]:.2f}" if good else "",
        "gap_then": _share(good[0][1].gap) if good else "",
        "gap_1s": _share(min(soon)) if soon else "",
        "gap_limit": _share(result.gap),
        "end_s": f"{end_s:.1f}",
        "status": result.status,
        **proof_row(session.problem(wish), result),
    }


def _share(gap: float | None) -> str:
    return "" if gap is None else f"{100 * gap:.2f} %"


if __name__ == "__main__":
    main()
