"""Reading runs back: the manifest, and the plan bit for bit."""

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from dmopt.data.atomic import recover
from dmopt.data.instance import Instance
from dmopt.errors import Fault, InstanceError
from dmopt.plan.plan import Plan
from dmopt.proof.arrays import from_arrays
from dmopt.proof.certificate import Certificate
from dmopt.runs.exact import FOLDER, read_exact
from dmopt.runs.fingerprint import instance_hash
from dmopt.runs.manifest import FORMAT
from dmopt.runs.write import CERTIFICATE, PLAN_JSON, checksums
from dmopt.solving.progress import Progress
from dmopt.solving.result import Result


def read_run(folder: str | Path) -> dict[str, Any]:
    """The content of a run's plan.json, after checking that all its files are there
    and unchanged.

    Raises InstanceError naming every fault.
    """
    folder = Path(folder)
    about = _read_manifest(folder)
    # what is there is compared: names in plan.json are not trusted as paths
    there = _checksums(folder)
    faults = [
        Fault(name, expected=f"this file in {folder}")
        if name not in there
        else Fault(name, expected="the file as the run wrote it; it was changed since")
        for name, sha256 in _inner(about, "files").items()
        if there.get(name) != sha256
    ]
    if faults:
        raise InstanceError(faults)
    return about


def read_plan(
    instance: Instance, folder: str | Path, *, other_data: bool = False
) -> Plan:
    """The plan of a run, exactly as it was written.

    instance: what the plan is for.
    other_data: also take a plan that was made for other data than the instance's;
        every name in it must still be known. The cost in plan.json need not be its
        cost then.
    Raises InstanceError naming every fault: no run, no plan in it, tables missing or
    damaged, made for other data.
    """
    folder = Path(folder)
    about = _read_manifest(folder)
    if about.get("cost") is None and not (folder / FOLDER).is_dir():
        expected = f"a run with a plan; its status is {about.get('status')!r}"
        raise InstanceError([Fault(str(folder), expected=expected)])
    if not other_data:
        _refuse_other_data(instance, about, folder)
    return read_exact(instance, folder / FOLDER)


def read_result(instance: Instance, folder: str | Path) -> Result:
    """A run as the result it was written from: plan, proof, certificate and log.

    instance: what was solved.
    Raises InstanceError as `read_run` and `read_plan` do.
    """
    folder = Path(folder)
    about = read_run(folder)
    _refuse_other_data(instance, about, folder)
    has_plan = (folder / FOLDER).is_dir()
    plan = read_exact(instance, folder / FOLDER) if has_plan else None
    try:
        return _result(about, plan, _read_certificate(folder / CERTIFICATE))
    except (KeyError, TypeError, ValueError, OSError, BadZipFile) as problem:
        expected = f"all that a run says of itself ({problem})"
        raise InstanceError([Fault(PLAN_JSON, expected=expected)]) from None


def _result(
    about: dict[str, Any], plan: Plan | None, certificate: Certificate | None
) -> Result:
    made = about["manifest"]
    return Result(
        status=about["status"],
        plan=plan,
        cost=about["cost"],
        bound=about["bound"],
        path=about["path"],
        why_path=about["why_path"],
        seconds=made["seconds"],
        build_seconds=made["build_seconds"],
        peak_mb=made["peak_mb"],
        options=made["options"],
        proof=about["proof"],
        certificate=certificate,
        log=tuple(
            Progress(step["seconds"], step["step"], step["cost"], step["bound"])
            for step in about["log"]
        ),
    )


def _read_certificate(path: Path) -> Certificate | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return from_arrays({name: arrays[name] for name in arrays.files})


def _read_manifest(folder: Path) -> dict[str, Any]:
    recover(folder)
    path = folder / PLAN_JSON
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        expected = f"the folder of a run, with {PLAN_JSON} in it"
        raise InstanceError([Fault(str(folder), expected=expected)]) from None
    except (OSError, ValueError) as problem:
        expected = f"the {PLAN_JSON} of a run ({problem})"
        raise InstanceError([Fault(str(path), expected=expected)]) from None
    if not isinstance(about, dict) or about.get("dmopt_run") != FORMAT:
        found = about.get("dmopt_run") if isinstance(about, dict) else None
        expected = f"a run of format {FORMAT}"
        raise InstanceError(
            [Fault(str(path), None, "dmopt_run", repr(found), expected)]
        )
    return about


def _checksums(folder: Path) -> dict[str, str]:
    try:
        return checksums(folder)
    except OSError as problem:
        expected = f"files that can be read ({problem})"
        raise InstanceError([Fault(str(folder), expected=expected)]) from None


def _inner(about: dict[str, Any], name: str) -> dict[str, Any]:
    """The part of that name, empty where it is missing or something else."""
    part = about.get(name)
    return part if isinstance(part, dict) else {}


def _refuse_other_data(instance: Instance, about: dict[str, Any], folder: Path) -> None:
    made_for, name = _inner(_inner(about, "manifest"), "instance"), instance.name
    if made_for.get("sha256") == instance_hash(instance):
        return
    raise InstanceError(
        [
            Fault(
                str(folder),
                read=f"a plan for {made_for.get('name')!r}",
                expected=f"a plan made for the data of {name!r} as they are now",
                hint="to take it all the same, ask for other_data",
            )
        ]
    )
