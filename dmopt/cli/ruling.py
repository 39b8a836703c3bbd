"""The command `rules`: the catalogue, or the rules of an instance in sentences."""

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
            metavar="[INSTANCE]",
            help="whose rules to show; without it: the catalogue",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the rules of an instance as sentences, or the catalogue of all kinds.

    What is reconstructed and not read in its source is marked so.

    \b
    Examples:
      dmopt rules
      dmopt rules my-city.xlsx --model distributed
    """
    found = _catalogue() if instance is None else _of(read_given(instance, model))
    if as_json:
        print(json.dumps(found, allow_nan=False))
        return
    for each in found:
        tell(
            _line(each), *(f"    shut: {s}: {why}" for s, why in each["shuts"].items())
        )
    tell("[reconstructed]: our words, to be checked against Srai et al. (2020).")


def _line(each: dict[str, Any]) -> str:
    mark = f" [{each['status']}]" if each["status"] == "reconstructed" else ""
    firm = (
        "" if each["soft_price"] is None else f" (soft, {each['soft_price']:g} a unit)"
    )
    return f"{each['code']} {each['id']}{mark}: {each['says']}{firm}"


def _catalogue() -> list[dict[str, Any]]:
    from dmopt.rules.catalogue import RULES, catalogue

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
