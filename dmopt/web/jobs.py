"""Work outside the requests: child processes from a queue, capped and stoppable.

Each job is one task for a child (work.py). At most `solves` run at once; those that
wait are taken so that nobody's work stands behind all of another's. One child is kept
ready, so that a solve begins at once and not after the imports.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dmopt.web.config import Limits

SECRETS = ("DMOPT_PASSWORD", "DMOPT_TOKEN")
ENOUGH = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Threads of libraries take address space that the limit counts."""
LATE_S = 30.0
"""Time after a cancel to come to an end."""

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
    """One task. on_event: told of each line of the child, then once of the end: an
    event "ended" with the error, or None. limit_s: time before it is killed."""

    key: str
    user: str
    task: Mapping[str, Any]
    limit_s: float
    on_event: Callable[["Job", Event], None]
    state: str = "waiting"
    progress: Event = field(default_factory=dict)
    cancelled: bool = False
    process: subprocess.Popen[str] | None = None
    failed: Event | None = None
    found: bool = False
    ended: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """The queue and what runs. Every method may be called from any thread."""

    def __init__(self, limits: Limits, log: Path) -> None:
        self._limits, self._log = limits, log
        self._lock = threading.RLock()
        self._waiting: list[Job] = []
        self._running: list[Job] = []
        self._spare: subprocess.Popen[str] | None = None
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
                _tell(job.process, "cancel")
                _after(LATE_S, job)
        if waited:
            _end(job, "Stopped before it began.")
        return True

    def stop(self, prefix: str) -> None:
        """End jobs whose key begins so at once, and wait until they are gone."""
        with self._lock:
            mine = [
                job
                for job in [*self._waiting, *self._running]
                if job.key == prefix or job.key.startswith(f"{prefix}/")
            ]
        for job in mine:
            if self.cancel(job.key):
                _kill(job.process)
            job.ended.wait(10)

    def close(self) -> None:
        """End everything at once."""
        with self._lock:
            self.closed = True
            waiting, self._waiting = self._waiting, []
            running = list(self._running)
            if self._spare is not None:
                _kill(self._spare)
        for job in running:
            _kill(job.process)
        for job in waiting:
            job.ended.set()

    def _next(self) -> None:
        """Start what there is room for: first of who has least running."""
        while len(self._running) < self._limits.solves and self._waiting:
            runs = Counter(job.user for job in self._running)
            job = min(self._waiting, key=lambda each: runs[each.user])
            self._waiting.remove(job)
            self._running.append(job)
            job.state = "running"
            threading.Thread(target=self._run, args=(job,), daemon=True).start()

    def warm_up(self) -> None:
        """Have a child ready."""
        with self._lock:
            ready = self._spare is not None and self._spare.poll() is None
            if ready or self.closed or not self._limits.spare:
                return
            self._spare = self._start()

    def _take(self) -> subprocess.Popen[str]:
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare.poll() is None:
            return spare
        return self._start()

    def _start(self) -> subprocess.Popen[str]:
        given = {k: v for k, v in os.environ.items() if k not in SECRETS}
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dmopt.web.work"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=given | ENOUGH,
                text=True,
                encoding="utf-8",
                # Ctrl-C in the server's terminal is for the server alone
                start_new_session=os.name == "posix",
            )

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
        self.warm_up()

    def _worked(self, job: Job) -> str | None:
        """Run one child to its end; gives what went wrong, in a sentence."""
        _notify(job, {"event": "started"})
        process = job.process = self._take()
        overdue = threading.Event()
        timer = threading.Timer(job.limit_s, _overdue, [process, overdue])
        timer.daemon = True
        timer.start()
        try:
            _tell(
                process,
                json.dumps({**job.task, "memory_gb": self._limits.memory_gb}),
            )
            if job.cancelled:
                _tell(process, "cancel")
            assert process.stdout is not None
            for line in process.stdout:
                self._heard(job, line)
            code = process.wait()
        finally:
            timer.cancel()
            _kill(process)
        if job.failed is not None:
            return str(job.failed["error"])
        if code == 0:
            return None
        return self._why(code, overdue.is_set(), job)

    def _heard(self, job: Job, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return  # cut off in the middle: the child was killed
        if event["event"] == "progress":
            if job.found:
                return  # what is told of is files being written
            job.progress = {k: v for k, v in event.items() if k != "event"}
        elif event["event"] == "failed":
            job.failed = event
            _notify(job, event)
        else:
            job.found = True
            if not _notify(job, event):
                job.found, job.failed = False, {"event": "failed", "error": FAULT}

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


def _overdue(process: subprocess.Popen[str], overdue: threading.Event) -> None:
    overdue.set()
    _kill(process)


def _after(seconds: float, job: Job) -> None:
    timer = threading.Timer(seconds, lambda: _kill_unless_found(job))
    timer.daemon = True
    timer.start()


def _kill_unless_found(job: Job) -> None:
    """A plan that was told is kept; what still writes its files may end by itself."""
    if not job.found:
        _kill(job.process)


def _tell(process: subprocess.Popen[str] | None, line: str) -> None:
    if process is None or process.stdin is None:
        return
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    except (OSError, ValueError):
        return  # it has ended; the reader of its answers says so


def _kill(process: subprocess.Popen[str] | None) -> None:
    if process is not None and process.poll() is None:
        process.kill()
