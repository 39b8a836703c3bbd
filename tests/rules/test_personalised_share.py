"""Personalised share: slack, binding, the rows, rows and checker about plans, faults.

The oven also makes cakes; the east wants 10, worth 5 each and carried for nothing;
bread is worth 1 and 3 where it is not supplied.
"""

from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from tests.line import TABLES, Row, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import rows
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

TRAITS = "perishable; personalised"


def bakery(
    parameters: str | None,
    traits: str = TRAITS,
    prices: tuple[float, float] = (1, 5),
    **columns: Any,
) -> Instance:
    bread, cake = prices
    rows = rule("personalised_share", parameters) if parameters is not None else []
    return line(
        rules=[row | columns for row in rows],
        commodities=[
            TABLES["commodities"][0] | {"price": bread, "unmet_price": 3},
            {"commodity": "cake", "price": cake, "traits": traits},
        ],
        demand=[
            *TABLES["demand"],
            {"zone": "east", "commodity": "cake", "quantity_per_yr": 10},
        ],
        technologies=changed("technologies", capacity_per_yr=200),
        recipes=[*TABLES["recipes"], {"recipe": "whisk", "technology": "oven"}],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "whisk", "commodity": "cake", "quantity": 1},
        ],
        lanes=[*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "cake"}],
    )


def test_a_slack_rule_changes_nothing():
    # w alone; cakes are 50 of 150 money
    assert cost(bakery(None)) == pytest.approx(110)
    assert cost(bakery("share=33 %")) == pytest.approx(110)


@PATHS
def test_less_bread_is_baked_for_each_cake(path):
    # half of the value: 50 t of bread, to the west; 50 t are missing at 3
    assert cost(bakery("share=50 %"), path) == pytest.approx(70 + 150)
    # half of the units: 10 t of bread
    assert cost(bakery("share=50 %; by=units"), path) == pytest.approx(70 + 270)


def test_products_can_be_named():
    assert cost(bakery("share=50 %; products=cake", "")) == pytest.approx(220)
    assert cost(bakery("share=50 %; products=bread")) == pytest.approx(110)


def test_where_no_covered_product_can_be_personalised_nothing_is_asked():
    assert cost(bakery("share=1", "")) == pytest.approx(110)
    assert cost(bakery("share=1", products="bread")) == pytest.approx(110)


def test_without_prices_units_count():
    assert cost(bakery("share=50 %", prices=(0, 0))) == pytest.approx(340)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 75 - 50 money too little at 1; each tonne less saves half of 10, more than 3
    assert cost(bakery("share=50 %", soft_price=1)) == pytest.approx(135)
    assert cost(bakery("share=50 %", soft_price=10)) == pytest.approx(220)


def test_the_rows_are_those_on_paper():
    by_value = rows(bakery("share=0.25"))
    assert by_value == {
        "personalised[y]": (
            "0.25*output[w,bread,y] - 3.75*output[w,cake,y]"
            " + 0.25*output[e,bread,y] - 3.75*output[e,cake,y] + nobody  <=  0"
        )
    }


def baked(instance: Instance, bread: float) -> Plan:
    """w bakes so much bread, the west first, and the cakes."""
    west, east = min(bread, 60), max(bread - 60, 0)
    sent = {("west", "bread"): west, ("east", "bread"): east, ("east", "cake"): 10}
    made = {"bake": bread, "whisk": 10}
    short = {"west": 60 - west, "east": 40 - east}
    tables: dict[str, list[Row]] = {
        "opened": [{"site": "w", "period": "y"}],
        "modules": [standing("w")],
        "activity": [
            {"site": "w", "recipe": r, "period": "y", "quantity_per_yr": units}
            for r, units in made.items()
        ],
        "flows": [flow("w", z, units, c) for (z, c), units in sent.items() if units],
        "unmet": [
            {"zone": z, "commodity": "bread", "period": "y", "quantity_per_yr": units}
            for z, units in short.items()
        ],
    }
    return make_plan(instance, tables)


@pytest.mark.parametrize("bread", [5, 9.9, 10, 20, 49, 50, 51, 100])
@pytest.mark.parametrize(("by", "most"), [("value", 50), ("units", 10)])
def test_rows_and_checker_agree_about_plans(by, most, bread):
    instance = bakery(f"share=0.5; by={by}")
    plan = baked(instance, bread)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (bread <= most)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("share=50 %", "mine [y]: 15 money/yr too little"),
        ("share=50 %; by=units", "mine [y]: 35 units/yr too little"),
    ],
)
def test_the_checker_says_how_much_is_too_little(parameters, said):
    # 80 + 50 money, 90 units
    instance = bakery(parameters)
    assert [str(v) for v in broken(instance, baked(instance, 80))] == [said]


def test_what_is_made_outside_the_region_is_not_counted():
    (row,) = rule("personalised_share", "share=1; products=cake")
    cake = {"commodity": "cake"}
    instance = line(
        rules=[row],
        commodities=[*TABLES["commodities"], cake | {"unmet_price": 1}],
        demand=[*TABLES["demand"], cake | {"zone": "east", "quantity_per_yr": 10}],
        sites=changed("sites", in_region=False),
        lanes=[TABLES["lanes"][0] | {"origin": "site_outside"}],
    )
    # nobody makes cakes: 110 + 10 x 1
    assert cost(instance) == pytest.approx(120)
    assert broken(instance, baked(instance, 100)) == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("share=1.5", "share"),
        ("", "share"),
        ("share=1; by=t", "by"),
        ("share=1; products=cakes", r"'cakes'.*nearest: cake"),
        ("share=1; product=cake", "product"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(bakery(parameters))
