"""The command `rules`: the catalogue, a rule of it with what its parameters mean, or
the rules of an instance in sentences."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmopt.cli.base import JsonOption
from dmopt.cli.given import ModelOption, read_given
from dmopt.cli.speech import tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance


def rules(
    instance: Annotated[
        Path | None,
        typer.Argument(
            metavar="[INSTANCE | RULE]",
            help="whose rules to show, or a kind of rule; without it: the catalogue",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the rules of an instance as sentences, or the catalogue of all kinds; of
    one kind also what its parameters mean.

    What is reconstructed and not read in its source is marked so.

    \b
    Examples:
      dmopt rules
      dmopt rules proximity_service
      dmopt rules my-city.xlsx --model distributed
    """
    found = _found(instance, model)
    if as_json:
        print(json.dumps(found, allow_nan=False))
        return
    for each in found:
        tell(
            _line(each), *(f"    shut: {s}: {why}" for s, why in each["shuts"].items())
        )
    if instance is not None and found and "parameters" in found[0]:
        said = found[0]["parameters"].items()
        tell(*(f"    {name}: {meaning}" for name, meaning in said))
    tell("[reconstructed]: our words, to be checked against Srai et al. (2020).")


def _found(instance: Path | None, model: str | None) -> list[dict[str, Any]]:
    """The catalogue, the one kind that is named, or rules of an instance: a file or
    folder of that name comes first."""
    if instance is None:
        return _catalogue()
    named = [each for each in _catalogue() if each["id"] == str(instance)]
    if named and model is None and not instance.exists():
        return named
    return _of(read_given(instance, model))


def _line(each: dict[str, Any]) -> str:
    mark = f" [{each['status']}]" if each["status"] == "reconstructed" else ""
    firm = (
        "" if each["soft_price"] is None else f" (soft, {each['soft_price']:g} a unit)"
    )
    return f"{each['code']} {each['id']}{mark}: {each['says']}{firm}"


def _catalogue() -> list[dict[str, Any]]:
    from dmopt.rules.catalogue import RULES, catalogue
    from dmopt.rules.parameters import meanings

    known = catalogue()
    return [
        {
            "code": known["rules"][name]["code"],
            "id": name,
            "dimension": known["rules"][name]["dimension"],
            "status": known["dimensions"][known["rules"][name]["dimension"]]["status"],
            "says": f"{known['rules'][name]['label']}: {known['rules'][name]['why']}",
            "soft_price": None,
            "shuts": {},
            "parameters": meanings(RULES[name]),
        }
        for name in RULES
    ]


def _of(instance: "Instance") -> list[dict[str, Any]]:
    from dmopt.rules import make_rules
    from dmopt.rules.catalogue import catalogue, dimension_of, status_of

    return [
        {
            "code": catalogue()["rules"].get(rule.kind.name, {}).get("code", ""),
            "id": rule.id,
            "dimension": dimension_of(rule.kind.name),
            "status": status_of(rule),
            "says": rule.kind.sentence(),
            "soft_price": rule.soft_price,
            "shuts": rule.reasons(instance),
        }
        for rule in make_rules(instance)
    ]
