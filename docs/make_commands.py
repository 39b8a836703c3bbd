"""docs/commands.md: every command with its arguments and options, from the program."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from dmopt.cli.app import app

INTRODUCTION = """\
# Commands

*Written by `docs/make_pages.py` from the program's own help; not to be edited.*

`dmopt COMMAND --help` shows the same on screen. An `INSTANCE` is a folder of CSV
tables, an Excel workbook (`.xlsx`), a GeoPackage (`.gpkg`) or the folder of a scenario.
`dmopt --version` says which version it is.
"""
LEFT_OUT = ("help",)


def document() -> str:
    """The whole of docs/commands.md."""
    program = typer.main.get_command(app)
    found = list(_commands(program, "dmopt"))
    lines = [INTRODUCTION, "| command | what it does |", "|---|---|"]
    for name, command in found[1:]:
        first = _escaped(" ".join(_paragraphs(command)[0].split()))
        anchor = name.replace(" ", "-")
        lines.append(f"| [`{name}`](#{anchor}) | {first.rstrip('.')} |")
    for name, command in found:
        lines += _section(name, command)
    return "\n".join(lines) + "\n"


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for part, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from _commands(inner, f"{name} {part}")


def _section(name: str, command: Any) -> list[str]:
    lines = ["", f"## {name}", ""]
    for text in _paragraphs(command):
        head, _, rest = text.partition("\n")
        if head == "Examples:":
            shown = "\n".join(each.strip() for each in rest.splitlines())
            lines += ["```", shown, "```", ""]
        else:
            lines += [_escaped(" ".join(text.split())), ""]
    context = typer.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines += [f"Usage: `{usage}`", ""]
    shown = [each for each in command.params if not _is_left_out(each)]
    if shown:
        lines += [
            "| argument or option | what it says | unless given |",
            "|---|---|---|",
        ]
        lines += [_parameter(each) for each in shown]
    return lines


def _paragraphs(command: Any) -> list[str]:
    # \b tells the screen's help to keep the lines of a paragraph
    text = (command.help or "").replace("\b\n", "")
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _is_left_out(parameter: Any) -> bool:
    hidden = parameter.name in LEFT_OUT or getattr(parameter, "hidden", False)
    return hidden or not parameter.help


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
        unless = "must be given" if parameter.required else ""
    else:
        name = ", ".join([*parameter.opts, *parameter.secondary_opts])
        if not parameter.is_flag:
            name += f" {parameter.metavar or _values(parameter)}"
        unless = _default(parameter)
    more = " (may be given several times)" if parameter.multiple else ""
    says = _escaped(" ".join((parameter.help or "").split()))
    return f"| `{name.replace('|', ' or ')}` | {says}{more} | {unless} |"


def _values(parameter: Any) -> str:
    """What an option takes, where it has no word of its own for it: its choices, or
    its kind."""
    annotation = parameter.type_descriptor.annotation
    choices = getattr(annotation, "__args__", ())
    named = [each for each in choices if isinstance(each, str)]
    if named:
        return "|".join(named)
    return {int: "NUMBER", float: "NUMBER"}.get(annotation, "TEXT")


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "must be given"
    if parameter.is_flag or value in (None, [], (), ""):
        return ""
    return f"`{value}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
