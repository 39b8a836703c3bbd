"""Jobs per district: slack, binding, the row itself, the checker, bad parameters."""

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
from tests.rules.on_paper import TWO_YEARS, periods
from tests.rules.plans import baked
from tests.rules.solved import solved

# An oven brings 3 jobs. w alone serves both towns: 110; an oven at both: 140.
# A kitchen, of which one stands in the new town for 12 a year, brings 2 jobs.
SITES = [
    TABLES["sites"][0] | {"district": "old"},
    TABLES["sites"][1] | {"district": "new"},
]
OVENS = changed("technologies", jobs_per_module=3, max_modules=2)
KITCHEN = {
    "infrastructure": "kitchen",
    "reach": "region",
    "fixed_cost_per_yr": 12,
    "jobs_per_step": 2,
}
THERE = {"infrastructure": "kitchen", "location": "hall", "district": "new"}


def employed(parameters: str, columns: dict | None = None, **tables: list) -> Instance:
    (row,) = rule("jobs_per_district", parameters)
    given = {"sites": SITES, "technologies": OVENS, "rules": [row | (columns or {})]}
    return line(**(given | tables))


def test_a_slack_rule_changes_nothing():
    assert solved(employed("least=0")).cost == pytest.approx(110)
    old = employed("least=3", {"districts": "old"})
    assert solved(old).cost == pytest.approx(110)


@MODEL_PATHS
@pytest.mark.parametrize(
    ("least", "cost"),
    [
        (1, 140),  # an oven at both
        (4, 140 + 2 * 50),  # two ovens at both
    ],
)
def test_each_district_needs_ovens_of_its_own(least, cost, path):
    assert solved(employed(f"least={least}"), path).cost == pytest.approx(cost)


def test_more_jobs_than_there_is_room_for_are_infeasible():
    assert solved(employed("least=7")).status == "infeasible"


@pytest.mark.parametrize(
    "place", [THERE, THERE | {"district": "", "site": "e", "max_steps": 1}]
)
@MODEL_PATHS
def test_infrastructure_brings_jobs_to_its_district_or_that_of_its_site(place, path):
    # 110 + 12 instead of an oven at e
    instance = employed("least=2", infrastructure=[KITCHEN], locations=[place])
    result = solved(instance, path)
    assert result.cost == pytest.approx(122)
    assert broken(instance, result.plan) == []


@pytest.mark.parametrize(
    "place", [THERE | {"district": "old"}, THERE | {"site": "e", "district": "old"}]
)
def test_infrastructure_brings_no_jobs_to_another_district(place):
    instance = employed("least=2", infrastructure=[KITCHEN], locations=[place])
    assert solved(instance).cost == pytest.approx(140)


def test_sites_and_infrastructure_outside_the_region_bring_no_jobs():
    plant = {"site": "plant", "x": 10_000, "y": 0, "district": "new"}
    sites = [SITES[0], SITES[1] | {"status": "excluded"}, plant | {"in_region": False}]
    there = THERE | {"site": "plant"}
    outside = employed(
        "least=1", sites=sites, infrastructure=[KITCHEN], locations=[there]
    )
    assert solved(outside).status == "infeasible"
    plan = baked(
        outside,
        "w",
        infrastructure=[
            {
                "infrastructure": "kitchen",
                "location": "hall",
                "period": "y",
                "steps": 1,
                "built": 1,
            }
        ],
    )
    (found,) = broken(outside, plan)
    assert (found.where, found.excess) == (("new", "y"), 1)
    assert not admits(outside, plan)


def test_a_district_of_sites_outside_the_region_is_in_no_row():
    plant = {"site": "plant", "x": 0, "y": 0, "in_region": False, "district": "abroad"}
    instance = employed("least=1", sites=[*SITES, plant])
    plan = baked(instance, "we")
    assert broken(instance, plan) == []
    assert admits(instance, plan)


def test_a_site_without_a_district_is_in_no_row():
    sites = [SITES[0], TABLES["sites"][1]]
    assert solved(employed("least=1", sites=sites)).cost == pytest.approx(110)


def test_the_rows_are_those_on_paper():
    instance = employed("least=4", infrastructure=[KITCHEN], locations=[THERE])
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"].jobs
    said = {d: str(row.expr).replace("rule[mine].", "") for (d, _), row in rows.items()}
    assert said == {
        "old": "4.0  <=  nobody + 3.0*modules[w,oven,y]",
        "new": "4.0  <=  3.0*modules[e,oven,y] + 2.0*steps[kitchen,hall,y] + nobody",
    }


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # the new town is 1 job short of 1: 110 + 20 < 140; at 40 both bake
    for price, cost in ((20, 130), (40, 140)):
        instance = employed("least=1", {"soft_price": price})
        assert solved(instance).cost == pytest.approx(cost)


@pytest.mark.parametrize("ovens", ["w", "e", "we"])
@pytest.mark.parametrize("kitchens", [0, 1])
@pytest.mark.parametrize("least", [2, 3, 5])
def test_rows_and_checker_agree_about_plans(ovens, kitchens, least):
    instance = employed(f"least={least}", infrastructure=[KITCHEN], locations=[THERE])
    steps = {"period": "y", "steps": 1, "built": 1}
    built = {"infrastructure": "kitchen", "location": "hall"} | steps
    plan = baked(instance, ovens, infrastructure=[built] * kitchens)
    found = {each.where[0]: each.excess for each in broken(instance, plan)}
    jobs = {"old": 3 * ("w" in ovens), "new": 3 * ("e" in ovens) + 2 * kitchens}
    assert found == {d: least - n for d, n in jobs.items() if n < least}
    assert admits(instance, plan) == (found == {})


def test_the_checker_says_how_many_jobs_are_short():
    instance = employed("least=2.5")
    (found,) = broken(instance, baked(instance, "w"))
    assert str(found) == "mine [new, y]: 2.5 jobs short"


def test_only_periods_covered_are_in_rows():
    instance = employed("least=1", {"periods": "z"}, periods=TWO_YEARS)
    assert periods(instance) == {"z"}
    found = broken(instance, make_plan(instance, {}))
    assert {each.where[-1] for each in found} == {"z"}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "least"),
        ("least=-1", "least"),
        ("least=some", "least"),
        ("most=1; least=1", "most"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(employed(parameters))
