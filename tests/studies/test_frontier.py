"""Frontiers by hand: bread by van or by bike, one oven or two.

Carbon of the emission cap's tests (tests/rules/test_emission_cap.py):

    w alone    110 + 1 for each tonne by bike   1,450 - 10 for each of them   kg
    both       140                              1,100 kg

so that from 1.45 t down each 0.1 t costs 10, and below 1.1 t as from 1.45 t again.
"""

from threading import Event

import pytest

from dmopt.rules.edit import edit_rules
from dmopt.solving.run import solve
from dmopt.studies.frontier.frontier import frontier
from dmopt.studies.frontier.objective import OBJECTIVES
from dmopt.studies.frontier.volume import volumes
from tests.line import TABLES, line
from tests.rules.plans import baked
from tests.rules.test_emission_cap import TABLES_HERE, brought

EMISSIONS, ACCESS = OBJECTIVES["emissions"], OBJECTIVES["access"]
PEOPLE = [each | {"population": 100} for each in TABLES["zones"]]
TOWN = line(**TABLES_HERE, zones=PEOPLE)


@pytest.fixture(scope="module")
def by_hand():
    return frontier(TOWN, [EMISSIONS], points=5, gap=0)


def test_costs_and_figures_are_those_by_hand(by_hand):
    assert by_hand.ends == [pytest.approx((1.45, 1.05), rel=1e-5)]
    asked = [point.figures[0] for point in by_hand.points]
    assert asked == pytest.approx([1.45, 1.35, 1.25, 1.15, 1.05], rel=1e-5)
    assert [p.cost for p in by_hand.points] == pytest.approx(
        [110, 120, 130, 140, 150], rel=1e-4
    )
    assert {p.status for p in by_hand.points} == {"proven"}
    assert not any(p.dominated for p in by_hand.points)


def test_each_point_is_what_a_solve_with_the_rule_gives(by_hand):
    for point in by_hand.points:
        capped = edit_rules(
            TOWN, add=[f"cap: emission_cap most_t_per_yr={point.figures[0]}"]
        )
        assert point.cost == pytest.approx(solve(capped, gap=0).cost, rel=1e-6)
        assert EMISSIONS.attained(TOWN, point.plan) <= point.figures[0] * (1 + 1e-9)


def test_a_plan_that_another_one_beats_is_said_to_be(by_hand):
    # at 1.15 t one oven and bikes cost as much as two ovens, which emit 1.1 t
    found = frontier(TOWN, [EMISSIONS], points=9, gap=0)
    costs = [p.cost for p in found.points]
    assert costs == pytest.approx(
        [110, 115, 120, 125, 130, 135, 140, 140, 150], rel=1e-4
    )
    by_cost = [(p.cost, p.attained[0], p.dominated) for p in found.points]
    for cost, emitted, dominated in by_cost:
        beaten = any(
            other <= cost * (1 + 1e-9) and less < emitted * (1 - 1e-9)
            for other, less, _ in by_cost
        )
        assert beaten <= dominated


def test_the_volume_is_the_one_on_paper(by_hand):
    # stairs under a straight line of five points: 3/8 known, 5/8 left open
    least, most = volumes(by_hand)
    assert least == pytest.approx(0.375, abs=1e-3)
    assert most == pytest.approx(0.625, abs=1e-3)


def test_nobody_is_left_out_to_emit_less():
    goods = [
        each | ({"unmet_price": 5} if each["commodity"] == "bread" else {})
        for each in TABLES_HERE["commodities"]
    ]
    town = line(**(TABLES_HERE | {"commodities": goods}))
    found = frontier(town, [EMISSIONS], points=3, gap=0)
    assert found.served["bread"] == 1
    assert found.ends[0][1] == pytest.approx(1.05, rel=1e-5)
    for point in found.points:
        assert point.plan.tables["unmet"].quantity_per_yr.sum() == pytest.approx(0)


def test_two_objectives_are_a_grid_and_bounds_count_for_tighter_points():
    found = frontier(TOWN, [EMISSIONS, ACCESS], points=3, gap=0)
    assert len(found.points) == 9
    # straight km 10 between the towns: whoever bakes reaches all within 10 km
    assert found.ends[1] == (1.0, 1.0)
    tight = [p for p in found.points if p.figures[0] == found.points[-1].figures[0]]
    assert {round(p.cost, 2) for p in tight} == {150}
    assert volumes(found) is None  # one objective has nothing to trade


def test_cancelled_what_is_known_comes_back():
    cancel = Event()

    def stop_soon(text, done, of):
        if done == 3:
            cancel.set()

    found = frontier(
        TOWN, [EMISSIONS], points=5, gap=0, on_point=stop_soon, cancel=cancel
    )
    assert len(found.points) == 5
    assert found.points[0].status == "proven"
    assert {p.status for p in found.points[2:]} & {"unproven", "not found"}


def test_without_any_plan_there_are_no_points():
    nobody = [each | {"status": "excluded"} for each in TABLES["sites"]]
    found = frontier(line(**(TABLES_HERE | {"sites": nobody})), [EMISSIONS])
    assert list(found.points) == []


@pytest.mark.parametrize("count", [0, 3])
def test_one_or_two_objectives_are_traded(count):
    with pytest.raises(ValueError, match="one or two objectives"):
        frontier(TOWN, [EMISSIONS] * count)


@pytest.mark.parametrize("bike", [0, 10, 40])
def test_what_a_plan_attains_is_the_tightest_figure_it_keeps(bike):
    assert EMISSIONS.attained(TOWN, brought(TOWN, bike)) == pytest.approx(
        1.45 - 0.01 * bike
    )


@pytest.mark.parametrize(
    ("name", "ovens", "value"),
    [
        ("access", "w", 0.75),
        ("access", "we", 1.0),
        ("worst_served", "w", 12.0),
        ("worst_served", "we", 0.0),
    ],
)
def test_reach_of_a_plan_by_hand(name, ovens, value):
    # 12 km apart: w reaches the 300 of the west, not the 100 of the east
    zones = [
        {"zone": "west", "x": 0, "y": 0, "population": 300},
        {"zone": "east", "x": 12_000, "y": 0, "population": 100},
    ]
    sites = [TABLES["sites"][0], TABLES["sites"][1] | {"x": 12_000}]
    town = line(zones=zones, sites=sites)
    found = OBJECTIVES[name].attained(town, baked(town, ovens))
    assert found == pytest.approx(value, rel=1e-5, abs=1e-5)
