"""Connected before open: slack, binding, the row, the checker, bad parameters."""

import pytest

from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.cake import with_cake
from tests.rules.facility_plans import ALL_FROM_W, FROM_BOTH, plan_of
from tests.rules.solved import cost

# An oven needs a link, of which there are enough without infrastructure. A net for the
# region costs 8 a year and 3 for each user, a line of its own 15 at w.
NET = {"infrastructure": "net", "kind": "data", "reach": "region"}
LEASED = {"infrastructure": "leased", "kind": "data", "reach": "site"}
LINKS = {
    "services": [{"service": "link", "kind": "data", "limited": False}],
    "technology_needs": [{"technology": "oven", "service": "link", "per_module": 2}],
    "infrastructure": [
        NET | {"fixed_cost_per_yr": 8, "fee_per_yr": 3},
        LEASED | {"fixed_cost_per_yr": 15},
    ],
    "infrastructure_services": [
        {"infrastructure": "net", "service": "link"},
        {"infrastructure": "leased", "service": "link"},
    ],
    "locations": [
        {"infrastructure": "net", "location": "n"},
        {"infrastructure": "leased", "location": "w", "site": "w"},
    ],
}
AT_W = {"locations": LINKS["locations"][1:]}
"""Only the line at w."""


def linked(parameters: str = "", tables: dict | None = None, **columns: object):
    (row,) = rule("connected_first", parameters)
    return line(rules=[row | columns], **LINKS | (tables or {}))


def base(units: float) -> dict:
    return {"site_services": [{"site": "e", "service": "link", "base": units}]}


def test_a_slack_rule_changes_nothing():
    assert cost(line(**LINKS)) == pytest.approx(110)
    dear = [{"site": "w", "service": "link", "base": 2}]
    assert cost(linked(tables={"site_services": dear})) == pytest.approx(110)
    assert cost(linked(tables={"technology_needs": []})) == pytest.approx(110)


@MODEL_PATHS
def test_a_connection_comes_first(path):
    # 110 and the net with one user; without a net the line
    assert cost(linked(), path) == pytest.approx(121)
    assert cost(linked(tables=AT_W), path) == pytest.approx(125)
    assert cost(linked(tables=AT_W | {"locations": []}), path) is None


@MODEL_PATHS
def test_a_site_with_links_enough_is_connected(path):
    # e alone 130; with fewer links than one oven takes e would want one too
    locations = {"locations": []}
    assert cost(linked(tables=base(2) | locations), path) == pytest.approx(130)
    assert cost(linked(tables=base(1.9) | locations), path) is None


def test_named_technologies_are_connected_by_infrastructure_only():
    none_needed = {"technology_needs": []} | base(9)
    asked = linked("technologies=oven", none_needed)
    assert cost(asked) == pytest.approx(121)
    plan = plan_of(asked, {("e", "west"): 60.0, ("e", "east"): 40.0})
    assert [v.where for v in broken(asked, plan)] == [("e", "oven", "y")]
    assert not admits(asked, plan)


def test_products_that_are_not_covered_are_left_alone():
    cake = with_cake()
    assert cost(linked("", cake, products="cake")) == pytest.approx(110)
    assert cost(linked("", cake, products="bread")) == pytest.approx(121)
    named = linked("technologies=oven", cake, products="cake")
    assert cost(named) == pytest.approx(110)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one oven without at 5: 115 < 121; two of half the size at w, 160: 170 < 171 < 172
    half = changed("technologies", capacity_per_yr=50, max_modules=2)
    assert cost(linked(soft_price=5)) == pytest.approx(115)
    tables = {"technologies": half, "sites": TABLES["sites"][:1]}
    assert cost(linked(tables=tables, soft_price=5)) == pytest.approx(170)
    assert cost(linked(tables=tables, soft_price=6)) == pytest.approx(171)


def test_the_row_is_the_one_on_paper():
    instance = linked(tables={"technologies": changed("technologies", max_modules=3)})
    m = build(instance, Scope(instance), make_rules(instance))
    assert str(m.rule["mine"].connected["w", "oven", "y"].expr) == (
        "modules[w,oven,y] - 3*(steps[leased,w,y] + uses[w,net,n,y])  <=  0"
    )


PLANS = [
    (ALL_FROM_W, {}, []),
    (ALL_FROM_W, {("net", "n"): 1}, []),
    (ALL_FROM_W, {("net", "n"): 1}, ["w"]),
    (FROM_BOTH, {("net", "n"): 1}, ["w"]),
    (FROM_BOTH, {("net", "n"): 1}, ["w", "e"]),
    (FROM_BOTH, {("leased", "w"): 1}, []),
    (FROM_BOTH, {("leased", "w"): 1, ("net", "n"): 1}, ["e"]),
]


@pytest.mark.parametrize("there", [0, 2])
@pytest.mark.parametrize(("sent", "steps", "users"), PLANS)
def test_rows_and_checker_agree_about_plans(sent, steps, users, there):
    instance = linked(tables=base(there))
    plan = plan_of(instance, sent, steps, [(s, "net", "n") for s in users])
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_what_is_broken():
    instance = linked()
    plan = plan_of(instance, FROM_BOTH, {("leased", "w"): 1})
    (violation,) = broken(instance, plan)
    assert str(violation) == "mine [e, oven, y]: 1 modules not connected"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("kind=dta", "'dta'.*nearest: data"),
        ("technologies=ovn", "'ovn'.*nearest: oven"),
        ("share=1", "share"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(linked(parameters))


def test_without_any_infrastructure_nothing_is_asked():
    for parameters in ("", "kind=data"):
        bare = line(rules=rule("connected_first", parameters))
        assert cost(bare) == pytest.approx(110)
