"""Rows of the decision layer, printed, are those on paper.

Where nothing takes time to set up, `running` prints as `modules` and `live` as `steps`.
"""

import pyomo.environ as pyo
import pytest

from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from tests.line import TABLES, changed, line


def model(**tables: list) -> pyo.ConcreteModel:
    instance = line(**tables)
    return build(instance, Scope(instance))


def test_a_site_opens_or_closes_when_its_state_changes():
    m = model(sites=changed("sites", "w", status="existing"))
    # w was open before, e was not
    assert str(m.change["w", "y"].expr) == (
        "open[w,y] - 1  ==  opening[w,y] - closing[w,y]"
    )
    assert str(m.change["e", "y"].expr) == (
        "open[e,y]  ==  opening[e,y] - closing[e,y]"
    )


def test_modules_need_an_open_site():
    m = model(technologies=changed("technologies", max_modules=3))
    assert str(m.room["w", "oven", "y"].expr) == "modules[w,oven,y]  <=  3*open[w,y]"


def test_work_is_within_what_running_modules_can_do():
    # 100 t at 0.9 availability; a loaf of `bake` takes 2
    m = model(
        technologies=changed("technologies", availability=0.9),
        recipes=changed("recipes", capacity_use=2),
    )
    assert str(m.capacity["w", "oven", "y"].expr) == (
        "2.0*activity[w,bake,y]  <=  90.0*modules[w,oven,y]"
    )


def test_modules_are_used_enough_to_be_viable():
    m = model(technologies=changed("technologies", least_use=0.25))
    assert str(m.least_use["w", "oven", "y"].expr) == (
        "25.0*modules[w,oven,y]  <=  activity[w,bake,y]"
    )
    assert len(model().least_use) == 0


def test_what_is_bought_and_not_ready_does_not_run():
    periods = [
        {"period": "a", "start_year": 2030, "years": 4},
        {"period": "b", "start_year": 2034, "years": 4},
    ]
    m = model(periods=periods, technologies=changed("technologies", setup_yr=1))
    # ordered at the start of b: runs 3 of its 4 years
    assert str(m.running["w", "oven", "b"].expr) == (
        "modules[w,oven,b] - 0.25*bought[w,oven,b]"
    )
    assert str(m.running["w", "oven", "a"].expr) == "modules[w,oven,a]"


def test_what_comes_in_and_is_made_is_used_up_or_goes_out():
    # 0.8 t of flour a tonne of bread; crumbs can be got rid of
    m = model(
        commodities=[
            *TABLES["commodities"],
            {"commodity": "flour"},
            {"commodity": "crumbs", "disposal_cost": 1},
        ],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "bake", "commodity": "flour", "quantity": -0.8},
            {"recipe": "bake", "commodity": "crumbs", "quantity": 0.05},
        ],
        suppliers=[{"supplier": "mill", "x": 20_000, "y": 0}],
        supplies=[{"supplier": "mill", "commodity": "flour", "price": 1}],
        lanes=[
            *TABLES["lanes"],
            TABLES["lanes"][0]
            | {"commodity": "flour", "origin": "supplier", "destination": "site"},
        ],
    )
    rows = {c: str(m.balance["w", c, "y"].expr) for c in ("bread", "flour", "crumbs")}
    assert rows == {
        "bread": "activity[w,bake,y]  ==  output[w,bread,y]",
        "flour": "input[w,flour,y] - 0.8*activity[w,bake,y]  ==  0",
        "crumbs": "0.05*activity[w,bake,y]  ==  "
        "output[w,crumbs,y] + disposal[w,crumbs,y]",
    }


# an oven takes 3 kW and 0.01 kW a tonne; w has 1 kW; a grid step at w gives 4 kW and
# a plant in reach of both 10 kW
SERVICES = {
    "services": [{"service": "kw"}],
    "technology_needs": [{"technology": "oven", "service": "kw", "per_module": 3}],
    "recipe_needs": [{"recipe": "bake", "service": "kw", "per_unit": 0.01}],
    "site_services": [{"site": "w", "service": "kw", "base": 1}],
    "infrastructure": [
        {"infrastructure": "grid", "reach": "site"},
        {"infrastructure": "plant", "reach": "region", "max_users": 1},
    ],
    "infrastructure_services": [
        {"infrastructure": "grid", "service": "kw", "per_step": 4},
        {"infrastructure": "plant", "service": "kw", "per_step": 10},
    ],
    "locations": [
        {"infrastructure": "grid", "location": "g", "site": "w", "max_steps": 2},
        {"infrastructure": "plant", "location": "p", "max_steps": 3},
    ],
    "prerequisites": [{"infrastructure": "grid", "requires": "plant"}],
}


def test_a_site_needs_no_more_of_a_service_than_it_has_gets_and_draws():
    m = model(**SERVICES)
    assert str(m.service["w", "kw", "y"].expr) == (
        "3.0*modules[w,oven,y] + 0.01*activity[w,bake,y]  <=  "
        "1.0 + 4.0*steps[grid,g,y] + draw[w,plant,p,kw,y]"
    )


def test_what_users_draw_is_what_infrastructure_provides():
    m = model(**SERVICES)
    assert str(m.share["plant", "p", "kw", "y"].expr) == (
        "draw[w,plant,p,kw,y] + draw[e,plant,p,kw,y]  <=  10.0*steps[plant,p,y]"
    )
    # w can need 3 + 100 x 0.01 = 4 kW, and has 1
    assert str(m.draw_from["w", "plant", "p", "kw", "y"].expr) == (
        "draw[w,plant,p,kw,y]  <=  3.0*uses[w,plant,p,y]"
    )


def test_infrastructure_comes_after_what_it_requires():
    m = model(**SERVICES)
    assert str(m.first["grid", "g", "plant", "y"].expr) == (
        "steps[grid,g,y] - 2*steps[plant,p,y]  <=  0"
    )


def test_infrastructure_has_as_many_users_as_it_may():
    m = model(**SERVICES)
    assert str(m.users_most["plant", "p", "y"].expr) == (
        "uses[w,plant,p,y] + uses[e,plant,p,y]  <=  steps[plant,p,y]"
    )


def test_modules_add_up_to_the_demand():
    # 100 t wanted, 100 t a module: one oven somewhere, or go without
    m = model(commodities=changed("commodities", unmet_price=3))
    assert str(m.in_total["bread", "y"].expr) == (
        "100.0  <=  activity[w,bake,y] + activity[e,bake,y] + unmet[bread,y]"
    )
    assert str(m.enough[0, "y"].expr) == (
        "1.0  <=  modules[w,oven,y] + modules[e,oven,y] + 0.01*unmet[bread,y]"
    )


def test_commodities_that_share_modules_are_added_up_together():
    # 100 t of bread at 100 t a module, 30 t of cake at 50 t: 1.6 modules in all
    m = model(
        commodities=[*TABLES["commodities"], {"commodity": "cake"}],
        demand=[
            *TABLES["demand"],
            {"zone": "west", "commodity": "cake", "quantity_per_yr": 30},
        ],
        recipes=[
            *TABLES["recipes"],
            {"recipe": "frost", "technology": "oven", "capacity_use": 2},
        ],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "frost", "commodity": "cake", "quantity": 1},
        ],
        lanes=[*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "cake"}],
    )
    right = sorted(pyo.value(row.lower) for row in m.enough.values())
    assert right == pytest.approx([0.6, 1.0, 1.6])


def test_budgets_count_what_is_paid_for_at_once():
    budget = changed("periods", capital_budget=900, public_budget=100)
    m = model(
        periods=budget,
        sites=changed("sites", opening_cost=200, public_share=0.5),
        technologies=changed("technologies", capital_cost=500),
    )
    assert str(m.capital_budget["y"].expr) == (
        "200.0*opening[w,y] + 200.0*opening[e,y] + "
        "500.0*bought[w,oven,y] + 500.0*bought[e,oven,y]  <=  900.0"
    )
    assert str(m.public_budget["y"].expr) == (
        "100.0*opening[w,y] + 100.0*opening[e,y]  <=  100.0"
    )
