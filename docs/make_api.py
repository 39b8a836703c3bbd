"""docs/api.md: every name of `dmopt`, its signature and docstring."""

import inspect
import re
from typing import Any

import dmopt

INTRODUCTION = """\
# From Python

*Written by `docs/make_pages.py` from the code; not to be edited.*

Everything here is used as `dmopt.NAME`, and is all that programs and notebooks need:

    import dmopt

    instance = dmopt.read("instances/two-towns")
    result = dmopt.solve(instance)
    print(result.status, result.cost, result.bound)

An instance, a plan and a result never change once made: what changes one gives another.
"""
WIDTH = 88


def document() -> str:
    """The whole of docs/api.md."""
    things = {name: getattr(dmopt, name) for name in dmopt.__all__}
    functions = {n: each for n, each in things.items() if not inspect.isclass(each)}
    types = {n: each for n, each in things.items() if inspect.isclass(each)}
    lines = [INTRODUCTION, "| name | what it does or is |", "|---|---|"]
    for name, each in {**functions, **types}.items():
        lines.append(f"| [`{name}`](#{name.lower()}) | {_first(each)} |")
    lines += ["", "## Functions"]
    for name, each in functions.items():
        lines += _section(name, each)
    lines += ["", "## Types"]
    for name, each in types.items():
        lines += _section(name, each)
    return "\n".join(lines) + "\n"


def _section(name: str, each: Any) -> list[str]:
    head, _, rest = (inspect.getdoc(each) or "").partition("\n\n")
    lines = ["", f"### {name}", ""]
    if not inspect.isclass(each):
        lines += ["```python", _signature(name, each), "```", ""]
    lines += [" ".join(head.split())]
    if rest:
        lines += ["", "```text", rest.strip(), "```"]
    if inspect.isclass(each) and (members := _members(each)):
        lines += ["", "| also | what it is |", "|---|---|", *members]
    return lines


def _first(each: Any) -> str:
    head = (inspect.getdoc(each) or "").partition("\n\n")[0]
    return " ".join(head.split()).replace("|", "\\|")


def _members(each: type) -> list[str]:
    """Public properties and methods that say what they are."""
    rows = []
    for name, member in vars(each).items():
        if name.startswith("_") or not inspect.getdoc(member):
            continue
        if isinstance(member, property) or hasattr(member, "attrname"):
            rows.append(f"| `.{name}` | {_first(member)} |")
        elif inspect.isfunction(member):
            call = _plain(str(inspect.signature(member))).replace("self, ", "")
            call = call.replace("(self)", "()").replace("|", "\\|")
            rows.append(f"| `.{name}{call}` | {_first(member)} |")
    return rows


def _signature(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    line = _plain(f"{name}{signature}")
    if len(line) <= WIDTH:
        return line
    parts, star = [], False
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        parts.append(_plain(str(each)))
    back = _plain(inspect.formatannotation(signature.return_annotation))
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f") -> {back}"])


def _plain(text: str) -> str:
    """Types by their own names, without the modules they come from, and functions as
    such, so that the page is the same on every machine."""
    text = re.sub(r"<function <lambda> at 0x[0-9a-f]+>", "...", text)
    text = re.sub(r"Optional\[(.+?\])\]", r"\1 | None", text)
    return re.sub(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", text)
