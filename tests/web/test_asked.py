"""Conflicts, ways out and what an instance is about, in the words of the page."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dmopt.data.read import read_instance
from dmopt.explaining.suspects import suspects
from dmopt.explaining.ways import Step
from dmopt.rules import make_rules
from dmopt.studies.whatif import Wish, apply
from dmopt.web.asked import asked_of, member, said
from dmopt.web.facts import facts, rules_of
from tests.web.server import TOWN


@pytest.fixture(scope="module")
def town():
    return read_instance(TOWN)


@pytest.fixture(scope="module")
def found(town):
    """Suspects of a wish by their labels, and what the wish asked."""
    wish = Wish.model_validate(
        {
            "sites": {"hill-street": "open", "bridge-yard": "shut"},
            "rules": {"add": ["near: worst_served within_km=20"]},
            "budget": {"capital": 1000},
        }
    )
    wished = apply(town, wish)
    every = {each.label: each for each in suspects(wished, make_rules(wished))}
    return every, asked_of(town, wish)


@pytest.mark.parametrize(
    ("label", "called", "sentence"),
    [
        (
            "rule forced hill-street open",
            "you forced Hill street open",
            "Hill street works in every period.",
        ),
        (
            "rule forced bridge-yard shut",
            "you forced Bridge yard shut",
            "Bridge yard works in no period.",
        ),
        (
            "budget 2030 capital",
            "capital budget of 2030",
            "The capital budget of 2030 is GBP 1,000.",
        ),
    ],
)
def test_a_member_of_a_conflict_is_what_was_asked(found, label, called, sentence):
    every, asked = found
    assert member(every[label], asked) == {"label": called, "sentence": sentence}


def test_a_step_of_a_way_out_names_what_was_asked(found):
    every, asked = found

    def words(label, figure=None, value=np.nan):
        return said(Step(every[label], figure, value), asked)

    shut, budget, near = (
        "rule forced bridge-yard shut",
        "budget 2030 capital",
        "rule near",
    )
    assert words(shut) == "Bridge yard no longer forced shut"
    assert words(budget) == "no limit to the capital budget of 2030"
    figure = every[budget].figures[0]
    assert words(budget, figure, 2000) == "capital budget of 2030: 1,000 -> 2,000 GBP"
    within = every[near].figures[0]
    assert words(near, within, 30) == "within_km: 20 -> 30 km (rule near)"


def test_budgets_are_told_by_period(town):
    one = town.periods.iloc[[0]]
    periods = pd.concat([one, one.assign(period="2040", start_year=2040)])
    periods = periods.set_index("period", drop=False).rename_axis(None)
    periods = periods.assign(capital_budget=[5.0, np.nan])
    staged = replace(town, tables={**town.tables, "periods": periods})
    assert facts(staged)["budgets"] == {
        "capital": {"2030": 5.0, "2040": None},
        "public": {"2030": None, "2040": None},
    }


def test_every_parameter_of_a_rule_comes_with_what_it_means(town):
    for rule in rules_of(town, "distributed"):
        for parameter in rule["parameters"]:
            assert parameter["about"].endswith("."), (rule["id"], parameter["name"])
