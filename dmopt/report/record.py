"""How it was made: what a run says of itself, so that it can be made again."""

from collections.abc import Mapping
from typing import Any

from dmopt.explaining.words import amount
from dmopt.report.option import Option
from dmopt.report.table import NONE, Table, figure, per_cent


def made_table(option: Option) -> Table:
    """Status, proof, data, program and options of one run."""
    about, result = option.about, option.result
    made: Mapping[str, Any] = about.get("manifest", {})
    given = made.get("instance", {})
    versions = made.get("versions", {})
    facts = [
        ("Result", about.get("badge", "")),
        ("Proof", result.proof),
        ("Plan checked by code that did not make it", "yes" if result.plan else NONE),
        ("Data", given.get("name", "")),
        ("SHA-256 of the data", given.get("sha256", "")),
        ("Folder", option.folder),
        ("Written", made.get("written", "")),
        ("Command", made.get("command", "")),
        ("Options", _pairs(made.get("options", {}))),
        ("Way of solving", f"{result.path}: {result.why_path}"),
        ("Time", f"{figure(result.seconds)} s"),
        ("Most memory", f"{figure(result.peak_mb)} MB"),
        ("Versions", _pairs(versions)),
        ("Python", made.get("python", "")),
    ]
    rows = [[name, str(value)] for name, value in facts if value not in ("", None)]
    return Table(f"How {option.name} was made", ["What", "As recorded"], rows, 2)


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def log_table(option: Option) -> Table:
    """How the solve went on."""
    settings = option.instance.settings

    def money(value: float | None) -> str:
        return NONE if value is None else amount(value, settings)

    rows = [
        [
            f"{step.seconds:.1f}",
            step.step,
            money(step.cost),
            money(step.bound),
            per_cent(step.gap),
        ]
        for step in option.result.log
    ]
    head = ["Second", "Step", "Best cost", "No plan costs less", "Gap"]
    return Table(f"Log of the solve of {option.name}", head, rows, 2)


def files_table(option: Option) -> Table:
    """The files of the run, by which a copy can be checked."""
    files: Mapping[str, Any] = option.about.get("files", {})
    rows = [[str(name), str(sha256)] for name, sha256 in sorted(files.items())]
    return Table(f"Files of {option.name}", ["File", "SHA-256"], rows, 2)
