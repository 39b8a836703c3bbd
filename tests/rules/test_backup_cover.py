"""Back-up cover: slack, binding, the rows, the checker, bad parameters."""

from itertools import product

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.rules import make_rules
from tests.line import TABLES, line, rule
from tests.paths import MODEL_PATHS, PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import baked
from tests.rules.solved import solved

# w alone serves both towns: 110; both with an oven: 140; e open but empty: 130


def covered(
    parameters: str, columns: dict | None = None, **tables: list[dict]
) -> Instance:
    (row,) = rule("backup_cover", parameters)
    return line(rules=[row | (columns or {})], **tables)


def test_a_slack_rule_changes_nothing():
    assert solved(covered("sites=1; within_km=10")).cost == pytest.approx(110)
    assert solved(covered("sites=0; within_km=0")).cost == pytest.approx(110)


@PATHS
@pytest.mark.parametrize(
    "parameters", ["sites=2; within_km=10", "sites=1; within_km=9"]
)
def test_the_second_site_needs_an_oven_to_stand_in(parameters, path):
    assert solved(covered(parameters), path).cost == pytest.approx(140)


def test_more_sites_than_are_near_cannot_be():
    assert solved(covered("sites=2; within_km=9")).status == "infeasible"
    instance = covered(
        "sites=1; within_km=1",
        zones=[TABLES["zones"][0], TABLES["zones"][1] | {"x": 5_000}],
    )
    assert solved(instance).status == "infeasible"


@MODEL_PATHS
def test_no_more_is_asked_than_can_be_had_where_it_says_so(path):
    # within 9 km of each town there is one site: both then have an oven
    instance = covered("sites=2; within_km=9; attainable=yes")
    assert solved(instance, path).cost == pytest.approx(140)


@pytest.mark.parametrize("ovens", ["w", "we"])
def test_the_checker_asks_no_more_than_can_be_had(ovens):
    instance = covered("sites=2; within_km=9; attainable=yes")
    plan = baked(instance, ovens)
    assert admits(instance, plan) == (broken(instance, plan) == []) == (ovens == "we")


def test_sites_that_cannot_work_in_the_region_do_not_count():
    lanes = [TABLES["lanes"][0], TABLES["lanes"][0] | {"origin": "site_outside"}]
    for other in ({"in_region": False}, {"status": "excluded"}):
        sites = [TABLES["sites"][0], TABLES["sites"][1] | other]
        instance = covered("sites=2; within_km=10", sites=sites, lanes=lanes)
        assert solved(instance).status == "infeasible"


def test_only_covered_zones_that_want_a_covered_product_are_asked_for():
    zones = [
        TABLES["zones"][0] | {"district": "old"},
        TABLES["zones"][1] | {"district": "new"},
        {"zone": "woods", "x": 50_000, "y": 0, "district": "old"},
    ]
    instance = covered("sites=1; within_km=9", {"districts": "old"}, zones=zones)
    assert solved(instance).cost == pytest.approx(110)


def test_a_site_of_another_district_is_near_all_the_same():
    zones = [each | {"district": "old"} for each in TABLES["zones"]]
    sites = [TABLES["sites"][0], TABLES["sites"][1] | {"district": "new"}]
    instance = covered(
        "sites=2; within_km=10", {"districts": "old"}, zones=zones, sites=sites
    )
    assert solved(instance).cost == pytest.approx(140)


def test_only_covered_periods_are_asked_for():
    # a year of 110 and one of 140
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    instance = covered("sites=2; within_km=10", {"periods": "z"}, periods=periods)
    assert solved(instance).cost == pytest.approx(125)


def test_an_instance_without_covered_zones_is_asked_for_nothing():
    zones = [each | {"district": "old"} for each in TABLES["zones"]]
    sites = [each | {"district": "new"} for each in TABLES["sites"]]
    instance = covered(
        "sites=9; within_km=10", {"districts": "new"}, zones=zones, sites=sites
    )
    assert solved(instance).cost == pytest.approx(110)


def test_a_soft_rule_is_paid_for_once_for_zones_with_the_same_sites_near():
    # both towns have both sites within 10 km: one row, one site short
    soft = covered("sites=2; within_km=10", {"soft_price": 20})
    assert solved(soft).cost == pytest.approx(110 + 20)
    # within 9 km one site each: west short of 1, east of 2
    soft = covered("sites=2; within_km=9", {"soft_price": 5})
    assert solved(soft).cost == pytest.approx(110 + 3 * 5)


MORE = [
    {"zone": "woods", "x": 3_000, "y": 0},
    {"zone": "suburb", "x": 1_000, "y": 0},
    *TABLES["zones"],
    {"zone": "middle", "x": 5_000, "y": 0},
]
WANTS = [
    *TABLES["demand"],
    {"zone": "suburb", "commodity": "bread", "quantity_per_yr": 1e-9},
    {"zone": "middle", "commodity": "bread", "quantity_per_yr": 1e-9},
]


def test_zones_with_the_same_sites_near_are_one_row_named_by_the_first():
    instance = covered("sites=1; within_km=5", zones=MORE, demand=WANTS)
    row = build(instance, Scope(instance), make_rules(instance)).rule["mine"].cover
    works = "rule[mine].means.works"
    assert {key: str(each.expr) for key, each in row.items()} == {
        ("suburb", "y"): f"1  <=  rule[mine].nobody + {works}[w,y]",
        ("east", "y"): f"1  <=  rule[mine].nobody + {works}[e,y]",
        ("middle", "y"): f"1  <=  {works}[w,y] + {works}[e,y] + rule[mine].nobody",
    }


@pytest.mark.parametrize(
    ("ovens", "sites", "km"),
    list(product([("w", "e"), ("w", ""), ("e", ""), ("we", "")], [1, 2], [4, 10])),
)
def test_rows_and_checker_agree_about_plans(ovens, sites, km):
    instance = covered(f"sites={sites}; within_km={km}")
    plan = baked(instance, *ovens)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_names_the_first_of_the_zones_that_share_sites():
    instance = covered("sites=2; within_km=5", zones=MORE, demand=WANTS)
    found = broken(instance, baked(instance, "e", "w"))
    assert [(each.where, each.excess) for each in found] == [
        (("suburb", "y"), 2),
        (("east", "y"), 1),
        (("middle", "y"), 1),
    ]
    assert str(found[0]) == "mine [suburb, y]: 2 working sites"


def test_listed_ways_decide_where_there_is_a_table():
    ways = [
        {"origin": o, "destination": d, "km": km}
        for o, d, km in [("w", "west", 1), ("w", "east", 9), ("e", "east", 1)]
    ]
    settings = {"distance": "table"}
    (row,) = rule("backup_cover", "sites=2; within_km=10")
    instance = line(settings, rules=[row], distances=ways)
    (violation,) = broken(instance, baked(instance, "we"))
    assert violation.where == ("west", "y")
    assert not admits(instance, baked(instance, "we"))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("sites=-1; within_km=5", "sites"),
        ("sites=1.5; within_km=5", "sites"),
        ("sites=1; within_km=-5", "within_km"),
        ("sites=1", "within_km"),
        ("sites=1; within_km=5; nu=2", "nu"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(covered(parameters))
