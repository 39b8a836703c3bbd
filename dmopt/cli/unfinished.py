"""Studies that go on where they were when they were killed."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dmopt.cli.base import Work
from dmopt.cli.options import study_folder
from dmopt.cli.speech import count

if TYPE_CHECKING:
    import pandas as pd

    from dmopt.data.instance import Instance
    from dmopt.studies.answers import Answers


@dataclass(frozen=True)
class KeptStudy:
    """A study, the folder it is to be written to, and the answers it has so far."""

    instance: "Instance"
    folder: Path
    answers: "Answers"
    command: str

    def say_what_is_there(self, work: Work) -> None:
        """Where it goes on, say so."""
        if len(self.answers):
            solves = count(len(self.answers), "solve")
            work.say(f"going on: {solves} of before in {self.answers.folder}")

    def write(
        self,
        work: Work,
        about: Mapping[str, Any],
        tables: Mapping[str, "pd.DataFrame"],
        files: Mapping[str, Callable[[Path], object]],
    ) -> None:
        """Write it (runs/study.py); its answers are no longer needed."""
        from dmopt.runs.study import write_study

        write_study(
            self.instance, self.folder, about, tables, files, command=self.command
        )
        self.end(work)

    def end(self, work: Work) -> None:
        """It is over: its answers go, but not where it was stopped and is to go on."""
        if work.cancel.is_set():
            work.say(f"stopped: the same command goes on from {self.answers.folder}")
        else:
            self.answers.forget()


@contextmanager
def kept_study(
    instance: "Instance", out: Path | None, name: str, asked: Mapping[str, Any]
) -> Iterator[KeptStudy]:
    """A study with the answers that it had before it was killed.

    asked: all that is asked, plain values. Unless told where, a study that was asked
    the same and is not finished goes on in its own place.
    """
    from dmopt.studies.answers import kept_answers, unfinished

    folder = study_folder(out, name)
    if out is None:
        begin = folder.name.rpartition("-")[0]
        folder = unfinished(folder.parent, f"{begin}-", instance, asked) or folder
    command = shlex.join(["dmopt", *sys.argv[1:]])
    with kept_answers(folder, instance, asked, command) as answers:
        yield KeptStudy(instance, folder, answers, command)
