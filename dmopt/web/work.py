"""A child process of the server: one task after another, within limits.

    python -m dmopt.web.work

A task comes as one line of JSON on stdin, with its number; progress and answers go as
lines of JSON to stdout, the last one "rest". A line "cancel NUMBER" asks it to end that
task early with what it has. When stdin ends the server is gone, and so is the child: at
once, with nothing half written.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, NoReturn, TextIO

from dmopt.errors import InstanceError, PlanRejected
from dmopt.web.line import Kept, Line
from dmopt.web.tasks import TASKS

OFTEN_S = 0.2
"""Least time between two lines about progress."""
NO_SERVER = 3
NICE = 5
LARGE = 0.6
"""Share of the memory limit above which a child does not stay for the next task."""


def main() -> NoReturn:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # HiGHS prints a banner whatever its options say
    tray, say, kept = Tray(), Teller(answers), Kept()
    Thread(target=_listen, args=(tray,), daemon=True).start()
    is_limited = False
    while True:
        task, cancel = tray.next()
        if not is_limited:
            _limit(task)
            is_limited = True
        stays = _worked(task, Line(say, cancel, kept))
        say({"event": "rest", "stays": stays and not _is_large(task)})


def _worked(task: Mapping[str, Any], line: Line) -> bool:
    """Do a task; whether what the child keeps can be relied on after it."""
    say = line.say
    try:
        TASKS[task["task"]](task, line)
    except InstanceError as error:
        say(_failed("The instance cannot be used.", _faults(error)))
    except PlanRejected:
        say(
            _failed(
                "The plan found did not pass its own check, so it is not handed out. "
                "This is a fault of the program."
            )
        )
        return False
    except MemoryError:
        say(
            _failed(f"It needed more memory than the {task['memory_gb']:g} GB allowed.")
        )
        return False
    except OSError as error:
        traceback.print_exc()
        say(_failed(f"It could not be written: {error.strerror or 'no reason given'}."))
    return True


class Tray:
    """Tasks that have come, and their cancels."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[tuple[Mapping[str, Any], Event]] = SimpleQueue()
        self._newest, self._cancel = -1, Event()

    def put(self, line: str) -> None:
        """A line of the server; a cancel counts for the newest task alone."""
        word, _, number = line.strip().partition(" ")
        if word == "cancel":
            if int(number) == self._newest:
                self._cancel.set()
            return
        task = json.loads(line)
        self._newest, self._cancel = task["number"], Event()
        self._tasks.put((task, self._cancel))

    def next(self) -> tuple[Mapping[str, Any], Event]:
        """The next task, once there is one, and what is set when it is to end early."""
        return self._tasks.get()


class Teller:
    """Writes objects as lines; progress not too often."""

    def __init__(self, to: TextIO) -> None:
        self._to, self._lock, self._last = to, Lock(), -OFTEN_S
        self._known: tuple[bool, ...] = ()

    def __call__(self, content: Mapping[str, Any]) -> None:
        with self._lock:
            now = time.monotonic()
            if content["event"] == "progress":
                # a first plan or bound is news at once
                known = tuple(content[k] is not None for k in ("cost", "bound"))
                if now - self._last < OFTEN_S and known == self._known:
                    return
                self._last, self._known = now, known
            print(json.dumps(content, allow_nan=False), file=self._to, flush=True)


def _limit(task: Mapping[str, Any]) -> None:
    """Address space and core dumps limited, where the system can."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICE)
    try:
        import resource
    except ImportError:
        return
    most = int(task["memory_gb"] * 1024**3)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _is_large(task: Mapping[str, Any]) -> bool:
    """Whether the child takes so much of its limit that a next task might fail for
    it; never where the system does not tell."""
    table = Path("/proc/self/statm")
    if not table.exists():
        return False
    pages = int(table.read_text().split()[0])
    return bool(
        pages * os.sysconf("SC_PAGE_SIZE") > LARGE * task["memory_gb"] * 1024**3
    )


def _listen(tray: Tray) -> None:
    for line in sys.stdin:
        tray.put(line)
    os._exit(NO_SERVER)


def _failed(error: str, faults: Any = None) -> dict[str, Any]:
    return {"event": "failed", "error": error, "faults": faults or []}


def _faults(error: InstanceError) -> list[dict[str, Any]]:
    return [
        {name: getattr(fault, name) for name in fault.__slots__}
        for fault in error.faults
    ]


if __name__ == "__main__":
    main()
