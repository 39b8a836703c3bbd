"""Every indicator and kind of cost has a name for people, and the unit it is in."""

import pytest

from dmopt.plan.called import COSTS, INDICATORS
from dmopt.plan.costs import KINDS
from dmopt.plan.indicators import indicators
from tests.plan.town import town_plan


def test_every_indicator_is_called_something_and_in_the_unit_it_is_counted_in():
    plan = town_plan()
    found = indicators(plan).drop_duplicates("indicator").set_index("indicator").unit
    money = plan.instance.settings.currency
    units = {name: c.unit.replace("money", money) for name, c in INDICATORS.items()}
    assert units == found.to_dict()


def test_every_kind_of_cost_is_called_something():
    assert tuple(COSTS) == KINDS


@pytest.mark.parametrize(
    ("indicator", "heading"),
    [
        ("jobs", "Jobs in the region"),
        ("local_share", "Made in the region, by value"),
        ("mean_delivery_km", "Mean way of a delivery, km"),
        ("energy_kwh", "Energy used, kWh a year"),
        ("capital_cost", "Capital spent, all periods"),
        ("local_value_added", "Value added in the region, a year"),
    ],
)
def test_a_heading_tells_the_unit_where_nothing_else_does(indicator, heading):
    assert INDICATORS[indicator].heading == heading
