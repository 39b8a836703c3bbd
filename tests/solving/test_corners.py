"""Corners in which a solve path once crashed, or was wrong: each stays mended."""

import copy
import threading
from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance
from dmopt.errors import InstanceError
from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.verify import verify
from dmopt.solving.run import solve

PATHS = ("exact", "coarse", "reference")
SETTINGS = {
    "name": "corner",
    "crs": "EPSG:27700",
    "distance": "projected",
    "discount_rate": 0.0,
}
TABLES: dict[str, list[dict[str, Any]]] = {
    "periods": [
        {"period": "p1", "start_year": 2030, "years": 5},
        {"period": "p2", "start_year": 2035, "years": 5},
    ],
    "zones": [
        {"zone": "z1", "x": 0, "y": 0, "population": 10},
        {"zone": "z2", "x": 5000, "y": 0, "population": 10},
    ],
    "commodities": [{"commodity": "bread", "t_per_unit": 0.001, "unmet_price": 5}],
    "demand": [
        {"zone": zone, "commodity": "bread", "quantity_per_yr": 1000}
        for zone in ("z1", "z2")
    ],
    "sites": [
        {"site": "a", "class": "yard", "x": 0, "y": 0, "opening_cost": 10},
        {"site": "b", "class": "yard", "x": 5000, "y": 0},
    ],
    "technologies": [
        {"technology": "oven", "capacity_per_yr": 2000, "capital_cost": 1000,
         "max_modules": 2}
    ],
    "recipes": [{"recipe": "bake", "technology": "oven", "variable_cost": 0.1}],
    "recipe_items": [{"recipe": "bake", "commodity": "bread", "quantity": 1}],
    "modes": [{"mode": "van", "speed_kmh": 30, "cost_per_tkm": 1}],
    "lanes": [
        {"commodity": "bread", "mode": "van", "origin": "site_inside",
         "destination": "zone"}
    ],
}  # fmt: skip


def tables() -> dict[str, Any]:
    return copy.deepcopy(TABLES)


def same_on_all_paths(instance: Instance, **options: Any) -> float:
    """The cost, once every path has given it with a proof."""
    results = [
        solve(instance, path=path, time_limit_s=10, gap=1e-6, **options)
        for path in PATHS
    ]
    assert [result.status for result in results] == ["optimal"] * 3
    costs = [result.cost for result in results]
    assert costs == pytest.approx([costs[0]] * 3)
    return float(costs[0])


def test_a_committed_site_that_costs_nothing_is_open() -> None:
    t = tables()
    t["sites"][0]["status"] = "committed"
    t["standing_modules"] = [{"site": "a", "technology": "oven", "modules": 1}]
    # making 2,000 x 0.1 = 200, moving 1,000 x 0.001 t x 5 km x 1.3 detour = 6.5
    assert same_on_all_paths(make_instance(SETTINGS, t)) == pytest.approx(206.5)


def test_a_committed_site_without_modules_is_open() -> None:
    t = tables()
    committed = {"site": "c", "class": "yard", "x": 0, "y": 0, "status": "committed"}
    t["sites"].append(committed)
    # one oven at b: 1,000 / 10 years = 100 a year, 200 for making, 6.5 moving
    assert same_on_all_paths(make_instance(SETTINGS, t)) == pytest.approx(306.5)


def test_nothing_wanted_costs_nothing() -> None:
    t = tables()
    for row in t["demand"]:
        row["quantity_per_yr"] = 0
    assert same_on_all_paths(make_instance(SETTINGS, t)) == 0


def test_the_number_of_threads_may_change_from_solve_to_solve() -> None:
    instance = make_instance(SETTINGS, tables())
    for threads in (1, 2, 1):
        same_on_all_paths(instance, threads=threads)


def test_what_can_be_made_nowhere_is_unmet() -> None:
    t = tables()
    for row in t["demand"]:
        row["period"] = "p1"
    t["technologies"][0]["site_classes"] = "shop"
    shut = {"site": "c", "class": "shop", "x": 0, "y": 0, "status": "excluded"}
    t["sites"].append(shut)
    # 2,000 x 5 in one of two periods of the same length
    assert same_on_all_paths(make_instance(SETTINGS, t)) == pytest.approx(5000)


def test_a_dose_beside_a_flood_of_loaves_stays_in_the_plan() -> None:
    t = tables()
    t["periods"] = t["periods"][:1]
    t["commodities"].append({"commodity": "dose", "unmet_price": 5e6})
    t["demand"] = [
        {"zone": "z1", "commodity": "bread", "quantity_per_yr": 2e9},
        {"zone": "z2", "commodity": "dose", "quantity_per_yr": 1},
    ]
    t["technologies"][0]["capacity_per_yr"] = 2e9
    t["technologies"].append({"technology": "lab", "capacity_per_yr": 10})
    t["recipes"].append({"recipe": "mix", "technology": "lab"})
    t["recipe_items"].append({"recipe": "mix", "commodity": "dose", "quantity": 1})
    t["lanes"].append(dict(t["lanes"][0], commodity="dose"))
    result = solve(make_instance(SETTINGS, t), path="exact")
    assert result.plan is not None
    flows = result.plan.tables["flows"].set_index("commodity").quantity_per_yr
    assert flows["dose"] == pytest.approx(1)


def land(base: float) -> Instance:
    """A laboratory half live in the first period, and land for `base` ovens."""
    t = tables()
    t["sites"] = t["sites"][:1]
    t["technologies"][0]["max_modules"] = 10
    t["services"] = [{"service": "release"}, {"service": "land"}]
    t["technology_needs"] = [
        {"technology": "oven", "service": "release", "per_module": 5},
        {"technology": "oven", "service": "land", "per_module": 1},
    ]
    t["site_services"] = [{"site": "a", "service": "land", "base": base}]
    t["infrastructure"] = [
        {"infrastructure": "lab", "reach": "site", "setup_yr": 2.5, "capital_cost": 10}
    ]
    t["infrastructure_services"] = [{"infrastructure": "lab", "service": "release"}]
    t["locations"] = [{"infrastructure": "lab", "location": "l", "site": "a"}]
    return make_instance({**SETTINGS, "decision_year": 2030}, t)


def test_little_land_does_not_shrink_what_a_laboratory_gives() -> None:
    # Half a laboratory releases half of ten ovens, with land for one as for ten.
    little, much = land(1), land(10)
    result = solve(much, path="exact", gap=1e-6)
    assert result.plan is not None
    plan = Plan(little, result.plan.tables)
    assert verify(little, plan) == []
    assert same_on_all_paths(little) == pytest.approx(total_cost(plan))


@pytest.mark.parametrize("path", ["exact", "coarse"])
def test_what_a_listener_raises_reaches_the_caller(path: Any) -> None:
    main = threading.current_thread()

    def listener(progress: object) -> None:
        if threading.current_thread() is not main:
            raise RuntimeError("the listener broke")

    from tests.random_instances import Shape, random_instance

    instance = random_instance(Shape(seed=3, zones=5, sites=4, periods=2))
    with pytest.raises(RuntimeError, match="the listener broke"):
        solve(instance, path=path, on_progress=listener)


def test_arguments_out_of_range_are_named_all_at_once() -> None:
    with pytest.raises(ValueError, match=r"path.*gap.*time_limit_s.*seed.*threads"):
        solve(
            make_instance(SETTINGS, tables()),
            path="exac",  # type: ignore[arg-type]
            gap=-1,
            time_limit_s=float("nan"),
            seed=-1,
            threads=0,
        )


def test_a_rule_that_names_an_unknown_commodity_is_a_fault() -> None:
    t = tables()
    t["rules"] = [
        {"id": "r", "rule": "single_sourcing", "parameters": "commodities=braed"}
    ]
    with pytest.raises(InstanceError, match="nearest: bread"):
        solve(make_instance(SETTINGS, t))
