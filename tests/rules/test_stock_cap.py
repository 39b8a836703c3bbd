"""Stock cap: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

# w alone serves both towns: 110; both open: 140
TWO = {
    "recipes": [
        {"recipe": "bake", "technology": "oven", "stock_days": 10},
        {
            "recipe": "fresh",
            "technology": "oven",
            "stock_days": 0,
            "variable_cost": 0.2,
        },
    ],
    "recipe_items": [
        {"recipe": "bake", "commodity": "bread", "quantity": 1},
        {"recipe": "fresh", "commodity": "bread", "quantity": 1},
    ],
}
"""Bread held for ten days, or made fresh for 0.2 a tonne."""


def held(
    most_days: object, columns: dict | None = None, **tables: list[dict]
) -> Instance:
    (row,) = rule("stock_cap", f"most_days={most_days}")
    return line(rules=[row | (columns or {})], **({**TWO} | tables))


def test_a_slack_rule_changes_nothing():
    assert cost(held(10)) == pytest.approx(110)
    fresh = {name: TABLES[name] for name in ("recipes", "recipe_items")}
    assert cost(held(0, **fresh)) == pytest.approx(110)


@MODEL_PATHS
def test_half_is_made_fresh_where_five_days_are_the_most(path):
    # (10 - 5) bake <= 5 fresh: 50 t at 0.2
    assert cost(held(5), path) == pytest.approx(120)


@MODEL_PATHS
def test_all_is_made_fresh_where_no_stock_is_held(path):
    assert cost(held(0), path) == pytest.approx(130)


def test_a_product_that_can_only_be_held_too_long_is_not_made():
    only = {
        "recipes": TWO["recipes"][:1],
        "recipe_items": TWO["recipe_items"][:1],
    }
    assert solve(held(9, **only)).status == "infeasible"


def test_sites_outside_are_asked_too_and_those_not_covered_are_not():
    sites = [each | {"in_region": False} for each in TABLES["sites"]]
    lanes = [TABLES["lanes"][0] | {"origin": "site_outside"}]
    assert cost(held(0, sites=sites, lanes=lanes)) == pytest.approx(130)
    sites = [each | {"district": "old"} for each in TABLES["sites"]]
    zones = [each | {"district": "new"} for each in TABLES["zones"]]
    other = held(0, {"districts": "new"}, sites=sites, zones=zones)
    assert cost(other) == pytest.approx(110)


def test_only_covered_periods_are_asked_for():
    # a year of 110 and one of 120
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    instance = held(5, {"periods": "z"}, periods=periods)
    assert cost(instance) == pytest.approx(115)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 100 t x 5 days too many / 365 at 5: 6.85 < 10
    soft = held(5, {"soft_price": 5})
    assert cost(soft) == pytest.approx(110 + 5 * 100 * 5 / 365)
    assert cost(held(5, {"soft_price": 10})) == pytest.approx(120)


def test_the_row_is_the_one_on_paper():
    instance = held(2.7)
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"].stock
    assert sorted(rows) == [("e", "bread", "y"), ("w", "bread", "y")]
    assert str(rows["w", "bread", "y"].expr) == (
        f"{(10 - 2.7) / 365}*activity[w,bake,y] - "
        f"{2.7 / 365}*activity[w,fresh,y]  <=  0"
    )


def made(instance: Instance, bake: float) -> Plan:
    """w bakes so much and makes the rest fresh."""
    return make_plan(
        instance,
        {
            "opened": [{"site": "w", "period": "y"}],
            "modules": [standing("w")],
            "activity": [
                {"site": "w", "recipe": r, "period": "y", "quantity_per_yr": t}
                for r, t in (("bake", bake), ("fresh", 100 - bake))
                if t
            ],
            "flows": [flow("w", "west", 60), flow("w", "east", 40)],
        },
    )


@pytest.mark.parametrize("bake", [0, 29, 30, 31, 100])
def test_rows_and_checker_agree_about_plans(bake):
    instance = held(3)
    plan = made(instance, bake)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (bake <= 30)
    if found:
        (violation,) = found
        assert violation.where == ("w", "bread", "y")
        assert violation.excess == pytest.approx((10 * bake - 3 * 100) / 365)
        assert violation.unit == "units held too many"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [("-1", "most_days"), ("few", "most_days"), ("1; days=2", "days")],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(held(parameters))
