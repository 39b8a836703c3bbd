"""The folder of a sweep: all that its members need, and what each of them found.

    sweep.json      what was asked: members, threads of a solve, the instance's SHA-256
    instance/       the instance, as a folder of tables
    members/NAME/   a run (runs/write.py), or failure.json where there is none
    sweep.csv       what is known of every member, as it was last put together
    workers.log     what worker processes had to complain of

A member's folder is there complete or not at all, so that whoever looks knows what is
still to be done. Whoever is killed leaves nothing that the next one trips over.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dmopt.data.atomic import atomic_file, atomic_folder, recover
from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.errors import Fault, InstanceError
from dmopt.runs.fingerprint import instance_hash
from dmopt.runs.manifest import versions
from dmopt.runs.write import PLAN_JSON
from dmopt.studies.whatif import apply
from dmopt.sweeps.member import Member, names_twice

FORMAT = 1
SWEEP_JSON, SWEEP_CSV, WORKERS_LOG = "sweep.json", "sweep.csv", "workers.log"
INSTANCE, MEMBERS, FAILURE_JSON = "instance", "members", "failure.json"


class About(BaseModel):
    """The content of sweep.json."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    dmopt_sweep: int = FORMAT
    instance_name: str
    sha256: str
    threads: int = Field(1, ge=1)
    members: list[Member]
    command: str = ""
    written: str = ""
    versions: dict[str, str | None] = {}


@dataclass(frozen=True)
class Store:
    """A sweep's folder, and what was asked."""

    folder: Path
    about: About

    @property
    def members(self) -> Sequence[Member]:
        return self.about.members

    def at(self, name: str) -> Path:
        """Folder of a member."""
        return self.folder / MEMBERS / name

    def is_complete(self, name: str) -> bool:
        """Whether a member has been run, well or not."""
        return is_complete(self.at(name))

    def instance(self) -> Instance:
        """The instance as it was when the sweep was asked for.

        Raises InstanceError where its files are not what they were.
        """
        return read_stored(self.folder, self.about.sha256)

    def instance_of(self, name: str) -> Instance:
        """The instance as a member wishes it: what its plan is for.

        Raises KeyError where there is no such member, InstanceError as `instance`.
        """
        wishes = {member.name: member.wish for member in self.members}
        return apply(self.instance(), wishes[name])


def is_complete(folder: Path) -> bool:
    """Whether the folder of a member holds a run, or says why there is none."""
    return (folder / PLAN_JSON).is_file() or (folder / FAILURE_JSON).is_file()


def read_stored(folder: Path, sha256: str) -> Instance:
    """The instance in the folder of a sweep; raises InstanceError where it is another
    than the one of that hash."""
    instance = read_instance(folder / INSTANCE)
    if instance_hash(instance) != sha256:
        expected = "the instance as the sweep wrote it; it was changed since"
        raise InstanceError([Fault(str(folder / INSTANCE), expected=expected)])
    return instance


def is_store(folder: str | Path) -> bool:
    return (Path(folder) / SWEEP_JSON).is_file()


def make_store(
    instance: Instance,
    members: Sequence[Member],
    folder: str | Path,
    *,
    threads: int = 1,
    command: str = "",
) -> Store:
    """The folder of a sweep, made; or taken up where it is there already.

    New members are added to those of before. Raises InstanceError where the folder is
    of another sweep (another instance, the same member asked otherwise) or format,
    FileExistsError where it holds something else, OSError where it cannot be written.
    """
    folder = Path(folder)
    if twice := names_twice(members):
        raise InstanceError(
            [Fault("members", None, "member", t, "a name of its own") for t in twice]
        )
    about = About(
        instance_name=instance.name,
        sha256=instance_hash(instance),
        threads=threads,
        members=list(members),
        command=command,
        written=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    if not is_store(folder):
        try:
            with atomic_folder(folder, lambda _: ()) as part:
                write_instance(instance, part / INSTANCE)
                (part / MEMBERS).mkdir()
                _write_about(about, part / SWEEP_JSON)
            return Store(folder, about)
        except OSError:
            if not is_store(folder):  # unless another process was first
                raise
    open_store(folder)  # before anything is touched
    with _alone(folder):
        known = open_store(folder).about
        more = _more(known, about, folder)
        if more:
            known = known.model_copy(update={"members": [*known.members, *more]})
            with atomic_file(folder / SWEEP_JSON) as path:
                _write_about(known, path)
    return Store(folder, known)


def open_store(folder: str | Path) -> Store:
    """The sweep in a folder. Nothing in it is touched.

    Raises InstanceError where there is none, or of a format that is not known here.
    """
    folder = Path(folder)
    path = folder / SWEEP_JSON
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = content.get("dmopt_sweep") if isinstance(content, dict) else None
        if found != FORMAT:
            raise InstanceError([_other_format(path, found, content)])
        return Store(folder, About.model_validate(content))
    except (FileNotFoundError, NotADirectoryError):
        fault = Fault(str(folder), expected=f"the folder of a sweep, with {SWEEP_JSON}")
    except (OSError, ValueError) as problem:
        reason = _first(problem) if isinstance(problem, ValidationError) else problem
        fault = Fault(str(path), expected=f"the {SWEEP_JSON} of a sweep ({reason})")
    raise InstanceError([fault])


def _other_format(path: Path, found: Any, content: Any) -> Fault:
    made = content.get("versions") if isinstance(content, dict) else None
    by = made.get("dmopt") if isinstance(made, dict) else None
    hint = f"it was written by dmopt {by}; nothing was changed" if by else ""
    expected = f"a sweep of format {FORMAT}"
    return Fault(str(path), None, "dmopt_sweep", repr(found), expected, hint)


def _first(problem: ValidationError) -> str:
    error = problem.errors()[0]
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


def _more(known: About, asked: About, folder: Path) -> list[Member]:
    """Members asked for that are not known yet.

    Raises InstanceError where what is asked is not what the folder is of.
    """
    hint = "name another folder with --out"
    place = str(folder)
    faults = []
    if known.sha256 != asked.sha256:
        read, expected = repr(asked.instance_name), "the instance this sweep is of"
        faults.append(Fault(place, None, "instance", read, expected, hint))
    if known.threads != asked.threads:
        expected = f"threads = {known.threads}, as before"
        faults.append(Fault(place, None, "", f"{asked.threads}", expected, hint))
    before = {member.name.casefold(): member for member in known.members}
    for member in asked.members:
        other = before.get(member.name.casefold())
        if other is not None and other != member:
            read, expected = _differing(other, member), f"{member.name} as it was asked"
            faults.append(Fault(place, None, "member", read, expected, hint))
    if faults:
        raise InstanceError(faults)
    return [each for each in asked.members if each.name.casefold() not in before]


def _differing(known: Member, asked: Member) -> str:
    """The first thing in which two members differ: "gap 0.01, now 0.001"."""
    one, other = known.model_dump(mode="json"), asked.model_dump(mode="json")
    name = next(name for name in one if one[name] != other[name])
    if name != "wish":
        return f"{name} {one[name]}, now {other[name]}"
    name = next(n for n in one["wish"] if one["wish"][n] != other["wish"][n])
    return f"{name} {one['wish'][name]}, now {other['wish'][name]}"


def _write_about(about: About, path: Path) -> None:
    text = json.dumps(about.model_dump(mode="json"), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Meanwhile no other process of this machine changes what is asked (POSIX only)."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (folder / SWEEP_JSON).with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
