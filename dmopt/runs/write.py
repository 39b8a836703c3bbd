"""One folder for each run, there complete or not at all.

    plan.json         status, cost, bound, manifest, indicators, costs, log; and the
                      SHA-256 of every other file, so that a copy can be checked
    plan/             the decision tables, from which the plan is read back exactly
    tables/           tables for people, among them the rules and whether each is kept,
                      if asked: they follow from the plan, and nothing reads them back
    plan.xlsx         the same as a workbook, if asked
    certificate.npz   what proves the bound, to be checked (dmopt/proof), if there is

Without a plan there is only plan.json (and the certificate).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.atomic import atomic_folder, refuse_others
from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tables import costs_table, indicators_table
from dmopt.proof.arrays import to_arrays
from dmopt.runs.exact import FOLDER, write_exact
from dmopt.runs.manifest import manifest
from dmopt.runs.tables import run_tables
from dmopt.solving.result import Result

PLAN_JSON = "plan.json"
CERTIFICATE = "certificate.npz"

Writer = Callable[[Path], Any]


def write_run(
    result: Result,
    folder: str | Path,
    *,
    instance: Instance | None = None,
    command: str = "",
    tables: bool = True,
    excel: bool = False,
    extra: Mapping[str, Writer] | None = None,
) -> Path:
    """Write a run, in place of an earlier run in the same folder.

    instance: what was solved; may be left out where the result has a plan.
    command: what the user typed, for the manifest.
    tables: also write the tables for people. excel: also write plan.xlsx.
    extra: more files: name, and what writes it when given the path. They are
        written only where there is a plan. One that fails, but for want of room or
        permission, is left out and named in plan.json: a picture that cannot be
        drawn must not cost the plan.
    Gives the folder. Raises FileExistsError where the folder holds anything that is
    not of a run, OSError where it cannot be written, ValueError where there is neither
    plan nor instance, InstanceError for rules that cannot be read. Whatever is
    raised, an earlier run stays as it was.
    """
    folder = Path(folder)
    if instance is None:
        if result.plan is None:
            raise ValueError("a result without a plan needs the instance")
        instance = result.plan.instance
    with atomic_folder(folder, _replaceable) as part:
        shown = _shown(result.plan, all_of_them=tables or excel)
        about = manifest(result, instance, command, shown)
        if result.certificate is not None:
            arrays = to_arrays(result.certificate)
            np.savez_compressed(part / CERTIFICATE, allow_pickle=False, **arrays)
        if result.plan is not None:
            write_exact(result.plan, part / FOLDER)
            if tables:
                _write_tables(shown, part / "tables")
            if excel:
                from dmopt.runs.excel import write_workbook

                write_workbook(result.plan, part / "plan.xlsx", result, shown)
            about["left_out"] = _write_extra(extra or {}, part)
        about["files"] = checksums(part)
        text = json.dumps(about, indent=1, ensure_ascii=False, allow_nan=False)
        (part / PLAN_JSON).write_text(text + "\n", encoding="utf-8")
    return folder


def refuse_what_is_no_run(folder: str | Path) -> None:
    """Say before a solve, not after it, that a run cannot be written to a folder.

    Raises FileExistsError, or NotADirectoryError, as `write_run` would.
    """
    refuse_others(folder, _replaceable)


def _replaceable(folder: Path) -> set[str]:
    """Files of a folder that an earlier run wrote: none where there is no run."""
    try:
        about = json.loads((folder / PLAN_JSON).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(about, dict) or "dmopt_run" not in about:
        return set()
    files = about.get("files")
    return {PLAN_JSON, *(files if isinstance(files, dict) else ())}


def _write_extra(extra: Mapping[str, Writer], part: Path) -> dict[str, str]:
    """Write the extra files; gives the name and the reason of each left out."""
    left_out = {}
    for name, write in extra.items():
        try:
            write(part / name)
        except OSError:
            raise
        except Exception as error:
            (part / name).unlink(missing_ok=True)
            left_out[name] = f"{type(error).__name__}: {error}"
    return left_out


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file in a run's folder but plan.json, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / PLAN_JSON
    }


def _shown(plan: Plan | None, *, all_of_them: bool) -> Mapping[str, pd.DataFrame]:
    """Tables for people by name: all, or those that plan.json holds."""
    if plan is None:
        return {}
    if all_of_them:
        return run_tables(plan)
    return {"costs": costs_table(plan), "indicators": indicators_table(plan)}


def _write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    folder.mkdir()
    for name, table in tables.items():
        table.to_csv(
            folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8"
        )
