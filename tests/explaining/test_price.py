"""Prices of rules: by hand, bounded by the gaps, and the same warm as cold."""

import pytest

from dmopt.data.instance import Instance
from dmopt.explaining.archive import Known
from dmopt.explaining.price import ALL_RULES, Price, _price, price
from tests.line import line, rule

# w alone 110; both 140 (tests/line.py)


def ruled() -> Instance:
    rows = rule("proximity_service", "share=1; within_km=5", "near")
    return line(rules=rows + rule("site_count", "least=1", "some"))


def by_name(instance: Instance, **options: object) -> dict[str, Price]:
    found = price(instance, gap=0.0, **options)  # type: ignore[arg-type]
    return {each.name: each for each in found.prices}


def test_a_binding_rule_has_the_price_by_hand_and_a_slack_one_none():
    found = by_name(ruled())
    assert found["near"].low == pytest.approx(30)
    assert found["near"].high == pytest.approx(30)
    assert found["near"].change["sites_open"] == -1
    assert found["some"].high == pytest.approx(0)
    assert found["D1"].low == pytest.approx(30)
    assert found[ALL_RULES].low == pytest.approx(30)


def test_what_the_gaps_leave_open_is_not_called_a_price():
    # with: 100 to 140. Without: 90 to 110. The rule costs 0 to 50
    one = found_price(Known(None, 140, 100, True), Known(None, 110, 90, True))
    assert (one.low, one.high, one.known) == (0, 50, False)
    # with: 135 to 140. Without: 105 to 110. It costs 25 to 35
    one = found_price(Known(None, 140, 135, True), Known(None, 110, 105, True))
    assert (one.low, one.high, one.known) == (25, 35, True)


def found_price(base: Known, without: Known) -> Price:
    return _price("rule", "any", "", frozenset(["any"]), base, without, {})


def test_earlier_solves_answer_where_they_can():
    # with all 140, without any 110: that plan keeps `some`, so without `near` it is 110
    # too, unsolved. Without `some` lies between 110 and 140: solved, for its dimension
    found = price(ruled(), gap=0.0)
    solved = {each.name for each in found.prices if each.solved}
    assert solved == {ALL_RULES, "planning"}
    assert found.solves == 2


def many() -> Instance:
    """Some rules that bind and some that do not."""
    rows = [
        ("near", "proximity_service", "share=1; within_km=5"),
        ("few", "site_count", "most=2"),
        ("some", "site_count", "least=1"),
        ("reach", "worst_served", "within_km=12"),
        ("jobs", "count_and_classes", "least=1"),
        ("cover", "backup_cover", "sites=1; within_km=10"),
    ]
    return line(rules=[{"id": i, "rule": k, "parameters": p} for i, k, p in rows])


def test_warm_and_cold_agree_within_their_gaps():
    warm, cold = price(many(), gap=0.0), price(many(), gap=0.0, warm=False)
    assert warm.solves < cold.solves / 2
    for one, other in zip(warm.prices, cold.prices, strict=True):
        assert one.name == other.name
        assert one.low == pytest.approx(other.low, abs=1e-6)
        assert one.high == pytest.approx(other.high, abs=1e-6)


def test_rules_that_leave_no_plan_cost_the_plan_itself():
    found = by_name(line(rules=rule("site_count", "most=0", "none")))
    assert found["none"].low != found["none"].low  # NaN: there is no cost with it
    assert found["none"].cost == pytest.approx(110)
