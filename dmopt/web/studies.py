"""Studies of a scenario's plan, as tasks of a child: what is lost, what is traded.

The studies themselves are those of the command line (dmopt/studies); here they are told
how far they may go, and written down as the page shows them.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import Any

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.explaining.words import number
from dmopt.plan.plan import Plan
from dmopt.runs import read_result
from dmopt.studies.frontier.frontier import Frontier, frontier
from dmopt.studies.frontier.objective import OBJECTIVES
from dmopt.studies.frontier.search import Point
from dmopt.studies.rejected import sentence
from dmopt.studies.stress.study import SAME, Case, StressTest, stress
from dmopt.studies.stress.words import cases_table, sentences
from dmopt.web.line import Line, Task, packed, wished, write_json
from dmopt.web.names import FRONTIER, RUN, STRESS, TRADED, answer_name, traded_map
from dmopt.web.plans import THREADS
from dmopt.web.shapes import plan_map

LOSSES = ("site", "infrastructure")
"""What the page's stress test loses, one at a time."""
ENOUGH = 0.9
"""Share of demand that a loss should leave served."""
AGAINST = OBJECTIVES["emissions"]
"""What the page trades cost against."""
NOTHING_TRIED = "It was stopped before anything was tried."


def stress_task(task: Task, line: Line) -> None:
    """What a plan still serves when one site, or infrastructure at one place, is lost.

    time_limit_s of the task: of all cases; then, or when it is stopped, what was tried
    is written.
    """
    timer = _stopped_after(task["time_limit_s"], line)
    plan = _plan(task)

    def tell(place: int, of: int, losses: Sequence[Any]) -> None:
        lost = " and ".join(each.says(plan.instance) for each in losses)
        line.step(f"{place + 1} of {of}: {lost}")

    found = stress(plan, LOSSES, on_case=tell, cancel=line.cancel)
    timer.cancel()
    if found is None:
        line.say({"event": "failed", "error": NOTHING_TRIED, "faults": []})
        return
    write_json(Path(task["folder"]) / answer_name(STRESS), stress_shown(found))


def _plan(task: Task) -> Plan:
    plan = read_result(wished(task), Path(task["folder"]) / RUN).plan
    assert plan is not None  # the desk asks this of scenarios with a plan only
    return plan


def _stopped_after(seconds: float, line: Line) -> Timer:
    timer = Timer(seconds, line.cancel.set)
    timer.daemon = True
    timer.start()
    return timer


def stress_shown(found: StressTest) -> dict[str, Any]:
    """A stress test as the page takes it; cases as the command line orders them."""
    base, table = found.base.served, cases_table(found)
    return {
        "base_served": base.share,
        "base_people": base.people,
        "least": ENOUGH,
        "enough": found.enough(ENOUGH),
        "planned": found.planned,
        "complete": found.is_complete,
        "sentences": list(sentences(found, ENOUGH)),
        "cases": [
            _case(found, case, row)
            for case, (_, row) in zip(found.cases, table.iterrows(), strict=True)
        ],
    }


def _case(found: StressTest, case: Case, row: pd.Series) -> dict[str, Any]:
    [loss] = case.losses
    goods = found.plan.instance.commodities.name
    product = str(row.worst_product)
    return {
        "label": row.lost,
        "kind": loss.kind,
        "of": list(loss.of),
        "served": case.served.share,
        "people": case.served.people,
        "harm": max(0.0, found.harm(case)),
        "worst_product": str(goods[product] or product) if product else "",
        "worst_product_served": number(row.worst_product_share),
        "districts": [each for each in str(row.districts).split("; ") if each],
        "running_cost_more": number(row.running_cost_more),
        "unmet_cost_more": number(row.unmet_cost_more),
        "proven": bool(case.most <= case.served.share + SAME),
    }


def frontier_task(task: Task, line: Line) -> None:
    """What fewer emissions cost at least, point by point; written after each.

    points of the task: how many; solve_s: of each solve, time_limit_s: of all.
    """
    timer = _stopped_after(task["time_limit_s"], line)
    instance = wished(task)
    folder = Path(task["folder"])
    points = Points(instance, folder, task["gap"])
    found = frontier(
        instance,
        [AGAINST],
        points=task["points"],
        gap=task["gap"],
        time_limit_s=task["solve_s"],
        threads=THREADS,
        start=read_result(instance, folder / RUN),
        on_point=lambda text, done, of: line.progress(f"{done + 1} of {of}, {text}"),
        on_points=points,
        cancel=line.cancel,
    )
    timer.cancel()
    if not found.points:
        line.say({"event": "failed", "error": NOTHING_TRIED, "faults": []})
        return
    points(found.points, found)


class Points:
    """Writes points as they come, with the maps of their plans."""

    def __init__(self, instance: Instance, folder: Path, gap: float) -> None:
        self._instance, self._folder, self._gap = instance, folder, gap
        self._plans: list[Plan] = []
        shutil.rmtree(folder / TRADED, ignore_errors=True)
        (folder / TRADED).mkdir()

    def __call__(self, points: Sequence[Point], found: Frontier | None = None) -> None:
        """found: the whole frontier, once it is there."""
        several = len(self._instance.periods) > 1
        shown = {
            "unit": AGAINST.unit,
            "of": "the year with the most" if several else "",
            "gap_asked": self._gap,
            "planned": len(points),
            "known": sum(point.status in ("proven", "none") for point in points),
            "complete": found is not None
            and all(point.status in ("proven", "none") for point in points),
            "points": [self._point(point) for point in points],
            "rejected": "" if found is None else sentence(found.rejected),
        }
        write_json(self._folder / answer_name(FRONTIER), shown)

    def _point(self, point: Point) -> dict[str, Any]:
        return {
            "asked": point.figures[0],
            "emissions": number(point.attained[0]) if point.attained else None,
            "cost": number(point.cost),
            "bound": number(point.bound),
            "gap": number(point.gap),
            "status": point.status.replace(" ", "_"),
            "dominated": point.dominated,
            "plan": None if point.plan is None else self._number(point.plan),
        }

    def _number(self, plan: Plan) -> int:
        """Of a plan, from 1; its maps are written when it is first met."""
        for number_, known in enumerate(self._plans, start=1):
            if known is plan:
                return number_
        self._plans.append(plan)
        number_ = len(self._plans)
        for place, shapes in enumerate(plan_map(plan).values()):
            path = traded_map(self._folder, number_, place)
            path.write_bytes(packed(shapes))
        return number_
