"""What a child process does for the server (work.py starts it): one function a task.

Each gets the task as plain data, a way to say how far it is, and an event that asks
it to stop early with what it has. Files are written whole or not at all.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Timer

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.errors import Fault, InstanceError
from dmopt.explaining.conflict import explain
from dmopt.explaining.price import price
from dmopt.explaining.words import number, price_row
from dmopt.models import MODELS
from dmopt.plan.called import INDICATORS
from dmopt.rules import make_rules
from dmopt.runs import read_result
from dmopt.runs.fingerprint import instance_hash
from dmopt.studies.difference import with_difference
from dmopt.studies.whatif import Wish, apply
from dmopt.web.asked import asked_of, member, said
from dmopt.web.facts import facts, map_of, rules_of
from dmopt.web.library import SHOWN, SHOWN_BY
from dmopt.web.line import Line, Task, wished, write_json
from dmopt.web.names import RUN
from dmopt.web.plans import THREADS, files_task, solve_task
from dmopt.web.studies import frontier_task, stress_task
from dmopt.web.uploads import check_upload
from dmopt.web.words import money_words

MOST_ROWS = 300_000
"""Rows of an uploaded instance: three times those of 35,000 zones with a product."""


def explain_task(task: Task, line: Line) -> None:
    """Why a scenario has no plan, and ways out, each as a wish."""
    instance = read_instance(task["instance"])
    wish = Wish.model_validate(task["wish"])
    asked_for = apply(instance, wish)
    line.step("looking for what collides")
    found = explain(
        asked_for,
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
                        instance, wish, way.instance, asked_for
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
    instance = wished(task)
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


TASKS: dict[str, Callable[[Task, Line], None]] = {
    "solve": solve_task,
    "files": files_task,
    "explain": explain_task,
    "price": price_task,
    "stress": stress_task,
    "frontier": frontier_task,
    "take in": take_in_task,
}
