"""Annuities, weights of periods and shares of periods, by hand."""

import pandas as pd
import pytest

from dmopt.data.instance import Instance
from dmopt.formulation.money import crf, ready, weights
from tests.line import line


def periods(*years: float, start: int = 2030, **settings: object) -> Instance:
    """Periods p0, p1 ... of these lengths, one after the other."""
    rows = []
    for n, length in enumerate(years):
        rows.append({"period": f"p{n}", "start_year": start, "years": length})
        start += int(length)
    return line(dict(settings), periods=rows)


def share_of(instance: Instance, setup_yr: float) -> dict[tuple[str, str], float]:
    """Shares of one thing among others."""
    return ready(instance, pd.Series({"other": 99.0, "it": setup_yr}))["it"]


def test_an_annuity_pays_the_capital_back():
    # 0.1 / (1 - 1.1^-2) = 0.1 / (1 - 1 / 1.21) = 0.1 x 1.21 / 0.21
    assert crf(0.1, 2) == pytest.approx(0.121 / 0.21, rel=1e-12)
    paid_back = sum(crf(0.1, 2) / 1.1**year for year in (1, 2))
    assert paid_back == pytest.approx(1, rel=1e-12)


def test_one_year_pays_the_capital_and_a_year_of_interest():
    assert crf(0.08, 1) == pytest.approx(1.08)


def test_at_no_rate_an_annuity_is_an_even_share():
    assert crf(0, 8) == 0.125
    assert crf(1e-12, 8) == pytest.approx(0.125)


def test_annualised_weights_are_shares_of_the_years():
    assert weights(periods(5, 15)) == {"p0": 0.25, "p1": 0.75}


def test_annualised_weights_do_not_depend_on_the_rate():
    assert weights(periods(5, 15, discount_rate=0.1)) == {"p0": 0.25, "p1": 0.75}


def test_discounted_weights_are_present_values_at_the_end_of_each_year():
    weight = weights(periods(1, 2, money="discounted", discount_rate=0.1))
    assert weight["p0"] == pytest.approx(1 / 1.1)
    assert weight["p1"] == pytest.approx(1 / 1.1**2 + 1 / 1.1**3)


def test_years_between_periods_are_discounted_but_not_paid():
    apart = line(
        {"money": "discounted", "discount_rate": 0.1},
        periods=[
            {"period": "now", "start_year": 2030, "years": 1},
            {"period": "then", "start_year": 2035, "years": 1},
        ],
    )
    assert weights(apart)["then"] == pytest.approx(1 / 1.1**6)


def test_discounted_at_no_rate_counts_years():
    assert weights(periods(1, 2, money="discounted")) == {"p0": 1.0, "p1": 2.0}


def test_what_is_ordered_early_enough_runs_from_the_start():
    share = share_of(periods(4, 4), 2)
    # ordered at the start of p1: 2 of its 4 years are left
    assert share == {("p0", "p0"): 1.0, ("p0", "p1"): 1.0, ("p1", "p1"): 0.5}


def test_from_the_decision_year_on_setup_takes_time():
    # ordered 2029, running 2029 + 2 = 2031: 3 of the 4 years from 2030
    share = share_of(periods(4, 4, decision_year=2029), 2)
    assert share["p0", "p0"] == pytest.approx(0.75)
    assert share["p0", "p1"] == 1.0


def test_a_long_setup_reaches_into_later_periods():
    # ordered 2030, running 2035: none of 2030 to 2034, 3 of the 4 years from 2034
    share = share_of(periods(4, 4, decision_year=2030), 5)
    assert (share["p0", "p0"], share["p0", "p1"]) == (0.0, 0.75)
    assert share["p1", "p1"] == 0.0


def test_without_setup_everything_runs_at_once():
    assert set(share_of(periods(4, 4, decision_year=2030), 0).values()) == {1.0}
