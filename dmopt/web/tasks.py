"""What a child process does for the server (work.py starts it): one function a task.

Each gets the task as plain data, a way to say how far it is, and an event that asks
it to stop early with what it has. Files are written whole or not at all.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import Any

from dmopt.data.arithmetic import arithmetic_findings
from dmopt.data.atomic import atomic_file
from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.errors import Fault, InstanceError
from dmopt.explaining.conflict import explain
from dmopt.explaining.price import price
from dmopt.explaining.words import number, price_row
from dmopt.maps.geopackage import write_geopackage
from dmopt.maps.static import write_map
from dmopt.models import MODELS
from dmopt.plan.called import INDICATORS
from dmopt.plan.plan import Plan
from dmopt.report import write_report
from dmopt.rules import make_rules
from dmopt.runs import read_plan, read_result, write_run
from dmopt.runs.excel import write_workbook
from dmopt.runs.fingerprint import instance_hash
from dmopt.runs.plain import plain
from dmopt.solving.progress import OnProgress, Progress
from dmopt.solving.result import Result
from dmopt.solving.run import solve
from dmopt.studies.difference import with_difference
from dmopt.studies.whatif import Wish, apply
from dmopt.web.asked import asked_of, member, said
from dmopt.web.facts import facts, map_of, rules_of
from dmopt.web.library import SHOWN, SHOWN_BY
from dmopt.web.shapes import plan_map, result_of
from dmopt.web.uploads import check_upload
from dmopt.web.words import money_words

MOST_ROWS = 300_000
"""Rows of an uploaded instance: three times those of 35,000 zones with a product."""
RUN = "run"
"""Folder of the run in the folder of a scenario."""
WISHED = "instance"
"""Folder of the instance that the run is of, the wish in it, beside the run."""
COMMAND = "dmopt serve"
THREADS = 2

Say = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class Line:
    """The line to the server. say: sends an object. cancel: set when asked to stop."""

    say: Say
    cancel: Event

    def progress(self, prefix: str = "") -> OnProgress:
        def told(progress: Progress) -> None:
            step = f"{prefix}: {progress.step}" if prefix else progress.step
            self.say(
                {
                    "event": "progress",
                    "seconds": progress.seconds,
                    "step": step,
                    "cost": number(progress.cost),
                    "bound": number(progress.bound),
                    "gap": number(progress.gap),
                }
            )

        return told

    def step(self, step: str) -> None:
        self.progress()(Progress(0.0, step, None, None))


Task = Mapping[str, Any]


def solve_task(task: Task, line: Line) -> None:
    """Solve a scenario: first the plan is kept, then it is told, then files for
    people are written."""
    folder = Path(task["folder"])
    instance = _wished(task)
    messages = [
        each.message
        for each in arithmetic_findings(instance)
        if each.severity == "error"
    ]
    start = _start(instance, task.get("start"), messages)
    result = solve(
        instance,
        gap=task["gap"],
        time_limit_s=task["time_limit_s"],
        threads=THREADS,
        start=start,
        on_progress=line.progress(),
        cancel=line.cancel,
    )
    with atomic_file(folder / "wish.json") as part:
        part.write_text(json.dumps(task["wish"], indent=2) + "\n", "utf-8")
    write_instance(instance, folder / WISHED)
    write_run(result, folder / RUN, instance=instance, command=COMMAND)
    if result.plan is not None:
        maps = plan_map(result.plan)
        for place, each in enumerate(maps.values()):
            write_json(folder / f"map-{place}.json.gz", each)
    write_json(folder / "result.json.gz", result_of(result, messages))
    line.say(
        {
            "event": "found",
            "status": result.status,
            "cost": number(result.cost),
            "bound": number(result.bound),
            "gap": number(result.gap),
            "verified": result.verified,
            "cancelled": line.cancel.is_set(),
        }
    )
    if result.plan is not None:
        write_files(result, folder, line)


def _wished(task: Task) -> Instance:
    instance = read_instance(task["instance"])
    return apply(instance, Wish.model_validate(task["wish"]))


def _start(instance: Instance, folder: str | None, messages: list[str]) -> Plan | None:
    """The plan of another scenario to begin from, where it can be had."""
    if folder is None:
        return None
    try:
        return read_plan(instance, folder, other_data=True)
    except InstanceError:
        messages.append("The plan it was to begin from does not fit it any more.")
        return None


def files_task(task: Task, line: Line) -> None:
    """Write what is missing of a scenario's files for people."""
    folder = Path(task["folder"])
    write_files(read_result(_wished(task), folder / RUN), folder, line)


def write_files(result: Result, folder: Path, line: Line) -> None:
    """GeoPackage, map, workbook and report beside the run, each on its own."""
    plan = result.plan
    assert plan is not None
    writers: dict[str, Callable[[Path], Any]] = {
        "plan.gpkg": lambda path: write_geopackage(plan, path, result=result),
        "plan.xlsx": lambda path: write_workbook(plan, path, result),
        "map.png": lambda path: _whole_map(result, plan, path),
        "report.html": lambda path: write_report(result, path, command=COMMAND),
    }
    for name, write in writers.items():
        if not (folder / name).exists():
            line.step(f"writing {name}")
            write(folder / name)


def _whole_map(result: Result, plan: Plan, path: Path) -> None:
    """Whoever waits for the picture takes it as soon as there is a file."""
    with atomic_file(path) as part:
        write_map(plan, part, result=result)


def explain_task(task: Task, line: Line) -> None:
    """Why a scenario has no plan, and ways out, each as a wish."""
    instance = read_instance(task["instance"])
    wish = Wish.model_validate(task["wish"])
    wished = apply(instance, wish)
    line.step("looking for what collides")
    found = explain(
        wished,
        cost=True,
        gap=task["gap"],
        time_limit_s=task["time_limit_s"],
        cancel=line.cancel,
    )
    line.step("writing it down")
    asked = asked_of(instance, wish)
    write_json(
        Path(task["folder"]) / "explanation.json.gz",
        {
            "infeasible": found.infeasible,
            "sentences": found.sentences(),
            "conflict": [
                member(each, asked)
                for conflict in found.conflicts[:1]
                for each in conflict.members
            ],
            "ways": [
                {
                    "label": "; ".join(said(step, asked) for step in way.steps),
                    "cost": number(way.cost),
                    "bound": number(way.bound),
                    "gap": _gap(way.cost, way.bound),
                    "status": way.status,
                    "wish": with_difference(
                        instance, wish, way.instance, wished
                    ).model_dump(mode="json", exclude_none=False),
                }
                for way in found.ways
            ],
        },
    )


def _gap(cost: float | None, bound: float | None) -> float | None:
    if cost is None or bound is None:
        return None
    return number(max(0.0, cost - bound) / max(abs(cost), 1e-9))


def price_task(task: Task, line: Line) -> None:
    """What each rule, each dimension and all rules of a scenario cost.

    time_limit_s of the task: of all solves; solve_s: of each. When the time is up,
    what is known is written, with the rules that were not come to.
    """
    timer = Timer(task["time_limit_s"], line.cancel.set)
    timer.daemon = True
    timer.start()
    instance = _wished(task)
    base = read_result(instance, Path(task["folder"]) / RUN)
    found = price(
        instance,
        base=base,
        gap=task["gap"],
        time_limit_s=task["solve_s"],
        threads=THREADS,
        on_case=lambda name: line.progress(f"without {name}"),
        cancel=line.cancel,
    )
    timer.cancel()
    priced = {each.name for each in found.prices if each.kind == "rule"}
    rules = [rule.id for rule in make_rules(instance)]
    write_json(
        Path(task["folder"]) / "prices.json.gz",
        {
            "money_words": money_words(instance.settings),
            "missing": [id for id in rules if id not in priced],
            "prices": [
                price_row(each)
                | {
                    "change": {
                        name: {
                            "label": INDICATORS[name].label,
                            "unit": INDICATORS[name].unit,
                            "value": number(value),
                        }
                        for name, value in each.change.items()
                    }
                }
                for each in found.prices
            ],
        },
    )


def take_in_task(task: Task, line: Line) -> None:
    """Check and read an uploaded file, and keep it in the form the server reads."""
    upload = Path(task["upload"])
    check_upload(upload, task["unpacked_bytes"])
    line.step("reading")
    instance = read_instance(upload)
    refuse_too_large(instance)
    take_in(instance, Path(task["folder"]), line)


def refuse_too_large(instance: Instance) -> None:
    """The server keeps tables in memory to check wishes against: within limits.

    Raises InstanceError for more than MOST_ROWS rows in all.
    """
    rows = {name: len(table) for name, table in instance.tables.items()}
    if sum(rows.values()) > MOST_ROWS:
        longest = max(rows, key=lambda name: rows[name])
        expected = f"at most {MOST_ROWS:,} rows in all tables together"
        read = f"{sum(rows.values()):,}, most of them in {longest}"
        raise InstanceError([Fault(longest, None, "", read, expected)])


def take_in(instance: Instance, folder: Path, line: Line | None = None) -> str:
    """Keep an instance as folders of tables, with what the page shows of it.

    Gives its SHA-256. Raises InstanceError for rules that cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    show(instance, folder)
    write_instance(instance, folder / "tables")
    sha256 = instance_hash(instance)
    if line is not None:
        line.say({"event": "found", "sha256": sha256})
    return sha256


def show(instance: Instance, folder: Path) -> None:
    """Write what the page shows of an instance, and which dmopt made it so.

    Raises InstanceError for rules that cannot be read.
    """
    rules = {"": rules_of(instance, None)}
    rules |= {model: rules_of(instance, model) for model in MODELS}
    about, shown = facts(instance), map_of(instance)
    write_json(folder / "rules.json.gz", rules)
    write_json(folder / "map.json.gz", shown)
    write_json(folder / "facts.json.gz", about)
    write_json(folder / SHOWN_BY, SHOWN)


def write_json(path: Path, content: Any) -> None:
    """A JSON file, packed; whole or not at all."""
    text = json.dumps(plain(content), allow_nan=False, ensure_ascii=False)
    with atomic_file(path) as part:
        part.write_bytes(gzip.compress(text.encode("utf-8"), 6, mtime=0))


TASKS: dict[str, Callable[[Task, Line], None]] = {
    "solve": solve_task,
    "files": files_task,
    "explain": explain_task,
    "price": price_task,
    "take in": take_in_task,
}
