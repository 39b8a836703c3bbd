"""Every rule is shown binding on an instance of the project, as docs/rules.md says."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from dmopt.plan.verify import verify
from dmopt.rules import make_rules
from dmopt.rules.catalogue import RULES, catalogue

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "rules.md").read_text("utf-8")


def script():
    spec = importlib.util.spec_from_file_location("make_rules", DOCS / "make_rules.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE = script()


def test_every_rule_has_a_place_where_it_is_shown():
    shown = tomllib.loads((DOCS / "rules_shown.toml").read_text("utf-8"))
    assert set(shown) == set(RULES)


@pytest.mark.parametrize("name", sorted(RULES))
def test_each_rule_costs_something_where_it_is_shown(name):
    each = MAKE.shown(name)
    assert MAKE.binds(each)
    # the plan without it breaks it, the plan with it does not: by the checker alone
    plan = each.with_it.plan
    rules = make_rules(plan.instance)
    assert verify(plan.instance, plan, rules) == []
    mine = next(rule for rule in rules if rule.id == "shown")
    assert list(mine.excess(plan.instance, each.without.plan))
    # the table in the docs has these costs
    line = next(text for text in TEXT.splitlines() if f" `{name}` | " in text)
    for result in (each.without, each.with_it):
        assert f"| {result.cost:,.0f} " in line


def test_the_docs_have_the_maths_and_the_status_of_each_rule():
    for name, about in catalogue()["rules"].items():
        assert f"### {about['code']} {about['label']}: `{name}`" in TEXT
    assert len(re.findall(r"^\*reconstructed;", TEXT, re.MULTILINE)) == 7
