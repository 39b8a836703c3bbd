"""The rules there are, and how an instance's `rules` table becomes rule objects."""

from collections.abc import Callable, Iterable
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

MOST_NAMED = 12


def make_rules(instance: Instance) -> tuple[Rule, ...]:
    """Rule objects of the instance's `rules` table, in its order.

    Raises InstanceError with every unknown rule and bad parameter.
    """
    rules: list[Rule] = []
    faults: list[Fault] = []
    table = instance.rules
    for row, (name, kind, text) in enumerate(
        zip(table.id, table.rule, table.parameters, strict=True), start=2
    ):
        if kind not in RULES:
            faults.append(_unknown(row, "rule", kind, RULES))
            continue
        given, unread = _parameters(text)
        faults += [
            Fault("rules", row, "parameters", repr(part), "name=value, each name once")
            for part in unread
        ]
        try:
            rule = RULES[kind](id=name, **given)
        except ValidationError as error:
            faults += _invalid(row, text, error)
            continue
        rules.append(rule)
        faults += [
            _unknown(row, "parameters", each, instance.tables[other].index)
            for other, each in rule.refers()
            if each not in instance.tables[other].index
        ]
    if faults:
        raise InstanceError(faults)
    return tuple(rules)


def _unknown(row: int, column: str, read: str, known: Iterable[str]) -> Fault:
    names = sorted(known)
    near = get_close_matches(read, names, 1)
    hint = f"nearest: {near[0]}" if near else ""
    some = ", ".join(names[:MOST_NAMED]) + (" ..." if names[MOST_NAMED:] else "")
    return Fault("rules", row, column, repr(read), f"one of {some}", hint)


def _invalid(row: int, text: str, error: ValidationError) -> list[Fault]:
    """A fault for each parameter that is not what the rule wants."""
    return [
        Fault(
            "rules",
            row,
            "parameters",
            repr(text),
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}",
        )
        for each in error.errors()
    ]


def _parameters(text: str) -> tuple[dict[str, str], list[str]]:
    """{name: value} of "name=value; name=value", and the parts that are not such or
    name again what is given already (the id has its own column)."""
    given: dict[str, str] = {}
    unread = []
    for part in filter(None, map(str.strip, text.split(";"))):
        name, mark, value = map(str.strip, part.partition("="))
        if not mark or name in given or name == "id":
            unread.append(part)
        else:
            given[name] = value
    return given, unread
