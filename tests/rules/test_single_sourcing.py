"""Single sourcing: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.reference import build_reference
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.solved import cost

# One town midway wants 100 t; an oven makes 60 t, a line at the plant 25 km off 100 t.
#   split between w and e   2 x (50 + 20) + 100 t x 5 km x 0.1 = 190
#   all from the plant      80 + 100 t x 25 km x 0.1           = 330
SPLIT, WHOLE = 190, 330


def midway(parameters: str | None = None, **tables: list) -> Instance:
    given = {
        "zones": [{"zone": "mid", "x": 5000, "y": 0}],
        "demand": [{"zone": "mid", "commodity": "bread", "quantity_per_yr": 100}],
        "sites": [
            *changed("sites", **{"class": "yard"}),
            {"site": "plant", "class": "plant", "x": 30_000, "y": 0},
        ],
        "technologies": [
            *changed("technologies", capacity_per_yr=60, site_classes="yard"),
            {
                "technology": "line",
                "capacity_per_yr": 100,
                "fixed_cost_per_yr": 80,
                "site_classes": "plant",
            },
        ],
        "recipes": [*TABLES["recipes"], {"recipe": "roll", "technology": "line"}],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "roll", "commodity": "bread", "quantity": 1},
        ],
    }
    if parameters is not None:
        given["rules"] = rule("single_sourcing", parameters)
    return line(**(given | tables))


def test_a_slack_rule_changes_nothing():
    # both towns get all from w anyhow: 50 + 20 + 40 t x 10 km x 0.1
    assert cost(line(rules=rule("single_sourcing"))) == pytest.approx(110)


def test_without_the_rule_two_sites_share_a_town():
    assert cost(midway()) == pytest.approx(SPLIT)


@PATHS
@pytest.mark.parametrize("parameters", ["", "commodities=bread"])
def test_the_rule_asks_for_one_place_that_brings_all(parameters, path):
    assert cost(midway(parameters), path) == pytest.approx(WHOLE)


def test_other_commodities_may_be_split():
    cake = [*TABLES["commodities"], {"commodity": "cake"}]
    assert cost(midway("commodities=cake", commodities=cake)) == pytest.approx(SPLIT)


def test_products_covered_are_those_that_are_whole():
    both = {
        "commodities": [*TABLES["commodities"], {"commodity": "cake"}],
        "demand": [
            {"zone": "mid", "commodity": "bread", "quantity_per_yr": 100},
            {"zone": "mid", "commodity": "cake", "quantity_per_yr": 0},
        ],
    }
    (row,) = rule("single_sourcing")
    for product, whole in (("cake", SPLIT), ("bread", WHOLE)):
        rules = [row | {"products": product}]
        assert cost(midway(**both, rules=rules)) == pytest.approx(whole)


def test_or_nothing_is_brought_where_that_is_cheaper():
    # 100 t unmet at 2 is 200: less than all from the plant
    may_fail = changed("commodities", unmet_price=2)
    assert cost(midway("", commodities=may_fail)) == pytest.approx(200)


def test_the_row_is_the_one_on_paper():
    instance = midway("")
    m = build_reference(make_problem(instance, make_rules(instance)))
    assert [str(row.expr) for row in m.whole.values()] == [
        f"flow[{a}]  ==  100.0*all_of[{a}]" for a in range(3)
    ]


def delivered(instance: Instance, **tonnes: float) -> Plan:
    flows = [
        {
            "origin": origin,
            "destination": "mid",
            "commodity": "bread",
            "mode": "van",
            "period": "y",
            "quantity_per_yr": quantity,
        }
        for origin, quantity in tonnes.items()
    ]
    return make_plan(instance, {"flows": flows})


def test_the_checker_names_each_part_delivery():
    instance = midway("")
    (one,) = make_rules(instance)
    found = list(one.check(instance, delivered(instance, w=60, e=40)))
    assert {(v.row, v.where, v.excess) for v in found} == {
        ("mine", ("w", "mid", "bread", "y"), 40),
        ("mine", ("e", "mid", "bread", "y"), 60),
    }


def test_the_checker_passes_all_from_one_place_or_nothing():
    instance = midway("")
    (one,) = make_rules(instance)
    assert list(one.check(instance, delivered(instance, plant=100))) == []
    assert list(one.check(instance, delivered(instance))) == []


def test_bad_parameters_are_named():
    with pytest.raises(InstanceError, match=r"comodities=bread.*nearest: commodities"):
        make_rules(midway("comodities=bread"))


def test_a_commodity_that_is_not_there_is_named():
    # a slip of the pen would otherwise be a rule about nothing
    with pytest.raises(InstanceError, match=r"'braed'.*one of bread \(nearest: bread"):
        make_rules(midway("commodities=braed, bread"))


@pytest.mark.parametrize(
    "cells", [{"soft_price": 2}, {"periods": "y"}, {"districts": "old"}]
)
def test_it_cannot_hold_in_part_or_for_a_price(cells):
    (row,) = rule("single_sourcing")
    zones = [{"zone": "mid", "x": 5000, "y": 0, "district": "old"}]
    (column,) = cells
    with pytest.raises(InstanceError, match=rf"column {column}.*a blank cell"):
        make_rules(midway(zones=zones, rules=[row | cells]))


def test_it_says_itself_in_a_sentence():
    (one,) = make_rules(midway("commodities=bread"))
    sentence = "A zone gets bread from one place, or not at all."
    assert one.kind.sentence() == sentence
