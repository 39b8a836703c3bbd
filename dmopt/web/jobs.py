"""Work outside the requests: child processes from a queue, capped and stoppable.

Each job is one task for a child (work.py). At most `solves` run at once; those that
wait are taken so that nobody's work stands behind all of another's. A job about an
instance goes to the child that is warm with it (children.py).
"""

import json
import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dmopt.web.children import Child, Children
from dmopt.web.config import Limits

LATE_S = 30.0
"""Time after a cancel to come to an end."""
SOON_S = 2.0
"""Time that a job gets to end by itself before its child is killed for it."""

KILLED = tuple(
    -getattr(signal, name)
    for name in ("SIGSEGV", "SIGABRT", "SIGKILL")
    if hasattr(signal, name)  # Windows has no SIGKILL
)
"""Exit codes of a child that ended for want of memory."""
FAULT = "The server failed at it; the server's own log says more."
LOG = logging.getLogger("dmopt.web")

Event = Mapping[str, Any]


class TooMany(Exception):
    """The queue takes no more; says why."""


@dataclass
class Job:
    """One task. on_event: told of what the child finds and shows, then once of the end:
    an event "ended" with the error, or None. limit_s: time before it is killed.
    instance: whose warm child does it; None: a child of its own. is_study: takes long
    and nobody looks on: it leaves a place to plans."""

    key: str
    user: str
    task: Mapping[str, Any]
    limit_s: float
    on_event: Callable[["Job", Event], None]
    instance: str | None = None
    is_study: bool = False
    state: str = "waiting"
    told: list[Event] = field(default_factory=list)
    cancelled: bool = False
    child: Child | None = None
    failed: Event | None = None
    found: bool = False
    shown: Event = field(default_factory=dict)
    news: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def progress(self) -> Event:
        """What it told last of how far it is; empty: nothing yet."""
        return self.told[-1] if self.told else {}


class Jobs:
    """The queue and what runs. Every method may be called from any thread."""

    def __init__(self, limits: Limits, log: Path) -> None:
        self._limits = limits
        self.children = Children(limits, log)
        self._lock = threading.RLock()
        self._waiting: list[Job] = []
        self._running: list[Job] = []
        self.closed = False

    def submit(self, job: Job) -> None:
        """Queue a job. Raises TooMany where the queue is full."""
        with self._lock:
            self.refuse_if_full(job.user)
            self._waiting.append(job)
            self._next()

    def refuse_if_full(self, user: str) -> None:
        """Raise TooMany where a job of this user would not be taken."""
        limits = self._limits
        with self._lock:
            if self.closed:
                raise TooMany("The server is about to stop.")
            if len(self._waiting) >= limits.waiting:
                raise TooMany(
                    "Many people are planning: try again when the queue is shorter."
                )
            mine = sum(job.user == user for job in [*self._waiting, *self._running])
            if mine >= limits.waiting_each:
                raise TooMany(
                    f"{mine} of your plans run or wait already: "
                    "let one end, or stop it."
                )

    def find(self, key: str) -> Job | None:
        """A job that waits or runs."""
        with self._lock:
            both = [*self._running, *self._waiting]
            return next((job for job in both if job.key == key), None)

    def cancel(self, key: str) -> bool:
        """Ask a job to stop with what it has; one that waits ends at once."""
        with self._lock:
            job = self.find(key)
            if job is None:
                return False
            job.cancelled = True
            if job in self._waiting:
                self._waiting.remove(job)
                waited = True
            else:
                waited = False
                if job.child is not None:
                    job.child.cancel()
                self._after(LATE_S, job)
        if waited:
            _end(job, "Stopped before it began.")
        return True

    def stop(self, prefix: str) -> None:
        """End jobs whose key begins so, soon, and wait until they are gone."""
        with self._lock:
            mine = [
                job
                for job in [*self._waiting, *self._running]
                if job.key == prefix or job.key.startswith(f"{prefix}/")
            ]
        for job in mine:
            self.cancel(job.key)
        for job in mine:
            if not job.ended.wait(SOON_S):
                self._kill(job)
            job.ended.wait(10)

    def close(self) -> None:
        """End everything at once."""
        with self._lock:
            self.closed = True
            waiting, self._waiting = self._waiting, []
            running = list(self._running)
        self.children.close()
        for job in running:
            self._kill(job)
        for job in waiting:
            job.ended.set()

    def _next(self) -> None:
        """Start what there is room for: first of who has least running."""
        while len(self._running) < self._limits.solves:
            runs = Counter(job.user for job in self._running)
            able = [
                job
                for job in self._waiting
                if not (self._is_awaited(job.instance) or self._leaves_a_place(job))
            ]
            if not able:
                return
            job = min(able, key=lambda each: runs[each.user])
            self._waiting.remove(job)
            self._running.append(job)
            job.state = "running"
            threading.Thread(target=self._run, args=(job,), daemon=True).start()

    def _is_awaited(self, instance: str | None) -> bool:
        """Whether a warm child of an instance is about to be free: cancelled."""
        ending = any(r.cancelled and r.instance == instance for r in self._running)
        return instance is not None and ending and not self.children.has_idle(instance)

    def _leaves_a_place(self, job: Job) -> bool:
        """Whether a study waits though there is a place: the last one is for plans."""
        studies = sum(each.is_study for each in self._running)
        return job.is_study and studies >= max(1, self._limits.solves - 1)

    def _run(self, job: Job) -> None:
        """A job from its start to its end; its place is free again whatever fails."""
        error: str | None = FAULT
        try:
            error = self._worked(job)
        except OSError as problem:
            error = f"It could not be started: {problem.strerror}."
        finally:
            with self._lock:
                self._running.remove(job)
            if self.closed:
                job.ended.set()
            else:
                _end(job, error)
                with self._lock:
                    self._next()
        self.children.warm_up()

    def _worked(self, job: Job) -> str | None:
        """Run one task to its end; gives what went wrong, in a sentence."""
        _notify(job, {"event": "started"})
        child = self.children.take(job.instance, job.user)
        overdue = threading.Event()
        timer = threading.Timer(job.limit_s, self._overdue, [job, overdue])
        timer.daemon = True
        timer.start()
        stays = False
        try:
            child.begin({**job.task, "memory_gb": self._limits.memory_gb})
            with self._lock:
                job.child = child
                if self.closed:
                    child.kill()
                if job.cancelled:
                    child.cancel()
            rested = self._listened(job, child)
            stays = rested is not None and bool(rested["stays"])
        finally:
            timer.cancel()
            with self._lock:  # whoever comes late must not end it in its next task
                job.child = None
            self.children.give_back(child, stays=stays)
        if job.failed is not None:
            return str(job.failed["error"])
        if rested is not None or child.process.returncode == 0:
            return None
        return self._why(child.process.returncode, overdue.is_set(), job)

    def _listened(self, job: Job, child: Child) -> Event | None:
        """Hear a child until it rests, and what it says then; None if it ended."""
        for line in child.lines():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # cut off in the middle: the child was killed
            if event["event"] == "rest":
                return dict(event)
            self._heard(job, event)
        child.process.wait()
        return None

    def _heard(self, job: Job, event: Event) -> None:
        if event["event"] == "progress":
            job.told.append({k: v for k, v in event.items() if k != "event"})
        elif event["event"] == "shown":
            job.shown = event
            _notify(job, event)
        elif event["event"] == "failed":
            job.failed = event
            _notify(job, event)
        else:
            job.found = True
            if not _notify(job, event):
                job.found, job.failed = False, {"event": "failed", "error": FAULT}
        job.news += 1

    def _why(self, code: int, overdue: bool, job: Job) -> str:
        if overdue:
            return (
                f"It was stopped after {job.limit_s:,.0f} s: it had not come to an end."
            )
        if job.cancelled:
            return "It was stopped before a plan was kept."
        if code in KILLED:
            most = self._limits.memory_gb
            return (
                f"It ended without an answer, most likely for want of memory: it may "
                f"use {most:g} GB."
            )
        return "It ended without an answer; the server's log says more."

    def _overdue(self, job: Job, overdue: threading.Event) -> None:
        overdue.set()
        self._kill(job)

    def _after(self, seconds: float, job: Job) -> None:
        """Kill a job's child then, unless its plan was told or it has ended."""

        def late() -> None:
            if not job.found:
                self._kill(job)

        timer = threading.Timer(seconds, late)
        timer.daemon = True
        timer.start()

    def _kill(self, job: Job) -> None:
        with self._lock:
            if job.child is not None:
                job.child.kill()


def _end(job: Job, error: str | None) -> None:
    _notify(job, {"event": "ended", "error": error})
    job.ended.set()


def _notify(job: Job, event: Event) -> bool:
    """Tell a job's listener; whether it took it. What it fails at (a full disk, a
    locked database) is logged, and costs nobody else their turn."""
    try:
        job.on_event(job, event)
    except Exception:
        LOG.exception("job %s: %r was not noted", job.key, event["event"])
        return False
    return True
