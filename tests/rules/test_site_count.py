"""Number of sites: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import make_plan
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import baked
from tests.rules.solved import solved


def counted(parameters: str, columns: dict | None = None, **tables: list) -> Instance:
    (row,) = rule("site_count", parameters)
    return line(rules=[row | (columns or {})], **tables)


def test_a_slack_rule_changes_nothing():
    # w alone: 50 + 20 + 40 t x 10 km x 0.1
    assert solved(counted("least=1; most=2")).cost == pytest.approx(110)


@MODEL_PATHS
def test_at_least_two_opens_the_second_though_idle(path):
    # w alone, and 20 to keep e open: less than an oven there as well (140)
    result = solved(counted("least=2"), path)
    assert result.cost == pytest.approx(130)
    assert sorted(result.plan.tables["opened"].site) == ["e", "w"]


def test_at_most_one_when_two_would_be_best():
    # at 1 a t-km: both 140, w alone 70 + 400
    dear = changed("modes", cost_per_tkm=1)
    assert solved(line(modes=dear)).cost == pytest.approx(140)
    assert solved(counted("most=1", modes=dear)).cost == pytest.approx(470)


def test_at_most_none_is_infeasible_where_demand_must_be_met():
    assert solved(counted("most=0")).status == "infeasible"


def far_plant() -> dict[str, list]:
    """With a plant outside the region, 20 km out, that is free to keep."""
    plant = {"site": "plant", "x": 20_000, "y": 0, "in_region": False}
    outside = TABLES["lanes"][0] | {"origin": "site_outside"}
    return {"sites": TABLES["sites"] + [plant], "lanes": TABLES["lanes"] + [outside]}


def test_sites_outside_count_only_when_all_are_counted():
    # plant alone: 50 + 60 t x 20 km x 0.1 + 40 t x 10 km x 0.1 = 210
    assert solved(counted("most=0", **far_plant())).cost == pytest.approx(210)
    everywhere = counted("most=0; where=all", **far_plant())
    assert solved(everywhere).status == "infeasible"


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # a site short at 15 is less than 20 to keep e open; at 25 it is not
    for price, cost in ((15, 125), (25, 130)):
        short = counted("least=2", {"soft_price": price})
        assert solved(short).cost == pytest.approx(cost)


def grouped() -> list[dict]:
    return [
        TABLES["sites"][0] | {"class": "yard", "district": "old"},
        TABLES["sites"][1] | {"class": "hall", "district": "new"},
    ]


@pytest.mark.parametrize(
    ("parameters", "columns", "cost"),
    [
        ("least=1; classes=hall", {}, 130),
        ("least=1; classes=hall, yard", {}, 110),
        ("least=1; sites=e", {}, 130),
        ("most=0; sites=w", {}, 130),  # e alone bakes
        ("most=0; sites=w; classes=hall", {}, 110),  # no site is both
        ("least=1", {"districts": "new"}, 130),
        ("most=0", {"districts": "old"}, 130),
    ],
)
def test_a_group_is_of_a_class_of_named_sites_or_of_a_district(
    parameters, columns, cost
):
    instance = counted(parameters, columns, sites=grouped())
    result = solved(instance)
    assert result.cost == pytest.approx(cost)
    assert broken(instance, result.plan) == []


def test_sites_that_cannot_be_had_make_a_row_that_cannot_be_kept():
    instance = counted("least=1; classes=hall; sites=w", sites=grouped())
    assert solved(instance).status == "infeasible"
    (found,) = broken(instance, opened(instance, "w", "e"))
    assert (found.where, found.excess) == (("y",), 1)


@pytest.mark.parametrize("sites", ["w", "e", "we"])
@pytest.mark.parametrize("parameters", ["least=2", "most=1", "least=1; sites=e"])
def test_rows_and_checker_agree_about_plans(sites, parameters):
    instance = counted(parameters)
    plan = baked(instance, sites)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_rows_are_those_on_paper():
    instance = counted("least=1; most=2", **far_plant())
    m = build(instance, Scope(instance), make_rules(instance))
    rows = m.rule["mine"]
    assert str(rows.least["y"].expr).replace("rule[mine].", "") == (
        "1  <=  open[w,y] + open[e,y] + nobody"
    )
    assert str(rows.most["y"].expr).replace("rule[mine].", "") == (
        "open[w,y] + open[e,y] + nobody  <=  2"
    )


def opened(instance: Instance, *sites: str):
    return make_plan(
        instance, {"opened": [{"site": site, "period": "y"} for site in sites]}
    )


def test_the_checker_finds_too_few_and_too_many():
    too_few = counted("least=2")
    (least,) = make_rules(too_few)
    (violation,) = least.check(too_few, opened(too_few, "w"))
    assert (violation.row, violation.where, violation.excess) == ("mine", ("y",), 1)
    assert list(least.check(too_few, opened(too_few, "w", "e"))) == []

    too_many = counted("most=1")
    (most,) = make_rules(too_many)
    (violation,) = most.check(too_many, opened(too_many, "w", "e"))
    assert str(violation) == "mine [y]: 1 sites"
    assert list(most.check(too_many, opened(too_many, "w"))) == []


def test_the_checker_counts_no_site_outside_unless_all_are_counted():
    for parameters, found in (("most=1", 0), ("most=1; where=all", 1)):
        instance = counted(parameters, **far_plant())
        (one,) = make_rules(instance)
        assert len(list(one.check(instance, opened(instance, "w", "plant")))) == found


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("least=2; most=1", "least = 2 is above most = 1"),
        ("least=-1", "least: Input should be greater than or equal to 0"),
        ("most=few", "most: Input should be a valid integer"),
        ("most=1.5", "most: Input should be a valid integer"),
        ("where=outside", "where: Input should be 'region' or 'all'"),
        ("mots=1", "read 'mots=1'"),
        ("mots=1", "nearest: most"),
        ("classes=yrad", "'yrad'"),
        ("sites=z", "'z'"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(counted(parameters))
    assert said in str(error.value)
