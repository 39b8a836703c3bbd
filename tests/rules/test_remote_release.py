"""Remote release: slack, binding, the row, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.rules import make_rules
from tests.line import changed, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.facility_plans import ALL_FROM_W, FROM_BOTH, plan_of
from tests.rules.solved import cost

# A tonne of bread takes a release, of which there are enough. A step of the lab costs
# 10 a year and brings two people. w alone 110; ovens that make 60 t stand at both: 140.
LAB = {"infrastructure": "lab", "kind": "quality", "reach": "region"}
RELEASE = {
    "services": [{"service": "release", "kind": "quality", "limited": False}],
    "recipe_needs": [{"recipe": "bake", "service": "release", "per_unit": 1}],
    "infrastructure": [LAB | {"fixed_cost_per_yr": 10, "jobs_per_step": 2}],
    "infrastructure_services": [{"infrastructure": "lab", "service": "release"}],
    "locations": [{"infrastructure": "lab", "location": "l", "max_steps": 3}],
}
SMALL = {"technologies": changed("technologies", capacity_per_yr=60)}


def released(
    parameters: str, tables: dict | None = None, **columns: object
) -> Instance:
    (row,) = rule("remote_release", parameters)
    return line(rules=[row | columns], **RELEASE | (tables or {}))


def test_a_slack_rule_changes_nothing():
    assert cost(line(**RELEASE)) == pytest.approx(110)
    # a lab that stands costs its 10 either way
    stands = {"locations": [RELEASE["locations"][0] | {"existing_steps": 1}]}
    assert cost(line(**RELEASE | stands)) == pytest.approx(120)
    assert cost(released("most_sites_per_team=1", stands)) == pytest.approx(120)


@MODEL_PATHS
@pytest.mark.parametrize(
    ("most", "expected"),
    [(1, 150), (0.5, 160), (0.4, 170), (0.34, 170), (0.33, None)],
)
def test_sites_need_a_team_that_can_keep_up(most, expected, path):
    # two sites: so many people for each as 1 / most, two to a step, three steps
    found = cost(released(f"most_sites_per_team={most}", SMALL), path)
    assert found == (None if expected is None else pytest.approx(expected))


def test_one_site_needs_half_of_it():
    assert cost(released("most_sites_per_team=0.5")) == pytest.approx(120)


def test_needs_of_modules_count_too():
    needs = {"technology": "oven", "service": "release", "per_module": 1}
    tables = {"recipe_needs": [], "technology_needs": [needs]}
    assert cost(released("most_sites_per_team=0.5", tables)) == pytest.approx(120)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one site beyond the team at 3; of two sites the team of one step takes one
    assert cost(released("most_sites_per_team=1", soft_price=3)) == pytest.approx(113)
    half = released("most_sites_per_team=0.5", SMALL, soft_price=8)
    assert cost(half) == pytest.approx(140 + 2 * 8)
    half = released("most_sites_per_team=0.5", SMALL, soft_price=12)
    assert cost(half) == pytest.approx(140 + 2 * 10)


def test_the_row_is_the_one_on_paper():
    instance = released("most_sites_per_team=5")
    m = build(instance, Scope(instance), make_rules(instance))
    text = str(m.rule["mine"].team["y"].expr).replace("rule[mine].means.", "")
    assert text == "works[w,y] + works[e,y] - 10.0*steps[lab,l,y]  <=  0"


@pytest.mark.parametrize("most", [0.25, 0.5, 1])
@pytest.mark.parametrize("steps", [0, 1, 2])
@pytest.mark.parametrize("sent", [ALL_FROM_W, FROM_BOTH])
def test_rows_and_checker_agree_about_plans(sent, steps, most):
    instance = released(f"most_sites_per_team={most}")
    plan = plan_of(instance, sent, {("lab", "l"): steps})
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_what_is_broken():
    instance = released("most_sites_per_team=0.25")
    # two sites, and two people for half a site
    (violation,) = broken(instance, plan_of(instance, FROM_BOTH, {("lab", "l"): 1}))
    assert str(violation) == "mine [y]: 1.5 sites beyond the team"
    (violation,) = broken(instance, plan_of(instance, FROM_BOTH))
    assert str(violation) == "mine [y]: 2 sites beyond the team"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "most_sites_per_team"),
        ("most_sites_per_team=0", "most_sites_per_team: .* greater than 0"),
        ("most_sites_per_team=many", "most_sites_per_team"),
        ("most_sites_per_team=1; kind=qualty", "'qualty'.*nearest: quality"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(released(parameters))


def test_without_such_infrastructure_nothing_is_asked():
    bare = line(rules=rule("remote_release", "most_sites_per_team=1"))
    assert cost(bare) == pytest.approx(110)
    assert broken(bare, plan_of(bare)) == []
    own = {"infrastructure": [LAB | {"reach": "site"}], "locations": []}
    assert cost(released("most_sites_per_team=1", own)) == pytest.approx(110)
