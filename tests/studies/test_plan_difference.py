"""The difference of two plans, worked out by hand on the line of two towns."""

from dataclasses import replace

import pytest

from dmopt.plan.plan import Plan, make_plan
from dmopt.plan.verify import verify
from dmopt.solving.result import Result
from dmopt.solving.run import solve
from dmopt.studies.instance_difference import instance_difference
from dmopt.studies.plan_difference import PlanDifference, Side, plan_difference
from dmopt.studies.plan_difference_words import difference_object, sentences
from tests.line import TABLES, changed, line


def forced(site: str, **tables) -> Result:
    """The best plan of the line in which one site alone is open."""
    excluded = {"w": "e", "e": "w"}[site]
    instance = line(**{"sites": changed("sites", excluded, status="excluded")} | tables)
    result = solve(instance, gap=1e-9, threads=1)
    assert result.plan is not None
    plan = make_plan(line(), result.plan.tables)
    assert verify(line(), plan) == []
    return replace(result, plan=plan if not tables else result.plan)


@pytest.fixture(scope="module")
def west_to_east() -> PlanDifference:
    return plan_difference(Side("west", forced("w")), Side("east", forced("e")))


def test_sites_and_modules_that_change_places(west_to_east):
    tables = west_to_east.tables
    assert dict(zip(tables["sites"].site, tables["sites"].change, strict=True)) == {
        "e": "added",
        "w": "dropped",
    }
    (total,) = tables["module_totals"].to_dict("records")
    # one oven more at e, one fewer at w: it is one oven at another site
    assert (total["moved"], total["more"], total["fewer"]) == (1, 0, 0)
    assert sorted(tables["modules"].change) == [-1, 1]


def test_all_tonnes_change_hands(west_to_east):
    zones = west_to_east.tables["zones"].set_index("zone")
    assert zones.t_changed_hands.to_dict() == {"east": 40, "west": 60}
    assert set(zones.from_before) == {"w"} and set(zones.from_after) == {"e"}
    (district,) = west_to_east.tables["districts"].to_dict("records")
    assert district["zones"] == 2 and district["t_changed_hands"] == 100


def test_costs_by_kind_and_how_sure_the_difference_is(west_to_east):
    # 110 and 130 (tests/line.py); sites and ovens cost the same
    assert west_to_east.costs == pytest.approx((110, 130))
    change = west_to_east.tables["costs"].set_index("kind").change
    assert change["transport out"] == pytest.approx(20)
    assert change.drop("transport out").abs().max() == pytest.approx(0)
    assert west_to_east.certain
    told = " ".join(sentences(west_to_east))
    assert "east costs GBP 20 (18.2 %) more; the difference is wider" in told
    assert "Delivery +GBP 20" in told and "Both are plans of the same data" in told


def test_a_wide_gap_leaves_it_open(west_to_east):
    loose = replace(west_to_east.other.result, bound=100.0)
    found = replace(west_to_east, other=Side("east", loose))
    assert not found.certain
    assert "the gaps leave open" in " ".join(sentences(found))


@pytest.mark.parametrize(
    ("settings", "years", "other"),
    [
        ({"currency": "EUR"}, 1, "currency"),
        ({"money": "discounted"}, 1, "money"),
        ({"discount_rate": 0.05}, 1, "discount rate"),
        ({"holding_rate": 0.2}, 1, "holding rate"),
        ({}, 2, "periods"),
        ({"money": "discounted", "discount_rate": 0.05}, 2, None),
    ],
)
def test_costs_are_not_compared_where_money_is_counted_differently(
    west_to_east, settings, years, other
):
    periods = changed("periods", years=years)
    instance = line(settings, periods=periods)
    first = west_to_east.one
    moved = replace(first.result, plan=replace(first.plan, instance=instance))
    found = plan_difference(Side("mine", moved), west_to_east.other)
    told = " ".join(sentences(found))
    what = other or "money, discount rate, periods"
    assert f"Money is not counted alike (other {what}): costs are not" in told
    assert "more;" not in told and "less;" not in told and "They cost" not in told
    assert not found.certain


def test_costs_of_unlike_demand_are_compared_and_it_is_said(west_to_east):
    demand = changed("demand", "west", quantity_per_yr=50)
    instance = line(demand=demand)
    first = west_to_east.one
    less = replace(first.result, plan=replace(first.plan, instance=instance))
    told = " ".join(sentences(plan_difference(Side("less", less), west_to_east.other)))
    assert "They do not serve the same demand" in told and "costs GBP 20" in told
    assert "serve the same demand" not in " ".join(sentences(west_to_east))


def test_a_plan_that_costs_nothing_costs_nothing(west_to_east):
    free = replace(west_to_east.one.result, cost=0.0, bound=0.0)
    found = replace(west_to_east, one=Side("free", free))
    assert found.costs == (0.0, pytest.approx(130))
    assert "east costs GBP 130 more; the difference" in " ".join(sentences(found))


def test_a_plan_does_not_differ_from_itself():
    side = Side("west", forced("w"))
    found = plan_difference(side, side)
    for name in ("modules", "infrastructure", "connections", "zones", "instance"):
        assert found.tables[name].empty
    assert set(found.tables["sites"].change) == {"kept"}
    told = list(sentences(found))
    assert "They cost the same." in told and "Every zone is served as before." in told


def test_a_site_with_another_name_at_the_same_point_is_the_same_site():
    sites = [
        each | ({"site": "west works"} if each["site"] == "w" else {})
        for each in TABLES["sites"]
    ]
    first, second = forced("w"), solve(line(sites=sites), gap=1e-9, threads=1)
    found = plan_difference(Side("one", first), Side("other", second))
    assert found.renamed == {"west works": "w"}
    assert found.tables["sites"].change.tolist() == ["kept"]
    assert found.tables["zones"].empty


def test_a_site_that_only_one_instance_knows_is_no_fault():
    fewer = [each for each in TABLES["sites"] if each["site"] == "e"]
    second = solve(line(sites=fewer), gap=1e-9, threads=1)
    found = plan_difference(Side("one", forced("w")), Side("other", second))
    assert set(found.tables["sites"].change) == {"added", "dropped"}
    assert "sites: w only before" in found.tables["instance"].says.tolist()
    assert difference_object(found)["plans"][1]["cost"] == pytest.approx(130)


def test_what_differs_in_the_data_is_told_in_few_words():
    demand = [
        each | {"quantity_per_yr": 2 * each["quantity_per_yr"]}
        for each in TABLES["demand"]
    ]
    modes = [{"mode": "van", "cost_per_tkm": 0.2, "speed_kmh": 20}]
    settings = {"discount_rate": 0.1}
    found = instance_difference(line(), line(settings, demand=demand, modes=modes))
    assert found.says.tolist() == [
        "discount_rate: 0.0 -> 0.1",
        "demand.quantity_per_yr of west bread, east bread: x 2",
        "modes.cost_per_tkm of van: 0.1 -> 0.2",
    ]


def test_modules_bought_besides_are_more_and_not_moved():
    side = forced("w")
    assert side.plan is not None
    modules = side.plan.tables["modules"].copy()
    modules[["modules", "bought"]] = 2
    plan: Plan = make_plan(line(), {**side.plan.tables, "modules": modules})
    found = plan_difference(Side("one", side), Side("two", replace(side, plan=plan)))
    (total,) = found.tables["module_totals"].to_dict("records")
    assert (total["moved"], total["more"], total["fewer"]) == (0, 1, 0)
    assert found.tables["sites"].change.tolist() == ["changed"]
