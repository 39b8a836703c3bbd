"""Ranges of figures: declared, by confidence, or assumed."""

import pytest

from dmopt.data.column import CONFIDENCE
from dmopt.studies.screen.ranges import ASSUMED, WIDTHS, ranges
from dmopt.studies.screen.words import of_ranges
from tests.line import TABLES, changed, line

SERVICES = {
    "services": [
        {"service": "power", "kind": "energy", "price": 1, "confidence": "published"},
        {"service": "crew", "kind": "labour", "price": 1, "confidence": "measured"},
    ],
    "site_services": [
        {"site": "w", "service": "power", "price": 2, "confidence": "modelled"},
        {"site": "e", "service": "crew", "price": 2, "confidence": "assumption"},
    ],
    "technology_needs": [
        {"technology": "oven", "service": "crew", "per_module": 3},
        {"technology": "oven", "service": "power", "per_module": 3},
    ],
}


def found(instance, half=None):
    return {each.figure: each for each in ranges(instance, half).given}


def test_without_anything_said_a_fifth_either_way_is_assumed():
    given = found(line())
    assert set(given) == {"transport_price", "demand:bread"}
    each = given["transport_price"]
    assert (each.low, each.likely, each.high) == pytest.approx((0.8, 1, 1.2))
    assert each.origin == "assumed" and ASSUMED == 0.2
    [said, *_] = of_ranges(ranges(line()))
    assert said.startswith("no ranges declared: 20 % either way is assumed: Price of t")


def test_every_confidence_has_a_width_and_the_less_sure_the_wider():
    assert list(WIDTHS) == list(CONFIDENCE)
    assert list(WIDTHS.values()) == sorted(WIDTHS.values())


def test_the_least_sure_row_that_a_figure_scales_tells_its_width():
    # power: published 10 %, but modelled at w: 30 %. The crew's price is not scaled by
    # how much labour is needed; the row that is says nothing, so 20 % is assumed
    given = found(line(**SERVICES))
    assert given["energy_price"].origin == "modelled"
    assert given["energy_price"].high == pytest.approx(1.3)
    assert given["labour"].origin == "assumed"
    assert given["labour"].low == pytest.approx(0.8)


def test_rows_that_say_nothing_are_passed_over():
    rows = changed("demand", "west", confidence="derived")
    assert found(line(demand=rows))["demand:bread"].origin == "derived"


def test_a_range_that_is_declared_stands_before_all_else():
    modes = changed("modes", confidence="assumption")
    row = {"figure": "transport_price", "low": 0.5, "likely": 2, "high": 3}
    town = line(modes=modes, uncertain=[row])
    for half in (None, 0.1):
        each = found(town, half)["transport_price"]
        assert (each.low, each.likely, each.high) == (0.5, 2, 3)
        assert each.origin == "declared"
    assert found(town, 0.1)["demand:bread"].high == pytest.approx(1.1)
    said = list(of_ranges(ranges(town, 0.1)))
    assert said[0] == "ranges declared: Price of transport (0.5 to 3 times today)"
    assert said[1].startswith("no range declared: 10 % either way is assumed: Demand")


def test_what_is_asked_for_stands_before_confidence():
    modes = changed("modes", confidence="assumption")
    assert found(line(modes=modes))["transport_price"].high == pytest.approx(1.4)
    assert found(line(modes=modes), 0.05)["transport_price"].high == pytest.approx(1.05)


def test_demand_is_taken_by_product_or_as_a_whole_and_not_twice():
    row = {"figure": "demand", "low": 0.5, "likely": 1, "high": 2}
    assert set(found(line(uncertain=[row]))) == {"transport_price", "demand"}
    of = row | {"of": "bread"}
    assert found(line(uncertain=[of]))["demand:bread"].high == 2
    both = found(line(uncertain=[row, of]))
    assert {"demand", "demand:bread"} <= set(both)


@pytest.mark.parametrize(
    ("tables", "label", "why"),
    [
        ({}, "Price of emissions", "it is 0 today"),
        ({}, "Price of machines, central plants aside", "nothing in the instance"),
        (
            {"uncertain": [{"figure": "demand", "low": 1, "likely": 1, "high": 1}]},
            "All demand",
            "a single value",
        ),
    ],
)
def test_what_is_left_out_says_why(tables, label, why):
    given = ranges(line(**tables))
    assert why in given.left_out[label]
    assert label not in {each.label for each in given.given}


def test_a_price_that_differs_by_period_needs_a_range_of_its_own():
    periods = [
        TABLES["periods"][0] | {"emission_price_per_t": 50},
        {"period": "z", "start_year": 2031, "years": 1, "emission_price_per_t": 80},
    ]
    left_out = ranges(line(periods=periods)).left_out
    [why] = [left_out[label] for label in left_out if "emissions" in label]
    assert "differs by period" in why
    row = {"figure": "emission_price", "low": 0, "likely": 50, "high": 200}
    assert found(line(periods=periods, uncertain=[row]))["emission_price"].high == 200


def test_no_range_goes_beyond_what_a_figure_can_be():
    periods = changed("periods", emission_price_per_t=9_000)
    assert found(line(periods=periods), 0.5)["emission_price"].high == 10_000


@pytest.mark.parametrize("half", [-0.1, 1.0, 2.0])
def test_a_share_out_of_range_is_refused(half):
    with pytest.raises(ValueError, match="expected a share"):
        ranges(line(), half)
