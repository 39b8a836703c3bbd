"""Prices of modules that fall with their number: optima by hand, against brute force.

Towns in a row, each wants 10 a year of what a cell makes 10 of; a cell at a town costs
100 and lasts 10 years (10 a year, rate 0), the second bought and those after it 60.
"""

from itertools import product
from threading import Event
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from dmopt.data.instance import Instance
from dmopt.plan.costs import total_cost
from dmopt.plan.indicators import indicators
from dmopt.plan.products import product_costs
from dmopt.plan.tables import modules_table
from dmopt.solving.builder import make_problem
from dmopt.solving.decomposed.entry import refused
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits
from dmopt.solving.run import PATHS as SOLVERS
from dmopt.studies.breakeven import machine_price
from tests.line import Rows
from tests.paths import PATHS
from tests.solving.optimum import plan_of
from tests.solving.print_shops import print_shops

STEPS = [{"technology": "cell", "bought": 1, "capital_cost": 60}]


def row(towns: int, years: int = 1, **tables: Any) -> Instance:
    """Towns 10 km apart, a site in each; a delivery costs 0.1 a km and unit."""
    km = {f"z{n}": 10 * n for n in range(towns)}
    return print_shops(km, years, **{"module_prices": STEPS} | tables)


@PATHS
def test_one_cell_is_too_dear_and_three_are_worth_it(path: str) -> None:
    # Going without costs 9 a town. One cell costs 10, a second 6: two 16 < 18.
    assert total_cost(plan_of(row(1), path)) == pytest.approx(9)
    assert total_cost(plan_of(row(2), path)) == pytest.approx(16)
    assert total_cost(plan_of(row(3), path)) == pytest.approx(22)
    none = row(3, module_prices=[])
    assert total_cost(plan_of(none, path)) == pytest.approx(27)


def test_what_was_bought_in_an_earlier_period_counts() -> None:
    # One town wants 10 in a, 20 in b: the cell for b is the second and costs 6 a year.
    wanted = [
        {"zone": "z0", "commodity": "part", "period": t, "quantity_per_yr": units}
        for t, units in (("a", 10), ("b", 20))
    ]
    goods = [{"commodity": "part", "t_per_unit": 1, "unmet_price": 1.5}]
    instance = row(1, 2, demand=wanted, commodities=goods)
    plan = plan_of(instance)
    # a 10, b 10 + 6
    assert total_cost(plan) == pytest.approx(26 / 2)
    table = modules_table(plan).set_index("period")
    assert table.capital_cost.tolist() == [100, 60]
    capital = indicators(plan).set_index(["indicator", "period"]).value
    assert capital["capital_cost", "a"] == 100
    assert capital["capital_cost", "b"] == 60


def test_a_budget_sees_the_lower_price() -> None:
    periods = [
        {"period": "a", "start_year": 2030, "years": 1, "capital_budget": 219},
    ]
    # three cells cost 220 together: with 219 two of them, and one town goes without
    assert total_cost(plan_of(row(3, periods=periods))) == pytest.approx(16 + 9)
    periods = [periods[0] | {"capital_budget": 220}]
    assert total_cost(plan_of(row(3, periods=periods))) == pytest.approx(22)


def test_a_sale_counts_the_lowest_price() -> None:
    # Two towns want 10 in a and nothing in b: both cells are sold again, for all of
    # the lowest annuity, 6 each; so b costs 16 - 12.
    cell = {
        "technology": "cell", "capacity_per_yr": 10, "capital_cost": 100, "life_yr": 10,
        "resale_share": 1,
    }  # fmt: skip
    wanted = [
        {"zone": f"z{n}", "commodity": "part", "period": "a", "quantity_per_yr": 10}
        for n in range(2)
    ]
    plan = plan_of(row(2, 2, technologies=[cell], demand=wanted))
    without = (18 + 0) / 2
    assert total_cost(plan) == pytest.approx(min((16 + 4) / 2, without))
    assert without < (16 + 4) / 2
    goods = [{"commodity": "part", "t_per_unit": 1, "unmet_price": 1.5}]
    plan = plan_of(row(2, 2, technologies=[cell], demand=wanted, commodities=goods))
    assert total_cost(plan) == pytest.approx((16 + 4) / 2)
    assert plan.tables["modules"].sold.sum() == 2


def least(towns: int, steps: Rows, unmet: float) -> float:
    """Every number of cells at every site: serve each town from its own, or another
    10 km away at 10 for a cell's worth."""
    price = [100.0] * (3 * towns)
    for each in steps:
        for n in range(each["bought"], len(price)):
            price[n] = each["capital_cost"]
    best = float("inf")
    for cells in product(range(4), repeat=towns):
        spent = sum(price[: sum(cells)]) / 10
        best = min(best, spent + _served(cells, unmet))
    return best


def _served(cells: tuple[int, ...], unmet: float) -> float:
    """Least cost of bringing 10 to each town, each cell's worth going to one town."""

    towns = len(cells)
    have = [n for n, count in enumerate(cells) for _ in range(count)]
    cost = np.full((towns, len(have) + towns), 10 * unmet)
    for town in range(towns):
        for column, site in enumerate(have):
            cost[town, column] = 10.0 * abs(site - town)
    rows, columns = linear_sum_assignment(cost)
    return float(cost[rows, columns].sum())


@pytest.mark.parametrize(
    ("steps", "unmet"),
    [
        ([(1, 60)], 0.7),
        ([(1, 60)], 0.75),
        ([(2, 90), (3, 20)], 0.75),
        ([(1, 80), (2, 40), (4, 10)], 0.75),
        ([(3, 0)], 2.0),
        ([(100, 1)], 0.9),
    ],
)
def test_as_cheap_as_the_best_of_all_numbers(
    steps: list[tuple[int, float]], unmet: float
) -> None:
    rows: Rows = [
        {"technology": "cell", "bought": int(n), "capital_cost": price}
        for n, price in steps
    ]
    goods = [{"commodity": "part", "t_per_unit": 1, "unmet_price": unmet}]
    instance = row(3, module_prices=rows, commodities=goods)
    plan = plan_of(instance)
    assert total_cost(plan) == pytest.approx(least(3, rows, unmet))
    assert product_costs(plan).sum().sum() == pytest.approx(total_cost(plan))


def test_both_paths_prove_their_bound() -> None:
    problem = make_problem(row(3), ())
    assert bounding_of(problem).carried()
    for name in ("exact", "coarse"):
        done = SOLVERS[name](problem, Limits(20.0, 0.0, 0, 1), lambda *_: None, Event())
        assert done.cost == pytest.approx(22)
        assert done.bound == pytest.approx(22)


def test_the_path_for_location_is_refused_with_the_reason() -> None:
    reason = refused(make_problem(row(3), ()))
    assert "so_far_at" in reason
    assert "together" in reason


def test_machines_at_another_price_are_so_in_every_step() -> None:
    half = machine_price(row(3), 0.5)
    assert half.technologies.capital_cost.tolist() == [50]
    assert half.module_prices.capital_cost.tolist() == [30]
    assert total_cost(plan_of(half)) == pytest.approx(11)
