"""A child process of the server: one task, within limits, then it ends.

    python -m dmopt.web.work

The task comes as one line of JSON on stdin, progress and answers go as lines of JSON to
stdout. A line "cancel" asks it to stop early with what it has. When stdin ends the
server is gone, and so is the child: at once, with nothing half written.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Mapping
from threading import Event, Lock, Thread
from typing import Any, TextIO

from dmopt.errors import InstanceError, PlanRejected
from dmopt.web.tasks import TASKS, Line

OFTEN_S = 0.2
"""Least time between two lines about progress."""
NO_SERVER = 3
NICE = 5


def main() -> int:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # HiGHS prints a banner whatever its options say
    text = sys.stdin.readline()
    if not text:
        return NO_SERVER
    task = json.loads(text)
    cancel = Event()
    Thread(target=_listen, args=(cancel,), daemon=True).start()
    _limit(task)
    say = Teller(answers)
    try:
        TASKS[task["task"]](task, Line(say, cancel))
    except InstanceError as error:
        say(_failed("The instance cannot be used.", _faults(error)))
    except PlanRejected:
        say(
            _failed(
                "The plan found did not pass its own check, so it is not handed out. "
                "This is a fault of the program."
            )
        )
    except MemoryError:
        say(
            _failed(f"It needed more memory than the {task['memory_gb']:g} GB allowed.")
        )
    except OSError as error:
        traceback.print_exc()
        say(_failed(f"It could not be written: {error.strerror or 'no reason given'}."))
    return 0


class Teller:
    """Writes objects as lines; progress not too often."""

    def __init__(self, to: TextIO) -> None:
        self._to, self._lock, self._last = to, Lock(), -OFTEN_S

    def __call__(self, content: Mapping[str, Any]) -> None:
        with self._lock:
            now = time.monotonic()
            if content["event"] == "progress":
                if now - self._last < OFTEN_S:
                    return
                self._last = now
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


def _listen(cancel: Event) -> None:
    for line in sys.stdin:
        if line.strip() == "cancel":
            cancel.set()
    os._exit(NO_SERVER)


def _failed(error: str, faults: Any = None) -> dict[str, Any]:
    return {"event": "failed", "error": error, "faults": faults or []}


def _faults(error: InstanceError) -> list[dict[str, Any]]:
    return [
        {name: getattr(fault, name) for name in fault.__slots__}
        for fault in error.faults
    ]


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a solver's threads must not hold it up
