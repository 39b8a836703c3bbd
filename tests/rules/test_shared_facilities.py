"""Shared facilities: slack, binding, the rows, the checker, bad parameters."""

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

# An oven needs a test. A lab for the region costs 10 a year, one of its own 30 at w;
# either does as many tests as asked. w alone 110, both 140.
LAB = {"infrastructure": "lab", "kind": "quality", "reach": "region"}
OWN = {"infrastructure": "own", "kind": "quality", "reach": "site"}
TESTS = {
    "services": [{"service": "test", "kind": "quality"}],
    "technology_needs": [{"technology": "oven", "service": "test", "per_module": 1}],
    "infrastructure": [
        LAB | {"fixed_cost_per_yr": 10},
        OWN | {"fixed_cost_per_yr": 30},
    ],
    "infrastructure_services": [
        {"infrastructure": "lab", "service": "test"},
        {"infrastructure": "own", "service": "test"},
    ],
    "locations": [
        {"infrastructure": "lab", "location": "here", "max_steps": 2},
        {"infrastructure": "own", "location": "w", "site": "w"},
    ],
}
ABLE = {
    "site_services": [
        {"site": "w", "service": "test", "base": 1},
        {"site": "e", "service": "test", "base": 1},
    ]
}
SMALL = {"technologies": changed("technologies", capacity_per_yr=60)}
"""Ovens that make 60 t: both sites are needed."""


def sharing(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("shared_facilities", parameters)
    return line(rules=[row | columns], **TESTS | (tables or {}))


def test_a_slack_rule_changes_nothing():
    assert cost(line(**TESTS)) == pytest.approx(120)
    assert cost(sharing("sharing=allowed")) == pytest.approx(120)
    assert cost(sharing("sharing=required")) == pytest.approx(120)
    assert cost(sharing("sharing=none", ABLE)) == pytest.approx(110)


@MODEL_PATHS
def test_without_sharing_each_has_its_own(path):
    # 110 + 30; ovens that make 60 t have to stand at e as well, which can have none
    assert cost(sharing("sharing=none"), path) == pytest.approx(140)
    assert cost(sharing("sharing=none", SMALL), path) is None


@MODEL_PATHS
def test_where_sharing_is_required_what_a_site_has_already_is_not_enough(path):
    assert cost(line(**TESTS | ABLE)) == pytest.approx(110)
    assert cost(sharing("sharing=required", ABLE), path) == pytest.approx(120)


def test_a_facility_of_its_own_will_do_where_it_is_cheaper():
    dear = [LAB | {"fixed_cost_per_yr": 45}, OWN | {"fixed_cost_per_yr": 30}]
    tables = ABLE | {"infrastructure": dear}
    assert cost(sharing("sharing=required", tables)) == pytest.approx(140)


@MODEL_PATHS
def test_so_many_users_take_more_steps(path):
    # both 140 and one lab; with one user to a step a second
    assert cost(sharing("sharing=allowed", SMALL)) == pytest.approx(150)
    few = "sharing=allowed; most_users=1"
    assert cost(sharing(few, SMALL), path) == pytest.approx(160)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one use too many: 120 + 5 < 140; one site without: 110 + 4 < 120; one user too
    # many: 150 + 3 < 160
    assert cost(sharing("sharing=none", soft_price=5)) == pytest.approx(125)
    required = sharing("sharing=required", ABLE, soft_price=4)
    assert cost(required) == pytest.approx(114)
    few = sharing("sharing=allowed; most_users=1", SMALL, soft_price=3)
    assert cost(few) == pytest.approx(153)


def test_what_others_need_is_left_alone():
    other = {
        "services": [*TESTS["services"], {"service": "mail"}],
        "infrastructure_services": [
            {"infrastructure": "lab", "service": "mail"},
            {"infrastructure": "own", "service": "test"},
        ],
    }
    used = plan_of(
        sharing("sharing=none", other | ABLE),
        steps={("lab", "here"): 1},
        uses=[("w", "lab", "here")],
    )
    for parameters in ("sharing=none", "sharing=required", "sharing=allowed"):
        instance = sharing(parameters, other | ABLE)
        assert cost(instance) == pytest.approx(110)
        assert broken(instance, used) == []
        assert admits(instance, used)


def test_kinds_that_are_not_named_are_left_alone():
    power = [*TESTS["infrastructure"], {"infrastructure": "grid", "kind": "power"}]
    power[-1]["reach"] = "region"
    tables = {"infrastructure": power}
    assert cost(sharing("sharing=none; kinds=power", tables)) == pytest.approx(120)


def test_the_rows_are_those_on_paper():
    instance = sharing("sharing=required; most_users=3")
    m = build(instance, Scope(instance), make_rules(instance))
    rows = m.rule["mine"]
    assert str(rows.users["lab", "here", "y"].expr) == (
        "uses[w,lab,here,y] + uses[e,lab,here,y]  <=  3*steps[lab,here,y]"
    )
    text = str(rows.required["w", "quality", "y"].expr)
    assert text.replace("rule[mine].means[quality].means.", "") == (
        "works[w,y] - (uses[w,lab,here,y] + steps[own,w,y])  <=  0"
    )
    instance = sharing("sharing=none")
    m = build(instance, Scope(instance), make_rules(instance))
    assert str(m.rule["mine"].none["e", "y"].expr) == "uses[e,lab,here,y]  <=  0"


LABS = ("lab", "here")
PLANS = [
    ({}, []),
    ({LABS: 1}, []),
    ({LABS: 1}, ["w"]),
    ({LABS: 1}, ["w", "e"]),
    ({LABS: 2}, ["w", "e"]),
    ({("own", "w"): 1}, []),
    ({("own", "w"): 1, LABS: 1}, ["e"]),
]


@pytest.mark.parametrize(
    "parameters",
    ["sharing=none", "sharing=required", "sharing=required; most_users=1"],
)
@pytest.mark.parametrize(("steps", "users"), PLANS)
def test_rows_and_checker_agree_about_plans(parameters, steps, users):
    instance = sharing(parameters, ABLE)
    sent = FROM_BOTH if "e" in users else ALL_FROM_W
    plan = plan_of(instance, sent, steps, [(s, *LABS) for s in users])
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_what_is_broken():
    both = [("w", *LABS), ("e", *LABS)]
    instance = sharing("sharing=none", ABLE)
    plan = plan_of(instance, FROM_BOTH, {LABS: 1}, both)
    assert list(map(str, broken(instance, plan))) == [
        "mine [e, y]: 1 shared uses",
        "mine [w, y]: 1 shared uses",
    ]
    instance = sharing("sharing=required; most_users=1", ABLE)
    assert list(map(str, broken(instance, plan))) == [
        "mine [lab, here, y]: 1 users too many"
    ]
    plan = plan_of(instance, FROM_BOTH, {("own", "w"): 1})
    assert list(map(str, broken(instance, plan))) == [
        "mine [e, quality, y]: 1 sites without a facility"
    ]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "sharing"),
        ("sharing=some", "sharing"),
        ("sharing=none; kinds=qualty", "'qualty'.*nearest: quality"),
        ("sharing=allowed; most_users=-1", "most_users"),
        ("sharing=none; most_users=1", "most_users says nothing"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(sharing(parameters))
