"""Demand met: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from tests.line import TABLES, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import TWO_YEARS
from tests.rules.plans import baked, flow
from tests.rules.solved import solved

# A tonne that is missing costs 1.05. To open w costs 70, and the way to the east 1 a
# tonne:  nothing 105;  the west alone 70 + 40 x 1.05 = 112;  both 110
GOODS = [TABLES["commodities"][0] | {"unmet_price": 1.05}]


def served(parameters: str, columns: dict | None = None, **tables: list) -> Instance:
    (row,) = rule("demand_met", parameters)
    return line(**({"commodities": GOODS, "rules": [row | (columns or {})]} | tables))


def test_a_slack_rule_changes_nothing():
    assert solved(served("share=0")).cost == pytest.approx(105)


@PATHS
@pytest.mark.parametrize(
    ("share", "cost"),
    # a van to the east costs 1 a tonne and saves 1.05: once w bakes, all are served
    [("1 %", 110), ("60 %", 110), ("100 %", 110)],
)
def test_to_serve_some_an_oven_is_needed(path, share, cost):
    result = solved(served(f"share={share}"), path)
    assert result.cost == pytest.approx(cost)
    assert broken(result.plan.instance, result.plan) == []


def test_no_more_is_brought_than_is_asked():
    # the way costs 3 a tonne: the west alone, and of the east what is asked
    modes = [TABLES["modes"][0] | {"cost_per_tkm": 0.3}]
    for share, cost in (("60 %", 70 + 40 * 1.05), ("70 %", 70 + 10 * 3 + 30 * 1.05)):
        instance = served(f"share={share}", modes=modes)
        assert solved(instance).cost == pytest.approx(cost)


def test_what_must_be_met_anyway_needs_no_row():
    instance = served("share=50 %", commodities=TABLES["commodities"])
    assert solved(instance).cost == pytest.approx(110)
    problem = make_problem(instance, make_rules(instance))
    assert not [key for key in problem.decisions.row_keys if "met" in str(key[:2])]


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 60 t are asked. Nothing costs 105 and a price for 60 t, all of it 110
    for price, cost in ((0.05, 105 + 3), (0.1, 110)):
        result = solved(served("share=60 %", {"soft_price": price}))
        assert result.cost == pytest.approx(cost)


def brought(instance: Instance, west: float) -> Plan:
    """The west gets so much, the east nothing."""
    short = [
        {"zone": z, "commodity": "bread", "period": "y", "quantity_per_yr": t}
        for z, t in (("west", 60 - west), ("east", 40))
        if t
    ]
    tables = baked(instance, "w").tables
    activity = tables["activity"].assign(quantity_per_yr=west)
    flows = [flow("w", "west", west)] if west else []
    return make_plan(
        instance, {**tables, "activity": activity, "flows": flows, "unmet": short}
    )


@pytest.mark.parametrize("west", [0, 20, 30, 31, 60])
def test_rows_and_checker_agree_about_plans(west):
    instance = served("share=30 %")
    plan = brought(instance, west)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (west >= 30)
    if found:
        (violation,) = found
        assert violation.where == ("bread", "y")
        assert violation.excess == pytest.approx(30 - west)


def test_only_products_and_periods_covered_are_asked():
    goods = [*GOODS, {"commodity": "cake", "t_per_unit": 1, "unmet_price": 0.1}]
    demand = [
        *TABLES["demand"],
        {"zone": "east", "commodity": "cake", "quantity_per_yr": 40},
    ]
    tables = {"commodities": goods, "demand": demand, "periods": TWO_YEARS}
    columns = {"products": "cake", "periods": "z"}
    instance = served("share=50 %", columns, **tables)
    (one,) = make_rules(instance)
    short = [
        {"zone": "east", "commodity": c, "period": t, "quantity_per_yr": 40}
        for c in ("bread", "cake")
        for t in "yz"
    ]
    (found,) = one.check(instance, make_plan(instance, {"unmet": short}))
    assert found.where == ("cake", "z") and found.excess == pytest.approx(20)
    assert solved(instance).status == "infeasible"  # nobody bakes cake


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "share"),
        ("share=2", "share"),
        ("share=most", "share"),
        ("least=1", "least"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(served(parameters))


def test_it_is_of_the_whole_region():
    zones = [each | {"district": "here"} for each in TABLES["zones"]]
    with pytest.raises(InstanceError, match=r"districts.*a blank cell"):
        make_rules(served("share=1", {"districts": "here"}, zones=zones))
