"""Looking for runs in folders: where they are, and what an index keeps of each."""

import os
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from dmopt.errors import InstanceError
from dmopt.runs.write import PLAN_JSON
from dmopt.sweeps.outcome import MISSING, read_outcome
from dmopt.sweeps.store import FAILURE_JSON, MEMBERS, SWEEP_JSON, open_store

OF_OUTCOME = (
    *("instance", "sha256", "status", "cost", "bound", "gap"),
    *("seconds", "written", "version"),
)
DEPTH = 3
"""Folders one in another, below the first, in which runs are looked for."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """A folder with a run, or of a member.

    stamp: when its file was written, nanoseconds of the file system. sweep: the folder
    of the sweep it belongs to, or None.
    """

    folder: Path
    stamp: int
    sweep: Path | None = None


def runs_below(
    top: Path, depth: int = DEPTH, sweep: Path | None = None
) -> Iterator[Found]:
    """Every run in a folder, those of sweeps too. Hidden folders are left aside: what
    is being written is in one. Folders that cannot be read have none.

    sweep: where `top` is a member's, the folder of its sweep.
    """
    found = _found(top, sweep)
    if found is not None:
        yield found
    elif (top / SWEEP_JSON).is_file():
        members = (_found(each, top) for each in _folders(top / MEMBERS))
        yield from (each for each in members if each is not None)
    elif depth:
        for folder in _folders(top):
            yield from runs_below(folder, depth - 1)


def _folders(top: Path) -> list[Path]:
    try:
        with os.scandir(top) as entries:
            names = [e.name for e in entries if e.is_dir() and e.name[0] != "."]
    except OSError:
        return []
    return [top / name for name in sorted(names)]


def _found(folder: Path, sweep: Path | None) -> Found | None:
    for name in (PLAN_JSON, FAILURE_JSON):
        try:
            return Found(folder, (folder / name).stat().st_mtime_ns, sweep)
        except OSError:
            continue
    return None


def rows_of(
    found: Iterable[Found], runs: Path, model: str | None = None
) -> Iterator[Row]:
    """What an index keeps of each run.

    runs: the folder that names are relative to. model: production model of members,
    where it is known; else it is read from their sweep.
    """
    models = cache(_models)
    for each in found:
        outcome = read_outcome(each.folder)
        if outcome.status == MISSING:
            continue
        name = each.folder.name
        if each.sweep is None:
            sweep, member, produced = "", "", _model_asked(outcome.command)
        else:
            sweep, member = each.sweep.relative_to(runs).as_posix(), name
            produced = models(each.sweep).get(name, "") if model is None else model
        yield {
            "folder": each.folder.relative_to(runs).as_posix(),
            "sweep": sweep,
            "member": member,
            "model": produced,
            **{name: getattr(outcome, name) for name in OF_OUTCOME},
            "stamp": each.stamp,
        }


def _models(sweep: Path) -> dict[str, str]:
    """Production model of each member of a sweep that names one."""
    try:
        members = open_store(sweep).members
    except InstanceError:
        return {}
    return {member.name: member.wish.model or "" for member in members}


def _model_asked(command: str) -> str:
    """The production model that a command names, "" where it names none."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    for word, after in pairwise([*words, ""]):
        if word == "--model":
            return after
        if word.startswith("--model="):
            return word.partition("=")[2]
    return ""
