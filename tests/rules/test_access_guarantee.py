"""Access guarantee: slack, binding, the rows, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import make_plan
from dmopt.rules import make_rules
from tests.line import TABLES, line, rule
from tests.paths import MODEL_PATHS, PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import TWO_YEARS, periods
from tests.rules.plans import baked, standing
from tests.rules.solved import solved

# 600 people live beside w, 400 beside e, 10 km apart; e's people are the most deprived.
# w alone serves both towns: 110; e alone: 130; both with an oven: 140
PEOPLE = [
    TABLES["zones"][0] | {"population": 600, "district": "old"},
    TABLES["zones"][1]
    | {"population": 400, "district": "new", "deprivation_decile": 1},
]


def reached(parameters: str, columns: dict | None = None, **tables: list) -> Instance:
    (row,) = rule("access_guarantee", parameters)
    return line(**({"zones": PEOPLE, "rules": [row | (columns or {})]} | tables))


@pytest.mark.parametrize(
    "slack",
    [
        "share=60 %; within_km=5",
        "share=1; within_km=10",
        "share=1; within_min=20",  # 10 km at 30 km/h
        "share=0; within_km=0; per=district",
    ],
)
def test_a_slack_rule_changes_nothing(slack):
    assert solved(reached(slack)).cost == pytest.approx(110)


@PATHS
def test_more_people_than_one_site_reaches_need_an_oven_at_both(path):
    # e open but empty would be 130, and e's people would have nothing
    assert solved(reached("share=61 %; within_km=9.9"), path).cost == pytest.approx(140)


@MODEL_PATHS
def test_each_district_asks_for_its_own_share(path):
    half = "share=50 %; within_km=5"
    assert solved(reached(half)).cost == pytest.approx(110)
    assert solved(reached(half + "; per=district"), path).cost == pytest.approx(140)


@MODEL_PATHS
def test_people_without_a_decile_are_in_no_decile(path):
    # only e's people are in one: e alone reaches all of them
    instance = reached("share=1; within_km=5; per=decile")
    assert solved(instance, path).cost == pytest.approx(130)


def test_a_district_covered_asks_nothing_for_another():
    instance = reached("share=1; within_km=5", {"districts": "new"})
    assert solved(instance).cost == pytest.approx(130)
    served = reached("share=1; within_km=10", {"districts": "new"})
    # w reaches it, though it lies in another district
    assert solved(served).cost == pytest.approx(110)


@pytest.mark.parametrize(
    ("parameters", "cost"),
    [
        ("share=1; within_min=19.9", 140),
        ("share=1; within_min=10; speed_kmh=60", 110),
        ("share=1; within_min=9.9; speed_kmh=60", 140),
    ],
)
def test_minutes_are_km_at_a_speed(parameters, cost):
    assert solved(reached(parameters)).cost == pytest.approx(cost)


@pytest.mark.parametrize(
    ("parameters", "cost"),
    [
        ("share=1; within_min=15", 110),  # as listed from w to the east
        ("share=1; within_min=14", 140),
        ("share=1; within_km=10", 110),
        ("share=1; within_km=9", 140),
    ],
)
def test_listed_minutes_win_over_the_speed(parameters, cost):
    ways = [
        {"origin": "w", "destination": "west", "km": 0},
        {"origin": "w", "destination": "east", "km": 10, "minutes": 15},
        {"origin": "e", "destination": "east", "km": 0},
        {"origin": "e", "destination": "west", "km": 10},
    ]
    instance = reached(parameters)
    tables = {name: table for name, table in instance.tables.items() if len(table)}
    instance = line({"distance": "table"}, **(tables | {"distances": ways}))
    result = solved(instance)
    assert result.cost == pytest.approx(cost)
    assert broken(instance, result.plan) == []


def test_a_site_outside_the_region_reaches_nobody():
    sites = [TABLES["sites"][0], TABLES["sites"][1] | {"in_region": False}]
    instance = reached("share=61 %; within_km=5", sites=sites)
    assert solved(instance).status == "infeasible"
    plan = baked(instance, "we")
    assert not admits(instance, plan)
    (found,) = broken(instance, plan)
    assert found.excess == pytest.approx(10)


def test_people_whom_no_site_can_reach_make_a_row_that_cannot_be_kept():
    far = [PEOPLE[0] | {"x": -50_000}, PEOPLE[1]]
    instance = reached("share=100 %; within_km=5; per=district", zones=far)
    assert solved(instance).status == "infeasible"
    m = build(instance, Scope(instance), make_rules(instance))
    assert ("old", "y") in m.rule["mine"].access


def test_the_rows_are_those_on_paper():
    # both near the west: one group of zones; a zone without people is in no row
    zones = [
        *PEOPLE,
        {"zone": "suburb", "x": 100, "y": 0, "population": 50},
        {"zone": "woods", "x": 5000, "y": 0},
    ]
    instance = reached("share=80 %; within_km=5", zones=zones)
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"]
    said = {
        name: str(row.expr).replace("rule[mine].means.", "")
        for name, row in [
            ("access", rows.access["region", "y"]),
            ("west", rows.means.reached[0, "y"]),
            ("east", rows.means.reached[1, "y"]),
        ]
    }
    assert said == {
        "access": "840.0  <=  650.0*covered[0,y] + 400.0*covered[1,y]",
        "west": "covered[0,y]  <=  works[w,y] + nobody",
        "east": "covered[1,y]  <=  works[e,y] + nobody",
    }
    assert len(rows.means.covered) == 2


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 400 people out of reach at 0.05 each: 110 + 20 < 140; at 0.1 both open
    for price, cost in ((0.05, 130), (0.1, 140)):
        instance = reached("share=1; within_km=5", {"soft_price": price})
        result = solved(instance)
        assert result.cost == pytest.approx(cost)


@pytest.mark.parametrize(
    ("ovens", "opened"), [("w", ""), ("w", "e"), ("e", ""), ("we", "")]
)
@pytest.mark.parametrize("per", ["region", "district", "decile"])
@pytest.mark.parametrize("share", [0.5, 1])
def test_rows_and_checker_agree_about_plans(ovens, opened, per, share):
    instance = reached(f"share={share}; within_km=5; per={per}")
    plan = baked(instance, ovens, opened)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_counts_people_out_of_reach():
    instance = reached("share=80 %; within_km=5")
    # 800 people asked for, 600 reached; an open site without an oven reaches nobody
    (found,) = broken(instance, baked(instance, "w", "e"))
    assert (found.row, found.where) == ("mine", ("region", "y"))
    assert found.excess == pytest.approx(200)
    assert str(found) == "mine [region, y]: 200 people out of reach"
    assert broken(instance, baked(instance, "we")) == []

    instance = reached("share=50 %; within_km=5; per=district")
    (found,) = broken(instance, baked(instance, "w"))
    assert (found.where, found.excess) == (("new", "y"), 200)

    instance = reached("share=50 %; within_km=5; per=decile")
    (found,) = broken(instance, baked(instance, "w"))
    assert (found.where, found.excess) == (("1", "y"), 200)


def two_products() -> dict[str, list]:
    """A printer makes toys, which the east wants; it may stand beside an oven."""
    return {
        "commodities": [*TABLES["commodities"], {"commodity": "toy", "t_per_unit": 0}],
        "demand": [
            *TABLES["demand"],
            {"zone": "east", "commodity": "toy", "quantity_per_yr": 1},
        ],
        "technologies": [
            *TABLES["technologies"],
            {"technology": "printer", "capacity_per_yr": 5, "fixed_cost_per_yr": 1},
        ],
        "recipes": [*TABLES["recipes"], {"recipe": "print", "technology": "printer"}],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "print", "commodity": "toy", "quantity": 1},
        ],
        "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "toy"}],
    }


def test_only_modules_that_make_a_product_covered_count():
    # an oven and a printer at w: 110 + 1; a printer at e as well is 21 + 1 more
    everything = reached("share=1; within_km=5", **two_products())
    assert solved(everything).cost == pytest.approx(110 + 21)
    bread = reached("share=1; within_km=5", {"products": "bread"}, **two_products())
    assert solved(bread).cost == pytest.approx(140 + 1)
    plan = baked(bread, "w", "e", modules=[standing("e", "printer")])
    (found,) = broken(bread, plan)
    assert found.excess == 400
    assert broken(everything, plan) == []


def test_a_rule_about_products_that_are_not_there_asks_nothing():
    none = reached("share=1; within_km=0", {"products": "trait:digital"})
    assert solved(none).cost == pytest.approx(110)
    assert broken(none, baked(none, "w")) == []


def test_only_periods_covered_are_in_rows():
    instance = reached("share=1; within_km=5", {"periods": "z"}, periods=TWO_YEARS)
    assert periods(instance) == {"z"}
    found = broken(instance, make_plan(instance, {}))
    assert {each.where[-1] for each in found} == {"z"}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("share=1.5; within_km=5", "share"),
        ("within_km=5", "share"),
        ("share=1", "within_km or within_min"),
        ("share=1; within_km=5; within_min=5", "within_km or within_min"),
        ("share=1; within_km=-1", "within_km"),
        ("share=1; within_min=5; speed_kmh=0", "speed_kmh"),
        ("share=1; radius=5", "radius"),
        ("share=1; within_km=5; per=zone", "per"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(reached(parameters))


def test_it_says_itself_in_a_sentence():
    (one,) = make_rules(reached("share=80 %; within_min=15; per=decile"))
    assert one.kind.sentence() == (
        "At least 80 % of people in each decile of deprivation live within 15 minutes "
        "of a working site in the region."
    )
