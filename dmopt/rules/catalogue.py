"""The rules there are, and how an instance's `rules` table becomes rule objects."""

from collections.abc import Callable
from difflib import get_close_matches

from pydantic import ValidationError

from dmopt.data.instance import Instance
from dmopt.errors import Fault, InstanceError
from dmopt.rules.rule import Rule
from dmopt.rules.single_sourcing import SingleSourcing
from dmopt.rules.site_count import SiteCount

RULES: dict[str, Callable[..., Rule]] = {
    "site_count": SiteCount,
    "single_sourcing": SingleSourcing,
}


def make_rules(instance: Instance) -> tuple[Rule, ...]:
    """Rule objects of the instance's `rules` table, in its order.

    Raises InstanceError with every unknown rule and bad parameter.
    """
    rules: list[Rule] = []
    faults: list[Fault] = []
    for row, (name, kind, text) in enumerate(
        zip(
            instance.rules.id,
            instance.rules.rule,
            instance.rules.parameters,
            strict=True,
        ),
        start=2,
    ):
        if kind not in RULES:
            near = get_close_matches(kind, RULES, 1)
            hint = f"nearest: {near[0]}" if near else ""
            names = ", ".join(sorted(RULES))
            faults.append(
                Fault("rules", row, "rule", repr(kind), f"one of {names}", hint)
            )
            continue
        given, unread = _parameters(text)
        faults += [
            Fault("rules", row, "parameters", repr(part), "name=value")
            for part in unread
        ]
        try:
            rules.append(RULES[kind](id=name, **given))
        except ValidationError as error:
            faults += [
                Fault(
                    "rules",
                    row,
                    "parameters",
                    repr(text),
                    f"{'.'.join(map(str, each['loc']))}: {each['msg']}",
                )
                for each in error.errors()
            ]
    if faults:
        raise InstanceError(faults)
    return tuple(rules)


def _parameters(text: str) -> tuple[dict[str, str], list[str]]:
    """{name: value} of "name=value; name=value", and the parts that are not such."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    pairs = [part.partition("=") for part in parts]
    given = {name.strip(): value.strip() for name, mark, value in pairs if mark}
    return given, [
        part for part, (_, mark, _) in zip(parts, pairs, strict=True) if not mark
    ]
