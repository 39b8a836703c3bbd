"""The desk behind the routes: scenarios and questions taken, run, kept, thrown away."""

import json
import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from dmopt.web.config import Config
from dmopt.web.jobs import Event, Job, Jobs
from dmopt.web.library import Library, folder_bytes, now
from dmopt.web.names import RUN, SHOWN, clear_shown
from dmopt.web.store import UNFINISHED, Row, Store

MB = 1_000_000
LEAST_FREE_MB = 500
FILES = ("plan.gpkg", "plan.xlsx", "report.html", "map.png")
FILES_S = 180.0
"""Time to write the files of one plan."""


class Full(Exception):
    """A user has no room left; says for what."""


class Desk:
    """One server's scenarios. Every method may be called from any thread."""

    def __init__(self, config: Config) -> None:
        self.config = config
        data = config.data
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = Store(data / "history.sqlite")
        self.library = Library(data / "instances", self.store)
        self.library.clear_parts()
        self.library.show_anew()
        self._runs = data / "scenarios"
        self._runs.mkdir(exist_ok=True)
        self.uploads = data / "uploads"
        shutil.rmtree(self.uploads, ignore_errors=True)  # of a killed server
        self.uploads.mkdir(mode=0o700)
        self._log_lock, self._files_lock = Lock(), Lock()
        self.file_errors: dict[str, str] = {}
        for folder in self._runs.iterdir():
            clear_shown(folder)
        self.interrupted = self.store.mark_interrupted()
        self.jobs = Jobs(config.limits, data / "work.log")

    def close(self) -> None:
        """Stop what runs, at once, and say so in the history."""
        if self.jobs.closed:
            return
        self.jobs.close()
        self.store.mark_interrupted()
        self.store.close()

    def note(
        self, user: str, client: str, action: str, subject: str = "", detail: str = ""
    ) -> None:
        """One entry of the log: who, from where, what. No secrets, no free text."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = {
            "at": at,
            "user": user,
            "client": client,
            "action": action,
            "subject": subject,
            "detail": detail,
        }
        with self._log_lock, (self.config.data / "log.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def folder(self, scenario: str) -> Path:
        return self._runs / scenario

    # scenarios

    def refuse_if_full(self, user: str) -> None:
        """Raise Full where a user may keep no more."""
        limits, mine = self.config.limits, self.store.scenarios(user)
        if len(mine) >= limits.scenarios:
            raise Full(
                f"You keep {len(mine)} scenarios, the most there may be: delete some."
            )
        used = sum(folder_bytes(self.folder(row["id"])) for row in mine)
        used += sum(
            folder_bytes(self.library.folder(row["id"]))
            for row in self.store.instances()
            if row["owner"] == user
        )
        if used > limits.disk_mb * MB:
            raise Full(
                f"Your scenarios and uploads take {used / MB:,.0f} MB of the "
                f"{limits.disk_mb:,.0f} MB there are for you: delete some."
            )
        if shutil.disk_usage(self.config.data).free < LEAST_FREE_MB * MB:
            raise Full("The server's disk is nearly full: tell whoever runs it.")

    def begin(
        self,
        user: str,
        *,
        instance: str,
        name: str,
        wish: Mapping[str, Any],
        gap: float,
        time_limit_s: float,
        parent: str | None,
    ) -> str:
        """Take a scenario and queue its solve; gives its id.

        Raises Full, and TooMany where the queue is full: nothing is kept then.
        """
        self.jobs.refuse_if_full(user)
        self.refuse_if_full(user)
        id = secrets.token_hex(8)
        self.folder(id).mkdir()
        self.store.add_scenario(
            {
                "id": id,
                "owner": user,
                "instance": instance,
                "name": name,
                "created": now(),
                "state": "waiting",
                "wish": wish,
                "asked_gap": gap,
                "time_limit_s": time_limit_s,
                "parent": parent,
            }
        )
        start = None if parent is None else self._start(parent, user)
        task = self.task(id, instance, wish, gap, time_limit_s)
        task |= {"task": "solve", "start": start}
        self.submit(id, user, task, self._on_solve, instance)
        return id

    def _start(self, parent: str, user: str) -> dict[str, Any] | None:
        """The run of another scenario, and what was wished in it."""
        run, row = self.folder(parent) / RUN, self.store.scenario(parent, user)
        there = row is not None and run.is_dir()
        return {"run": str(run), "wish": row["wish"]} if row and there else None

    def task(
        self,
        id: str,
        instance: str,
        wish: Mapping[str, Any],
        gap: float,
        time_limit_s: float,
    ) -> dict[str, Any]:
        """What every task of a scenario says."""
        return {
            "instance": str(self.library.tables(instance)),
            "folder": str(self.folder(id)),
            "wish": wish,
            "gap": gap,
            "time_limit_s": time_limit_s,
        }

    def submit(
        self,
        key: str,
        user: str,
        task: Mapping[str, Any],
        on_event: Any,
        instance: str | None = None,
        is_study: bool = False,
    ) -> Job:
        """Queue a job; instance: whose warm child is to do it. is_study: it leaves a
        place to plans."""
        limit = float(task["time_limit_s"]) + self.config.limits.grace_s
        job = Job(key, user, task, limit, on_event, instance, is_study)
        try:
            self.jobs.submit(job)
        except Exception:
            if task["task"] == "solve":
                self.store.delete_scenario(key)
                shutil.rmtree(self.folder(key), ignore_errors=True)
            raise
        return job

    def _on_solve(self, job: Job, event: Event) -> None:
        store, kind = self.store, event["event"]
        if kind == "started":
            store.update_scenario(job.key, state="running")
        elif kind == "found":
            kept = ("status", "cost", "bound", "gap", "verified")
            store.update_scenario(
                job.key,
                state="cancelled" if event["cancelled"] else "done",
                progress=job.progress or None,
                **{name: event[name] for name in kept},
            )
        elif kind == "shown":  # the one before may still be on its way to the page
            old = self.shown(job.key, event["number"] - 2)
            shutil.rmtree(old, ignore_errors=True)
        elif kind == "failed":
            store.update_scenario(job.key, faults=event["faults"])
        elif kind == "ended":
            if not job.found:
                state = "cancelled" if job.cancelled else "failed"
                store.update_scenario(job.key, state=state, error=event["error"])
            clear_shown(self.folder(job.key))

    def delete(self, id: str) -> None:
        """Stop what runs for it and remove all of it."""
        self.jobs.stop(id)
        self.store.delete_scenario(id)
        shutil.rmtree(self.folder(id), ignore_errors=True)
        self.file_errors.pop(id, None)

    def at_hand(self, row: Row) -> tuple[Path, int]:
        """Where figures and maps of a scenario are, and the number of the plan: those
        kept, with 0, or while it runs those shown last."""
        job = self.jobs.find(row["id"])
        if row["state"] in UNFINISHED and job is not None and job.shown:
            plan = int(job.shown["number"])
            return self.shown(row["id"], plan), plan
        return self.folder(row["id"]), 0

    def shown(self, id: str, plan: int) -> Path:
        """Where figures and maps of a plan shown on the way are, or were."""
        return self.folder(id) / f"{SHOWN}{plan}"

    # files

    def file(self, row: Row, name: str) -> Path | None:
        """A file of a scenario, None while it is being written: file_errors says
        if that failed. Asking again tries again."""
        id = row["id"]
        path, key = self.folder(id) / name, f"{id}/files"

        def on_event(job: Job, event: Event) -> None:
            if event["event"] == "ended" and event["error"] is not None:
                self.file_errors[id] = event["error"]

        with self._files_lock:
            if path.exists():
                return path
            if self.jobs.find(key) is None:
                self.file_errors.pop(id, None)
                task = self.task(
                    id, row["instance"], row["wish"], row["asked_gap"], FILES_S
                )
                task |= {"task": "files", "first": name}
                self.submit(key, row["owner"], task, on_event)
        return None
