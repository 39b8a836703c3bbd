"""What was sold comes back: optima by hand, the lag, the collection, limits on waste.

Two towns 10 km apart, one site between the two, 5 km from each. Pods are made new from
gel at 3 each, or again from used pods, at 1 each; each pod weighs a tonne and a van
costs 0.1 a km and tonne: 0.5 to bring one out and 0.5 to bring one back.
"""

from threading import Event
from typing import Any

import pytest

from dmopt.data.arithmetic import arithmetic_findings
from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from dmopt.plan.costs import cost_table, total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.products import product_costs
from dmopt.plan.verify import verify
from dmopt.solving import run
from dmopt.solving.builder import make_problem
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits
from dmopt.solving.run import PATHS as SOLVERS
from tests.line import SETTINGS, Rows
from tests.paths import PATHS
from tests.plan.damage import added, with_table
from tests.plan.damage import changed as damaged
from tests.solving.optimum import plan_of

BACK = {"commodity": "pod", "returns_as": "used", "quantity": 0.5, "lag_periods": 1}


def loop(**tables: Any) -> Instance:
    """Two years, 100 pods wanted in west and 60 in east in each."""
    van = {"mode": "van"}
    given: dict[str, Rows] = {
        "periods": [
            {"period": "a", "start_year": 2030, "years": 1},
            {"period": "b", "start_year": 2031, "years": 1},
        ],
        "zones": [
            {"zone": "west", "x": 0, "y": 0},
            {"zone": "east", "x": 10_000, "y": 0},
        ],
        "commodities": [
            {"commodity": "pod", "t_per_unit": 1},
            {"commodity": "used", "t_per_unit": 1},
        ],
        "demand": [
            {"zone": "west", "commodity": "pod", "quantity_per_yr": 100},
            {"zone": "east", "commodity": "pod", "quantity_per_yr": 60},
        ],
        "sites": [{"site": "works", "x": 5_000, "y": 0}],
        "technologies": [{"technology": "cell", "capacity_per_yr": 1_000}],
        "recipes": [
            {"recipe": "new", "technology": "cell", "variable_cost": 3},
            {"recipe": "again", "technology": "cell", "variable_cost": 1},
        ],
        "recipe_items": [
            {"recipe": "new", "commodity": "pod", "quantity": 1},
            {"recipe": "again", "commodity": "pod", "quantity": 1},
            {"recipe": "again", "commodity": "used", "quantity": -1},
        ],
        "modes": [{"mode": "van", "cost_per_tkm": 0.1, "speed_kmh": 20}],
        "lanes": [
            van | {"commodity": "pod", "origin": "site_inside", "destination": "zone"},
            van | {"commodity": "used", "origin": "zone", "destination": "site"},
        ],
        "returns": [BACK],
    }
    return make_instance(SETTINGS, given | tables)


def collected(plan: Plan) -> dict[tuple[str, str], float]:
    """(zone, period) -> used pods that sites take from there."""
    rows = plan.tables["flows"]
    rows = rows[rows.commodity == "used"]
    names = zip(rows.origin, rows.period, strict=True)
    return dict(zip(names, rows.quantity_per_yr.round(6), strict=True))


@PATHS
def test_half_of_what_was_sold_comes_back_a_year_later(path: str) -> None:
    # a: 160 new = 480, b: 80 again = 80 and 80 new = 240; out 160 x 0.5 in each year,
    # back 80 x 0.5 in b
    plan = plan_of(loop(), path)
    assert collected(plan) == {("west", "b"): 50.0, ("east", "b"): 30.0}
    assert total_cost(plan) == pytest.approx((480 + 80 + 80 + 240 + 80 + 40) / 2)
    costs = cost_table(plan).set_index(["period", "kind"]).cost_per_yr
    assert costs["b", "transport in"] == pytest.approx(40)
    assert product_costs(plan).loc["pod"].sum() == pytest.approx(total_cost(plan))


def test_nothing_is_collected_that_costs_more_than_it_saves() -> None:
    # from 40 km away a pod costs 4 to bring back and saves 2; it costs 4 to bring out
    far = [
        {"zone": "west", "x": 0, "y": 0},
        {"zone": "east", "x": 45_000, "y": 0},
    ]
    assert collected(plan_of(loop(zones=far))) == {("west", "b"): 50.0}


def test_periods_of_other_lengths_keep_the_amount() -> None:
    # 160 a year for 2 years come back over 4 years: 0.5 x 320 / 4 = 40 a year
    periods = [
        {"period": "a", "start_year": 2030, "years": 2},
        {"period": "b", "start_year": 2032, "years": 4},
    ]
    assert sum(collected(plan_of(loop(periods=periods))).values()) == pytest.approx(40)


def test_what_is_not_delivered_does_not_come_back() -> None:
    # East does without at 1 a pod (it would cost 3.5); so nothing returns from there.
    goods = [
        {"commodity": "pod", "t_per_unit": 1, "unmet_price": 1},
        {"commodity": "used", "t_per_unit": 1},
    ]
    plan = plan_of(loop(commodities=goods))
    assert collected(plan) == {}
    assert total_cost(plan) == pytest.approx(160)
    # At 3.1 two new ones (3.5 each) are worth it, as one more can be made of them for
    # 1 + 0.5 + 0.5: 9 in place of 9.3.
    near = [goods[0] | {"unmet_price": 3.1}, goods[1]]
    plan = plan_of(loop(commodities=near))
    assert sum(collected(plan).values()) == pytest.approx(80)
    # a: 160 x 3.5; b: 80 again, 80 do without
    assert total_cost(plan) == pytest.approx((560 + 160 + 80 * 3.1) / 2)


@PATHS
def test_waste_has_a_price_and_a_limit(path: str) -> None:
    # Making again costs 9 now: all 80 used pods stay where they are ...
    dear = [
        {"recipe": "new", "technology": "cell", "variable_cost": 3},
        {"recipe": "again", "technology": "cell", "variable_cost": 9},
    ]
    waste = {"commodity": "used", "zone_cost": 0.25}
    plan = plan_of(loop(recipes=dear, disposals=[waste]), path)
    assert collected(plan) == {}
    costs = cost_table(plan).set_index(["period", "kind"]).cost_per_yr
    assert costs["b", "disposal"] == pytest.approx(20)
    assert total_cost(plan) == pytest.approx((2 * 560 + 20) / 2)
    # ... until no more than 20 may be: 60 are made again, each 6.5 dearer
    limit = [waste | {"period": "b", "max_per_yr": 20}]
    plan = plan_of(loop(recipes=dear, disposals=limit), path)
    assert sum(collected(plan).values()) == pytest.approx(60)
    assert total_cost(plan) == pytest.approx((2 * 560 + 60 * 6.5 + 20 * 0.25) / 2)


def test_the_limit_counts_what_sites_get_rid_of() -> None:
    # Every pod made again leaves half a tonne of dust, which costs 0.1 to get rid of.
    goods = [
        {"commodity": "pod", "t_per_unit": 1},
        {"commodity": "used", "t_per_unit": 1},
        {"commodity": "dust", "disposal_cost": 0.1},
    ]
    items = [
        {"recipe": "new", "commodity": "pod", "quantity": 1},
        {"recipe": "again", "commodity": "pod", "quantity": 1},
        {"recipe": "again", "commodity": "used", "quantity": -1},
        {"recipe": "again", "commodity": "dust", "quantity": 0.5},
    ]
    instance = loop(
        commodities=goods,
        recipe_items=items,
        disposals=[{"commodity": "dust", "max_per_yr": 25}],
    )
    plan = plan_of(instance)
    assert sum(collected(plan).values()) == pytest.approx(50)
    everything = plan_of(loop(commodities=goods, recipe_items=items))
    broken = verify(instance, everything)
    assert [(each.row, each.where, each.excess) for each in broken] == [
        ("waste", ("dust", "b"), pytest.approx(15))
    ]


def test_a_loop_that_feeds_itself_in_the_same_period() -> None:
    # lag 0: x new and y again with x + y = 160 and y = half of all that is delivered
    plan = plan_of(loop(returns=[BACK | {"lag_periods": 0}]))
    assert sum(collected(plan).values()) == pytest.approx(2 * 80)


def test_what_came_back_may_be_held_at_the_site() -> None:
    # three years; nothing is wanted in the second: what comes back then is kept
    three = [
        {"period": t, "start_year": 2030 + n, "years": 1} for n, t in enumerate("abc")
    ]
    demand = [
        {"zone": "west", "commodity": "pod", "period": t, "quantity_per_yr": 100}
        for t in "ac"
    ]
    held = [{"commodity": "used", "holding_cost_per_yr": 0.1}]
    plan = plan_of(loop(periods=three, demand=demand, stocks=held))
    assert collected(plan) == {("west", "b"): 50.0}
    (row,) = plan.tables["stocks"].itertuples(index=False, name=None)
    assert row == ("works", "used", "b", "c", pytest.approx(50))
    assert collected(plan_of(loop(periods=three, demand=demand))) == {}


DAMAGE = [
    (
        "returned",
        lambda p: damaged(p, "flows", "west works used b", quantity_per_yr=51.0),
    ),
    ("returned", lambda p: added(p, "flows", "west", "works", "used", "van", "a", 1.0)),
    ("origin", lambda p: added(p, "flows", "west", "works", "used", "van", "a", 1.0)),
    ("origin", lambda p: added(p, "flows", "west", "works", "pod", "van", "b", 1.0)),
    ("lane", lambda p: added(p, "flows", "west", "east", "used", "van", "b", 1.0)),
    (
        "returned",
        lambda p: with_table(
            p, "flows", p.tables["flows"].query("period == 'b' or origin != 'works'")
        ),
    ),
]


@pytest.mark.parametrize(("row", "damage"), DAMAGE)
def test_a_damaged_return_is_found(row: str, damage: Any) -> None:
    plan = plan_of(loop())
    assert verify(plan.instance, plan) == []
    assert row in {each.row for each in verify(plan.instance, damage(plan))}


def test_recipes_that_live_from_returns_are_not_called_idle() -> None:
    assert arithmetic_findings(loop()) == []


def test_one_model_is_chosen_where_things_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "CITY_DELIVERIES", 0)
    monkeypatch.setattr(run, "TEXTBOOK_DELIVERIES", 0)
    problem = make_problem(loop(), ())
    path, why = run.choose_path(problem, "auto")
    assert (path, "come back" in why) == ("exact", True)
    monkeypatch.setattr(run, "RETURNING_DELIVERIES", 3)
    assert run.choose_path(problem, "auto")[0] == "coarse"


def test_both_paths_prove_their_bound() -> None:
    goods = [
        {"commodity": "pod", "t_per_unit": 1, "unmet_price": 3.1},
        {"commodity": "used", "t_per_unit": 1},
    ]
    problem = make_problem(loop(commodities=goods), ())
    assert bounding_of(problem).carried()
    for name in ("exact", "coarse"):
        done = SOLVERS[name](problem, Limits(20.0, 0.0, 0, 1), lambda *_: None, Event())
        assert done.cost == pytest.approx((560 + 160 + 80 * 3.1) / 2)
        assert done.bound == pytest.approx(done.cost, rel=1e-6)
