"""Plural ownership: slack, binding, the rows, rows and checker about plans, faults."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import working
from tests.rules.on_paper import rows
from tests.rules.solved import cost

OWNERS = ("ann", "bob")


def owned(
    parameters: str,
    owners: tuple[str, str] = OWNERS,
    price: float = 0,
    **columns: object,
) -> Instance:
    (row,) = rule("plural_ownership", parameters)
    return line(
        rules=[row | columns],
        commodities=changed("commodities", price=price, t_per_unit=1),
        sites=[
            site | {"owner": owner}
            for site, owner in zip(TABLES["sites"], owners, strict=True)
        ],
    )


def test_a_slack_rule_changes_nothing():
    # w alone: 50 + 20 + 40 t x 10 km x 0.1
    assert cost(owned("share=1")) == pytest.approx(110)


@PATHS
def test_two_owners_both_bake(path):
    # each its town: 140; half each, 10 t from e to the west: 140 + 10
    assert cost(owned("share=60 %"), path) == pytest.approx(140)
    assert cost(owned("share=50 %"), path) == pytest.approx(150)


@PATHS
def test_one_owner_of_both_is_one_too_few(path):
    alone = owned("share=60 %", ("ann", "ann"))
    assert solve(alone, path=path, gap=0).status == "infeasible"


def test_a_site_without_owner_is_an_owner_of_its_own():
    assert cost(owned("share=60 %", ("ann", ""))) == pytest.approx(140)


def test_where_no_site_has_an_owner_nothing_is_asked():
    assert cost(owned("share=0", ("", ""))) == pytest.approx(110)


def test_an_owner_with_the_name_of_a_site_is_not_that_site():
    # e's owner is called w; w has none: two owners
    assert cost(owned("share=60 %", ("", "w"))) == pytest.approx(140)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 40 t too many at 0.5: 110 + 20; at 1 both bake
    assert cost(owned("share=60 %", soft_price=0.5)) == pytest.approx(130)
    assert cost(owned("share=60 %", soft_price=1)) == pytest.approx(140)
    # the same in money, 3 for a tonne
    dear = owned("share=60 %", price=3, soft_price=0.5 / 3)
    assert cost(dear) == pytest.approx(130)


def test_the_rows_are_those_on_paper():
    by_value = rows(owned("share=0.6", price=3))
    assert by_value == {
        "plural[ann,,y]": "3.0*output[w,bread,y] - 0.6*total[y]  <=  0",
        "plural[bob,,y]": "3.0*output[e,bread,y] - 0.6*total[y]  <=  0",
    }
    by_units = rows(owned("share=0.6; by=units", ("", "bob"), price=3))
    assert by_units["plural[,w,y]"] == "output[w,bread,y] - 0.6*total[y]  <=  0"


@pytest.mark.parametrize("from_w", [30, 39.5, 40, 50, 60, 60.5, 100])
def test_rows_and_checker_agree_about_plans(from_w):
    instance = owned("share=60 %; by=t")
    plan = working(instance, {"w": from_w, "e": 100 - from_w})
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (40 <= from_w <= 60)


@pytest.mark.parametrize(
    ("parameters", "price", "said"),
    [
        ("share=60 %", 3, "mine [ann, y]: 60 money/yr"),
        ("share=60 %", 0, "mine [ann, y]: 20 units/yr"),
        ("share=60 %; by=units", 3, "mine [ann, y]: 20 units/yr"),
        ("share=60 %; by=t", 3, "mine [ann, y]: 20 t/yr"),
    ],
)
def test_the_checker_says_who_makes_too_much(parameters, price, said):
    instance = owned(parameters, price=price)
    plan = working(instance, {"w": 80, "e": 20})
    assert [str(v) for v in broken(instance, plan)] == [said]


def test_a_site_without_owner_is_named_itself():
    instance = owned("share=60 %", ("", "bob"))
    (found,) = broken(instance, working(instance, {"w": 80, "e": 20}))
    assert found.where == ("w", "y")


def test_sites_outside_the_region_are_not_counted():
    # e outside: w makes all that the region makes
    (row,) = rule("plural_ownership", "share=60 %")
    instance = line(
        rules=[row],
        sites=[
            TABLES["sites"][0] | {"owner": "ann"},
            TABLES["sites"][1] | {"owner": "bob", "in_region": False},
        ],
        lanes=[*TABLES["lanes"], TABLES["lanes"][0] | {"origin": "site_outside"}],
    )
    (found,) = broken(instance, working(instance, {"w": 60, "e": 40}))
    assert (found.where, found.excess) == (("ann", "y"), pytest.approx(24))
    assert cost(instance) == pytest.approx(130)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("share=1.5", "share"),
        ("share=-1 %", "share"),
        ("", "share"),
        ("share=1; by=weight", "by"),
        ("share=1; owner=ann", "owner"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(owned(parameters))
