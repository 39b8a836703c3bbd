"""Proximity service: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from tests.line import line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.solved import cost

# w alone serves both towns: 50 + 20 + 40 t x 10 km x 0.1 = 110; both open: 140


def near(parameters: str, **columns: object) -> Instance:
    (row,) = rule("proximity_service", parameters)
    return line(rules=[row | columns])


def test_a_slack_rule_changes_nothing():
    assert cost(near("share=100 %; within_km=10")) == pytest.approx(110)


@PATHS
def test_all_from_within_5_km_opens_both(path):
    assert cost(near("share=1; within_km=5"), path) == pytest.approx(140)


@PATHS
def test_half_of_what_the_region_gets_is_near_anyhow(path):
    # 60 of 100 t go to the town beside w; per zone the east needs a site of its own
    half = "share=50 %; within_km=5"
    assert cost(near(half + "; per=region"), path) == pytest.approx(110)
    assert cost(near(half), path) == pytest.approx(140)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 40 t too far at 0.5 each: 110 + 20 < 140; at 1 each both open
    assert cost(near("share=1; within_km=5", soft_price=0.5)) == pytest.approx(130)
    assert cost(near("share=1; within_km=5", soft_price=1)) == pytest.approx(140)


def test_a_product_that_is_not_there_is_named():
    with pytest.raises(InstanceError, match=r"'cake'.*one of bread"):
        make_rules(near("share=1; within_km=5", products="cake"))


def test_the_row_is_the_one_on_paper():
    # 0.5 of what comes to the east may be far: -0.5 e + 0.5 w <= 0
    problem = make_problem(line(), make_rules(near("share=0.5; within_km=5")))
    side, arcs = problem.layer.side, problem.arcs
    east = side.x.toarray()[1]
    weight = dict(
        zip(zip(arcs.origin, arcs.destination, strict=True), east, strict=True)
    )
    assert weight == {
        ("w", "west"): 0,
        ("w", "east"): 40 * 0.5,
        ("e", "west"): 0,
        ("e", "east"): 40 * -0.5,
    }
    assert list(side.most) == [0, 0]


def served(instance: Instance, from_w: float) -> Plan:
    """The east gets so much from w and the rest from e."""
    amounts = [("w", "west", 60), ("w", "east", from_w), ("e", "east", 40 - from_w)]
    made = {"w": 60 + from_w, "e": 40 - from_w}
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in made],
            "modules": [
                {
                    "site": s,
                    "technology": "oven",
                    "period": "y",
                    "modules": 1,
                    "bought": 1,
                    "sold": 0,
                    "moved_in": 0,
                    "moved_out": 0,
                }
                for s in made
            ],
            "activity": [
                {"site": s, "recipe": "bake", "period": "y", "quantity_per_yr": t}
                for s, t in made.items()
                if t
            ],
            "flows": [
                {
                    "origin": o,
                    "destination": z,
                    "commodity": "bread",
                    "mode": "van",
                    "period": "y",
                    "quantity_per_yr": t,
                }
                for o, z, t in amounts
                if t
            ],
        },
    )


@pytest.mark.parametrize("from_w", [0, 10, 19.9, 20, 20.5, 40])
def test_rows_and_checker_agree_about_plans(from_w):
    instance = near("share=50 %; within_km=5")
    plan = served(instance, from_w)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (from_w <= 20)
    if found:
        (violation,) = found
        assert violation.where == ("east", "bread", "y")
        assert violation.excess == pytest.approx(from_w - 20)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("share=1.5; within_km=5", "share"),
        ("share=1; within_km=-1", "within_km"),
        ("share=1", "within_km"),
        ("share=1; radius=5", "radius"),
        ("share=1; within_km=5; per=town", "per"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(near(parameters))
