"""Skills programme: slack, binding, the rows, rows and checker, bad parameters."""

import math

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import means, working
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost

DEAR = {"fixed_cost_per_yr": 30}


def trained(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("skills_programme", parameters)
    given = means("skills") if tables is None else tables
    return line(rules=[row | columns], **given)


def test_a_slack_rule_changes_nothing():
    # w alone trains its own: 110 + 12
    for parameters in ("", "training=own", "most_trainees=0"):
        assert cost(trained(parameters)) == pytest.approx(122)


@PATHS
def test_a_shared_programme_is_used_though_dearer(path):
    # w alone: 110 + 10 + 5
    assert cost(trained("training=shared"), path) == pytest.approx(125)


@PATHS
def test_own_programmes_are_built_though_dearer(path):
    # w alone: 110 + 30
    dear = means("skills", own=DEAR)
    assert cost(line(**dear)) == pytest.approx(125)
    assert cost(trained("training=own", dear), path) == pytest.approx(140)


@PATHS
def test_places_on_shared_programmes_run_out(path):
    # one crew needs one place; with half a place w trains its own: 110 + 30
    dear = means("skills", own=DEAR)
    assert cost(trained("most_trainees=1", dear), path) == pytest.approx(125)
    assert cost(trained("most_trainees=0.5", dear), path) == pytest.approx(140)


def test_without_training_only_what_stands_already_serves():
    assert solve(trained("training=none"), path="exact").status == "infeasible"
    # e has a programme: e alone 130 + 12
    tables = means("skills")
    tables["locations"][2]["existing_steps"] = 1
    assert cost(trained("training=none", tables)) == pytest.approx(142)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # w builds one of its own at 2: 122 + 2 < 125
    assert cost(trained("training=shared", soft_price=2)) == pytest.approx(124)
    assert cost(trained("training=shared", soft_price=4)) == pytest.approx(125)
    # half a place too many at 20 each: 125 + 10
    half = trained("most_trainees=0.5", means("skills", own=DEAR), soft_price=20)
    assert cost(half) == pytest.approx(135)


def test_the_rows_are_those_on_paper():
    assert rows(trained("training=none; most_trainees=3")) == {
        "own[w,y]": "built[own,at_w,y]  <=  0",
        "own[e,y]": "built[own,at_e,y]  <=  0",
        "shared[w,y]": "uses[w,hub,h,y]  <=  0",
        "shared[e,y]": "uses[e,hub,h,y]  <=  0",
        "trainees[y]": "draw[w,hub,h,cover,y] + draw[e,hub,h,cover,y]  <=  3.0",
    }
    assert list(rows(trained("training=shared"))) == ["own[w,y]", "own[e,y]"]
    assert list(rows(trained("training=own"))) == ["shared[w,y]", "shared[e,y]"]
    assert rows(trained("")) == {}


PLANS = {
    "own": ([("own", "at_w"), ("own", "at_e")], []),
    "hub": ([("hub", "h")], ["w", "e"]),
    "mixed": ([("own", "at_w"), ("hub", "h")], ["e"]),
}


@pytest.mark.parametrize("which", PLANS)
@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ("training=shared", {"own": ["w y", "e y"], "mixed": ["w y"]}),
        (
            "training=own",
            {"hub": ["w y", "e y", "w z", "e z"], "mixed": ["e y", "e z"]},
        ),
        ("training=any", {}),
        (
            "training=none",
            {
                "own": ["w y", "e y"],
                "hub": ["w y", "e y", "w z", "e z"],
                "mixed": ["w y", "e y", "e z"],
            },
        ),
        ("most_trainees=1", {"hub": ["y", "z"]}),
    ],
)
def test_rows_and_checker_agree_about_plans(parameters, found, which):
    instance = trained(parameters, means("skills") | {"periods": TWO_YEARS})
    plan = working(instance, {"w": 60, "e": 40}, *PLANS[which])
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == [])
    said = {" ".join(v.where): v.excess for v in violations}
    assert said == dict.fromkeys(found.get(which, []), 1)


def test_the_checker_says_how_many_are_too_many():
    instance = trained("most_trainees=1.5")
    plan = working(instance, {"w": 60, "e": 40}, *PLANS["hub"])
    (violation,) = broken(instance, plan)
    assert str(violation) == "mine [y]: 0.5 people/yr"
    assert violation.row == "mine"


def test_what_cannot_be_counted_does_not_pass():
    instance = trained("most_trainees=1.5")
    plan = working(instance, {"w": 100}, *PLANS["hub"], draws=math.nan)
    (violation,) = broken(instance, plan)
    assert math.isnan(violation.excess)


def test_other_products_and_sites_outside_are_left_alone():
    cake = {
        "commodities": [
            {"commodity": "bread", "t_per_unit": 1},
            {"commodity": "cake"},
        ],
        "demand": [
            *changed("demand"),
            {"zone": "west", "commodity": "cake", "quantity_per_yr": 0},
        ],
    }
    for_cake = trained("training=shared", means("skills") | cake, products="cake")
    plan = working(for_cake, {"w": 60, "e": 40}, *PLANS["own"])
    assert broken(for_cake, plan) == []
    assert cost(for_cake) == pytest.approx(122)

    outside = {"sites": changed("sites", "e", in_region=False)}
    inside = trained("training=shared", means("skills") | outside)
    (violation,) = broken(inside, working(inside, {"w": 60, "e": 40}, *PLANS["own"]))
    assert violation.where == ("w", "y")
    assert list(rows(inside)) == ["own[w,y]"]


def test_places_are_counted_for_sites_in_the_region():
    # a programme that reaches both by its radius, e outside
    tables = means("skills", hub={"reach": "radius", "radius_km": 20})
    tables["locations"][0] |= {"x": 0, "y": 0}
    tables["sites"] = changed("sites", "e", in_region=False)
    instance = trained("training=any; most_trainees=0.5", tables)
    assert rows(instance) == {"trainees[y]": "draw[w,hub,h,cover,y]  <=  0.5"}
    (violation,) = broken(
        instance, working(instance, {"w": 60, "e": 40}, *PLANS["hub"])
    )
    assert violation.excess == pytest.approx(0.5)


def test_it_says_nothing_where_nobody_is_trained():
    for training in ("shared", "own", "none"):
        instance = trained(f"training={training}; most_trainees=0", {})
        assert cost(instance) == pytest.approx(110)


@pytest.mark.parametrize(
    "parameters", ["training=own", "training=shared", "most_trainees=1"]
)
def test_it_holds_in_the_periods_it_covers(parameters):
    tables = means("skills") | {"periods": TWO_YEARS}
    for columns, covered in (({}, {"y", "z"}), ({"periods": "z"}, {"z"})):
        assert periods(trained(parameters, tables, **columns)) == covered


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("training=tacit", "training: Input should be 'shared', 'own', 'any' or"),
        ("most_trainees=-1", "most_trainees: Input should be greater than"),
        ("kind=craft", "read 'craft', expected one of"),
        ("places=3", "places"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(trained(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(trained("training=shared; most_trainees=40"))
    assert only.kind.sentence() == (
        "For skills, no site in the region builds its own programme, "
        "and shared ones train at most 40 people a year."
    )
