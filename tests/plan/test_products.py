"""What each product costs, by hand."""

import pytest

from dmopt.plan.costs import total_cost
from dmopt.plan.plan import make_plan
from dmopt.plan.products import product_costs
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line
from tests.rules.plans import flow, standing


def kitchen():
    """One oven at w bakes bread (60 t) and cake (40 t) from dough mixed there.

    oven   50 to keep, by work:  bread 60 of 100, cake 40 of 100
    mixer  20 to keep, all in dough, which goes 60 to 40 into bread and cake
    site   20, by what each has cost so far: 42 to 28
    cake   goes 10 km at 0.1 a t-km: 40
    """
    goods = [
        *changed("commodities"),
        {"commodity": "cake", "t_per_unit": 1, "price": 1},
        {"commodity": "dough", "t_per_unit": 1, "price": 1},
    ]
    goods[0] |= {"price": 1}
    instance = line(
        commodities=goods,
        demand=[
            {"zone": "west", "commodity": "bread", "quantity_per_yr": 60},
            {"zone": "east", "commodity": "cake", "quantity_per_yr": 40},
        ],
        technologies=[
            *TABLES["technologies"],
            {"technology": "mixer", "capacity_per_yr": 100, "fixed_cost_per_yr": 20},
        ],
        recipes=[
            *TABLES["recipes"],
            {"recipe": "sweet", "technology": "oven"},
            {"recipe": "mix", "technology": "mixer"},
        ],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "bake", "commodity": "dough", "quantity": -1},
            {"recipe": "sweet", "commodity": "cake", "quantity": 1},
            {"recipe": "sweet", "commodity": "dough", "quantity": -1},
            {"recipe": "mix", "commodity": "dough", "quantity": 1},
        ],
        lanes=[TABLES["lanes"][0], TABLES["lanes"][0] | {"commodity": "cake"}],
    )
    activity = {"bake": 60, "sweet": 40, "mix": 100}
    plan = make_plan(
        instance,
        {
            "opened": [{"site": "w", "period": "y"}],
            "modules": [standing("w"), standing("w", "mixer")],
            "activity": [
                {"site": "w", "recipe": r, "period": "y", "quantity_per_yr": q}
                for r, q in activity.items()
            ],
            "flows": [flow("w", "west", 60), flow("w", "east", 40, "cake")],
        },
    )
    return instance, plan


def test_what_is_made_and_used_at_one_site_carries_its_cost():
    _, plan = kitchen()
    costs = product_costs(plan)
    assert costs.modules.to_dict() == pytest.approx({"bread": 42, "cake": 28})
    assert costs["transport out"].to_dict() == pytest.approx({"bread": 0, "cake": 40})
    assert costs.sites.sum() == pytest.approx(20)
    assert costs.to_numpy().sum() == pytest.approx(total_cost(plan)) == 130


def test_the_plan_of_the_kitchen_is_the_best():
    instance, plan = kitchen()
    assert solve(instance, gap=0).cost == pytest.approx(total_cost(plan))
