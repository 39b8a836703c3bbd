"""Who gains and who pays: by hand, and adding up to the plan."""

import numpy as np
import pytest

from dmopt.plan.costs import total_cost
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.products import zone_costs
from dmopt.report.districts import district_table
from dmopt.report.gains import change_table, gains_table
from tests.maps.city import city, plan_of
from tests.plan.town import town, town_plan
from tests.report.towns import towns
from tests.rules.plans import baked


def test_districts_by_hand():
    table = district_table(baked(towns(), "w"))
    west, east = table.loc["West"], table.loc["East"]
    assert list(table.index) == ["East", "West"]
    assert (west.people, east.people) == (600, 200)
    assert (west.nearest_km, east.nearest_km) == (0, 10)
    assert (west.near, east.near) == (1, 1)
    assert (west.jobs, east.jobs) == (3, 0)
    assert (west.cost, east.cost) == (pytest.approx(102), pytest.approx(108))
    assert west.cost_per_head == pytest.approx(0.17)
    assert east.cost_per_head == pytest.approx(0.54)
    assert (west.trips_in, east.trips_in) == (pytest.approx(30), pytest.approx(20))
    assert (west.trips_out, east.trips_out) == (pytest.approx(50), 0)
    assert (west.delivery_t, east.delivery_t) == (0, pytest.approx(0.2))
    assert (west.public_cost, east.public_cost) == (500, 0)


@pytest.mark.parametrize("plan", [town_plan, lambda: plan_of(city(periods=2))])
def test_districts_add_up_to_the_plan(plan):
    made = plan()
    table, found = district_table(made), indicators(made)
    whole = found[found.period == ALL].set_index("indicator").value
    assert table.cost.sum() == pytest.approx(total_cost(made))
    assert table.jobs.sum() == pytest.approx(whole["jobs"])
    assert table.public_cost.sum() == pytest.approx(whole["public_cost"])
    assert table.people.sum() == made.instance.zones.population.sum()


def test_zones_bear_the_cost_of_the_plan_kind_by_kind():
    plan = town_plan()
    by_zone = zone_costs(plan)
    assert list(by_zone.index) == list(town().zones.index)
    assert by_zone.to_numpy().sum() == pytest.approx(total_cost(plan))


def test_a_district_of_nobody_has_no_cost_a_head():
    zones = [
        {"zone": "west", "district": "West", "population": 0, "x": 0, "y": 0},
        {"zone": "east", "district": "East", "population": 9, "x": 10_000, "y": 0},
    ]
    table = district_table(baked(towns(zones=zones), "w"))
    assert np.isnan(table.cost_per_head["West"])
    assert table.nearest_km["West"] == 0
    shown = gains_table(table, towns().settings)
    assert "\N{EN DASH}" in dict(zip(shown.head, shown.rows[1], strict=True)).values()


def test_changes_are_this_plan_less_the_other():
    now, before = (district_table(baked(towns(), at)) for at in ("w", "e"))
    table = change_table(now, before, "East alone", towns().settings)
    rows = {row[0]: dict(zip(table.head, row, strict=True)) for row in table.rows}
    # with the oven at e: West 10 km away, 3 jobs in East, 60 t x 10 km x 0.5 kg
    assert rows["West"]["Nearest working site, km"] == "\N{MINUS SIGN}10"
    assert rows["East"]["Jobs there"] == "\N{MINUS SIGN}3"
    assert rows["West"]["Jobs there"] == "+3"
    assert rows["West"]["Public capital spent there"] == "+GBP 500"
    gone = rows["West"]["Emissions of deliveries, t CO2e a year"]
    assert gone == "\N{MINUS SIGN}0.3"
    assert rows["East"]["Within 10 km of one"] == "same"


def test_a_way_that_did_not_exist_before_is_told():
    now, none = (district_table(baked(towns(), at)) for at in ("w", ""))
    table = change_table(now, none, "nothing", towns().settings)
    rows = {row[0]: row for row in table.rows}
    assert "10, none before" in rows["East"]
    back = change_table(none, now, "west", towns().settings)
    assert "none any more" in {row[0]: row for row in back.rows}["East"]
