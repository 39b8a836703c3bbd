"""What keeps sites shut: their status, and rules that hold hard and in every period."""

import pytest

from dmopt.data.instance import Instance
from dmopt.rules.shut import Exclusion, kept_shut
from tests.line import changed, line, rule
from tests.rules.on_paper import TWO_YEARS

SCHOOL = {"area": "hill", "kind": "school", "x": 0, "y": 3_000, "reason": "children"}
WEST_WET = "POLYGON ((-1000 -1000, 1000 -1000, 1000 1000, -1000 1000, -1000 -1000))"
WET = {"area": "tame", "name": "Tame", "kind": "flood", "geometry": WEST_WET}


def ruled(flood: dict | None = None, **tables) -> Instance:
    """Two rules over w: keep off the flood plain, and 5 km from the school."""
    (first,) = rule("excluded_area", "kinds=flood", "flood")
    (second,) = rule("least_distance", "km=5; kinds=school", "gate")
    rules = [first | (flood or {}), second]
    return line(rules=rules, areas=[WET, SCHOOL], **tables)


FLOOD = Exclusion("w", "flood", "Tame (flood)")
GATE = Exclusion("w", "gate", "3 km from hill (school): children")


def test_each_rule_that_shuts_a_site_is_named_in_the_order_of_the_rules():
    assert kept_shut(ruled()) == {"w": [FLOOD, GATE]}
    assert [str(each) for each in (FLOOD, GATE)] == [
        "flood: Tame (flood)",
        "gate: 3 km from hill (school): children",
    ]


@pytest.mark.parametrize(
    ("reason", "said"),
    [("sold", "excluded: sold"), ("", "excluded: no reason given")],
)
def test_the_status_of_a_site_comes_before_rules(reason, said):
    sites = changed("sites", "w", status="excluded", reason=reason)
    own, *by_rules = kept_shut(ruled(sites=sites))["w"]
    assert (own.rule, str(own)) == ("", said)
    assert by_rules == [FLOOD, GATE]


@pytest.mark.parametrize("change", [{"soft_price": 5}, {"on": False}, {"periods": "z"}])
def test_soft_rules_those_off_and_those_of_one_period_keep_nothing_shut(change):
    instance = ruled(change, periods=TWO_YEARS)
    assert kept_shut(instance) == {"w": [GATE]}
