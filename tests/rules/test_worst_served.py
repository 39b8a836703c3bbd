"""Worst-served limit: slack, binding, the rows, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import make_plan
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import TWO_YEARS, periods
from tests.rules.plans import baked
from tests.rules.solved import solved

# w alone serves both towns: 110; both with an oven: 140
PEOPLE = changed("zones", population=500)
WOODS = {"zone": "woods", "x": 50_000, "y": 0}


def served(parameters: str, columns: dict | None = None, **tables: list) -> Instance:
    (row,) = rule("worst_served", parameters)
    return line(**({"zones": PEOPLE, "rules": [row | (columns or {})]} | tables))


def test_a_slack_rule_changes_nothing():
    # w reaches the east, 10 km off; nobody lives in the woods
    zones = [*PEOPLE, WOODS]
    assert solved(served("within_km=10", zones=zones)).cost == pytest.approx(110)


@PATHS
def test_both_sites_need_an_oven_where_neither_reaches_the_other_town(path):
    # e open but empty would be 130
    assert solved(served("within_km=9.9"), path).cost == pytest.approx(140)


def test_only_districts_covered_have_to_be_near():
    zones = [PEOPLE[0] | {"district": "old"}, PEOPLE[1] | {"district": "new"}]
    far = served("within_km=5", {"districts": "old"}, zones=zones)
    assert solved(far).cost == pytest.approx(110)


def test_a_zone_with_no_site_near_is_named_and_infeasible():
    zones = [*PEOPLE, WOODS | {"population": 1}]
    instance = served("within_km=10", zones=zones)
    assert solved(instance).status == "infeasible"
    row = build(instance, Scope(instance), make_rules(instance)).rule["mine"].served
    assert str(row["woods", "y"].expr) == "1  <=  rule[mine].nobody"


def test_sites_outside_the_region_and_excluded_ones_are_near_nobody():
    for other in ({"in_region": False}, {"status": "excluded"}):
        sites = [TABLES["sites"][0], TABLES["sites"][1] | other]
        instance = served("within_km=5", sites=sites)
        assert solved(instance).status == "infeasible"


def test_zones_with_the_same_sites_near_are_one_row_named_by_the_first():
    zones = [
        {"zone": "hamlet", "x": 4000, "y": 0},
        {"zone": "suburb", "x": 3000, "y": 0, "population": 1},
        *PEOPLE,
        {"zone": "middle", "x": 5000, "y": 0, "population": 1},
    ]
    instance = served("within_km=5", zones=zones)
    row = build(instance, Scope(instance), make_rules(instance)).rule["mine"].served
    means = "rule[mine].means.works"
    assert {z: str(each.expr) for (z, _), each in row.items()} == {
        "suburb": f"1  <=  rule[mine].nobody + {means}[w,y]",
        "east": f"1  <=  rule[mine].nobody + {means}[e,y]",
        "middle": f"1  <=  {means}[w,y] + {means}[e,y] + rule[mine].nobody",
    }
    found = broken(instance, baked(instance, "e"))
    assert [(each.where, each.excess) for each in found] == [(("suburb", "y"), 1)]


def test_sites_that_can_never_serve_do_not_tell_zones_apart():
    # both zones have w near, the second the plant and a closed hall besides
    zones = [
        {"zone": "hamlet", "x": 0, "y": 0, "population": 1},
        *changed("zones", population=1, x=4000),
    ]
    others = [
        {"site": "plant", "x": 9000, "y": 0, "in_region": False},
        {"site": "hall", "x": 9000, "y": 0, "status": "excluded"},
    ]
    sites = [TABLES["sites"][0], TABLES["sites"][1] | {"x": 40_000}, *others]
    instance = served("within_km=5", zones=zones, sites=sites)
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"].served
    assert list(rows) == [("hamlet", "y")]
    (found,) = broken(instance, baked(instance, "e"))
    assert found.where == ("hamlet", "y")


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one row short by one site: 110 + 20 < 140; at 40 both open
    for price, cost in ((20, 130), (40, 140)):
        instance = served("within_km=5", {"soft_price": price})
        assert solved(instance).cost == pytest.approx(cost)


@pytest.mark.parametrize(
    ("ovens", "opened"), [("w", ""), ("w", "e"), ("e", ""), ("we", "")]
)
@pytest.mark.parametrize("within_km", [4, 5, 10])
def test_rows_and_checker_agree_about_plans(ovens, opened, within_km):
    zones = [*PEOPLE, {"zone": "middle", "x": 5000, "y": 0, "population": 1}]
    instance = served(f"within_km={within_km}", zones=zones)
    plan = baked(instance, ovens, opened)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_who_is_too_far():
    instance = served("within_km=9.9")
    (found,) = broken(instance, baked(instance, "w", "e"))
    assert str(found) == "mine [east, y]: 1 sites short within reach"
    assert broken(instance, baked(instance, "we")) == []


def test_distances_listed_are_the_way():
    # the only way listed to the east is from e
    ways = [
        {"origin": s, "destination": z, "km": 1}
        for s, z in (("w", "west"), ("e", "east"))
    ]
    tables = served("within_km=1").tables
    given = {name: table for name, table in tables.items() if len(table)}
    instance = line({"distance": "table"}, **(given | {"distances": ways}))
    # each oven bakes for the town beside it: 2 x 70 + 60 t x 0.1 + 40 t x 0.1
    result = solved(instance)
    assert result.cost == pytest.approx(150)
    assert broken(instance, result.plan) == []
    (found,) = broken(instance, baked(instance, "e"))
    assert found.where == ("west", "y")


def test_a_rule_about_products_that_are_not_there_asks_nothing():
    none = served("within_km=0", {"products": "trait:digital"})
    assert solved(none).cost == pytest.approx(110)
    assert broken(none, baked(none, "w")) == []


def test_only_periods_covered_are_in_rows():
    instance = served("within_km=5", {"periods": "z"}, periods=TWO_YEARS)
    assert periods(instance) == {"z"}
    found = broken(instance, make_plan(instance, {}))
    assert {each.where[-1] for each in found} == {"z"}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "within_km"),
        ("within_km=-1", "within_km"),
        ("within_km=inf", "within_km"),
        ("radius=5", "radius"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(served(parameters))
