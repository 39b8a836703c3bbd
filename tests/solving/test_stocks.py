"""Stock between periods: optima by hand, and what shelf life, losses and limits do.

One town at one site, an oven makes 100 a year and costs 50 a year to keep, the site 20.
Two years: 60 wanted in the first, 140 in the second.

    nothing held     70 + (20 + 2 x 50)          = 190, 95 a year
    40 held          70 + 40 x 0.5 + 70          = 160, 80 a year
"""

from threading import Event
from typing import Any

import pandas as pd
import pytest

from dmopt.data.arithmetic import arithmetic_findings
from dmopt.data.instance import Instance
from dmopt.plan.costs import cost_table, total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.products import product_costs
from dmopt.plan.verify import verify
from dmopt.proof.duals import Bounding
from dmopt.solving.builder import make_problem
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits
from dmopt.solving.run import PATHS as SOLVERS
from tests.line import Rows, changed, line
from tests.paths import PATHS
from tests.plan.damage import added, without
from tests.plan.damage import changed as damaged
from tests.solving.optimum import plan_of

BREAD = {"commodity": "bread", "holding_cost_per_yr": 0.5}


def town(wanted: dict[str, float], stocks: Rows | None = None, **more: Any) -> Instance:
    """One site in one town, years by name with what is wanted."""
    years = [
        {"period": name, "start_year": 2030 + n, "years": 1}
        for n, name in enumerate(wanted)
    ]
    demand = [
        {"zone": "west", "commodity": "bread", "period": t, "quantity_per_yr": units}
        for t, units in wanted.items()
    ]
    tables: dict[str, Rows] = {
        "periods": years,
        "demand": demand,
        "sites": changed("sites")[:1],
        "technologies": changed("technologies", max_modules=2),
        "stocks": [BREAD] if stocks is None else stocks,
    }
    return line(**tables | more)


TWO = {"a": 60.0, "b": 140.0}


def held(plan: Plan) -> list[tuple[Any, ...]]:
    rows = plan.tables["stocks"]
    return list(rows.round(6).itertuples(index=False, name=None))


@PATHS
def test_what_is_made_early_saves_a_second_oven(path: str) -> None:
    assert total_cost(plan_of(town(TWO, stocks=[]), path)) == pytest.approx(95)
    plan = plan_of(town(TWO), path)
    assert held(plan) == [("w", "bread", "a", "b", 40.0)]
    assert total_cost(plan) == pytest.approx(80)
    costs = cost_table(plan).set_index(["period", "kind"]).cost_per_yr
    assert costs["a", "stock"] == pytest.approx(20)
    assert costs["b", "stock"] == 0


def test_the_time_held_is_from_middle_to_middle_and_units_are_not_rates() -> None:
    # 2 years of 60 a year, then 4 years of 110 a year; 40 units are missing in all,
    # held from the middle of the first (1) to that of the second (4): 3 years.
    years = [
        {"period": "a", "start_year": 2030, "years": 2},
        {"period": "b", "start_year": 2032, "years": 4},
    ]
    plan = plan_of(town({"a": 60.0, "b": 110.0}, periods=years))
    assert held(plan) == [("w", "bread", "a", "b", 40.0)]
    # (2 x 70 + 40 x 0.5 x 3 + 4 x 70) / 6
    assert total_cost(plan) == pytest.approx(480 / 6)


def test_what_is_lost_must_be_made_too() -> None:
    # of 50 set aside a fifth is lost: 40 arrive; the oven has 100 - 60 = 40 to spare
    lossy = [BREAD | {"loss_per_yr": 0.2}]
    assert total_cost(plan_of(town(TWO, lossy))) == pytest.approx(95)
    plan = plan_of(town(TWO | {"a": 50.0}, lossy))
    assert held(plan) == [("w", "bread", "a", "b", 50.0)]
    assert total_cost(plan) == pytest.approx((70 + 50 * 0.5 + 70) / 2)


def test_shelf_life_counts_from_the_making_and_what_is_old_is_not_put_back() -> None:
    # Nothing is wanted for two years, and there is room for one oven: what is made in
    # the first is two years old. What is missing costs 10.
    late = {"a": 0.0, "b": 0.0, "c": 240.0}
    one = {
        "technologies": changed("technologies"),
        "commodities": changed("commodities", unmet_price=10),
    }
    plan = plan_of(town(late, **one))
    assert held(plan) == [
        ("w", "bread", "a", "c", 40.0),
        ("w", "bread", "b", "c", 100.0),
    ]
    # a and b carry 40 and 140 units on
    assert total_cost(plan) == pytest.approx((3 * 70 + 0.5 * (40 + 140)) / 3)
    fresh = plan_of(town(late, [BREAD | {"shelf_periods": 1}], **one))
    assert held(fresh) == [("w", "bread", "b", "c", 100.0)]
    assert total_cost(fresh) == pytest.approx((2 * 70 + 0.5 * 100 + 10 * 40) / 3)


def test_old_stock_is_used_first_where_something_is_wanted_all_along() -> None:
    # 40 too many in a, 40 too few in c; b uses the old and sets aside its own
    wanted = {"a": 60.0, "b": 100.0, "c": 140.0}
    plan = plan_of(town(wanted, [BREAD | {"shelf_periods": 1}]))
    expected = [("w", "bread", "a", "b", 40.0), ("w", "bread", "b", "c", 40.0)]
    assert held(plan) == expected
    assert total_cost(plan) == pytest.approx((210 + 2 * 20) / 3)


def test_no_more_is_held_than_there_is_room_for() -> None:
    assert total_cost(plan_of(town(TWO, [BREAD | {"max_units": 39}]))) > 94


def test_a_row_that_names_its_site_wins() -> None:
    own = [BREAD, BREAD | {"site": "w", "holding_cost_per_yr": 0.25}]
    assert total_cost(plan_of(town(TWO, own))) == pytest.approx((140 + 10) / 2)


def test_inputs_are_held_where_nobody_makes_them() -> None:
    # Flour costs 1 in a and 3 in b: that for b is bought in a, at 0.5 for holding.
    flour = {"commodity": "flour", "t_per_unit": 1}
    lane = changed("lanes")[0]
    instance = town(
        {"a": 50.0, "b": 50.0},
        [{"commodity": "flour", "holding_cost_per_yr": 0.5, "max_units": 45}],
        commodities=[*changed("commodities"), flour],
        recipe_items=[
            *changed("recipe_items"),
            {"recipe": "bake", "commodity": "flour", "quantity": -1},
        ],
        suppliers=[{"supplier": "mill", "x": 0, "y": 0}],
        supplies=[
            {"supplier": "mill", "commodity": "flour", "period": t, "price": price}
            for t, price in (("a", 1), ("b", 3))
        ],
        lanes=[
            lane,
            lane | {"commodity": "flour", "origin": "supplier", "destination": "site"},
        ],
    )
    plan = plan_of(instance)
    assert held(plan) == [("w", "flour", "a", "b", 45.0)]
    assert total_cost(plan) == pytest.approx((140 + 95 * 1 + 5 * 3 + 45 * 0.5) / 2)
    assert product_costs(plan).sum().sum() == pytest.approx(total_cost(plan))


def test_each_year_bears_what_its_bread_cost_to_make() -> None:
    # a makes 60 for itself and 40 for b: 40 of its 100 cost, and the holding, go to b
    plan = plan_of(town(TWO))
    assert product_costs(plan).loc["bread"].sum() == pytest.approx(80)
    assert product_costs(plan).at["bread", "stock"] == pytest.approx(10)


DAMAGE = [
    ("balance", lambda p: damaged(p, "stocks", "w bread", units=30.0)),
    ("shelf", lambda p: added(p, "stocks", "w", "bread", "b", "a", 1.0)),
    ("shelf", lambda p: added(p, "stocks", "w", "bread", "a", "a", 1.0)),
    ("keep", lambda p: without(p, "opened", "w b")),
    ("id", lambda p: added(p, "stocks", "w", "bread", "a", "never", 1.0)),
    ("number", lambda p: damaged(p, "stocks", "w bread", units=-1.0)),
]


@pytest.mark.parametrize(("row", "damage"), DAMAGE)
def test_a_damaged_stock_is_found(row: str, damage: Any) -> None:
    plan = plan_of(town(TWO))
    assert verify(plan.instance, plan) == []
    assert row in {each.row for each in verify(plan.instance, damage(plan))}


@pytest.mark.parametrize(
    ("row", "stocks", "sites"),
    [
        ("shelf", [], {}),
        ("store", [BREAD | {"max_units": 39}], {}),
        ("fresh", [BREAD], {"status": "excluded"}),
    ],
)
def test_a_plan_is_held_against_the_instance_it_is_read_for(
    row: str, stocks: Rows, sites: dict[str, Any]
) -> None:
    plan = plan_of(town(TWO))
    other = town(TWO, stocks, sites=[changed("sites")[0] | sites])
    assert row in {each.row for each in verify(other, plan)}


def test_what_stock_could_bring_is_not_called_impossible() -> None:
    one = changed("technologies")
    assert arithmetic_findings(town(TWO, technologies=one)) == []
    (found,) = arithmetic_findings(town(TWO, [], technologies=one))
    assert (found.severity, found.needed, found.there) == ("error", 140, 100)


def test_the_certificate_of_each_path_holds_without_strong_rows_on_stock() -> None:
    # A year that lives from stock has no oven: strong rows on ovens would forbid it.
    instance = town({"a": 50.0, "b": 50.0})
    problem = make_problem(instance, ())
    bounding: Bounding = bounding_of(problem)
    assert bounding.carried()
    for name in ("exact", "coarse"):
        limits = Limits(20.0, 0.0, 0, 1)
        done = SOLVERS[name](problem, limits, lambda *_: None, Event())
        # open both years to hold, an oven in a alone: 70 + 50 x 0.5 + 20
        assert done.cost == pytest.approx((70 + 25 + 20) / 2)
        assert done.bound == pytest.approx(done.cost, rel=1e-6)


def test_the_table_of_a_plan_has_its_columns() -> None:
    rows = plan_of(town(TWO)).tables["stocks"]
    assert list(rows.columns) == ["site", "commodity", "period", "until", "units"]
    assert isinstance(rows, pd.DataFrame)
