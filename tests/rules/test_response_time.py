"""Response time: slack, binding, the rows, the checker, bad parameters."""

from itertools import product

import numpy as np
import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.flows.arcs import candidate_arcs
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line, rule
from tests.paths import MODEL_PATHS, PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

# w alone serves both towns: 110; both open: 140. The van takes half an hour to the
# other town and none to its own.
TWO = {
    "recipes": [
        {"recipe": "bake", "technology": "oven", "make_h": 4},
        {
            "recipe": "rush",
            "technology": "oven",
            "make_h": 1,
            "variable_cost": 0.5,
        },
    ],
    "recipe_items": [
        {"recipe": "bake", "commodity": "bread", "quantity": 1},
        {"recipe": "rush", "commodity": "bread", "quantity": 1},
    ],
}
"""Bread in four hours, or in one for 0.5 a tonne."""


def timely(
    within_h: object, columns: dict | None = None, **tables: list[dict]
) -> Instance:
    (row,) = rule("response_time", f"within_h={within_h}")
    return line(rules=[row | (columns or {})], **tables)


def baking(make_h: float) -> dict[str, list[dict]]:
    return {"recipes": changed("recipes", make_h=make_h)}


def test_a_slack_rule_changes_nothing():
    assert cost(timely(4.5, **baking(4))) == pytest.approx(110)
    assert cost(timely(4.5, **TWO)) == pytest.approx(110)


@PATHS
def test_bread_that_takes_four_hours_comes_from_the_own_town(path):
    assert cost(timely(4.4, **baking(4)), path) == pytest.approx(140)


@PATHS
def test_what_goes_far_is_made_in_a_rush(path):
    # 40 t at 0.5: 110 + 20 < 140
    assert cost(timely(4.4, **TWO), path) == pytest.approx(130)


@MODEL_PATHS
def test_all_is_made_in_a_rush_where_four_hours_are_too_many(path):
    assert cost(timely(3, **TWO), path) == pytest.approx(110 + 50)


def test_nothing_is_in_time_where_making_takes_longer():
    assert solve(timely(3.9, **baking(4))).status == "infeasible"


def test_only_covered_zones_and_products_are_asked_for():
    zones = [
        TABLES["zones"][0] | {"district": "old"},
        TABLES["zones"][1] | {"district": "new"},
    ]
    tables = baking(4) | {"zones": zones}
    assert cost(timely(4.4, {"districts": "old"}, **tables)) == pytest.approx(110)
    # from w it is on the way to the new town
    assert cost(timely(4.4, {"districts": "new"}, **tables)) == pytest.approx(130)


def test_only_covered_periods_are_asked_for():
    # a year of 110 and one of 140
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    instance = timely(4.4, {"periods": "z"}, periods=periods, **baking(4))
    assert cost(instance) == pytest.approx(125)


def test_what_a_supplier_brings_only_travels():
    tables = {
        "suppliers": [{"supplier": "mill", "x": 10_000, "y": 10_000}],
        "supplies": [{"supplier": "mill", "commodity": "bread", "price": 0.1}],
        "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"origin": "supplier"}],
    }
    # mill to the east 10 km, to the west 14.14 km: 0.5 and 0.707 h
    far = 60 * np.hypot(10, 10) * 0.1
    assert cost(timely(0.8, **baking(9), **tables)) == pytest.approx(10 + 40 + far)
    # the west cannot be served but by an oven that takes nine hours
    assert solve(timely(0.6, **baking(9), **tables)).status == "infeasible"
    # an oven at once at w serves it, and the east for less than the mill does
    assert cost(timely(0.6, **tables)) == pytest.approx(110)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    soft = timely(4.4, {"soft_price": 0.5}, **baking(4))
    assert cost(soft) == pytest.approx(110 + 40 * 0.5)
    assert cost(soft, "coarse") == pytest.approx(130)
    soft = timely(4.4, {"soft_price": 0.25}, **TWO)
    assert cost(soft) == pytest.approx(110 + 40 * 0.25)
    # late for both times: 0.1 in each of two rows, and a rush at 0.5 saves one
    soft = timely(0.4, {"soft_price": 0.1}, **TWO)
    assert cost(soft) == pytest.approx(110 + 0.1 * (100 + 100))


def test_with_one_time_the_rule_is_a_filter():
    problem = make_problem(*_with_rules(timely(4.4, **baking(4))))
    ends = set(zip(problem.arcs.origin, problem.arcs.destination, strict=True))
    assert ends == {("w", "west"), ("e", "east")}
    assert len(problem.layer.side.most) == 0


def _with_rules(instance: Instance):
    return instance, make_rules(instance)


def test_the_rows_are_those_on_paper():
    instance = timely(4.4, **TWO)
    scope, rules = Scope(instance), make_rules(instance)
    m = build(instance, scope, rules)
    arcs = candidate_arcs(instance, scope)
    fast, slow = rules[0].flow_rows(m.rule["mine"], instance, arcs)
    assert (fast.label, list(fast.row)) == ([], [-1] * 4)
    ends = list(zip(arcs.origin, arcs.destination, strict=True))
    weight = dict(zip(ends, zip(slow.row, slow.weight, strict=True), strict=True))
    assert slow.label == [("w", "bread", "4 h", "y"), ("e", "bread", "4 h", "y")]
    assert weight == {
        ("w", "west"): (-1, 0),
        ("w", "east"): (0, 1),
        ("e", "west"): (1, 1),
        ("e", "east"): (-1, 0),
    }
    assert [(n, str(var), made) for n, var, made in slow.given] == [
        (0, "activity[w,rush,y]", 1),
        (1, "activity[e,rush,y]", 1),
    ]
    assert list(slow.most) == [0, 0]


def mixed(instance: Instance, rushed: float, from_w: float) -> Plan:
    """w rushes so much and sends so much to the east; e bakes the rest slowly."""
    made = [
        ("w", "rush", rushed),
        ("w", "bake", 60 + from_w - rushed),
        ("e", "bake", 40 - from_w),
    ]
    sent = [("w", "west", 60), ("w", "east", from_w), ("e", "east", 40 - from_w)]
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in "we"],
            "modules": [standing(s) for s in "we"],
            "activity": [
                {"site": s, "recipe": r, "period": "y", "quantity_per_yr": t}
                for s, r, t in made
                if t
            ],
            "flows": [flow(o, z, t) for o, z, t in sent if t],
        },
    )


@pytest.mark.parametrize(
    ("within_h", "rushed", "from_w"),
    list(product([0.4, 1.2, 4.0, 4.4], [0, 20], [0, 20, 20.5, 40])),
)
def test_rows_and_checker_agree_about_plans(within_h, rushed, from_w):
    instance = timely(within_h, **TWO)
    plan = mixed(instance, rushed, from_w)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_names_what_is_late_and_how_much():
    # 30 t go far and 20 are made fast enough for it
    instance = timely(4.4, **TWO)
    (violation,) = broken(instance, mixed(instance, 20, 30))
    assert violation.where == ("w", "bread", "4 h", "y")
    assert violation.excess == pytest.approx(10)
    assert violation.unit == "units/yr too late"
    # in 1.2 h not even a rush gets there: 30 are late for one hour; for four hours all
    # 90 are but what is rushed; at e all 10
    instance = timely(1.2, **TWO)
    found = broken(instance, mixed(instance, 20, 30))
    assert {each.where: each.excess for each in found} == pytest.approx(
        {
            ("w", "bread", "1 h", "y"): 30,
            ("w", "bread", "4 h", "y"): 70,
            ("e", "bread", "4 h", "y"): 10,
        }
    )


def test_technologies_that_may_not_stand_at_a_site_set_no_times_there():
    # the slow kiln fits only large sites: at w and e there is one time, a filter
    kiln = {"technology": "kiln", "capacity_per_yr": 1, "site_classes": "large"}
    far = {"site": "far", "x": 90_000, "y": 0, "class": "large"}
    tables = {
        "sites": [*TABLES["sites"], far],
        "technologies": [*TABLES["technologies"], kiln],
        "recipes": [
            *baking(1)["recipes"],
            {"recipe": "fire", "technology": "kiln", "make_h": 4},
        ],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "fire", "commodity": "bread", "quantity": 1},
        ],
    }
    # late in one row, not in two
    soft = timely(1.2, {"soft_price": 0.5}, **tables)
    assert cost(soft) == pytest.approx(130)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [("-1", "within_h"), ("soon", "within_h"), ("inf", "within_h"), ("1; h=2", "h")],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(timely(parameters))
