"""The instance that a command is about: read, put under a model, its rules changed.

`on_instance` gives a command the arguments INSTANCE, --model, --rule, --set, --off and
--on, and hands it the instance that they make.
"""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from dmopt.data.instance import Instance

InstancePath = Annotated[
    Path,
    typer.Argument(
        metavar="INSTANCE",
        help="folder of CSV tables, .gpkg or .xlsx",
        show_default=False,
    ),
]

PANEL = "Rules"
ModelOption = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help="production model: distributed, multi_domestic, indigenous, "
        "centralised, free, or the path of a .toml file",
        rich_help_panel=PANEL,
    ),
]
OPTIONS: dict[str, tuple[Any, Any]] = {
    "model": (ModelOption, None),
    "rule": (
        Annotated[
            list[str],
            typer.Option(
                metavar="ID: RULE PARAMETERS",
                help="add a rule, as "
                "'near: proximity_service share=90 %; within_km=10'",
                rich_help_panel=PANEL,
            ),
        ],
        [],
    ),
    "set": (
        Annotated[
            list[str],
            typer.Option(
                metavar="ID.NAME=VALUE",
                help="change a figure of a rule, as 'near.within_km=12'",
                rich_help_panel=PANEL,
            ),
        ],
        [],
    ),
    "off": (
        Annotated[
            list[str],
            typer.Option(metavar="ID", help="switch a rule off", rich_help_panel=PANEL),
        ],
        [],
    ),
    "on": (
        Annotated[
            list[str],
            typer.Option(metavar="ID", help="switch a rule on", rich_help_panel=PANEL),
        ],
        [],
    ),
}
"""Options of every command about an instance, and their defaults."""


def read_given(
    path: Path,
    model: str | None = None,
    rule: list[str] | tuple[str, ...] = (),
    set: list[str] | tuple[str, ...] = (),
    off: list[str] | tuple[str, ...] = (),
    on: list[str] | tuple[str, ...] = (),
) -> "Instance":
    """The instance at a path, under a model, with its rules changed and checked.

    Raises InstanceError with every fault.
    """
    from dmopt.data.read import read_instance
    from dmopt.models import read_model, with_model
    from dmopt.rules import edit_rules, make_rules

    given = read_instance(path)
    if model is not None:
        given = with_model(given, read_model(model))
    if rule or set or off or on:
        given = edit_rules(given, add=rule, change=set, off=off, on=on)
    make_rules(given)
    return given


def on_instance(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose first parameter is an Instance, as one that reads it."""

    @functools.wraps(command)
    def read_and_call(instance: Path, **options: Any) -> None:
        asked = {name: options.pop(name) for name in OPTIONS}
        command(read_given(instance, **asked), **options)

    own = list(inspect.signature(command).parameters.values())
    first = own[0].replace(annotation=InstancePath)
    kind = inspect.Parameter.KEYWORD_ONLY
    more = [
        inspect.Parameter(name, kind, annotation=declared, default=default)
        for name, (declared, default) in OPTIONS.items()
    ]
    rest = [each.replace(kind=kind) for each in own[1:]]
    read_and_call.__signature__ = inspect.Signature([first, *rest, *more])  # type: ignore[attr-defined]
    read_and_call.__annotations__ = {
        each.name: each.annotation for each in (first, *rest, *more)
    }
    del read_and_call.__wrapped__
    return read_and_call
