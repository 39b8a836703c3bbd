"""Child processes of the server: one kept ready, and those with an instance kept warm.

    ready   its imports are done (work.py), so that work begins at once
    warm    has an instance in a session (studies/session.py): what it has solved before
            answers the next change of it in a moment

A warm child is for one instance. It is ended when it has been idle for some minutes,
when another instance needs its room, when it has grown large, and with the server.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dmopt.web.config import Limits

SECRETS = ("DMOPT_PASSWORD", "DMOPT_TOKEN")
ENOUGH = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Threads of libraries take address space that the limit counts."""
END_S = 10.0
"""Time for a killed child to be gone."""


class Child:
    """One process; one task after another.

    instance: id of the one it has a session of, or None. user: who had it last.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.instance: str | None = None
        self.user = ""
        self.leaves = False
        self._task = 0
        self._timer: threading.Timer | None = None

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def begin(self, task: Mapping[str, Any]) -> None:
        """Give it a task; the one before has ended."""
        self._task += 1
        self._say(json.dumps({**task, "number": self._task}))

    def cancel(self) -> None:
        """Ask it to end its task early, with what it has."""
        self._say(f"cancel {self._task}")

    def lines(self) -> Iterator[str]:
        """What it says, until it ends."""
        assert self.process.stdout is not None
        return iter(self.process.stdout)

    def kill(self) -> None:
        self.rest(None)
        if self.is_alive:
            self.process.kill()

    def rest(self, timer: threading.Timer | None) -> None:
        """Begin to wait, until `timer` ends it; None: it waits no longer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer
        if timer is not None:
            timer.daemon = True
            timer.start()

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            return  # it has ended; the reader of its answers says so


class Children:
    """All that wait for work, and the busy ones that are warm. Every method may be
    called from any thread."""

    def __init__(self, limits: Limits, log: Path) -> None:
        self._limits, self._log = limits, log
        self._lock = threading.RLock()
        self._ready: Child | None = None
        self._idle: list[Child] = []  # the longest idle first
        self._busy: list[Child] = []
        self._closed = False

    def take(self, instance: str | None, user: str) -> Child:
        """A child for one task of a user: a warm one of the instance where there is
        one, else a new one."""
        with self._lock:
            found = self._warm(instance, user)
            if found is None:
                found, self._ready = self._ready, None
        if found is None or not found.is_alive:
            found = self.start()
        with self._lock:
            found.instance, found.user = instance, user
            if instance is not None:
                self._busy.append(found)
                while self._idle and not self._has_room():
                    self._idle.pop(0).kill()
        return found

    def has_idle(self, instance: str) -> bool:
        """Whether a warm child of an instance waits for work."""
        with self._lock:
            return any(c.instance == instance and c.is_alive for c in self._idle)

    def give_back(self, child: Child, *, stays: bool) -> None:
        """After its task: a warm child waits for the next one, others end."""
        with self._lock:
            was_warm = child in self._busy
            kept = stays and was_warm and child.is_alive and not child.leaves
            kept = kept and self._has_room() and not self._closed
            if was_warm:
                self._busy.remove(child)
            if kept:
                self._idle.append(child)
                wait = self._limits.idle_s
                child.rest(threading.Timer(wait, self._end_idle, [child]))
        if not kept:
            child.kill()
            child.process.wait(END_S)

    def drop(self, instance: str) -> None:
        """Keep no child of an instance any longer."""
        with self._lock:
            for child in [c for c in self._idle if c.instance == instance]:
                self._idle.remove(child)
                child.kill()
            for child in self._busy:
                child.leaves = child.leaves or child.instance == instance

    def warm_up(self) -> None:
        """Have a child ready."""
        with self._lock:
            is_there = self._ready is not None and self._ready.is_alive
            if not (is_there or self._closed or not self._limits.spare):
                self._ready = self.start()

    def close(self) -> None:
        """End all that wait, at once."""
        with self._lock:
            self._closed = True
            waiting, self._idle = [*self._idle, self._ready], []
            for child in waiting:
                if child is not None:
                    child.kill()

    def start(self) -> Child:
        given = {k: v for k, v in os.environ.items() if k not in SECRETS}
        with self._log.open("ab") as log:
            process = subprocess.Popen(
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
        return Child(process)

    def _warm(self, instance: str | None, user: str) -> Child | None:
        """The idle child of an instance that this user had, else the last used."""
        for child in [c for c in self._idle if not c.is_alive]:
            self._idle.remove(child)
        mine = [c for c in self._idle if c.instance == instance]
        if instance is None or not mine:
            return None
        found = max(mine, key=lambda c: (c.user == user, self._idle.index(c)))
        self._idle.remove(found)
        found.rest(None)
        return found

    def _has_room(self) -> bool:
        """Whether those that are warm, busy or not, are as few as they may be."""
        return len(self._idle) + len(self._busy) <= self._limits.warm

    def _end_idle(self, child: Child) -> None:
        with self._lock:
            if child in self._idle:
                self._idle.remove(child)
                child.kill()
