"""What the solves of a study have answered, kept until the study is written.

    NAME.unfinished/    beside NAME, where the study will be
      asked.json        which study, of which instance, asked how
      KEY/              an answer as a run (runs/write.py), there whole or not at all

A study asks one question after another, each from what the answers before have said.
Killed at any moment and asked the same again, it is given the answers that are there,
so that it goes the same way, and solves what is missing. KEY is of the question: the
instance, what is to be otherwise, how far it is to be solved. An answer that was cut
short by somebody is none. Once the study is written the folder goes.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from dmopt.data.atomic import atomic_file, recover
from dmopt.data.instance import Instance
from dmopt.errors import Fault, InstanceError
from dmopt.plan.plan import Plan
from dmopt.runs.fingerprint import instance_hash
from dmopt.runs.manifest import versions
from dmopt.runs.read import read_result
from dmopt.runs.write import PLAN_JSON, write_run
from dmopt.solving.result import Result

FORMAT = 2
SUFFIX, ASKED_JSON, LOCK = ".unfinished", "asked.json", ".lock"
DIGITS = 32
"""Hexadecimal digits of a key."""


class Answers:
    """Answers in a folder, of questions about one instance; `kept_answers` makes it."""

    def __init__(self, folder: Path, sha256: str, command: str) -> None:
        self.folder = folder
        self._sha256, self._command = sha256, command

    def __len__(self) -> int:
        return sum(1 for _ in self.folder.glob(f"*/{PLAN_JSON}"))

    def known(self, question: Mapping[str, Any], instance: Instance) -> Result | None:
        """The answer to a question, if it is there; one that is damaged is not.

        question: plain values. instance: what was solved for it.
        """
        folder = self._at(question)
        if not folder.exists():
            return None
        try:
            return read_result(instance, folder)
        except InstanceError:
            shutil.rmtree(folder)
            return None

    def keep(
        self, question: Mapping[str, Any], instance: Instance, result: Result
    ) -> None:
        """Write an answer down. Raises OSError where it cannot be written."""
        folder, command = self._at(question), self._command
        try:
            write_run(result, folder, instance=instance, command=command, tables=False)
        except OSError as error:
            error.filename = error.filename or str(folder)
            raise

    def answered(
        self,
        question: Mapping[str, Any],
        instance: Instance,
        solve: Callable[[], Result],
        cancel: Event | None,
    ) -> Result:
        """The answer that is there, or that of a solve now, kept unless it was cut
        short."""
        found = self.known(question, instance)
        if found is None:
            found = solve()
            if cancel is None or not cancel.is_set():
                self.keep(question, instance, found)
        return found

    def forget(self) -> None:
        """The study is written: its answers go, all at once for whoever looks."""
        gone = f".dmopt-{os.getpid()}-{self.folder.name}-unneeded"  # as in atomic.py
        room = self.folder.with_name(gone)
        os.rename(self.folder, room)
        shutil.rmtree(room, ignore_errors=True)

    def _at(self, question: Mapping[str, Any]) -> Path:
        text = json.dumps([self._sha256, versions(), question], sort_keys=True)
        return self.folder / hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def plan_key(plan: Plan) -> str:
    """SHA-256 of what a plan decides: the same for the same decisions alone."""
    digest = hashlib.sha256()
    for name, table in plan.tables.items():
        digest.update(f"{name}\n{table.to_csv(index=False)}".encode())
    return digest.hexdigest()


@contextmanager
def kept_answers(
    folder: Path, instance: Instance, asked: Mapping[str, Any], command: str = ""
) -> Iterator[Answers]:
    """Answers of the study that is to be written to a folder, those of before too.

    asked: what study it is and all that is asked of it, plain values. command: what the
    user typed. Raises InstanceError, and touches nothing, where what is there is of
    another study, instance, question or format, or another process is at it; OSError
    where nothing can be written.
    """
    place = folder.with_name(folder.name + SUFFIX)
    place.parent.mkdir(parents=True, exist_ok=True)
    recover(place)
    sha256 = instance_hash(instance)
    about = {
        "dmopt_answers": FORMAT,
        "instance": {"name": instance.name, "sha256": sha256},
        "asked": dict(asked),
        "command": command,
        "versions": versions(),
    }
    known = _about(place)
    if known is not None and (faults := list(_differing(place, known, about))):
        raise InstanceError(faults)
    place.mkdir(exist_ok=True)
    with _alone(place):
        if _about(place) is None:  # another process may just have ended here
            with atomic_file(place / ASKED_JSON) as path:
                path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n")
        answers = Answers(place, sha256, command)
        try:
            yield answers
        finally:
            if place.exists() and not len(answers):
                shutil.rmtree(place)


def unfinished(
    beside: Path, begin: str, instance: Instance, asked: Mapping[str, Any]
) -> Path | None:
    """Where the last study is to be written that was asked the same and is not
    finished, nor at work; its name begins so. None where there is none."""
    sha256 = instance_hash(instance)
    for place in sorted(beside.glob(f"{begin}*{SUFFIX}"), reverse=True):
        try:
            known = _about(place) or {}
            same = known.get("dmopt_answers") == FORMAT and (
                (known["instance"]["sha256"], known["asked"]) == (sha256, dict(asked))
            )
            if same:
                with _alone(place):
                    return place.with_name(place.name.removesuffix(SUFFIX))
        except (InstanceError, KeyError, TypeError, OSError):
            continue
    return None


def _about(place: Path) -> dict[str, Any] | None:
    """What stands in asked.json; None where there is nothing yet.

    Raises InstanceError where the folder holds something else.
    """
    expected = f"the answers of a study that is not finished, with {ASKED_JSON}"
    try:
        about = json.loads((place / ASKED_JSON).read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not place.exists() or all(e.name[0] == "." for e in place.iterdir()):
            return None
        raise InstanceError([Fault(str(place), expected=expected)]) from None
    except (OSError, ValueError) as error:
        hint = str(error)
        raise InstanceError([Fault(str(place), expected=expected, hint=hint)]) from None
    if not isinstance(about, dict) or not isinstance(about.get("instance", {}), dict):
        raise InstanceError([Fault(str(place / ASKED_JSON), expected=expected)])
    return about


def _differing(
    place: Path, known: Mapping[str, Any], about: Mapping[str, Any]
) -> Iterator[Fault]:
    """Faults where what is there is not of what is asked."""
    file = str(place / ASKED_JSON)
    if known.get("dmopt_answers") != FORMAT:
        read, expected = repr(known.get("dmopt_answers")), f"answers of format {FORMAT}"
        by = (known.get("versions") or {}).get("dmopt")
        hint = f"they were written by dmopt {by}; nothing was changed" if by else ""
        yield Fault(file, None, "dmopt_answers", read, expected, hint)
        return
    before = known.get("command") or "the command that began it"
    hint = f"`{before}` goes on with it; or name another folder, or remove {place}"
    if known.get("instance", {}).get("sha256") != about["instance"]["sha256"]:
        read = repr(about["instance"]["name"])
        expected = "the instance, and rules, that the unfinished study is of"
        yield Fault(file, None, "instance", read, expected, hint)
    was = known.get("asked", {})
    for name in dict.fromkeys([*was, *about["asked"]]):
        read, expected = about["asked"].get(name), was.get(name)
        if read != expected:
            expected = f"{expected!r}, as the unfinished study was asked"
            yield Fault(file, None, name, repr(read), expected, hint)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Meanwhile no other process of this machine is at these answers (POSIX only).

    Raises InstanceError where one is.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (place / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            expected = "a folder that no other process is at; name another with --out"
            raise InstanceError([Fault(str(place), expected=expected)]) from None
        yield
