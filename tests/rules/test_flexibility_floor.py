"""Flexibility floor: slack, binding, the rows, the checker, bad parameters."""

from itertools import product

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from tests.line import TABLES, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

TIN = {"technology": "tin", "capacity_per_yr": 20, "fixed_cost_per_yr": 5}
TWO = {
    "modes": [TABLES["modes"][0] | {"cost_per_tkm": 1}],
    "commodities": [*TABLES["commodities"], {"commodity": "cake"}],
    "demand": [
        *TABLES["demand"],
        {"zone": "west", "commodity": "cake", "quantity_per_yr": 10},
    ],
    "technologies": [*TABLES["technologies"], TIN],
    "recipes": [*TABLES["recipes"], {"recipe": "ice", "technology": "tin"}],
    "recipe_items": [
        *TABLES["recipe_items"],
        {"recipe": "ice", "commodity": "cake", "quantity": 1},
    ],
    "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "cake"}],
}
"""At 1 a t-km both sites bake; w or e has a tin for the weightless cakes:
2 x (50 + 20) + 5 = 145."""


def flexible(
    parameters: str, columns: dict | None = None, **tables: list[dict]
) -> Instance:
    (row,) = rule("flexibility_floor", parameters)
    return line(rules=[row | (columns or {})], **(TWO | tables))


@pytest.mark.parametrize("products", [0, 1])
def test_a_slack_rule_changes_nothing(products):
    assert cost(flexible(f"least={products}")) == pytest.approx(145)


@MODEL_PATHS
@pytest.mark.parametrize("products", [2, 9])
def test_both_sites_have_a_tin_where_each_makes_two_products(products, path):
    # no more than two products can be asked for
    assert cost(flexible(f"least={products}"), path) == pytest.approx(150)


def test_a_site_is_asked_for_no_more_than_may_stand_there():
    kinds = [TABLES["technologies"][0], TIN | {"site_classes": "large"}]
    sites = [TABLES["sites"][0] | {"class": "large"}, TABLES["sites"][1]]
    instance = flexible("least=2", technologies=kinds, sites=sites)
    assert cost(instance) == pytest.approx(145)


def test_what_is_committed_is_all_that_may_stand_there():
    sites = [TABLES["sites"][0], TABLES["sites"][1] | {"status": "committed"}]
    stands = [{"site": "e", "technology": "oven", "modules": 1}]
    instance = flexible("least=2", sites=sites, standing_modules=stands)
    assert cost(instance) == pytest.approx(145)


def test_sites_outside_and_other_products_are_left_alone():
    sites = [TABLES["sites"][0], TABLES["sites"][1] | {"in_region": False}]
    lanes = [*TWO["lanes"], TABLES["lanes"][0] | {"origin": "site_outside"}]
    outside = flexible("least=2", sites=sites, lanes=lanes)
    assert cost(outside) == pytest.approx(145)
    bread = flexible("least=2", {"products": "bread"})
    assert cost(bread) == pytest.approx(145)


def test_only_covered_periods_are_asked_for():
    # a year of 145 and one of 150
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    instance = flexible("least=2", {"periods": "z"}, periods=periods)
    assert cost(instance) == pytest.approx(147.5)


def test_a_technology_that_makes_all_leaves_nothing_to_ask():
    cell = {
        "technologies": TABLES["technologies"],
        "recipes": [
            {"recipe": "bake", "technology": "oven"},
            {"recipe": "ice", "technology": "oven"},
        ],
    }
    instance = flexible("least=2", **cell)
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"]
    assert len(rows.flexible) == len(rows.means.works) == 0


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    assert cost(flexible("least=2", {"soft_price": 3})) == pytest.approx(148)
    assert cost(flexible("least=2", {"soft_price": 6})) == pytest.approx(150)


def test_the_rows_are_those_on_paper():
    instance = flexible("least=9")
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"]
    means = "rule[mine].means"
    assert str(rows.flexible["w", "y"].expr) == (
        f"2*{means}.works[w,y]  <=  {means}.able[w,bread,y] + {means}.able[w,cake,y]"
    )
    assert str(rows.means.if_able["w", "cake", "y"].expr) == (
        f"{means}.able[w,cake,y]  <=  modules[w,tin,y]"
    )


def stood(instance: Instance, w: str, e: str) -> Plan:
    """w and e with modules of these ("o" oven, "t" tin), serving their towns."""
    kinds = {"o": "oven", "t": "tin"}
    sent = [
        flow("w", "west", 60),
        flow("e", "east", 40),
        flow("w" if "t" in w else "e", "west", 10, "cake"),
    ]
    made = [("w", "bake", 60), ("e", "bake", 40), (sent[2]["origin"], "ice", 10)]
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in "we"],
            "modules": [
                standing(s, kinds[k]) for s, of in (("w", w), ("e", e)) for k in of
            ],
            "activity": [
                {"site": s, "recipe": r, "period": "y", "quantity_per_yr": t}
                for s, r, t in made
            ],
            "flows": sent,
        },
    )


STANDS = [("ot", "ot"), ("ot", "o"), ("o", "ot")]


@pytest.mark.parametrize(("products", "stands"), list(product([2, 3], STANDS)))
def test_rows_and_checker_agree_about_plans(products, stands):
    instance = flexible(f"least={products}")
    plan = stood(instance, *stands)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_names_the_site_and_what_it_lacks():
    instance = flexible("least=3")
    (violation,) = broken(instance, stood(instance, "ot", "o"))
    assert violation.where == ("e", "y")
    assert str(violation) == "mine [e, y]: 1 products"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("least=-1", "least"),
        ("least=1.5", "least"),
        ("", "least"),
        ("least=1; v=2", "v"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(flexible(parameters))
