"""Runs with the instances they were made for, as the command they keep says."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmopt.cli.given import OPTIONS, read_given

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.report import Option

THIS_PLAN = "This plan"
InstanceOption = Annotated[
    Path | None,
    typer.Option(
        "--instance",
        metavar="INSTANCE",
        help="the data that were solved  (unless given: as the run's own command "
        "names them, seen from here)",
    ),
]


def options_of(
    runs: list[Path], path: Path | None
) -> tuple[list["Option"], "Instance"]:
    """Each run with the instance it was made for, and the first one's own instance
    before any model or change of rules.

    Raises InstanceError naming every fault of every run.
    """
    from dmopt.errors import InstanceError
    from dmopt.report import read_option

    found, faults, bare = [], [], None
    names = _names([_asked(run).get("model") for run in runs], runs)
    for run, name in zip(runs, names, strict=True):
        try:
            asked = _asked(run)
            where = path or asked.pop("instance", None) or _unknown(run)
            asked.pop("instance", None)
            given = read_given(where, **asked)
            bare = bare or read_given(where)
            found.append(read_option(given, run, name))
        except InstanceError as error:
            faults += error.faults
    if faults or bare is None:
        raise InstanceError(faults)
    return found, bare


def _asked(run: Path) -> dict[str, Any]:
    """INSTANCE and the options of rules in the command that a run says made it; empty
    where it says none, or one that is not `dmopt solve`."""
    import json

    from dmopt.cli.app import app

    try:
        about = json.loads((run / "plan.json").read_text(encoding="utf-8"))
        _, command, *words = shlex.split(about["manifest"]["command"])
        solve = typer.main.get_command(app).commands["solve"]  # type: ignore[attr-defined]
        if command != "solve":
            return {}
        asked = solve.make_context("solve", words, resilient_parsing=True).params
    except (OSError, ValueError, KeyError, TypeError, typer.TyperException):
        return {}
    wanted = {name: asked.get(name) for name in ("instance", *OPTIONS)}
    return {name: value for name, value in wanted.items() if value}


def _unknown(run: Path) -> Path:
    from dmopt.errors import Fault, InstanceError

    fault = Fault(
        str(run),
        expected="a run that says from which data it was made",
        hint="name them: --instance PATH",
    )
    raise InstanceError([fault])


def _names(models: list[str | None], runs: list[Path]) -> list[str]:
    """What the options are called: the first "This plan", others by their model where
    it tells them apart, else by their folder."""
    from dmopt.models import read_model

    names = [THIS_PLAN]
    for model, run in zip(models[1:], runs[1:], strict=True):
        if model and models.count(model) == 1:
            names.append(read_model(model).label)
        else:
            names.append(run.resolve().name)
    return names
