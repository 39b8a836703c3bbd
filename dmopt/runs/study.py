"""One folder for each study, there complete or not at all.

study.json     what was asked and found, plain values; SHA-256 of every other file
*.csv, *.png   tables and pictures, each study its own
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from dmopt.data.atomic import atomic_folder, refuse_others
from dmopt.data.instance import Instance
from dmopt.runs.fingerprint import instance_hash
from dmopt.runs.manifest import versions
from dmopt.runs.plain import plain
from dmopt.runs.write import checksums

STUDY_JSON = "study.json"

Writer = Callable[[Path], Any]


def write_study(
    instance: Instance,
    folder: str | Path,
    found: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    pictures: Mapping[str, Writer],
    command: str = "",
) -> Path:
    """Write a study, in place of an earlier one in the same folder.

    found: what it found, for study.json. tables: name -> table. pictures: file name ->
    what writes it. Raises FileExistsError where the folder holds anything else, OSError
    where it cannot be written; an earlier study then stays as it was.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with atomic_folder(folder, _replaceable) as part:
        for name, table in tables.items():
            table.to_csv(
                part / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8"
            )
        for name, write in pictures.items():
            write(part / name)
        about = {
            **found,
            "dmopt_study": 1,
            "instance": {"name": instance.name, "sha256": instance_hash(instance)},
            "command": command,
            "versions": versions(),
            "files": checksums(part),
        }
        text = json.dumps(plain(about), indent=1, ensure_ascii=False, allow_nan=False)
        (part / STUDY_JSON).write_text(text + "\n", encoding="utf-8")
    return folder


def refuse_what_is_no_study(folder: str | Path) -> None:
    """Say before the work, not after it, that a study cannot be written to a folder.

    Raises FileExistsError, or NotADirectoryError, as `write_study` would.
    """
    refuse_others(folder, _replaceable)


def _replaceable(folder: Path) -> set[str]:
    """Files of a folder that an earlier study wrote: none where there is none."""
    try:
        about = json.loads((folder / STUDY_JSON).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(about, dict) or "dmopt_study" not in about:
        return set()
    files = about.get("files")
    return {STUDY_JSON, *(files if isinstance(files, dict) else ())}
