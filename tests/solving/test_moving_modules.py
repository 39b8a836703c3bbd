"""Modules bought, moved, sold and waited for: optima by hand.

Two towns 100 km apart with a site each; delivering from one to the other costs 10 a
unit, so that each is served from its own. West wants 10 in the first year, east 10 in
the second. A cell makes 10 a year, costs 100 and lasts 10 years: 10 a year, rate 0.
"""

from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.plan.costs import cost_table, total_cost
from dmopt.plan.plan import Plan
from tests.paths import PATHS
from tests.solving.optimum import plan_of
from tests.solving.print_shops import CELL, print_shops

AB = (("west", "a"), ("east", "b"))


def towns(wanted: tuple[tuple[str, str], ...] = AB, **cell: Any) -> Instance:
    demand = [
        {"zone": zone, "commodity": "part", "period": t, "quantity_per_yr": 10}
        for zone, t in wanted
    ]
    km, kind = {"west": 0, "east": 100}, CELL | {"max_modules": 2} | cell
    return print_shops(km, 2, unmet=50, demand=demand, technologies=[kind])


def changes(plan: Plan) -> dict[str, int]:
    rows = plan.tables["modules"]
    return {n: int(rows[n].sum()) for n in ("bought", "sold", "moved_in", "moved_out")}


@PATHS
def test_a_cell_moves_after_the_demand_where_that_is_cheaper(path: str) -> None:
    # bought 10 in each year; moved 4 in b: less than a second cell at 10
    plan = plan_of(towns(move_cost=4), path)
    assert changes(plan) == {"bought": 1, "sold": 0, "moved_in": 1, "moved_out": 1}
    assert total_cost(plan) == pytest.approx((10 + 14) / 2)
    modules = cost_table(plan).query("kind == 'modules'").cost_per_yr
    assert modules.tolist() == pytest.approx([10, 14])


def test_where_moving_is_dear_another_is_bought() -> None:
    # a 10, b 10 + 10 for two; moving would be 10 + 11
    plan = plan_of(towns(move_cost=11))
    assert changes(plan) == {"bought": 2, "sold": 0, "moved_in": 0, "moved_out": 0}
    assert total_cost(plan) == pytest.approx((10 + 20) / 2)


def test_a_sale_brings_back_its_share_of_the_annuity() -> None:
    # the first is sold for 0.7 x 10: b costs 20 - 7 = 13, less than moving for 4
    plan = plan_of(towns(move_cost=4, resale_share=0.7))
    assert changes(plan) == {"bought": 2, "sold": 1, "moved_in": 0, "moved_out": 0}
    assert total_cost(plan) == pytest.approx((10 + 13) / 2)


def test_what_is_moved_runs_at_once_and_what_is_bought_has_to_be_waited_for() -> None:
    # A cell at 100 a year. Bought for b it runs half of b: 5 of 10 are missing. Bought
    # for a it stands idle in a. What the first one makes can be brought over for 100.
    # Moving it for 60 is cheaper than any of these.
    plan = plan_of(towns(capital_cost=1000, move_cost=60, setup_yr=0.5))
    assert changes(plan)["moved_in"] == 1
    assert total_cost(plan) == pytest.approx((100 + 100 + 60) / 2)
    stays = plan_of(towns(capital_cost=1000, setup_yr=0.5))
    assert total_cost(stays) == pytest.approx((100 + 100 + 100) / 2)


def test_capacity_grows_by_whole_modules() -> None:
    # one town in a, both in b: one cell, then two
    both = (("west", "a"), ("west", "b"), ("east", "b"))
    plan = plan_of(towns(both))
    assert changes(plan)["bought"] == 2
    assert total_cost(plan) == pytest.approx((10 + 20) / 2)
