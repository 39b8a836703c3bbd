"""What became of a run: read from its folder, one row each."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dmopt.runs.write import PLAN_JSON
from dmopt.sweeps.member import Member
from dmopt.sweeps.store import FAILURE_JSON, Store

MISSING = "not run"
FAILED, INFEASIBLE = "failed", "infeasible"


@dataclass(frozen=True)
class Outcome:
    """One run, or one member of a sweep.

    status: of its result (solving/result.py); "failed" where the program or the machine
    did, or what was written is damaged; "not run" where there is nothing yet. cost,
    bound: money of the instance, or None. gap: relative. seconds: wall time of the
    solve. written: UTC. version: of dmopt. command: what the user typed. message: why
    there is no plan, in sentences.
    """

    folder: Path
    status: str
    instance: str = ""
    sha256: str = ""
    cost: float | None = None
    bound: float | None = None
    gap: float | None = None
    seconds: float | None = None
    written: str = ""
    version: str = ""
    command: str = ""
    message: str = ""

    @property
    def has_plan(self) -> bool:
        return self.cost is not None


def read_outcome(folder: Path) -> Outcome:
    """What is in a run's or a member's folder: "not run" where that is nothing,
    "failed" where it cannot be read."""
    for name, understood in ((PLAN_JSON, _of_run), (FAILURE_JSON, _of_failure)):
        try:
            content = json.loads((folder / name).read_text(encoding="utf-8"))
            return understood(folder, content)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Outcome(folder, FAILED, message=f"{name} cannot be read")
    return Outcome(folder, MISSING)


def _of_run(folder: Path, about: dict[str, Any]) -> Outcome:
    made = about["manifest"]
    return Outcome(
        folder,
        str(about["status"]),
        instance=str(made["instance"]["name"]),
        sha256=str(made["instance"]["sha256"]),
        cost=_number(about["cost"]),
        bound=_number(about["bound"]),
        gap=_number(about["gap"]),
        seconds=_number(made["seconds"]),
        written=str(made["written"]),
        version=str(made["versions"]["dmopt"] or ""),
        command=str(made["command"]),
    )


def _of_failure(folder: Path, about: dict[str, Any]) -> Outcome:
    return Outcome(
        folder,
        str(about["status"]),
        instance=str(about["instance"]["name"]),
        seconds=_number(about.get("seconds")),
        written=str(about["written"]),
        version=str(about["versions"]["dmopt"] or ""),
        message=str(about["message"]),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def outcomes(store: Store) -> list[Outcome]:
    """One for each member, in their order."""
    return [read_outcome(store.at(member.name)) for member in store.members]


def outcome_table(store: Store, found: Sequence[Outcome]) -> pd.DataFrame:
    """One row a member, in their order: member, what it asks for (a column each, where
    any member asks for it), seed, then status, cost, bound (money), gap (share),
    seconds, message."""
    told = [_told(member) for member in store.members]
    columns = list(dict.fromkeys(name for row in told for name in row))
    wanted = ("status", "cost", "bound", "gap", "seconds", "message")
    rows = [
        {"member": member.name}
        | {name: row.get(name) for name in columns}
        | {"seed": member.seed}
        | {name: asdict(one)[name] for name in wanted}
        for member, row, one in zip(store.members, told, found, strict=True)
    ]
    return pd.DataFrame(rows, columns=["member", *columns, "seed", *wanted])


def _told(member: Member) -> dict[str, Any]:
    """What a member asks for, one cell for each thing, as its table had it."""
    return dict(_cells(member))


def _cells(member: Member) -> Iterator[tuple[str, Any]]:
    wish = member.wish
    if wish.model is not None:
        yield "model", wish.model
    yield from wish.knobs.items()
    for name, texts in (
        ("rules", wish.rules.add),
        ("set", wish.rules.change),
        ("off", wish.rules.off),
        ("on", wish.rules.on),
        ("open", [site for site, how in wish.sites.items() if how == "open"]),
        ("shut", [site for site, how in wish.sites.items() if how == "shut"]),
    ):
        if texts:
            yield name, " | ".join(texts)
    for name, limit in wish.budget:
        if limit is not None:
            yield name, str(limit) if isinstance(limit, dict) else limit
    if wish.changes:
        yield "changes", len(wish.changes)
