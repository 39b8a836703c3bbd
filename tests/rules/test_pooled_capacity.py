"""Pooled capacity: slack, binding, the rows, rows and checker about plans, faults."""

from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import make_plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, Rows, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import rows
from tests.rules.plans import flow, standing
from tests.rules.solved import cost


def pooled(
    parameters: str, tables: dict[str, Rows] | None = None, **columns: object
) -> Instance:
    (row,) = rule("pooled_capacity", parameters)
    return line(rules=[row | columns], **(tables or {}))


def small(modules: int) -> dict[str, Rows]:
    """Ovens of 60 t, so many at a site."""
    return {
        "technologies": changed("technologies", capacity_per_yr=60, max_modules=modules)
    }


def cakes(unmet: bool = False) -> dict[str, Rows]:
    """Ovens make cake too, which takes twice the capacity: 50 units a year. The east
    wants 10, carried for nothing."""
    cake: dict[str, Any] = {"commodity": "cake"}
    return {
        "commodities": [
            *TABLES["commodities"],
            cake | ({"unmet_price": 1} if unmet else {}),
        ],
        "demand": [
            *TABLES["demand"],
            {"zone": "east", "commodity": "cake", "quantity_per_yr": 10},
        ],
        "recipes": [
            *TABLES["recipes"],
            {"recipe": "whisk", "technology": "oven", "capacity_use": 2},
        ],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "whisk", "commodity": "cake", "quantity": 1},
        ],
        "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "cake"}],
    }


def test_a_slack_rule_changes_nothing():
    # two small ovens are needed anyhow, each can make half of the demand
    assert cost(line(**small(1))) == pytest.approx(140)
    assert cost(pooled("share=50 %", small(1))) == pytest.approx(140)
    assert cost(pooled("share=0")) == pytest.approx(110)


@PATHS
def test_the_other_site_stands_ready(path):
    assert cost(pooled("share=100 %"), path) == pytest.approx(140)
    # 0.1 of an oven is an oven
    assert cost(pooled("share=10 %"), path) == pytest.approx(140)


@PATHS
def test_capacity_adds_up_in_modules(path):
    # 100 t is 1.67 small ovens, two at either site: 2 x (20 + 2 x 50)
    assert cost(pooled("share=1", small(2)), path) == pytest.approx(240)


@PATHS
def test_one_site_in_the_region_cannot_pool(path):
    alone = pooled("share=1 %", {"sites": TABLES["sites"][:1]})
    assert solve(alone, path=path, gap=0).status == "infeasible"


def test_products_share_capacity():
    # 100 t of bread is one oven and 10 cakes a fifth: each product alone needs one
    # oven at either site, 140; both together two, 2 x (20 + 2 x 50)
    tables = cakes() | {"technologies": changed("technologies", max_modules=2)}
    assert cost(pooled("share=1", tables, products="bread")) == pytest.approx(140)
    assert cost(pooled("share=1", tables)) == pytest.approx(240)


def test_a_product_that_no_technology_makes_asks_nothing():
    tables = {
        "commodities": [
            *TABLES["commodities"],
            {"commodity": "fish", "unmet_price": 1},
        ],
        "demand": [
            *TABLES["demand"],
            {"zone": "east", "commodity": "fish", "quantity_per_yr": 5},
        ],
    }
    assert cost(pooled("share=1", tables, products="fish")) == pytest.approx(115)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # without w a whole oven is missing, without e none: 110 + 20, or both at 140
    assert cost(pooled("share=1", soft_price=20)) == pytest.approx(130)
    assert cost(pooled("share=1", soft_price=40)) == pytest.approx(140)


def test_the_rows_are_those_on_paper():
    assert rows(pooled("share=0.8")) == {
        "pooled[w,bread,y]": "0.8  <=  total[bread,y] - modules[w,oven,y]",
        "pooled[e,bread,y]": "0.8  <=  total[bread,y] - modules[e,oven,y]",
    }
    both = rows(pooled("share=0.5", cakes()))
    assert both["pooled[w,cake,y]"] == "0.1  <=  total[cake,y] - modules[w,oven,y]"
    assert both["pooled[w,bread + cake,y]"] == (
        "0.6  <=  total[bread + cake,y] - modules[w,oven,y]"
    )


@pytest.mark.parametrize(("at_w", "at_e"), [(2, 0), (2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("share", ["50 %", "60 %", "70 %", "100 %"])
def test_rows_and_checker_agree_about_plans(share, at_w, at_e):
    instance = pooled(f"share={share}", small(2))
    ovens = {s: n for s, n in (("w", at_w), ("e", at_e)) if n}
    made = {"w": 40.0, "e": 60.0} if at_e else {"w": 100.0}
    flows = (
        [flow("w", "west", 40), flow("e", "west", 20), flow("e", "east", 40)]
        if at_e
        else [flow("w", "west", 60), flow("w", "east", 40)]
    )
    plan = make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in ovens],
            "modules": [standing(s, modules=n) for s, n in ovens.items()],
            "activity": [
                {"site": s, "recipe": "bake", "period": "y", "quantity_per_yr": t}
                for s, t in made.items()
            ],
            "flows": flows,
        },
    )
    found = {v.where: v.excess for v in broken(instance, plan)}
    need = float(share.split()[0]) / 100 * 100 / 60
    missing = {
        (s, "bread", "y"): need - others
        for s, others in (("w", at_e), ("e", at_w))
        if others < need
    }
    assert found == pytest.approx(missing)
    assert admits(instance, plan) == (found == {})


def test_the_checker_names_site_products_and_period():
    instance = pooled("share=1", cakes(unmet=True))
    plan = make_plan(instance, {"modules": [standing("e")]})
    assert [str(v) for v in broken(instance, plan)] == [
        "mine [e, bread, y]: 1 modules of the largest kind",
        "mine [e, cake, y]: 0.2 modules of the largest kind",
        "mine [w, bread + cake, y]: 0.2 modules of the largest kind",
        "mine [e, bread + cake, y]: 1.2 modules of the largest kind",
    ]


def test_a_larger_kind_counts_for_more_and_sites_outside_not_at_all():
    # a line makes 400 t, an oven a quarter of that; need: 100 / 400
    plant = {"site": "plant", "x": 20_000, "y": 0, "in_region": False}
    tables = {
        "sites": [*TABLES["sites"], plant],
        "technologies": [
            *TABLES["technologies"],
            {"technology": "line", "capacity_per_yr": 400, "fixed_cost_per_yr": 300},
        ],
        "recipes": [*TABLES["recipes"], {"recipe": "roll", "technology": "line"}],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "roll", "commodity": "bread", "quantity": 1},
        ],
    }
    instance = pooled("share=1", tables)
    assert rows(instance)["pooled[w,bread,y]"] == (
        "0.25  <=  total[bread,y] - (0.25*modules[w,oven,y] + modules[w,line,y])"
    )
    assert "pooled[plant,bread,y]" not in rows(instance)
    away = make_plan(instance, {"modules": [standing("w"), standing("plant", "line")]})
    assert [(v.where[0], v.excess) for v in broken(instance, away)] == [("w", 0.25)]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [("share=2", "share"), ("", "share"), ("share=1; beta=1", "beta")],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(pooled(parameters))
