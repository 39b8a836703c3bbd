"""Types of rule parameters: read from text with their units, and how to loosen them.

A parameter's name ends in its unit (`radius_km`), a share may be written 90 % or 0.9,
lists are separated by ','. `looser` says which way a figure lets more plans through,
and how far it makes sense to go: what ways out of a conflict are made of. What it means
stands below it in the class, as a text: a sentence for people, read by `meanings`.
"""

import ast
from collections.abc import Mapping
from functools import cache
from inspect import getsource
from itertools import pairwise
from textwrap import dedent
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

STRICT = ConfigDict(frozen=True, extra="forbid")
"""Configuration of every rule: no unknown parameters, and nothing changes."""

Way = Literal["up", "down"]


def _names(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _share(value: Any) -> Any:
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip().removesuffix("%")) / 100
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
"""Ids separated by ','; blank: none."""
Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]
"""0..1, or a percentage."""
Margin = Annotated[float, BeforeValidator(_share), Field(ge=0, allow_inf_nan=False)]
"""0 or more, or a percentage, which may be above 100 %."""
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A finite quantity, 0 or more."""
Count = Annotated[int, Field(ge=0)]
"""A whole number, 0 or more."""


def looser(way: Way, to: float, default: Any = ..., unit: str = "") -> Any:
    """A parameter that lets more plans through the further `way` it goes, up to `to`.

    unit: what it counts, where the name does not end in it.
    """
    return Field(default, json_schema_extra={"looser": way, "to": to, "unit": unit})


def meanings(kind: type[Any]) -> dict[str, str]:
    """What each parameter of a kind of rule means, in its order; "" where a user's own
    kind does not say.

    Read from the source when asked: pydantic's own way (`use_attribute_docstrings`)
    reads it for every kind at import, most of a second for the catalogue.
    """
    if not issubclass(kind, BaseModel):
        return {}
    said: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if each is not BaseModel:
            said |= _texts_below_names(each)
    return {name: said.get(name, "") for name in kind.model_fields}


@cache  # the page asks for each rule under each model
def _texts_below_names(kind: type[Any]) -> dict[str, str]:
    """{name: text} where a text stands right below a name in the body of a class."""
    try:
        source = dedent(getsource(kind))
    except (OSError, TypeError):  # written at a prompt, or built in
        return {}
    (written,) = ast.parse(source).body
    return {
        above.target.id: " ".join(below.value.value.split())
        for above, below in pairwise(getattr(written, "body", []))
        if isinstance(above, ast.AnnAssign) and isinstance(above.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(below.value.value, str)
    }


def refuse_crossed(least: int | None, most: int | None) -> None:
    """Raise ValueError where the least asked is above the most allowed."""
    if least is not None and most is not None and least > most:
        raise ValueError(f"least = {least} is above most = {most}")


def parameters_of(text: str) -> tuple[dict[str, str], list[str]]:
    """{name: value} of "name=value; name=value", and the parts that are not such or
    name again what is given already."""
    given: dict[str, str] = {}
    unread = []
    for part in filter(None, map(str.strip, text.split(";"))):
        name, mark, value = map(str.strip, part.partition("="))
        if not mark or name in given:
            unread.append(part)
        else:
            given[name] = value
    return given, unread


def parameters_text(given: Mapping[str, Any]) -> str:
    """The text that `parameters_of` reads."""
    return "; ".join(f"{name}={value}" for name, value in given.items())
