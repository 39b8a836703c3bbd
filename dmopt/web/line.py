"""What a task of a child process has at hand: the line to the server, and what the
child has kept of earlier tasks."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from dmopt.data.atomic import atomic_file
from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.explaining.words import number
from dmopt.runs import read_result
from dmopt.runs.plain import plain
from dmopt.solving.progress import OnProgress, Progress
from dmopt.studies.session import Session
from dmopt.studies.whatif import Wish, apply

Say = Callable[[Mapping[str, Any]], None]
Task = Mapping[str, Any]


class Kept:
    """The session of one instance."""

    def __init__(self) -> None:
        self._path = ""
        self._session: Session | None = None
        self._known: set[str] = set()

    def session(self, path: str) -> Session:
        """The session of the instance at a path: as it was left, or a new one.

        Raises InstanceError.
        """
        if self._session is None or path != self._path:
            self._session, self._path = Session(read_instance(path)), path
            self._known = set()
        return self._session

    def learn(self, wish: Wish, run: str) -> None:
        """Take in a run of another scenario of the instance, unless it is known.

        Raises InstanceError where it does not fit.
        """
        if self._session is None or not self.note(wish):
            return
        wished = apply(self._session.instance, wish)
        self._session.learn(wish, read_result(wished, run))

    def note(self, wish: Wish) -> bool:
        """A wish that was asked; whether it is new."""
        text = wish.model_dump_json()
        is_new = text not in self._known
        self._known.add(text)
        return is_new


@dataclass(frozen=True)
class Line:
    """The line to the server. say: sends an object. cancel: set when asked to stop."""

    say: Say
    cancel: Event
    kept: Kept = field(default_factory=Kept)

    def progress(self, prefix: str = "") -> OnProgress:
        def told(progress: Progress) -> None:
            step = f"{prefix}: {progress.step}" if prefix else progress.step
            self.say(
                {
                    "event": "progress",
                    "seconds": progress.seconds,
                    "step": step,
                    "cost": number(progress.cost),
                    "bound": number(progress.bound),
                    "gap": number(progress.gap),
                }
            )

        return told

    def step(self, step: str) -> None:
        self.progress()(Progress(0.0, step, None, None))


def wished(task: Task) -> Instance:
    """The instance of a task, as its wish makes it. Raises InstanceError."""
    instance = read_instance(task["instance"])
    return apply(instance, Wish.model_validate(task["wish"]))


def write_json(path: Path, content: Any) -> None:
    """A JSON file, packed; whole or not at all."""
    with atomic_file(path) as part:
        part.write_bytes(packed(content))


def packed(content: Any) -> bytes:
    """Anything a result holds as JSON, packed."""
    text = json.dumps(plain(content), allow_nan=False, ensure_ascii=False)
    return gzip.compress(text.encode("utf-8"), 6, mtime=0)
