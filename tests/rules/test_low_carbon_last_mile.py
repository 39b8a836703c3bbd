"""Low-carbon last mile: slack, binding, the row, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.facility_plans import plan_of
from tests.rules.solved import cost

# A bike costs 0.5 a t-km, a van 0.1; what goes 0 km costs nothing by either. w alone is
# 110 with vans, and 4 more for each tonne that goes to the east by bike; both 140.
BIKE = {"mode": "bike", "cost_per_tkm": 0.5, "speed_kmh": 15}
MODES = {
    "modes": [*TABLES["modes"], BIKE | {"low_carbon": True}],
    "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"mode": "bike"}],
    "zones": [
        {"zone": "west", "x": 0, "y": 0, "district": "a"},
        {"zone": "east", "x": 10_000, "y": 0, "district": "b"},
    ],
}


def clean(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("low_carbon_last_mile", parameters)
    return line(rules=[row | columns], **MODES | (tables or {}))


def test_a_slack_rule_changes_nothing():
    assert cost(line(**MODES)) == pytest.approx(110)
    assert cost(clean("share=60 %")) == pytest.approx(110)


@PATHS
def test_so_much_goes_by_bike(path):
    # 65 of 100 t by bike: 5 of them to the east; 80 t would be 20 x 4 > 30
    assert cost(clean("share=65 %"), path) == pytest.approx(130)
    assert cost(clean("share=80 %"), path) == pytest.approx(140)


@PATHS
def test_each_district_has_to_or_all_together(path):
    # 5 % of 40 t to the east: 2 x 4
    asked = "share=5 %"
    assert cost(clean(asked), path) == pytest.approx(110)
    assert cost(clean(asked + "; per=district"), path) == pytest.approx(118)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 5 t at 2 each, not at 4 more by bike; at 5 each by bike
    assert cost(clean("share=65 %", soft_price=2)) == pytest.approx(120)
    assert cost(clean("share=65 %", soft_price=5)) == pytest.approx(130)


def test_modes_may_be_named():
    van = clean("share=1; modes=van")
    assert cost(van) == pytest.approx(110)
    grey = {"modes": [*TABLES["modes"], BIKE]}
    assert cost(clean("share=65 %; modes=bike", grey)) == pytest.approx(130)


def test_where_no_mode_is_low_carbon_nothing_is_asked():
    grey = {"modes": [*TABLES["modes"], BIKE]}
    assert cost(clean("share=1", grey)) == pytest.approx(110)


@pytest.mark.parametrize("asked", ["share=65 %; by=units", "share=65 %"])
def test_what_weighs_nothing_is_counted_by_units(asked):
    # no weight and 0.1 a drop by van, 0.6 by bike: 70 + 10 and 65 x 0.5
    modes = [
        TABLES["modes"][0] | {"cost_per_drop": 0.1},
        BIKE | {"cost_per_drop": 0.6, "low_carbon": True},
    ]
    light = {"commodities": changed("commodities", t_per_unit=0), "modes": modes}
    assert cost(clean(asked, light)) == pytest.approx(112.5)


def test_deliveries_from_outside_the_region_do_not_count():
    sites = [
        site | {"in_region": site["site"] == "e", "fixed_cost_per_yr": 20}
        for site in TABLES["sites"]
    ]
    out = [lane | {"origin": "site_outside"} for lane in MODES["lanes"]]
    tables = {"sites": sites, "lanes": [*MODES["lanes"], *out]}
    assert cost(clean("share=1", tables)) == pytest.approx(110)


def test_the_row_is_the_one_on_paper():
    # a tenth may be by van: 0.9 van - 0.1 bike <= 0, in units of 60 and 40 t
    instance = clean("share=0.9")
    problem = make_problem(instance, make_rules(instance))
    (row,) = problem.layer.side.x.toarray()
    arcs = problem.arcs
    ends = zip(arcs.origin, arcs.destination, arcs["mode"], strict=True)
    assert dict(zip(ends, row, strict=True)) == pytest.approx(
        {
            (s, z, mode): t * weight
            for s in ("w", "e")
            for z, t in (("west", 60), ("east", 40))
            for mode, weight in (("van", 0.9), ("bike", -0.1))
        }
    )
    assert list(problem.layer.side.most) == [0]


def delivered(instance: Instance, west: float, east: float) -> Plan:
    """So much by bike from w to each town."""
    by_bike = [("west", west), ("east", east)]
    vans = {("w", "west"): 60 - west, ("w", "east"): 40 - east}
    bikes = [
        {
            "origin": "w",
            "destination": z,
            "commodity": "bread",
            "mode": "bike",
            "quantity_per_yr": t,
        }
        for z, t in by_bike
        if t
    ]
    plan = plan_of(instance, {ends: t for ends, t in vans.items() if t}, flows=bikes)
    plan.tables["activity"]["quantity_per_yr"] = 100.0
    return plan


@pytest.mark.parametrize("per", ["region", "district"])
@pytest.mark.parametrize(
    ("west", "east"), [(0, 0), (50, 0), (30, 20), (29, 30), (10, 39)]
)
def test_rows_and_checker_agree_about_plans(west, east, per):
    instance = clean(f"share=50 %; per={per}")
    plan = delivered(instance, west, east)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_what_is_broken():
    instance = clean("share=50 %; per=district")
    # 35 t to the east by van, 20 may be
    (violation,) = broken(instance, delivered(instance, 40, 5))
    assert str(violation) == "mine [b, y]: 15 t/yr by other modes"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "share"),
        ("share=101 %", "share"),
        ("share=1; modes=bkie", "'bkie'.*nearest: bike"),
        ("share=1; by=value", "by"),
        ("share=1; per=zone", "per"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(clean(parameters))
