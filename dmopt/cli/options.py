"""Values of options, from the texts people write."""

import math
import re
from datetime import UTC, datetime
from pathlib import Path

import typer


def share(text: str) -> float:
    """A share from "1%", "1 %" or "0.01"."""
    written = text.strip()
    percent = written.endswith("%")
    value = _number(written.removesuffix("%")) / (100 if percent else 1)
    if not 0 <= value < 1:
        raise typer.BadParameter(
            f"{text!r} is not a share from 0 to 1; write 1% or 0.01 for one per cent"
        )
    return value


def seconds(text: str) -> float:
    """A time in seconds, more than 0."""
    value = _number(text.strip().removesuffix("s"))
    if not value > 0:
        raise typer.BadParameter(f"{text!r} is not a time above 0 seconds")
    return value


def capacity(text: str) -> float:
    """A number above 0; infinity for "uncapacitated"."""
    if text.strip() == "uncapacitated":
        return math.inf
    value = _number(text)
    if not 0 < value < math.inf:
        raise typer.BadParameter(f"{text!r} is not a number above 0 or 'uncapacitated'")
    return value


def run_folder(name: str) -> Path:
    """Where a run of an instance goes unless told: runs/NAME-TIME, time in UTC."""
    plain = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run"
    return Path("runs") / f"{plain}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None
    if math.isnan(value):
        raise typer.BadParameter(f"{text!r} is not a number")
    return value


def study_folder(out: Path | None, name: str) -> Path:
    """Where a study goes; refuses at once what cannot take it."""
    from dmopt.runs.study import refuse_what_is_no_study

    folder = out or run_folder(name)
    try:
        refuse_what_is_no_study(folder)
    except OSError as error:
        raise typer.BadParameter(f"{error}, so it is no study; name another") from None
    return folder
