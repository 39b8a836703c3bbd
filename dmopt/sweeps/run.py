"""Running a sweep: what is missing of it is run, what is there is left as it is."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal

import pandas as pd

from dmopt.data.atomic import atomic_file
from dmopt.data.instance import Instance
from dmopt.errors import Fault, InstanceError
from dmopt.runs.plain import plain
from dmopt.runs.write import refuse_what_is_no_run
from dmopt.sweeps.cluster import DaskPool
from dmopt.sweeps.desk import write_failure
from dmopt.sweeps.execution import Pool, Told
from dmopt.sweeps.index import Index
from dmopt.sweeps.member import Member
from dmopt.sweeps.outcome import (
    FAILED,
    MISSING,
    Outcome,
    outcome_table,
    outcomes,
    read_outcome,
)
from dmopt.sweeps.pool import LocalPool
from dmopt.sweeps.store import SWEEP_CSV, Store, make_store, open_store

SHOWN = ("folder", "status", "cost", "bound", "gap", "seconds", "written", "message")
"""What an outcome tells in the object of a sweep."""
OnNews = Callable[["News"], None]
"""Told of each thing that happens, in the thread that runs the sweep."""


@dataclass(frozen=True)
class News:
    """Something happened to a member.

    what: "there" (was run before), "begun", "ended", or "lost": its worker died and it
    is begun again. total: members of the sweep. outcome: what is known of the member,
    once it is there or ended.
    """

    what: Literal["there", "begun", "ended", "lost"]
    member: Member
    total: int
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Sweep:
    """What is known of a sweep.

    outcomes: one for each member, in order. stopped: whether it was stopped before
    all were run; they run when it is asked for again.
    """

    store: Store
    outcomes: Sequence[Outcome]
    stopped: bool

    @property
    def folder(self) -> Path:
        return self.store.folder

    @property
    def table(self) -> pd.DataFrame:
        """One row a member (outcome.py)."""
        return outcome_table(self.store, self.outcomes)

    def as_object(self) -> dict[str, Any]:
        """All of it as values that JSON knows; members in order."""
        pairs = zip(self.store.members, self.outcomes, strict=True)
        return plain(
            {
                "folder": self.folder,
                "instance": self.store.about.instance_name,
                "stopped": self.stopped,
                "members": [
                    {"member": member.name}
                    | {name: getattr(outcome, name) for name in SHOWN}
                    for member, outcome in pairs
                ],
            }
        )


def run_sweep(
    instance: Instance,
    members: Sequence[Member],
    folder: str | Path,
    *,
    workers: int = 2,
    cluster: str | None = None,
    threads: int = 1,
    retry: bool = False,
    command: str = "",
    on_news: OnNews | None = None,
    stop: Event | None = None,
) -> Sweep:
    """Solve every member of a sweep, each into its own folder.

    folder: where; what is complete in it from before is not run again, and new members
    are added to those of before. workers: processes on this machine. cluster: address
    of a Dask scheduler, or "local:N", instead of them. threads: of each solve. retry:
    run members again that failed (not those without a plan: that is an answer).
    stop: set it from anywhere to end at once; what is complete stays.

    A member that fails, or has no plan, does not stop the rest. Raises InstanceError
    where the folder is of another sweep, a member's folder holds something else or the
    cluster cannot be had, OSError where runs cannot be written (a full disk); run
    again, it goes on from there.
    """
    if workers < 1:
        raise ValueError(f"workers = {workers}, expected 1 or more")
    store = make_store(instance, members, folder, threads=threads, command=command)
    return _run(store, workers, cluster, retry, on_news, stop)


def resume_sweep(
    folder: str | Path,
    *,
    workers: int = 2,
    cluster: str | None = None,
    retry: bool = False,
    on_news: OnNews | None = None,
    stop: Event | None = None,
) -> Sweep:
    """Run what is missing of the sweep in a folder; all it needs is there.

    Arguments and errors as of `run_sweep`; InstanceError too where the instance in the
    folder is not what it was.
    """
    if workers < 1:
        raise ValueError(f"workers = {workers}, expected 1 or more")
    store = open_store(folder)
    store.instance()
    return _run(store, workers, cluster, retry, on_news, stop)


def _run(
    store: Store,
    workers: int,
    cluster: str | None,
    retry: bool,
    on_news: OnNews | None,
    stop: Event | None,
) -> Sweep:
    tell = on_news or (lambda news: None)
    if retry:
        _forget_failures(store)
    missing, total = [], len(store.members)
    for member in store.members:
        if store.is_complete(member.name):
            known = read_outcome(store.at(member.name))
            tell(News("there", member, total, known))
        else:
            missing.append(member)
    _refuse_what_is_no_member(store, missing)
    pool: Pool
    pool = LocalPool(store, workers) if cluster is None else DaskPool(store, cluster)
    with Index(store.folder.resolve().parent) as index:
        if missing:
            for told in pool.run(missing, stop or Event()):
                outcome = _ended(store, told) if told.what == "ended" else None
                tell(News(told.what, told.member, total, outcome))
                if outcome is not None:
                    index.add(outcome.folder, model=told.member.wish.model or "")
        index.add(store.folder)
    return _put_together(store)


def _refuse_what_is_no_member(store: Store, missing: Sequence[Member]) -> None:
    """Raise InstanceError naming every folder of a missing member that holds anything:
    what it is nobody knows, so it is neither replaced nor left out."""
    faults = []
    for member in missing:
        folder = store.at(member.name)
        try:
            refuse_what_is_no_run(folder)
        except (FileExistsError, NotADirectoryError) as error:
            if not store.is_complete(member.name):  # unless it was run meanwhile
                expected = "nothing there, or the run of this member"
                hint = f"{error}; move it away"
                faults.append(Fault(str(folder), None, "", "", expected, hint))
    if faults:
        raise InstanceError(faults)


def _ended(store: Store, told: Told) -> Outcome:
    """What became of a member; written as failed where it killed its workers."""
    folder = store.at(told.member.name)
    if told.killed and not store.is_complete(told.member.name):
        said = {"status": FAILED, "message": told.killed}
        write_failure(folder, told.member, store.about.instance_name, said)
    return read_outcome(folder)


def _put_together(store: Store) -> Sweep:
    """What is known of all members, also as sweep.csv."""
    found = outcomes(store)
    sweep = Sweep(store, found, any(each.status == MISSING for each in found))
    with atomic_file(store.folder / SWEEP_CSV) as path:
        sweep.table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return sweep


def _forget_failures(store: Store) -> None:
    """Remove folders of members that failed, so that they are run again."""
    for member in store.members:
        folder = store.at(member.name)
        if read_outcome(folder).status == FAILED:
            shutil.rmtree(folder)
