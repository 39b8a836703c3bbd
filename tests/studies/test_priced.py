"""Lines below a frontier by hand: what a solve with a price says of all its figures.

The frontier of tests/studies/test_frontier.py: 110 at 1.45 t, 10 more for each 0.1 t
less, 140 at 1.1 t (two ovens), 150 at 1.05 t. Its lower hull goes through these three.
"""

from threading import Event

import numpy as np
import pytest

from dmopt.solving.highs import Limits
from dmopt.studies.frontier.lines import Lines
from dmopt.studies.frontier.objective import OBJECTIVES
from dmopt.studies.frontier.priced import Hull, Tangent, moved, promising
from dmopt.studies.frontier.search import Search
from dmopt.studies.session import Session
from dmopt.studies.whatif import Wish
from tests.line import line
from tests.rules.on_paper import TWO_YEARS
from tests.rules.test_emission_cap import TABLES_HERE
from tests.studies.test_frontier import TOWN

EMISSIONS = OBJECTIVES["emissions"]
HULL_SLOPE = 30 / 0.35


def searching(instance=TOWN, gap=0.0) -> Search:
    search = Search(instance, [EMISSIONS], Limits(20.0, gap), Event())
    search.ask(Wish(), None)
    search.serve_as_much()
    return search


def by_hand(figure: float) -> float:
    """The cheapest plan that emits no more than so many t."""
    by_bike = 110 + 100 * (1.45 - figure)
    return min(by_bike, 140) if figure > 1.1 - 1e-9 else by_bike


@pytest.mark.parametrize("price", [20, HULL_SLOPE, 99, 101, 5_000])
def test_a_line_lies_below_all_figures_and_touches_one(price):
    search = searching()
    search.ask_priced(EMISSIONS, price, None)
    (line,) = search.tangents
    assert line.slope == pytest.approx(price, rel=1e-5)
    above = [by_hand(f) - line.at(f) for f in np.linspace(1.05, 1.45, 41)]
    assert -1e-6 < min(above) < 2e-6 * price + 1e-4


def test_a_point_has_the_best_of_all_lines():
    search = searching()
    for price in (20, HULL_SLOPE, 5_000):
        search.ask_priced(EMISSIONS, price, None)
    assert search.point((1.3,)).bound == pytest.approx(110 + 0.15 * HULL_SLOPE)
    assert search.point((1.05,)).bound == pytest.approx(150, rel=1e-4)


def test_a_point_is_asked_with_the_slope_of_the_hull_of_plans():
    search = searching(gap=0.01)
    search.bounds.append((None, 110.0))
    search.reach(EMISSIONS, None)
    cost = min(k.cost for k in search.known if k.attained[0] < 1.06)
    lines = Lines(search)
    lines.ask((1.25,), None, 10.0)
    assert len(search.tangents) == 2
    assert search.tangents[-1].slope == pytest.approx((cost - 110) / 0.4, rel=1e-4)
    lines.ask((1.25,), None, 10.0)
    assert len(search.tangents) == 2  # as long again says nothing new


def test_what_moves_with_a_figure_is_read_off_the_rows():
    town = line(**(TABLES_HERE | {"periods": TWO_YEARS}))
    figures = (1.0, 0.5, 0.1)
    assert moved(Session(town), EMISSIONS, figures) == pytest.approx([1.0, 1.0])
    assert moved(Session(town), EMISSIONS, (1.0, 1.0, 0.1)) is None
    # a share of people moves by all of them
    share = moved(Session(TOWN), OBJECTIVES["access"], (0.9, 0.5, 0.1))
    assert share == pytest.approx([200])


def test_a_line_counts_periods_as_money_does():
    years = [TWO_YEARS[0], TWO_YEARS[1] | {"years": 3}]
    search = searching(line(**(TABLES_HERE | {"periods": years})))
    # 1 t in each of two periods, the longer of which counts three quarters
    assert search.lost(EMISSIONS) == pytest.approx(2 * 0.75)
    search.ask_priced(EMISSIONS, 99, None)
    (line_below,) = search.tangents
    assert line_below.slope == pytest.approx(99 * 1.5)
    assert line_below.at(1.1) <= 140


def test_the_hull_on_paper():
    hull = Hull(np.array([1.0, 2.0, 4.0, np.inf]), np.array([40.0, 25.0, 10.0, 1.0]))
    assert hull.at(3.0) == pytest.approx((17.5, 7.5))
    assert hull.at(2.0) == pytest.approx((25.0, 10.0))  # from 40 to 10 beside it
    assert hull.at(1.0) == pytest.approx((40.0, 15.0))  # an end: its steepest edge
    assert hull.at(4.0) == pytest.approx((10.0, 0.0))
    assert hull.at(0.5) == (np.inf, 0.0)
    assert hull.least(1.0) == 2 and hull.least(20.0) == 0


def test_the_next_slope_is_near_the_top_of_a_parabola():
    # 9 - (s - 3)^2 at 2, 3.5 and 4
    said = [(s, 9 - (s - 3) ** 2) for s in (2.0, 3.5, 4.0)]
    assert promising(said, 77.0) == pytest.approx(3.0)
    # no more than 1.6 times as much as the best so far
    assert promising([(0.0, 1.0), (1.0, 8.0), (90.0, 7.9)], 77.0) == pytest.approx(1.6)
    assert promising([(0.0, 1.0), (1.0, 8.0)], 77.0) == 77.0
    assert promising([], 77.0) == 77.0
    assert promising([(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (3.0, 0.5)], 77.0) == 77.0
    assert promising([(0.0, 1.0), (1.0, 2.0), (2.0, 2.0), (3.0, 2.0)], 77.0) < 2.0
    # the same slope twice counts once, with the better bound
    twice = promising([(2.0, 5.0), (0.0, 1.0), (2.0, 6.0), (3.0, 3.0)], 77.0)
    assert twice == promising([(0.0, 1.0), (2.0, 6.0), (3.0, 3.0)], 77.0)
    # what is within the checker's tolerance of a figure keeps it
    assert Tangent(EMISSIONS, 3.0, 10.0).at(2.0) == pytest.approx(4.0, rel=1e-5)
    assert Tangent(EMISSIONS, 3.0, 10.0).at(2.0) < 4.0
