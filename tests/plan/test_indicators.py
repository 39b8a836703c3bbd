"""Indicators of the town's plan against sums on paper."""

import numpy as np
import pandas as pd
import pytest

from dmopt.plan.indicators import indicators, supply_table
from dmopt.plan.nearness import nearest_km, worst_tenth_km
from dmopt.plan.plan import Plan, make_plan
from tests.plan.town import P1, P2, town, town_plan, town_with

PLAN = town_plan()

# early, late, all
ON_PAPER = {
    "emissions_t": (0.43805, 0.6617, (0.43805 + 0.6617) / 2),
    # half a kWh a loaf baked
    "energy_kwh": (1250, 2000, 1625),
    # dough 2500 x 0.002, bread 1000 x 0.005 + 1500 x 0.005 x 9; lorries have no load
    # limit, so no vehicles are counted
    "vehicle_km": (5 + 5 + 67.5, 2 + 21 + 18 + 5 + 7.5 + 15, 73),
    # ovens 2 each, mixer 1, lab 4, college 1; line 3 outside
    "jobs": (2 * 2 + 1 + 4 + 1, 4 * 2 + 1 + 8 + 1, 14),
    "jobs_outside": (3, 0, 1.5),
    # 200 of 3000; over both 1000 of 35,000 loaves
    "unmet_share": (200 / 3000, 0, 100 / 3500),
    # early: west is 1 km from the bakery, east 8 from the mixer; late: 1 from the hub
    "people_5km": (0.25, 1, 0.625),
    "people_10km": (1, 1, 1),
    "people_15km": (1, 1, 1),
    "worst_tenth_km": (8, 1, 4.5),
    "mean_delivery_km": (
        (1 * 1 + 1.5 * 9 + 0.3 * 90) / 2.8,
        (1 * 1 + 1.5 * 1 + 1.5 * 2) / 4,
        (41.5 + 5.5) / 6.8,
    ),
    "local_share": (2500 / 2800, 1, 6500 / 6800),
    # bread at 2 less flour; dough moves inside the region
    "local_value_added": (2500 * 2 - 2.5 * 250, 4000 * 2 - 4 * 300, 5587.5),
    # half of opening 500, lab 300, connection 40; late lab 300, connection 40
    "public_cost": (590, 340, 930),
    "capital_cost": (
        500 + 2000 + 150 + 300 + 200 + 80 + 40 + 20,
        400 + 1000 + 300 + 40 + 20 + 20,
        5070,
    ),
    # by capital: ovens 1000 each, mixer 800
    "utilisation": (
        (1000 * 2500 / 2000 + 800 * 2500 / 5000) / (2 * 1000 + 800),
        (1000 * 4000 / 2000 + 800 * 4000 / 5000) / (3.8 * 1000 + 800),
        (1250 + 400 + 2000 + 640) / (2800 + 4600),
    ),
    "sites_open": (2, 4, 3),
    "sites_outside": (1, 0, 0.5),
    "modules": (3, 5, 4),
}


def values(plan: Plan) -> pd.Series:
    return indicators(plan).set_index(["indicator", "period"]).value


@pytest.mark.parametrize("name", ON_PAPER)
def test_each_indicator_is_the_sum_on_paper(name):
    found = values(PLAN)[name]
    assert found[[P1, P2, "all"]].tolist() == pytest.approx(list(ON_PAPER[name]))


def test_the_table_is_long_and_names_its_units():
    table = indicators(PLAN)
    assert list(table.columns) == ["period", "indicator", "value", "unit"]
    assert set(table.indicator) == set(ON_PAPER)
    assert len(table) == 3 * len(ON_PAPER)
    assert (table.unit != "").all()


def test_nothing_open_leaves_no_distance_and_no_share():
    found = values(make_plan(town(), {}))
    none = ["worst_tenth_km", "mean_delivery_km", "local_share", "utilisation"]
    assert found[none].isna().all()
    assert found.drop(none, level="indicator").notna().all()
    assert found["people_15km", P1] == 0


def test_shares_go_by_units_where_nothing_has_a_price():
    instance = town_with(
        {("commodities", name, "price"): 0 for name in ("bread", "dough", "flour")}
    )
    found = values(town_plan(instance))
    assert found["unmet_share", P1] == pytest.approx(200 / 3000)
    assert found["local_share", P1] == pytest.approx(2500 / 2800)


def test_deliveries_go_by_units_where_nothing_has_weight():
    instance = town_with(
        {("commodities", name, "t_per_unit"): 0 for name in ("bread", "dough", "flour")}
    )
    found = values(town_plan(instance))
    paper = (1000 * 1 + 1500 * 9 + 300 * 90) / 2800
    assert found["mean_delivery_km", P1] == pytest.approx(paper)


def test_a_site_without_modules_is_near_to_nobody():
    tables = {name: table.copy() for name, table in PLAN.tables.items()}
    tables["modules"] = tables["modules"].iloc[:0]
    found = values(Plan(PLAN.instance, tables))
    assert found["people_15km", P1] == 0
    assert np.isnan(found["worst_tenth_km", P1])


def test_the_worst_tenth_is_cut_within_a_zone():
    # 100 people: 4 at 30 km and 6 of the 50 at 20 km
    km, people = np.array([5.0, 20.0, 30.0]), np.array([46.0, 50.0, 4.0])
    assert worst_tenth_km(km, people) == pytest.approx((4 * 30 + 6 * 20) / 10)


def test_people_without_a_way_leave_the_worst_tenth_without_a_distance():
    assert np.isnan(worst_tenth_km(np.array([5.0, np.nan]), np.array([50.0, 50.0])))
    assert np.isnan(worst_tenth_km(np.array([5.0]), np.array([0.0])))


def test_the_nearest_site_is_found_for_every_way_of_measuring():
    flat = town()
    sites = pd.Index(["bakery", "mixer", "hub"])
    assert nearest_km(flat, sites).tolist() == pytest.approx([1, 1])
    assert nearest_km(town(detour=1.5), sites).tolist() == pytest.approx([1.5, 1.5])
    round_earth = nearest_km(town(distance="great_circle"), sites)
    assert round_earth.tolist() == pytest.approx([1, 1], rel=0.01)
    assert np.isnan(nearest_km(flat, pd.Index([]))).all()


def test_supply_is_told_for_each_commodity_and_period():
    table = supply_table(PLAN)
    assert table.commodity.tolist() == ["bread"] * 3
    assert table.period.tolist() == [P1, P2, "all"]
    assert table.demand_per_yr.tolist() == [3000, 4000, 3500]
    assert table.delivered_per_yr.tolist() == [2800, 4000, 3400]
    assert table.unmet_per_yr.tolist() == [200, 0, 100]
    assert table.unmet_share.tolist() == pytest.approx([200 / 3000, 0, 100 / 3500])
