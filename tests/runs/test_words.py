import pytest

from dmopt.data.instance import Settings
from dmopt.runs.words import badge, money, percent_above, quantity
from tests.maps.city import result_of


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cost": 1000.0, "bound": 992.0}, "proven within 0.8 %"),
        ({"cost": 1000.0, "bound": 1000.0}, "proven optimal"),
        ({"cost": 100.0, "bound": 99.9999}, "proven within 0.0001 %"),
        ({"status": "feasible", "cost": 100.0, "bound": 96.0}, "feasible, gap 4 %"),
        ({"status": "feasible", "bound": None}, "feasible, not proven"),
        (
            {"status": "infeasible", "cost": None, "bound": None},
            "no plan exists (proven)",
        ),
        ({"status": "no_plan_found", "cost": None}, "no plan found in the time given"),
    ],
)
def test_the_badge_says_no_more_than_is_proven(changes, words):
    assert badge(result_of(None, **changes)) == words


def test_a_plan_without_a_solve_is_not_proven():
    assert badge(None) == "not proven"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.008, "0.8 %"),
        (0.00801, "0.81 %"),
        (0.0123, "1.3 %"),
        (0.04, "4 %"),
        (0.121, "13 %"),
        (1.5, "150 %"),
        (2e-6, "0.0002 %"),
    ],
)
def test_a_gap_is_never_rounded_down(share, words):
    assert percent_above(share) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (90.0, "GBP 90 a year"),
        (4123.0, "GBP 4,120 a year"),
        (123_456.0, "GBP 123,000 a year"),
        (999_600.0, "GBP 1.00 million a year"),
        (12_345_678.0, "GBP 12.3 million a year"),
        (2.5e9, "GBP 2.50 billion a year"),
        (-4123.0, "GBP -4,120 a year"),
        (0.0, "GBP 0 a year"),
    ],
)
def test_money_has_three_significant_figures(amount, words):
    assert money(amount, Settings(name="x")) == words


def test_discounted_money_is_a_present_value():
    settings = Settings(name="x", currency="EUR", money="discounted")
    assert money(1e6, settings) == "EUR 1.00 million, present value"


def test_small_and_large_quantities_read_well():
    shown = [quantity(x) for x in (0.0, 0.123456, 5.5, 12.34, 1234.5, 1e6)]
    assert shown == ["0", "0.123", "5.5", "12.3", "1,230", "1,000,000"]
