"""Solving members one after another, with what they share made once.

The instance is read once, and what the model has besides rules is built once for each
set of tables (solving/builder.py). Nothing of an answer is kept for the next: whatever
was solved before it, a member gets the same plan.
"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dmopt.data.atomic import atomic_folder
from dmopt.data.instance import Instance
from dmopt.errors import InstanceError, PlanRejected
from dmopt.explaining.conflict import explain
from dmopt.explaining.words import as_object
from dmopt.runs.manifest import versions
from dmopt.runs.plain import plain
from dmopt.runs.write import PLAN_JSON, write_run
from dmopt.solving.builder import Builder
from dmopt.solving.result import Result
from dmopt.solving.run import asked, solve_problem
from dmopt.solving.start import Start
from dmopt.studies.whatif import Wished, wished
from dmopt.sweeps.member import Member
from dmopt.sweeps.store import FAILURE_JSON, MEMBERS, is_complete, read_stored

KEPT = 3
"""Builders kept: the last used."""
LONGEST_EXPLANATION_S = 60.0
FAILURE_FORMAT = 1


class Desk:
    """Runs members of the sweep in one folder. Not for several threads at once."""

    def __init__(self, folder: Path, sha256: str, threads: int = 1) -> None:
        self.folder, self._threads = folder, threads
        self.instance = read_stored(folder, sha256)
        self._builders: list[Builder] = []

    def run(self, member: Member) -> Path:
        """Solve a member and write what came of it, unless it is there by now.

        Gives its folder. Raises OSError where it cannot be written; what goes wrong
        with the member itself is written down as its failure.
        """
        folder = self.folder / MEMBERS / member.name
        if is_complete(folder):
            return folder
        try:
            self._run(member, folder)
        except OSError as error:
            if not is_complete(folder):  # unless another process was first
                error.filename = error.filename or str(folder)
                raise
        return folder

    def _run(self, member: Member, folder: Path) -> None:
        begin = time.monotonic()
        try:
            changed = wished(self.instance, member.wish)
            result = self.solve(member, changed)
            if is_complete(folder):  # another process was first: that counts
                return
            if result.status != "infeasible":
                self._write(result, member, changed.instance, folder)
                return
            said = _why_not(changed.instance, result, member)
        except OSError:
            raise
        except Exception as error:  # one member's trouble must not cost the others
            said = {"status": "failed", "message": _message(error)}
        said["seconds"] = time.monotonic() - begin
        write_failure(folder, member, self.instance.name, said)

    def _write(
        self, result: Result, member: Member, instance: Instance, folder: Path
    ) -> None:
        """A run without tables for people: of thousands of members a few are looked
        at, and the tables of those are made from their plans."""
        command = f"dmopt sweep, member {member.name}"
        write_run(result, folder, instance=instance, command=command, tables=False)

    def solve(self, member: Member, changed: Wished) -> Result:
        """The member's instance solved as it asks, from nothing."""
        begin = time.monotonic()
        builder = self._builder(changed.instance)
        problem = builder.of(changed.instance, changed.rules)
        options = asked(member.gap, member.time_limit_s, member.seed, self._threads)
        return solve_problem(problem, Start(), options, begin=begin)

    def _builder(self, instance: Instance) -> Builder:
        """The builder of the same tables, whatever the rules; or a new one."""
        found = next((b for b in self._builders if b.fits(instance)), None)
        if found is None:
            found = Builder(instance)
        others = [builder for builder in self._builders if builder is not found]
        self._builders = [found, *others][:KEPT]
        return found


def write_failure(
    folder: Path, member: Member, instance: str, said: Mapping[str, Any]
) -> None:
    """Write why a member has no run: failure.json alone in its folder.

    instance: its name. said: status (infeasible or failed), message, and more where
    there is more.
    """
    about = {
        "dmopt_failure": FAILURE_FORMAT,
        "member": member.model_dump(mode="json"),
        "instance": {"name": instance},
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        **said,
    }
    text = json.dumps(plain(about), indent=1, ensure_ascii=False, allow_nan=False)
    with atomic_folder(folder, _failure_alone) as part:
        (part / FAILURE_JSON).write_text(text + "\n", encoding="utf-8")


def _failure_alone(folder: Path) -> set[str]:
    return set() if (folder / PLAN_JSON).exists() else {FAILURE_JSON}


def _why_not(instance: Instance, result: Result, member: Member) -> dict[str, Any]:
    """What collides in an instance without a plan, in sentences and as an object."""
    limit = min(member.time_limit_s, LONGEST_EXPLANATION_S)
    explained = explain(instance, time_limit_s=limit)
    return {
        "status": result.status,
        "message": "\n".join(explained.sentences()),
        "proof": result.proof,
        "explanation": as_object(explained),
    }


def _message(error: BaseException) -> str:
    """The error in words; its kind too where it is a fault of the program."""
    if isinstance(error, InstanceError):
        return str(error)
    if isinstance(error, PlanRejected):
        return f"the plan found did not pass its own check: {error}"
    if isinstance(error, MemoryError):
        return "there was not enough memory"
    return f"{type(error).__name__}: {error}"
