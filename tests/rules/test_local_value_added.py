"""Local value added: slack, binding, the rows, rows and checker about plans, faults.

Bread is worth 2. Keeping a site costs 200; a plant 20 km out is free to keep:
    plant alone   50 + 60 t x 20 km x 0.1 + 40 t x 10 km x 0.1 = 210
    w alone       50 + 200 + 40 t x 10 km x 0.1                = 290
"""

from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, Rows, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import rows
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

PLANT = {"site": "plant", "x": 20_000, "y": 0, "in_region": False}
FROM_PLANT = TABLES["lanes"][0] | {"origin": "site_outside"}
BREAD = {"price": 2, "unmet_price": 5}


def valued(
    parameters: str | None,
    tables: dict[str, Rows] | None = None,
    bread: dict[str, Any] = BREAD,
    **columns: Any,
) -> Instance:
    given = rule("local_value_added", parameters) if parameters is not None else []
    return line(
        **{
            "rules": [row | columns for row in given],
            "commodities": changed("commodities", **bread),
            "sites": [*changed("sites", fixed_cost_per_yr=200), PLANT],
            "lanes": [*TABLES["lanes"], FROM_PLANT],
            **(tables or {}),
        }
    )


def floury() -> dict[str, Rows]:
    """A tonne of bread takes one of flour, worth 1, that a mill at w gives away."""
    flour = {"commodity": "flour"}
    brought = flour | {"origin": "supplier", "destination": "site"}
    return {
        "commodities": [*changed("commodities", **BREAD), flour | {"price": 1}],
        "recipe_items": [
            *TABLES["recipe_items"],
            flour | {"recipe": "bake", "quantity": -1},
        ],
        "suppliers": [{"supplier": "mill", "x": 0, "y": 0}],
        "supplies": [flour | {"supplier": "mill", "price": 0}],
        "lanes": [*TABLES["lanes"], FROM_PLANT, TABLES["lanes"][0] | brought],
    }


def test_a_slack_rule_changes_nothing():
    assert cost(valued(None)) == pytest.approx(210)
    assert cost(valued("share=0")) == pytest.approx(210)


@PATHS
def test_value_is_added_in_the_region(path):
    # half of it: w opens and then makes all
    assert cost(valued("share=50 %"), path) == pytest.approx(290)


@PATHS
def test_inputs_are_value_added_elsewhere(path):
    # 1 of 2 is flour: more than half is never added here, so nothing is delivered
    assert cost(valued("share=50 %", floury()), path) == pytest.approx(290)
    assert cost(valued("share=60 %", floury()), path) == pytest.approx(500)


@PATHS
def test_what_must_be_delivered_and_cannot_be_made_here_is_no_plan(path):
    only_plant = {"sites": [PLANT], "lanes": [FROM_PLANT]}
    must = valued("share=10 %", only_plant, {"price": 2})
    assert solve(must, path=path, gap=0).status == "infeasible"
    assert cost(valued("share=10 %", only_plant), path) == pytest.approx(500)


def test_where_no_covered_product_has_a_price_nothing_is_asked():
    assert cost(valued("share=1", bread={})) == pytest.approx(210)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 200 money too little at 0.2: 210 + 40; at 1 w makes it
    assert cost(valued("share=1", soft_price=0.2)) == pytest.approx(250)
    assert cost(valued("share=1", soft_price=1)) == pytest.approx(290)


def test_the_rows_are_those_on_paper():
    # half of 2 x 100 t, less what is unmet
    row = rows(valued("share=0.5", floury()))["local[y]"]
    assert row == (
        "100.0 - unmet[bread,y] - (2.0*output[w,bread,y]"
        " + 2.0*output[e,bread,y] - input[w,flour,y] - input[e,flour,y])"
        " + nobody  <=  0"
    )


def baked(instance: Instance, here: float, unmet: float, flour: bool = False) -> Plan:
    """w bakes so much for the west, the plant the rest, but for what is unmet."""
    sent = {
        ("w", "west"): here,
        ("plant", "west"): 60 - here,
        ("plant", "east"): 40 - unmet,
    }
    made = {"w": here, "plant": 100 - here - unmet}
    flows = [flow(s, z, t) for (s, z), t in sent.items() if t]
    if flour:
        flows += [flow("mill", s, t, "flour") for s, t in made.items() if t]
    short = {"zone": "east", "commodity": "bread", "period": "y"}
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in made],
            "modules": [standing(s) for s in made],
            "activity": [
                {"site": s, "recipe": "bake", "period": "y", "quantity_per_yr": t}
                for s, t in made.items()
                if t
            ],
            "flows": flows,
            "unmet": [short | {"quantity_per_yr": unmet}] if unmet else [],
        },
    )


@pytest.mark.parametrize("flour", [False, True])
@pytest.mark.parametrize("unmet", [0, 20, 40])
@pytest.mark.parametrize("here", [10, 15, 20, 30, 60])
def test_rows_and_checker_agree_about_plans(here, unmet, flour):
    instance = valued("share=25 %", floury() if flour else None)
    plan = baked(instance, here, unmet, flour)
    short = 0.25 * 2 * (100 - unmet) - (1 if flour else 2) * here
    found = [(v.where, v.excess) for v in broken(instance, plan)]
    assert found == ([(("y",), pytest.approx(short))] if short > 0 else [])
    assert admits(instance, plan) == (found == [])


def test_the_checker_says_how_much_is_too_little():
    instance = valued("share=90 %")
    (found,) = broken(instance, baked(instance, 60, 0))
    assert str(found) == "mine [y]: 60 money/yr too little"


def test_only_covered_sites_and_products_count():
    for columns, said in (
        ({"districts": "E"}, ["mine [y]: 200 money/yr too little"]),
        ({"districts": "W"}, ["mine [y]: 80 money/yr too little"]),
    ):
        sites = [
            row | {"district": d, "fixed_cost_per_yr": 200}
            for row, d in zip(TABLES["sites"], ("W", "E"), strict=True)
        ]
        instance = valued("share=1", {"sites": [*sites, PLANT]}, **columns)
        plan = baked(instance, 60, 0)
        assert [str(v) for v in broken(instance, plan)] == said


@pytest.mark.parametrize(
    ("parameters", "said"),
    [("share=120 %", "share"), ("", "share"), ("share=1; of=bread", "of")],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(valued(parameters))
