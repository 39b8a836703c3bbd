"""The plan beside others: other runs, and what `dmopt compare` solved."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dmopt.data.instance import Instance, Settings
from dmopt.errors import Fault, InstanceError
from dmopt.explaining.words import amount
from dmopt.plan.called import INDICATORS
from dmopt.report.measures import MEASURES, measured
from dmopt.report.option import Option, other_tables
from dmopt.report.table import NONE, Table
from dmopt.runs import instance_hash
from dmopt.runs.study import STUDY_JSON
from dmopt.runs.words import PROVEN_OPTIMAL_GAP, badge, percent_above


@dataclass(frozen=True)
class Column:
    """One option of the table: name, how firm, cost and bound (None: none),
    indicators, and what must be said of it."""

    name: str
    badge: str
    cost: float | None
    bound: float | None
    indicators: Mapping[str, float]
    note: str = ""


def is_study(folder: str | Path) -> bool:
    """Whether a folder holds a study and not a run."""
    return (Path(folder) / STUDY_JSON).is_file()


def read_comparison(
    folder: str | Path, instances: Iterable[Instance]
) -> Mapping[str, Any]:
    """What `dmopt compare --out FOLDER` wrote.

    instances: of one of these it must be (the data under a model, and without it).
    Raises InstanceError where it is another study, or of other data.
    """
    path = Path(folder) / STUDY_JSON
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise _no_study(path, reason) from None
    if not isinstance(found, dict) or not isinstance(found.get("models"), list):
        raise _no_study(path, "it is another kind of study")
    known = list(instances)
    about = found.get("instance")
    made_of = about if isinstance(about, dict) else {"name": about}
    name = made_of.get("name")
    if made_of.get("sha256") not in {instance_hash(each) for each in known}:
        fault = Fault(
            str(path),
            read=f"a comparison of {name!r}",
            expected=f"one made of the data of {known[0].name!r} as they are now",
        )
        raise InstanceError([fault])
    return found


def _no_study(path: Path, reason: str) -> InstanceError:
    expected = "what `dmopt compare INSTANCE --out FOLDER` wrote"
    return InstanceError([Fault(str(path), expected=expected, hint=reason)])


def columns_of_runs(options: Sequence[Option]) -> list[Column]:
    """A column for each run; where data differ from the first, it is said."""
    found = []
    for option in options:
        others = other_tables(options[0].instance, option.instance)
        note = f"other data: {', '.join(others)}" if others else ""
        result = option.result
        found.append(
            Column(
                option.name,
                badge(result),
                result.cost,
                result.bound,
                {str(k): float(v) for k, v in option.indicators.items()},
                note,
            )
        )
    return found


def columns_of_study(found: Mapping[str, Any], place: str) -> list[Column]:
    """A column for each way to produce. Raises InstanceError where they cannot be
    read."""
    try:
        return [_of_model(model) for model in found["models"]]
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise _no_study(Path(place), reason) from None


def _of_model(model: Mapping[str, Any]) -> Column:
    cost, bound = _number(model["cost"]), _number(model["bound"])
    indicators = {str(k): _number(v) for k, v in model["indicators"].items()}
    return Column(
        str(model["label"]),
        _badge(str(model["status"]), _number(model["gap"])),
        cost,
        bound,
        {k: v for k, v in indicators.items() if v is not None},
        "rules reconstructed" if is_reconstructed(model) else "",
    )


def is_reconstructed(model: Mapping[str, Any]) -> bool:
    """Whether a model of a study has rules that are in our words."""
    return model["model"] != "free" and model.get("rules_status") == "reconstructed"


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _badge(status: str, gap: float | None) -> str:
    """As `runs.words.badge` says it, of what a study keeps of a result."""
    if status == "infeasible":
        return "no plan exists (proven)"
    if status == "no_plan_found":
        return "no plan found in the time given"
    if gap is None:
        return "feasible, not proven"
    if gap <= PROVEN_OPTIMAL_GAP:
        return "proven optimal"
    word = "proven within" if status == "optimal" else "feasible, gap"
    return f"{word} {percent_above(gap)}"


def options_table(columns: Sequence[Column], settings: Settings) -> Table:
    """Options side by side: the first is the plan, the others are held against it."""
    over = "present value" if settings.money == "discounted" else "a year"

    def money(value: float | None) -> str:
        return NONE if value is None else amount(value, settings)

    rows = [
        ["How firm", *(column.badge for column in columns)],
        [f"Cost, {over}", *(money(column.cost) for column in columns)],
        [f"No plan costs less, {over}", *(money(column.bound) for column in columns)],
        ["Cost against this plan", *_against(columns, settings)],
    ]
    for name in MEASURES:
        values = [column.indicators.get(name) for column in columns]
        if any(value is not None and not math.isnan(value) for value in values):
            says = [measured(name, value, settings) for value in values]
            rows.append([INDICATORS[name].heading, *says])
    if any(column.note for column in columns):
        rows.append(["Note", *(column.note for column in columns)])
    head = ["", *(column.name for column in columns)]
    return Table(
        "This plan and the others",
        head,
        rows,
        note="Demand, money and people are the same in all of them. "
        f"{NONE}: not counted, or no plan.",
    )


def _against(columns: Sequence[Column], settings: Settings) -> list[str]:
    return [
        NONE,
        *(
            difference(columns[0], column, settings) if column.cost is not None else ""
            for column in columns[1:]
        ),
    ]


def difference(mine: Column, other: Column, settings: Settings) -> str:
    """What another option costs more or less, and whether that is certain: that the
    gaps leave no room for the contrary."""
    if mine.cost is None or other.cost is None:
        return NONE
    more = other.cost - mine.cost
    if abs(more) <= 1e-9 * max(abs(mine.cost), abs(other.cost), 1.0):
        return "the same"
    word = "more" if more > 0 else "less"
    dearer, cheaper = (other, mine) if more > 0 else (mine, other)
    sure = (
        dearer.bound is not None
        and cheaper.cost is not None
        and (dearer.bound > cheaper.cost)
    )
    firmly = "" if sure else " (not certain: within the gaps)"
    return f"{amount(abs(more), settings)} {word}{firmly}"
