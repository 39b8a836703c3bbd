"""Few standard inputs: slack, binding, the rows, rows and checker, bad parameters.

Bread takes flour (0.1 a tonne) and yeast (0.1 t at 1 a tonne); plain bread takes flour
alone and 0.3 more work. A mill beside w sells both, carried for nothing. So
    w alone, bread   110 + 100 x (0.1 + 0.1) = 130
    w alone, plain   110 + 100 x (0.1 + 0.3) = 150
"""

from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, Row, Rows, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import rows
from tests.rules.plans import flow, standing
from tests.rules.solved import cost


def items(recipe: str, **quantity: float) -> Rows:
    return [
        {"recipe": recipe, "commodity": c, "quantity": units}
        for c, units in quantity.items()
    ]


BAKERY: dict[str, Rows] = {
    "commodities": [
        *TABLES["commodities"],
        {"commodity": "flour"},
        {"commodity": "yeast"},
    ],
    "recipes": [
        *TABLES["recipes"],
        {"recipe": "plain", "technology": "oven", "variable_cost": 0.3},
    ],
    "recipe_items": [
        *items("bake", bread=1, flour=-1, yeast=-0.1),
        *items("plain", bread=1, flour=-1),
    ],
    "suppliers": [{"supplier": "mill", "x": 0, "y": 0}],
    "supplies": [
        {"supplier": "mill", "commodity": "flour", "price": 0.1},
        {"supplier": "mill", "commodity": "yeast", "price": 1},
    ],
    "lanes": [
        *TABLES["lanes"],
        *(
            TABLES["lanes"][0]
            | {"commodity": c, "origin": "supplier", "destination": "site"}
            for c in ("flour", "yeast")
        ),
    ],
}


def simple(
    parameters: str, tables: dict[str, Rows] = BAKERY, **columns: Any
) -> Instance:
    (row,) = rule("few_inputs", parameters)
    return line(rules=[row | columns], **tables)


def test_a_slack_rule_changes_nothing():
    assert cost(line(**BAKERY)) == pytest.approx(130)
    assert cost(simple("most=2")) == pytest.approx(130)
    # no recipe uses anything up
    assert cost(simple("most=0", {})) == pytest.approx(110)


@PATHS
def test_one_input_is_plain_bread(path):
    assert cost(simple("most=1"), path) == pytest.approx(150)


@PATHS
def test_no_input_is_no_bread(path):
    assert solve(simple("most=0"), path=path, gap=0).status == "infeasible"


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one input too many
    assert cost(simple("most=1", soft_price=5)) == pytest.approx(135)
    assert cost(simple("most=1", soft_price=30)) == pytest.approx(150)
    assert cost(simple("most=0", soft_price=5)) == pytest.approx(140)


def test_inputs_of_sites_outside_the_region_are_not_counted():
    outside = BAKERY | {
        "sites": changed("sites", in_region=False),
        "lanes": [
            TABLES["lanes"][0] | {"origin": "site_outside"},
            *BAKERY["lanes"][1:],
        ],
    }
    assert cost(simple("most=0", outside)) == pytest.approx(130)


def with_press(site_class: str) -> dict[str, Rows]:
    """A press (5 a year) prints 10 posters for the east with paste of flour and yeast;
    w is a yard for ovens, e a shop, where both may stand."""
    poster = {"commodity": "poster"}
    press = {"technology": "press", "capacity_per_yr": 10, "fixed_cost_per_yr": 5}
    return BAKERY | {
        "sites": [
            row | {"class": kind}
            for row, kind in zip(TABLES["sites"], ("yard", "shop"), strict=True)
        ],
        "technologies": [
            *TABLES["technologies"],
            press | {"site_classes": site_class},
        ],
        "commodities": [*BAKERY["commodities"], poster],
        "demand": [*TABLES["demand"], poster | {"zone": "east", "quantity_per_yr": 10}],
        "recipes": [*BAKERY["recipes"], {"recipe": "print", "technology": "press"}],
        "recipe_items": [
            *BAKERY["recipe_items"],
            *items("print", poster=1, flour=-1, yeast=-1),
        ],
        "lanes": [*BAKERY["lanes"], TABLES["lanes"][0] | poster],
    }


@PATHS
def test_a_rule_about_bread_leaves_printers_alone(path):
    # w plain bread 150; e prints: 20 + 5 + 10 x (0.1 + 1)
    shop = with_press("shop")
    assert cost(simple("most=1", shop, products="bread"), path) == pytest.approx(186)
    everything = simple("most=1", shop)
    assert solve(everything, path=path, gap=0).status == "infeasible"
    # at w, beside the oven, the printer's yeast is the site's
    yard = simple("most=1", with_press("yard"), products="bread", soft_price=1)
    assert cost(yard, path) == pytest.approx(130 + 5 + 11 + 1)


def test_the_rows_are_those_on_paper():
    instance = simple("most=1")
    assert rows(instance) == {
        "few[w,y]": "uses_input[w,flour,y] + uses_input[w,yeast,y]  <=  1",
        "few[e,y]": "uses_input[e,flour,y] + uses_input[e,yeast,y]  <=  1",
    }
    m = build(instance, Scope(instance), make_rules(instance))
    brought = m.rule["mine"].means.brought["w", "yeast", "y"].expr
    assert str(brought).replace("rule[mine].means.", "") == (
        "input[w,yeast,y]  <=  10.0*uses_input[w,yeast,y]"
    )
    assert rows(simple("most=2")) == {}
    mixed = rows(simple("most=1", with_press("shop"), products="bread"))
    assert mixed["few[e,y]"] == (
        "uses_input[e,flour,y] + uses_input[e,yeast,y] + works[e,y] - 1  <=  1"
    )


def baked(instance: Instance, yeasty: float, press: bool = False) -> Plan:
    """w bakes 100 t, so many of them with yeast; a press at e prints or not."""
    amounts = {"bake": yeasty, "plain": 100 - yeasty}
    active: list[Row] = [
        {"site": "w", "recipe": r, "period": "y", "quantity_per_yr": t}
        for r, t in amounts.items()
        if t
    ]
    sent = [
        flow("w", "west", 60),
        flow("w", "east", 40),
        flow("mill", "w", 100, "flour"),
    ]
    if yeasty:
        sent.append(flow("mill", "w", yeasty / 10, "yeast"))
    if press:
        active.append(
            {"site": "e", "recipe": "print", "period": "y", "quantity_per_yr": 10}
        )
        sent += [flow("mill", "e", 10, c) for c in ("flour", "yeast")]
        sent.append(flow("e", "east", 10, "poster"))
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in ("we" if press else "w")],
            "modules": [standing("w"), *([standing("e", "press")] if press else [])],
            "activity": active,
            "flows": sent,
        },
    )


@pytest.mark.parametrize("yeasty", [0, 1, 50, 100])
@pytest.mark.parametrize("most", [0, 1, 2])
def test_rows_and_checker_agree_about_plans(most, yeasty):
    instance = simple(f"most={most}")
    plan = baked(instance, yeasty)
    inputs = 1 + (yeasty > 0)
    found = [(v.where, v.excess) for v in broken(instance, plan)]
    assert found == ([(("w", "y"), inputs - most)] if inputs > most else [])
    assert admits(instance, plan) == (found == [])


@pytest.mark.parametrize("yeasty", [0, 100])
@pytest.mark.parametrize("products", ["", "bread", "poster"])
def test_they_agree_about_sites_of_several_technologies(products, yeasty):
    instance = simple("most=1", with_press("shop"), products=products)
    plan = baked(instance, yeasty, press=True)
    broken_at = {v.where[0] for v in broken(instance, plan)}
    at_w = {"w"} if yeasty and products != "poster" else set()
    assert broken_at == at_w | ({"e"} if products != "bread" else set())
    assert admits(instance, plan) == (broken_at == set())


def test_the_checker_says_how_many_are_too_many():
    instance = simple("most=0")
    (found,) = broken(instance, baked(instance, 50))
    assert str(found) == "mine [w, y]: 2 inputs too many"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [("most=-1", "most"), ("most=1.5", "most"), ("", "most"), ("least=1", "least")],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(simple(parameters))
