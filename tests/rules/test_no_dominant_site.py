"""No dominant site: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line, rule
from tests.paths import MODEL_PATHS, PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

# w alone serves both towns: 50 + 20 + 40 t x 10 km x 0.1 = 110; both open: 140


def shared(
    parameters: str, columns: dict | None = None, **tables: list[dict]
) -> Instance:
    (row,) = rule("no_dominant_site", parameters)
    return line(rules=[row | (columns or {})], **tables)


def test_one_site_may_send_all_where_the_share_is_one():
    assert cost(shared("share=100 %")) == pytest.approx(110)


@PATHS
def test_two_thirds_at_most_from_one_opens_the_second(path):
    assert cost(shared("share=0.6"), path) == pytest.approx(140)


@MODEL_PATHS
def test_half_at_most_from_one_takes_bread_the_long_way(path):
    # e bakes 50: 10 t go 10 km to the west, 140 + 10
    assert cost(shared("share=0.5"), path) == pytest.approx(150)


def test_two_sites_cannot_each_have_less_than_half():
    assert solve(shared("share=0.4")).status == "infeasible"


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # no prices, so units: 40 t above 60 at 0.5 each
    assert cost(shared("share=0.6", {"soft_price": 0.5})) == pytest.approx(130)
    assert cost(shared("share=0.6", {"soft_price": 1})) == pytest.approx(140)


def test_a_site_outside_the_region_is_on_neither_side():
    # e is outside: what is made in the region, w makes alone, and may not
    outside = [TABLES["sites"][0], TABLES["sites"][1] | {"in_region": False}]
    lanes = [TABLES["lanes"][0], TABLES["lanes"][0] | {"origin": "site_outside"}]
    instance = shared("share=0.6", sites=outside, lanes=lanes)
    assert cost(instance) == pytest.approx(130)


def test_only_covered_periods_are_asked_for():
    # a year of 110 and one of 140
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    instance = shared("share=0.6", {"periods": "z"}, periods=periods)
    assert cost(instance) == pytest.approx(125)


def test_another_product_is_left_alone():
    goods = [*TABLES["commodities"], {"commodity": "cake"}]
    demand = [
        *TABLES["demand"],
        {"zone": "west", "commodity": "cake", "quantity_per_yr": 0},
    ]
    instance = shared(
        "share=0.6", {"products": "cake"}, commodities=goods, demand=demand
    )
    assert cost(instance) == pytest.approx(110)


def test_the_rows_are_those_on_paper():
    instance = shared("share=0.6", commodities=changed("commodities", price=3))
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"]
    assert str(rows.means.total["y"].expr) == (
        "rule[mine].means.sent[y]  ==  3.0*output[w,bread,y] + 3.0*output[e,bread,y]"
    )
    assert str(rows.dominant["w", "y"].expr) == (
        "3.0*output[w,bread,y]  <=  0.6*rule[mine].means.sent[y]"
    )


TWO = {
    "commodities": [
        {"commodity": "bread", "t_per_unit": 1, "price": 1},
        {"commodity": "cake", "t_per_unit": 0.5, "price": 9},
    ],
    "demand": [
        *TABLES["demand"],
        {"zone": "west", "commodity": "cake", "quantity_per_yr": 20},
    ],
    "technologies": changed("technologies", capacity_per_yr=120),
    "recipes": [*TABLES["recipes"], {"recipe": "ice", "technology": "oven"}],
    "recipe_items": [
        *TABLES["recipe_items"],
        {"recipe": "ice", "commodity": "cake", "quantity": 1},
    ],
    "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "cake"}],
}
"""With 20 cakes for the west: dear and light."""


def both(instance: Instance, from_w: float) -> Plan:
    """w sends so much bread to the east, all to the west and all cakes."""
    made = [
        ("w", "bake", 60 + from_w),
        ("w", "ice", 20),
        ("e", "bake", 40 - from_w),
    ]
    sent = [
        flow("w", "west", 60),
        flow("w", "east", from_w),
        flow("e", "east", 40 - from_w),
        flow("w", "west", 20, "cake"),
    ]
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in "we"],
            "modules": [standing("w"), standing("e")],
            "activity": [
                {"site": s, "recipe": r, "period": "y", "quantity_per_yr": t}
                for s, r, t in made
                if t
            ],
            "flows": [each for each in sent if each["quantity_per_yr"]],
        },
    )


@pytest.mark.parametrize(
    ("parameters", "own", "total", "unit"),
    [
        # from w: 60 bread and 20 cakes; from e 40 bread
        ("share=0.7; by=value", 60 + 180, 280, "GBP/yr"),
        ("share=0.7; by=units", 80, 120, "units/yr"),
        ("share=0.5; by=t", 60 + 10, 110, "t/yr"),
    ],
)
def test_rows_and_checker_agree_in_each_unit(parameters, own, total, unit):
    instance = shared(parameters, **TWO)
    plan = both(instance, 0)
    found = broken(instance, plan)
    share = float(parameters[6:9])
    assert admits(instance, plan) == (found == []) == (own <= share * total)
    if found:
        (violation,) = found
        assert (violation.row, violation.where) == ("mine", ("w", "y"))
        assert violation.excess == pytest.approx(own - share * total)
        assert violation.unit == f"{unit} above the share"


@pytest.mark.parametrize("from_w", [0, 11.9, 12, 12.5, 40])
def test_rows_and_checker_agree_about_plans(from_w):
    # 0.8 x 280 = 224 < 240 + from_w; by units: 80 + from_w <= 92 of 120 at 0.7667
    instance = shared("share=0.76666666666666667; by=units", **TWO)
    plan = both(instance, from_w)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (from_w <= 12)
    assert [each.excess for each in found] == pytest.approx(
        [from_w - 12] if from_w > 12 else []
    )


def test_without_any_price_units_are_counted():
    free = [each | {"price": 0} for each in TWO["commodities"]]
    instance = shared("share=0.5", **(TWO | {"commodities": free}))
    (violation,) = broken(instance, both(instance, 0))
    assert violation.excess == pytest.approx(80 - 60)
    assert violation.unit == "units/yr above the share"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("share=1.5", "share"),
        ("", "share"),
        ("share=1; by=price", "by"),
        ("share=1; kappa=1", "kappa"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(shared(parameters))
