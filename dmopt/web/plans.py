"""Tasks about the plan of a scenario: solve it, and write its files for people.

While it is solved each verified plan is written to a folder of its own, `shown-N`, with
its figures and its map, and then told: whoever looks sees a whole plan at any moment.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dmopt.data.arithmetic import arithmetic_findings
from dmopt.data.atomic import atomic_file
from dmopt.data.instance import Instance
from dmopt.data.write import write_instance
from dmopt.errors import InstanceError
from dmopt.explaining.words import number
from dmopt.plan.plan import Plan
from dmopt.runs import read_result, write_run
from dmopt.solving.result import Result
from dmopt.studies.whatif import Wish, apply
from dmopt.web.line import Line, Task, packed, wished, write_json
from dmopt.web.names import FIGURES, RUN, SHOWN, WISHED, map_name
from dmopt.web.shapes import plan_map, result_of

COMMAND = "dmopt serve"
THREADS = 2


def solve_task(task: Task, line: Line) -> None:
    """Solve a scenario in the session at hand: plans are shown as they come, then the
    last one is kept and told. Files for people are another task."""
    folder = Path(task["folder"])
    wish = Wish.model_validate(task["wish"])
    session = line.kept.session(task["instance"])
    messages = _learned(task, line)
    line.kept.note(wish)
    shown = Shown(folder, line)
    result = session.ask(
        wish,
        gap=task["gap"],
        time_limit_s=task["time_limit_s"],
        threads=THREADS,
        on_progress=line.progress(),
        on_plan=shown,
        cancel=line.cancel,
    )
    plan = result.plan
    instance = apply(session.instance, wish) if plan is None else plan.instance
    messages += _errors(instance)
    if plan is None:
        write_json(folder / FIGURES, result_of(result, messages))
    else:
        shown(result, messages)
    with atomic_file(folder / "wish.json") as part:
        part.write_text(json.dumps(task["wish"], indent=2) + "\n", "utf-8")
    write_instance(instance, folder / WISHED)
    write_run(result, folder / RUN, instance=instance, command=COMMAND, tables=False)
    if plan is not None:
        shown.keep()
    line.say(_told("found", result) | {"cancelled": line.cancel.is_set()})


def _learned(task: Task, line: Line) -> list[str]:
    """Take in the scenario to begin from, where it can be had; else a message."""
    start = task.get("start")
    if start is not None:
        try:
            line.kept.learn(Wish.model_validate(start["wish"]), start["run"])
        except InstanceError:
            return ["The plan it was to begin from does not fit it any more."]
    return []


def _errors(instance: Instance) -> list[str]:
    found = arithmetic_findings(instance)
    return [each.message for each in found if each.severity == "error"]


def _told(event: str, result: Result) -> dict[str, Any]:
    return {
        "event": event,
        "status": result.status,
        "cost": number(result.cost),
        "bound": number(result.bound),
        "gap": number(result.gap),
        "verified": result.verified,
    }


class Shown:
    """Shows plans, one after another."""

    def __init__(self, folder: Path, line: Line) -> None:
        self._folder, self._line = folder, line
        self._number = 0
        self._last: Plan | None = None

    def __call__(self, result: Result, messages: list[str] | None = None) -> None:
        """Write figures and maps of a plan, and tell of them."""
        plan = result.plan
        assert plan is not None
        before, self._number = self._at, self._number + 1
        self._at.mkdir()
        if self._last is not None and same_plan(self._last, plan):
            for each in before.glob(map_name("*")):
                os.link(each, self._at / each.name)
        else:
            for place, shapes in enumerate(plan_map(plan).values()):
                (self._at / map_name(place)).write_bytes(packed(shapes))
        figures = packed(result_of(result, messages or []))
        (self._at / FIGURES).write_bytes(figures)
        self._last = plan
        self._line.say(_told("shown", result) | {"number": self._number})

    def keep(self) -> None:
        """What is shown is what is kept."""
        for each in self._at.iterdir():
            with atomic_file(self._folder / each.name) as part:
                shutil.copyfile(each, part)

    @property
    def _at(self) -> Path:
        return self._folder / f"{SHOWN}{self._number}"


def same_plan(one: Plan, other: Plan) -> bool:
    """Whether two plans decide the same."""
    return all(one.tables[name].equals(other.tables[name]) for name in one.tables)


def files_task(task: Task, line: Line) -> None:
    """Write what is missing of a scenario's files, the one asked for first."""
    folder = Path(task["folder"])
    result = read_result(wished(task), folder / RUN)
    write_files(result, folder, line, first=task.get("first", ""))


def write_files(result: Result, folder: Path, line: Line, first: str = "") -> None:
    """GeoPackage, map, workbook and report beside the run, each on its own.

    What draws and writes them is loaded here: it takes a second, and a plan is found
    and shown without.
    """
    from dmopt.maps.geopackage import write_geopackage
    from dmopt.report import write_report
    from dmopt.runs.excel import write_workbook

    plan = result.plan
    assert plan is not None
    writers: dict[str, Callable[[Path], Any]] = {
        "plan.gpkg": lambda path: write_geopackage(plan, path, result=result),
        "plan.xlsx": lambda path: write_workbook(plan, path, result),
        "map.png": lambda path: _whole_map(result, plan, path),
        "report.html": lambda path: write_report(result, path, command=COMMAND),
    }
    for name in sorted(writers, key=lambda name: name != first):
        if not (folder / name).exists():
            line.step(f"writing {name}")
            writers[name](folder / name)


def _whole_map(result: Result, plan: Plan, path: Path) -> None:
    """Whoever waits for the picture takes it as soon as there is a file."""
    from dmopt.maps.static import write_map

    with atomic_file(path) as part:
        write_map(plan, part, result=result)
