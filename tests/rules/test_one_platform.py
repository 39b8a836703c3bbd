"""One platform: slack, binding, the rows, the checker, bad parameters."""

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
from tests.rules.test_connected_first import LEASED, LINKS, NET

# As there, but a site has only the links that infrastructure gives: a step of the net
# gives two, enough for one oven. w alone 110 + 8 + 3 with the net, 110 + 15 with a
# line.
GIVEN = LINKS | {
    "services": [{"service": "link", "kind": "data"}],
    "infrastructure_services": [
        {"infrastructure": "net", "service": "link", "per_step": 2},
        {"infrastructure": "leased", "service": "link"},
    ],
    "locations": [
        {"infrastructure": "net", "location": "n", "max_steps": 2},
        {"infrastructure": "leased", "location": "w", "site": "w"},
    ],
}
SMALL = {"technologies": changed("technologies", capacity_per_yr=60)}
"""Ovens that make 60 t: both sites are needed."""
FREE = {"services": LINKS["services"]}
"""Links that are there anyhow."""


def platform(
    parameters: str, tables: dict | None = None, **columns: object
) -> Instance:
    (row,) = rule("one_platform", parameters)
    return line(rules=[row | columns], **GIVEN | (tables or {}))


def test_a_slack_rule_changes_nothing():
    assert cost(line(**GIVEN)) == pytest.approx(121)
    assert cost(platform("platform=optional")) == pytest.approx(121)
    assert cost(platform("platform=required")) == pytest.approx(121)
    assert cost(platform("platform=none", FREE)) == pytest.approx(110)


@MODEL_PATHS
def test_every_site_is_on_it_though_it_has_links(path):
    # 110 and the net with a user; 140 and the net with two
    assert cost(platform("platform=required", FREE), path) == pytest.approx(121)
    both = platform("platform=required", FREE | SMALL)
    assert cost(both, path) == pytest.approx(154)


@MODEL_PATHS
def test_without_a_platform_sites_have_their_own(path):
    assert cost(platform("platform=none"), path) == pytest.approx(125)
    assert cost(platform("platform=none", SMALL), path) is None


@MODEL_PATHS
def test_there_is_one_at_most(path):
    # both 140 and two steps with a user each; with one step the line at w
    assert cost(line(**GIVEN | SMALL)) == pytest.approx(140 + 2 * 11)
    one = platform("platform=optional", SMALL)
    assert cost(one, path) == pytest.approx(140 + 11 + 15)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # a step: 121 + 2 < 125; a site that is not on it: 110 + 2; a step too many: 162 + 2
    assert cost(platform("platform=none", soft_price=2)) == pytest.approx(123)
    soft = platform("platform=required", FREE, soft_price=2)
    assert cost(soft) == pytest.approx(112)
    two = platform("platform=optional", SMALL, soft_price=2)
    assert cost(two) == pytest.approx(164)


def test_what_stands_already_may_stay():
    stands = [GIVEN["locations"][0] | {"existing_steps": 1}, GIVEN["locations"][1]]
    tables = {"locations": stands}
    assert cost(platform("platform=none", tables)) == pytest.approx(121)


def test_a_platform_may_be_named():
    local = NET | {"reach": "district", "fixed_cost_per_yr": 8, "fee_per_yr": 3}
    tables = FREE | {
        "infrastructure": [local, LEASED],
        "sites": changed("sites", district="d"),
        "locations": [{"infrastructure": "net", "location": "n", "district": "d"}],
    }
    assert cost(platform("platform=required", tables)) == pytest.approx(110)
    named = platform("platform=required; infrastructure=net", tables)
    assert cost(named) == pytest.approx(121)
    nowhere = platform("platform=required; infrastructure=leased", tables)
    assert cost(nowhere) is None
    assert [v.row for v in broken(nowhere, plan_of(nowhere))] == ["mine"]


def test_the_rows_are_those_on_paper():
    instance = platform("platform=required")
    m = build(instance, Scope(instance), make_rules(instance))
    rows = m.rule["mine"]
    assert str(rows.one["y"].expr) == "steps[net,n,y]  <=  1"
    assert str(rows.on_it["e", "y"].expr).replace("rule[mine].means.", "") == (
        "works[e,y] - uses[e,net,n,y]  <=  0"
    )
    instance = platform("platform=none")
    m = build(instance, Scope(instance), make_rules(instance))
    assert str(m.rule["mine"].none["net", "n", "y"].expr) == "steps[net,n,y]  <=  0"


PLANS = [
    (ALL_FROM_W, {}, []),
    (ALL_FROM_W, {("net", "n"): 1}, []),
    (ALL_FROM_W, {("net", "n"): 1}, ["w"]),
    (FROM_BOTH, {("net", "n"): 1}, ["w"]),
    (FROM_BOTH, {("net", "n"): 2}, ["w", "e"]),
    (FROM_BOTH, {("net", "n"): 1}, ["w", "e"]),
    (FROM_BOTH, {("leased", "w"): 1, ("net", "n"): 1}, ["e"]),
]


@pytest.mark.parametrize("asked", ["required", "optional", "none"])
@pytest.mark.parametrize(("sent", "steps", "users"), PLANS)
def test_rows_and_checker_agree_about_plans(sent, steps, users, asked):
    instance = platform(f"platform={asked}", FREE)
    plan = plan_of(instance, sent, steps, [(s, "net", "n") for s in users])
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_what_is_broken():
    instance = platform("platform=required", FREE)
    plan = plan_of(instance, FROM_BOTH, {("net", "n"): 2}, [("w", "net", "n")])
    assert list(map(str, broken(instance, plan))) == [
        "mine [y]: 1 steps too many",
        "mine [e, y]: 1 sites not on the platform",
    ]
    instance = platform("platform=none", FREE)
    assert list(map(str, broken(instance, plan))) == [
        "mine [net, n, y]: 2 steps of a platform"
    ]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "platform"),
        ("platform=maybe", "platform"),
        ("platform=none; infrastructure=nett", "'nett'.*nearest: net"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(platform(parameters))


@pytest.mark.parametrize("asked", ["required", "optional", "none"])
def test_where_no_platform_is_known_nothing_is_asked(asked):
    bare = line(rules=rule("one_platform", f"platform={asked}"))
    assert cost(bare) == pytest.approx(110)
    assert broken(bare, plan_of(bare)) == []
