"""A sound plan passes; whatever is changed in it is found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from dmopt.plan.plan import Plan, make_plan
from dmopt.plan.verify import verify
from dmopt.plan.violation import MEANING, Violation
from tests.calls import calls
from tests.plan.damage import added, changed, with_table, without
from tests.plan.town import P1, P2, town, town_plan, town_with

INSTANCE = town()
PLAN = town_plan(INSTANCE)


def rows_broken(plan: Plan, instance: Instance = INSTANCE) -> set[str]:
    return {violation.row for violation in verify(instance, plan)}


def test_the_plan_of_the_town_is_sound():
    assert verify(INSTANCE, PLAN) == []


DAMAGES: list[tuple[str, Callable[[Plan], Plan]]] = [
    # siting
    ("status", lambda p: added(p, "opened", "ruin", P1)),
    ("status", lambda p: added(p, "opened", "hub", P1)),
    ("status", lambda p: without(p, "opened", f"hub {P2}")),
    # modules
    ("room", lambda p: without(p, "opened", f"bakery {P1}")),
    ("shut", lambda p: without(p, "opened", f"bakery {P1}")),
    ("room", lambda p: changed(p, "modules", f"bakery {P1}", modules=4, bought=4)),
    ("room", lambda p: added(p, "modules", "annex", "line", P2, 1, 1, 0, 0, 0)),
    ("stand", lambda p: changed(p, "modules", f"annex {P2}", modules=3)),
    ("stand", lambda p: changed(p, "modules", f"bakery {P1}", bought=1)),
    ("stand", lambda p: without(p, "modules", f"plant {P2}")),
    ("stand", lambda p: without(p, "modules", f"mixer {P2}")),
    ("committed", lambda p: changed(p, "modules", "hub", modules=2, bought=1)),
    ("committed", lambda p: changed(p, "modules", "hub", bought=1)),
    ("committed", lambda p: without(p, "modules", "hub")),
    ("move", lambda p: changed(p, "modules", f"annex {P2}", bought=0, moved_in=2)),
    ("move", lambda p: changed(p, "modules", f"plant {P2}", sold=0, moved_out=1)),
    ("take", lambda p: changed(p, "modules", f"annex {P2}", bought=2, sold=1)),
    # recipes
    ("balance", lambda p: changed(p, "activity", f"hub {P2}", quantity_per_yr=1501.0)),
    ("balance", lambda p: without(p, "activity", f"annex {P2}")),
    ("balance", lambda p: without(p, "disposal", f"bakery {P1}")),
    ("balance", lambda p: without(p, "flows", f"mill mixer {P2}")),
    (
        "balance",
        lambda p: changed(p, "flows", f"mixer bakery {P1}", quantity_per_yr=2400),
    ),
    ("made here", lambda p: added(p, "flows", "hub", "east", "dough", "van", P2, 10.0)),
    ("disposal", lambda p: added(p, "disposal", "bakery", "bread", P1, 10.0)),
    # capacity
    ("capacity", lambda p: changed(p, "activity", f"plant {P1}", quantity_per_yr=1100)),
    ("capacity", lambda p: added(p, "activity", "annex", "bake", P1, 5.0)),
    ("least use", lambda p: without(p, "activity", f"annex {P2}")),
    # services
    ("service", lambda p: changed(p, "draws", f"annex lab {P2}", quantity_per_yr=3.0)),
    ("service", lambda p: without(p, "draws", f"hub cloud {P2}")),
    ("service", lambda p: without(p, "infrastructure", f"grid {P1}")),
    ("share", lambda p: changed(p, "draws", f"annex lab {P2}", quantity_per_yr=8.0)),
    ("draw", lambda p: without(p, "uses", f"annex lab {P2}")),
    (
        "draw",
        lambda p: added(p, "draws", "annex", "cloud", "anywhere", "peak", P2, 1.0),
    ),
    ("reach", lambda p: added(p, "uses", "plant", "cloud", "anywhere", P1)),
    ("reach", lambda p: added(p, "uses", "plant", "lab", "centre", P1)),
    ("reach", lambda p: added(p, "uses", "bakery", "grid", "at bakery", P1)),
    ("reach", lambda p: added(p, "uses", "annex", "college", "at mixer", P2)),
    ("connected", lambda p: added(p, "uses", "annex", "cloud", "anywhere", P1)),
    ("connected", lambda p: added(p, "uses", "bakery", "depot", "middle", P1)),
    ("connected", lambda p: without(p, "infrastructure", "lab")),
    ("max users", lambda p: changed(p, "infrastructure", f"lab {P2}", steps=0)),
    # infrastructure
    ("grow", lambda p: changed(p, "infrastructure", f"lab {P2}", steps=3)),
    ("grow", lambda p: changed(p, "infrastructure", f"lab {P2}", built=0)),
    ("grow", lambda p: without(p, "infrastructure", f"cloud {P2}")),
    (
        "max steps",
        lambda p: changed(p, "infrastructure", f"depot {P2}", steps=2, built=1),
    ),
    ("first", lambda p: without(p, "infrastructure", "college")),
    ("apart", lambda p: added(p, "infrastructure", "depot", "middle", P2, 1, 1)),
    # flows
    ("demand", lambda p: without(p, "flows", f"bakery west {P2}")),
    ("demand", lambda p: changed(p, "flows", f"hub east {P2}", quantity_per_yr=1499.0)),
    ("demand", lambda p: without(p, "unmet", "east")),
    ("demand", lambda p: added(p, "unmet", "west", "bread", P1, 1.0)),
    ("demand", lambda p: added(p, "unmet", "west", "dough", P1, 1.0)),
    ("unmet", lambda p: added(p, "unmet", "west", "dough", P1, 1.0)),
    ("lane", lambda p: changed(p, "flows", f"bakery west {P1}", mode="lorry")),
    ("lane", lambda p: changed(p, "flows", f"mixer bakery {P1}", destination="mixer")),
    (
        "far",
        lambda p: changed(p, "flows", f"mill mixer {P1}", origin="plant", mode="van"),
    ),
    (
        "slow",
        lambda p: changed(p, "flows", f"annex east {P2}", origin="plant", mode="van"),
    ),
    ("origin", lambda p: changed(p, "flows", f"mixer hub {P2}", origin="annex")),
    ("origin", lambda p: changed(p, "flows", f"mixer hub {P2}", origin="mill")),
    (
        "destination",
        lambda p: changed(p, "flows", f"mixer hub {P2}", destination="plant"),
    ),
    ("destination", lambda p: changed(p, "flows", f"hub east {P2}", commodity="dough")),
    ("shut", lambda p: changed(p, "flows", f"bakery west {P1}", origin="annex")),
    ("supply", lambda p: changed(p, "flows", f"mill mixer {P1}", quantity_per_yr=2.6)),
    # budgets
    ("capital", lambda p: changed(p, "modules", f"bakery {P1}", modules=3, bought=3)),
    ("public", lambda p: changed(p, "infrastructure", f"lab {P1}", steps=2, built=2)),
    # form
    ("id", lambda p: changed(p, "flows", f"hub east {P2}", origin="nowhere")),
    ("id", lambda p: changed(p, "flows", f"hub east {P2}", destination="mill")),
    ("id", lambda p: changed(p, "flows", f"hub east {P2}", mode=None)),
    ("id", lambda p: added(p, "opened", "bakery", "2050")),
    ("id", lambda p: changed(p, "infrastructure", f"lab {P1}", location="west end")),
    ("id", lambda p: added(p, "modules", "bakery", "forge", P1, 1, 1, 0, 0, 0)),
    ("number", lambda p: changed(p, "flows", f"hub east {P2}", quantity_per_yr=-5.0)),
    ("number", lambda p: changed(p, "flows", f"hub east {P2}", quantity_per_yr=np.nan)),
    ("number", lambda p: changed(p, "activity", f"hub {P2}", quantity_per_yr=np.inf)),
    ("number", lambda p: changed(p, "modules", f"plant {P2}", sold=-1)),
    ("whole", lambda p: changed(p, "modules", f"plant {P2}", sold=0.5)),
    ("whole", lambda p: changed(p, "infrastructure", f"lab {P2}", steps=1.5)),
    ("duplicate", lambda p: added(p, "opened", "bakery", P1)),
    ("duplicate", lambda p: added(p, "flows", "hub", "east", "bread", "van", P2, 0.0)),
]


@pytest.mark.parametrize(
    ("row", "damage"), DAMAGES, ids=[f"{n}-{row}" for n, (row, _) in enumerate(DAMAGES)]
)
def test_damage_is_found(row, damage):
    assert row in rows_broken(damage(PLAN))


# row, cell of the instance, a value at which it just holds and one beyond
LIMITS = [
    ("room", ("technologies", "oven", "max_modules"), 2, 1),
    # hub: 1500 with one oven of 2000
    ("capacity", ("technologies", "oven", "availability"), 0.75, 0.74),
    ("capacity", ("technologies", "oven", "capacity_per_yr"), 1500, 1490),
    # annex: 1500 with 1.8 ovens of 2000
    ("least use", ("technologies", "oven", "least_use"), 1500 / 3600, 0.42),
    # annex: 2 ovens of 5 kW each; hub: 1
    ("service", ("site_services", "annex", "base"), 10, 9.9),
    ("service", ("site_services", "hub", "base"), 5, 4.9),
    # bakery: 2 ovens of 5 kW, 4 of it there already
    ("service", ("infrastructure_services", "grid", "per_step"), 6, 5.9),
    # lab: early 4.5 of one step, late 5.5 of 1.8 steps
    ("share", ("infrastructure_services", "lab", "per_step"), 4.5, 4.4),
    # lab: early one user of one step, late two of 1.8
    ("max users", ("infrastructure", "lab", "max_users"), 2, 1),
    # lab at km 3, annex at km 8
    ("reach", ("infrastructure", "lab", "radius_km"), 5, 4.9),
    # plant to east: 90 km at 50 km/h
    ("slow", ("commodities", "bread", "max_delivery_h"), 1.8, 1.7),
    # mixer to hub, bakery to east
    ("far", ("lanes", "dough", "max_km"), 7, 6.9),
    ("far", ("modes", "van", "max_km"), 9, 8.9),
    # late 4 t; early 2.8 t
    ("supply", ("supplies", "mill", "max_per_yr"), 4, 2.7),
    # opening 500, ovens 2000, grid 150, lab 300, college 200, depot 80, connected 60
    ("capital", ("periods", P1, "capital_budget"), 3290, 3289),
    # half of opening 500, lab 300 and its connection 40
    ("public", ("periods", P1, "public_budget"), 590, 589),
    # annex 400, oven 1000, lab 300, connected 40 + 20 + 20
    ("capital", ("periods", P2, "capital_budget"), 1780, 1779),
    ("public", ("periods", P2, "public_budget"), 340, 339),
]


@pytest.mark.parametrize(
    ("row", "cell", "binding", "broken"), LIMITS, ids=["-".join(x[1]) for x in LIMITS]
)
def test_a_limit_holds_when_it_binds_and_not_beyond(row, cell, binding, broken):
    assert rows_broken(PLAN, town_with({cell: binding})) == set()
    assert row in rows_broken(PLAN, town_with({cell: broken}))


def test_two_of_a_kind_may_stand_at_the_least_distance_and_not_nearer():
    # a second depot at the east end, 10 km from the first; 80 more than 1780
    plan = added(PLAN, "infrastructure", "depot", "east end", P2, 1, 1)
    cell = ("infrastructure", "depot", "least_km")
    assert rows_broken(plan, town_with({cell: 10})) == set()
    assert rows_broken(plan, town_with({cell: 10.1})) == {"apart"}


def test_what_was_bought_late_and_left_before_it_ran_is_found():
    # an oven with 6 years of set-up, bought for the first period of 5 and moved on in
    # the second: 1 - ready[early, late] = 1 - (10 - 0 - 6) / 5 = 0.2 of one at bakery
    instance = town_with({("technologies", "oven", "setup_yr"): 6}, decision_year=2030)
    found = [v for v in verify(instance, PLAN) if v.row == "running"]
    # early: 2 - 2 x 1 = 0 running; late: 1 - 2 x 0.2 = 0.6 running: nothing below 0
    assert found == []
    plan = changed(PLAN, "modules", f"bakery {P2}", modules=0, moved_out=2)
    found = [v for v in verify(instance, plan) if v.row == "running"]
    assert [v.where for v in found] == [("bakery", "oven", P2)]
    # late: 0 - 2 x 0.2
    assert found[0].excess == pytest.approx(0.4)


def test_capacity_counts_the_set_up_delay():
    # decided at the start: early 2 x (5 - 1) / 5 = 1.6 ovens run, 1.6 x 2000 = 3200
    instance = town(decision_year=2030)
    assert "capacity" not in rows_broken(PLAN, instance)
    # 2 years: 2 x 3/5 = 1.2 ovens run, 2400 < 2500
    instance = town_with({("technologies", "oven", "setup_yr"): 2}, decision_year=2030)
    found = [v for v in verify(instance, PLAN) if v.row == "capacity"]
    assert [(v.where, round(v.excess)) for v in found] == [
        (("bakery", "oven", P1), 100)
    ]
    # decided two years before, all is there in time
    early = town_with({("technologies", "oven", "setup_yr"): 2}, decision_year=2028)
    assert "capacity" not in rows_broken(PLAN, early)


def test_the_prerequisite_has_to_reach_the_location():
    # the college serves its district: the lab stands in another one
    instance = town_with({("locations", "lab", "district"): "south"})
    assert "first" in rows_broken(PLAN, instance)


@pytest.mark.parametrize(
    ("reach", "radius_km", "served"),
    [
        ("region", None, True),
        ("radius", 1, True),
        ("radius", 0.9, False),
        ("site", None, False),
    ],
)
def test_a_prerequisite_reaches_a_location_as_its_kind_says(reach, radius_km, served):
    # the college is at the mixer, km 2; the lab at km 3, at no site
    instance = town_with(
        {
            ("infrastructure", "college", "reach"): reach,
            ("infrastructure", "college", "radius_km"): radius_km,
        }
    )
    assert ("first" not in rows_broken(PLAN, instance)) == served


def test_own_infrastructure_without_an_amount_gives_what_is_asked_once_it_lives():
    cell = {
        ("infrastructure_services", "grid", "per_step"): None,
        ("infrastructure", "lab", "setup_yr"): 0,
    }
    assert rows_broken(PLAN, town_with(cell)) == set()
    # one in five years late: 0.8 of the most the bakery can need, 3 x 5 = 15: 12 + 4
    late = {("infrastructure", "grid", "setup_yr"): 1}
    assert rows_broken(PLAN, town_with(cell | late, decision_year=2030)) == set()
    # 4.5 years late: 0.1 x 15 + 4 = 5.5 < 2 x 5
    late = {("infrastructure", "grid", "setup_yr"): 4.5}
    assert "service" in rows_broken(PLAN, town_with(cell | late, decision_year=2030))


def test_a_service_that_is_not_limited_needs_no_provider():
    instance = town_with({("services", "peak", "limited"): False})
    plan = without(PLAN, "infrastructure", "grid")
    assert "service" in rows_broken(plan)
    assert rows_broken(plan, instance) == set()


def test_the_plan_is_read_against_the_instance_it_is_given():
    other = town_with(
        {("zones", "east", "zone"): "far east", ("demand", "east", "zone"): "far east"}
    )
    assert "id" in rows_broken(PLAN, other)
    assert {"id", "demand"} <= rows_broken(PLAN, other)


def test_an_empty_plan_leaves_all_demand_and_all_that_is_committed():
    found = verify(INSTANCE, make_plan(INSTANCE, {}))
    assert sum(v.row == "demand" for v in found) == 4
    assert {"status", "stand", "grow", "demand"} <= {v.row for v in found}


@dataclass
class NoLorries:
    """A rule for tests."""

    id: str = "no lorries"

    def check(self, instance: Instance, plan: Plan) -> Iterator[Violation]:
        for row in plan.tables["flows"].itertuples():
            if row.mode == "lorry":
                yield Violation(self.id, (row.origin,), row.quantity_per_yr, "t/yr")


def test_rules_speak_after_the_rows():
    found = verify(INSTANCE, PLAN, [NoLorries()])
    assert [v.where for v in found] == [("mill",), ("mill",), ("plant",), ("mill",)]


@dataclass
class OfOneInstance:
    """A rule that only asks whether the plan it is given is of the instance."""

    id: str = "of one instance"

    def check(self, instance: Instance, plan: Plan) -> Iterator[Violation]:
        if plan.instance is not instance:
            yield Violation(self.id, (), 1.0, "")


@pytest.mark.parametrize("damaged", [False, True])
def test_rules_are_given_the_plan_as_one_of_the_instance_it_is_read_against(damaged):
    plan = added(PLAN, "opened", "nowhere", P1) if damaged else PLAN
    found = verify(town(), plan, [OfOneInstance()])
    assert [v.row for v in found] == (["id"] if damaged else [])


def test_every_row_has_a_meaning_and_is_broken_by_some_damage():
    # tests/solving/test_stocks.py, test_returns.py, tests/studies/test_keeping.py
    over_time = {"shelf", "store", "keep", "fresh", "returned", "waste", "firm"}
    tested = {row for row, _ in DAMAGES} | {"running"} | over_time
    assert tested == set(MEANING)


def test_a_violation_reads_as_a_sentence():
    plan = changed(PLAN, "activity", f"plant {P1}", quantity_per_yr=1100)
    found = {v.row: str(v) for v in verify(INSTANCE, plan)}
    assert found["capacity"] == (
        "capacity [plant, line, early]: more work than the running modules can do, "
        "by 100 capacity units/yr"
    )
    assert str(Violation("my rule", ("a",), 2.5, "km")) == "my rule [a]: 2.5 km"


def big_case(zones: int) -> tuple[Instance, Plan]:
    """A bakery that delivers one loaf to each of many zones."""
    ids = [f"z{n}" for n in range(zones)]
    x = np.linspace(0, 10_000, zones)
    instance = make_instance(
        {"name": "big", "crs": "EPSG:27700", "distance": "projected"},
        {
            "periods": [{"period": "p", "start_year": 2030, "years": 1}],
            "zones": pd.DataFrame({"zone": ids, "x": x, "y": 0, "population": 1}),
            "commodities": [{"commodity": "bread", "unit": "loaf"}],
            "demand": pd.DataFrame(
                {"zone": ids, "commodity": "bread", "quantity_per_yr": 1}
            ),
            "sites": [{"site": "bakery", "x": 0, "y": 0}],
            "technologies": [{"technology": "oven", "capacity_per_yr": zones}],
            "recipes": [{"recipe": "bake", "technology": "oven"}],
            "recipe_items": [{"recipe": "bake", "commodity": "bread", "quantity": 1}],
            "modes": [{"mode": "van", "speed_kmh": 30, "cost_per_km": 1}],
            "lanes": [
                {
                    "commodity": "bread",
                    "mode": "van",
                    "origin": "site_inside",
                    "destination": "zone",
                }
            ],
        },
    )
    flows = pd.DataFrame(
        {
            "origin": "bakery",
            "destination": ids,
            "commodity": "bread",
            "mode": "van",
            "period": "p",
            "quantity_per_yr": 1.0,
        }
    )
    return instance, make_plan(
        instance,
        {
            "opened": [("bakery", "p")],
            "modules": [("bakery", "oven", "p", 1, 1, 0, 0, 0)],
            "activity": [("bakery", "bake", "p", float(zones))],
            "flows": flows,
        },
    )


def test_twenty_thousand_flows_are_checked_together():
    few, many = 2_000, 20_000
    assert verify(*big_case(few)) == []  # what is done once is done here
    instance, plan = big_case(many)
    more = calls(verify, instance, plan) - calls(verify, *big_case(few))
    # three calls read the texts of a flow; a loop that computes would take dozens
    assert more < 4 * (many - few)
    assert verify(instance, plan) == []
    flows = plan.tables["flows"].copy()
    flows.loc[12_345, "quantity_per_yr"] = 0.5
    found = verify(instance, with_table(plan, "flows", flows))
    assert {(v.row, v.where[0]) for v in found} == {
        ("demand", "z12345"),
        ("balance", "bakery"),
    }
