"""Studies that go on where they were when they were killed."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dmopt.cli.base import Work
from dmopt.cli.options import study_folder
from dmopt.cli.speech import count

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.studies.answers import Answers


@contextmanager
def kept_study(
    instance: "Instance", out: Path | None, name: str, asked: Mapping[str, Any]
) -> Iterator[tuple[Path, "Answers"]]:
    """Where a study is to be written, and the answers it had before it was killed.

    asked: all that is asked, plain values. Unless told where, a study that was asked
    the same and is not finished goes on in its own place. Once it is written, its
    answers are to be forgotten.
    """
    from dmopt.studies.answers import kept_answers, unfinished

    folder = study_folder(out, name)
    if out is None:
        begin = folder.name.rpartition("-")[0]
        folder = unfinished(folder.parent, f"{begin}-", instance, asked) or folder
    command = shlex.join(["dmopt", *sys.argv[1:]])
    with kept_answers(folder, instance, asked, command) as answers:
        yield folder, answers


def say_what_is_there(work: Work, answers: "Answers") -> None:
    """Where a study goes on, say so."""
    if len(answers):
        work.say(
            f"going on: {count(len(answers), 'solve')} of before in {answers.folder}"
        )


def forget_unless_stopped(work: Work, answers: "Answers") -> None:
    """The study is written: its answers go, but not where it is to go on."""
    if work.cancel.is_set():
        work.say(f"stopped: the same command goes on from {answers.folder}")
    else:
        answers.forget()
