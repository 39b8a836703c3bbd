"""Types of rule parameters: read from text with their units, and how to loosen them.

A parameter's name ends in its unit (`radius_km`), a share may be written 90 % or 0.9,
lists are separated by ','. `looser` says which way a figure lets more plans through,
and how far it makes sense to go: what ways out of a conflict are made of. What it means
stands below it in the class, as a text: a sentence for people, read by `meanings`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

STRICT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
"""Configuration of every rule: no unknown parameters, nothing changes, and the text
below a parameter is its description."""

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
    kind does not say."""
    if not issubclass(kind, BaseModel):
        return {}
    fields = kind.model_fields.items()
    return {name: " ".join((each.description or "").split()) for name, each in fields}


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
