"""Write docs/rules.md from the catalogue, the rules' own maths, and solves that show
each rule binding.

    python docs/make_rules.py

The rules are in dmopt/rules/, their labels in dmopt/rules/catalogue.toml, where each is
shown in docs/rules_shown.toml.
"""

import inspect
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.explaining.why import working
from dmopt.plan.plan import Plan
from dmopt.rules import edit_rules, make_rules
from dmopt.rules.catalogue import RULES, catalogue, dimension_of
from dmopt.rules.parameters import meanings
from dmopt.solving.result import Result
from dmopt.solving.run import solve

DOCS = Path(__file__).parent
INSTANCES = DOCS.parent / "instances"
TOWN = "rule-town"
GAP, SECONDS = 1e-6, 120.0


@dataclass(frozen=True)
class Shown:
    """A rule on an instance: what a plan costs without it and with it."""

    rule: str
    instance: str
    beside: tuple[str, ...]
    row: dict[str, Any]
    without: Result
    with_it: Result
    sentence: str


def shown(name: str) -> Shown:
    """Solve the instance where a rule is shown, without it and with it."""
    about = tomllib.loads((DOCS / "rules_shown.toml").read_text("utf-8"))[name]
    where, beside = about.get("instance", TOWN), tuple(about.get("beside", ()))
    without = edit_rules(_instance(where), add=beside)
    row = {"id": "shown", "rule": name, **about["row"]}
    with_it = edit_rules(without, add=[row])
    sentence = make_rules(with_it)[-1].kind.sentence()
    first, second = _solved(where, beside), _solve(with_it)
    return Shown(name, where, beside, about["row"], first, second, sentence)


@cache
def _instance(name: str) -> Instance:
    return read_instance(INSTANCES / name)


@cache
def _solved(name: str, beside: tuple[str, ...]) -> Result:
    return _solve(edit_rules(_instance(name), add=beside))


def _solve(instance: Instance) -> Result:
    gap = GAP if len(instance.zones) < 10 else 2e-3
    return solve(instance, gap=gap, time_limit_s=SECONDS)


def binds(each: Shown) -> bool:
    """Whether the rule surely costs something: beyond the gaps of both solves."""
    if each.with_it.status == "infeasible":
        return True
    cost, bound = each.without.cost, each.with_it.bound
    return cost is not None and bound is not None and bound > cost * (1 + 1e-9)


def change(each: Shown) -> str:
    """What is otherwise in the plan with the rule, in a few words."""
    before, after = each.without.plan, each.with_it.plan
    if before is None or after is None:
        return "no plan"
    parts = []
    opens = sorted(working(after) - working(before))
    shuts = sorted(working(before) - working(after))
    parts += [f"opens {', '.join(opens)}"] if opens else []
    parts += [f"shuts {', '.join(shuts)}"] if shuts else []
    parts += _standing(before, after)
    return "; ".join(parts[:4]) or "other deliveries"


def _standing(before: Plan, after: Plan) -> Iterator[str]:
    for table, by, count in (
        ("modules", "technology", "modules"),
        ("infrastructure", "infrastructure", "steps"),
    ):
        old, new = (p.tables[table].groupby(by)[count].sum() for p in (before, after))
        for name in sorted({*old.index, *new.index}):
            difference = int(new.get(name, 0)) - int(old.get(name, 0))
            if difference:
                yield f"{difference:+d} {name}"


def document() -> str:
    """The whole of docs/rules.md."""
    known = catalogue()
    lines = [
        "# The rules",
        "",
        "*Written by `docs/make_rules.py` from the code; not to be edited.*",
        "",
        f"Dimensions and rules D1 to D7 follow {known['source']['author']} "
        f'({known["source"]["dated"]}), "{known["source"]["title"]}", '
        f"{known['source']['place']}, doi {known['source']['doi']}. Its full text "
        "could not be had: **every label and rule marked *reconstructed* is in our "
        "words**, to be checked against the paper (`dmopt/rules/catalogue.toml`). "
        "Planning rules are ours.",
        "",
        "## Each rule, shown binding",
        "",
        "Cost of the best plan without the rule and with it, money a year, and what is "
        "otherwise in the plan. Instances are in `instances/`; `beside`: rules that "
        "hold in both.",
        "",
        "| rule | asks | instance | without | with | what changes |",
        "|---|---|---|---|---|---|",
    ]
    order = sorted(RULES, key=lambda name: _order(known["rules"][name]["code"]))
    for name in order:
        each = shown(name)
        if not binds(each):
            raise SystemExit(f"{name} does not bind where it is shown")
        beside = f" beside *{'; '.join(each.beside)}*" if each.beside else ""
        lines.append(
            f"| {known['rules'][name]['code']} `{name}` | {each.sentence} | "
            f"{each.instance}{beside} | {_money(each.without)} | "
            f"{_money(each.with_it)} | {change(each)} |"
        )
    for key, dimension in known["dimensions"].items():
        lines += ["", f"## {key} {dimension['label']}", ""]
        lines += [
            f"*{dimension['status']}; {dimension['lens']}: {dimension['about']}.*"
        ]
        for name in order:
            if dimension_of(name) == key:
                lines += _rule(name)
    return "\n".join(lines) + "\n"


def _order(code: str) -> tuple[int, float]:
    return (1, float(code[1:])) if code[0] == "P" else (0, float(code[1:]))


def _money(result: Result) -> str:
    if result.cost is None:
        return "no plan"
    mark = (
        "" if (result.gap or 0) <= 1e-5 else f" (gap {100 * (result.gap or 0):.1g} %)"
    )
    return f"{result.cost:,.0f}{mark}"


def _rule(name: str) -> list[str]:
    about = catalogue()["rules"][name]
    maths = inspect.getdoc(inspect.getmodule(RULES[name])) or ""
    return [
        "",
        f"### {about['code']} {about['label']}: `{name}`",
        "",
        f"Why: {about['why']}.",
        "",
        "```",
        maths,
        "```",
        "",
        *(f"- `{each}`: {says}" for each, says in meanings(RULES[name]).items()),
    ]


if __name__ == "__main__":
    (DOCS / "rules.md").write_text(document(), encoding="utf-8")
