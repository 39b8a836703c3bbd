"""The rules a run keeps: what each asks, and whether the plan keeps it."""

import pandas as pd
import pytest

from dmopt.plan.violation import Violation
from dmopt.rules import edit_rules
from dmopt.runs import write_run
from dmopt.runs.rules import missed_by_unit, rules_table
from tests.line import line
from tests.maps.city import result_of
from tests.rules.means import working

PLAN_RULES = [
    {"id": "one", "rule": "site_count", "parameters": "most=1"},
    {
        "id": "even",
        "rule": "no_dominant_site",
        "parameters": "share=0.6",
        "soft_price": 0.5,
        "source": "town plan",
    },
    {"id": "two", "rule": "site_count", "parameters": "least=2", "soft_price": 7},
    {"id": "off", "rule": "site_count", "parameters": "most=0", "on": False},
]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    # w makes all 100 t, 60 of them are its share: 40 above; one site short of two
    plan = working(line(rules=PLAN_RULES), {"w": 100})
    return rules_table(plan).set_index("id")


def test_every_rule_that_is_on_has_a_row_and_says_what_it_asks(table):
    assert table.index.to_list() == ["one", "even", "two"]
    assert table.kind["even"] == "no_dominant_site"
    assert table.sentence["even"].startswith("No site makes more than 60 % of the")
    assert table.dimension.to_dict() == {
        "one": "Local planning",
        "even": "D1 Network structure",
        "two": "Local planning",
    }
    assert table.status["even"] == "reconstructed"
    assert table.status["one"] == "confirmed"
    assert table.source["even"] == "town plan"
    assert table.source["one"] == "catalogue, P1"


def test_a_rule_that_is_kept_is_missed_by_nothing(table):
    one = table.loc["one"]
    assert one.kept and one.firm == "hard" and pd.isna(one.price_per_unit)
    assert (one.missed, one.missed_unit, one.places) == (0, "", 0)


def test_a_soft_rule_says_by_how_much_it_is_missed(table):
    even, two = table.loc["even"], table.loc["two"]
    assert not even.kept and even.firm == "soft" and even.price_per_unit == 0.5
    assert even.missed == pytest.approx(40)
    assert even.missed_unit.startswith("units/yr")
    assert (two.missed, two.places, two.price_per_unit) == (1, 1, 7)


def test_a_hard_rule_that_a_plan_breaks_is_told_too():
    instance = edit_rules(line(), add=["none: site_count most=0"])
    (row,) = rules_table(working(instance, {"w": 100})).itertuples()
    assert (row.kept, row.firm, row.missed, row.places) == (False, "hard", 1, 1)


def test_amounts_of_different_units_are_not_added():
    missed = [
        Violation("r", ("w", "y"), 2, "t"),
        Violation("r", ("w", "z"), 3, "t"),
        Violation("r", ("w", "y"), 4, "km"),
    ]
    assert missed_by_unit(missed) == {"t": (5, 2), "km": (4, 1)}


def test_without_rules_the_table_has_its_columns_and_no_rows():
    empty = rules_table(working(line(), {"w": 100}))
    assert empty.empty and list(empty)[:3] == ["id", "kind", "sentence"]


def test_a_run_keeps_the_table(tmp_path):
    plan = working(line(rules=PLAN_RULES), {"w": 100})
    folder = write_run(result_of(plan), tmp_path / "run")
    written = pd.read_csv(folder / "tables" / "rules.csv").set_index("id")
    assert written.kept.to_dict() == {"one": True, "even": False, "two": False}
    assert written.missed["even"] == pytest.approx(40)
