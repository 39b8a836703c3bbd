"""Standard cell: slack, binding, the rows, the checker, bad parameters."""

from itertools import product

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

OVEN = TABLES["technologies"][0]
TIN = {"technology": "tin", "capacity_per_yr": 20, "fixed_cost_per_yr": 5}
CELL = {"technology": "cell", "capacity_per_yr": 120, "fixed_cost_per_yr": 60}
THREE = {
    "commodities": [*TABLES["commodities"], {"commodity": "cake"}],
    "demand": [
        *TABLES["demand"],
        {"zone": "west", "commodity": "cake", "quantity_per_yr": 10},
    ],
    "technologies": [OVEN, TIN, CELL],
    "recipes": [
        {"recipe": "bake", "technology": "oven"},
        {"recipe": "ice", "technology": "tin"},
        {"recipe": "bake cell", "technology": "cell"},
        {"recipe": "ice cell", "technology": "cell"},
    ],
    "recipe_items": [
        {"recipe": r, "commodity": c, "quantity": 1}
        for r, c in [
            ("bake", "bread"),
            ("ice", "cake"),
            ("bake cell", "bread"),
            ("ice cell", "cake"),
        ]
    ],
    "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "cake"}],
}
"""w with oven and tin: 50 + 5 + 20 + 40 = 115; with a cell for both: 120."""
FAMILY = [
    each | {"family": family, "max_modules": 3}
    for each, family in ((OVEN, "old"), (TIN, "old"), (CELL, "new"))
]


def standard(
    parameters: str, columns: dict | None = None, **tables: list[dict]
) -> Instance:
    (row,) = rule("standard_cell", parameters)
    return line(rules=[row | (columns or {})], **(THREE | tables))


def test_a_slack_rule_changes_nothing():
    assert cost(standard("most=2")) == pytest.approx(115)
    assert cost(standard("most=1; by=family", technologies=FAMILY)) == (
        pytest.approx(115)
    )


@MODEL_PATHS
@pytest.mark.parametrize("by", ["technology", "family"])
def test_one_technology_is_a_cell_for_both(by, path):
    # without families each technology is one of its own
    assert cost(standard(f"most=1; by={by}"), path) == pytest.approx(120)


def test_none_at_all_is_infeasible_where_demand_must_be_met():
    assert solve(standard("most=0")).status == "infeasible"


def test_what_is_committed_counts_too():
    sites = [TABLES["sites"][0], TABLES["sites"][1] | {"status": "committed"}]
    stands = [{"site": "e", "technology": "tin", "modules": 1}]
    tables = {"sites": sites, "standing_modules": stands}
    assert cost(standard("most=2", **tables)) == pytest.approx(115 + 20)
    assert solve(standard("most=1", **tables)).status == "infeasible"


def test_sites_outside_and_other_products_are_left_alone():
    sites = [each | {"in_region": False} for each in TABLES["sites"]]
    lanes = [each | {"origin": "site_outside"} for each in THREE["lanes"]]
    assert cost(standard("most=0", sites=sites, lanes=lanes)) == pytest.approx(115)
    cakes = standard("most=1", {"products": "cake"})
    assert cost(cakes) == pytest.approx(115)


def test_only_covered_periods_are_asked_for():
    # a year of 115 and one of 120
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    instance = standard("most=1", {"periods": "z"}, periods=periods)
    assert cost(instance) == pytest.approx(117.5)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    assert cost(standard("most=1", {"soft_price": 3})) == pytest.approx(118)
    assert cost(standard("most=1", {"soft_price": 6})) == pytest.approx(120)


def test_the_rows_are_those_on_paper():
    kinds = [*FAMILY[:2], CELL | {"max_modules": 3}]
    instance = standard("most=1; by=family", technologies=kinds)
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"]
    stands = "rule[mine].means.stands"
    assert str(rows.standard["y"].expr) == (
        f"{stands}[cell,y] + {stands}[family old,y]  <=  1"
    )
    assert str(rows.means.if_stands["e", "cell", "y"].expr) == (
        f"modules[e,cell,y]  <=  3*{stands}[cell,y]"
    )


def stood(instance: Instance, w: list[str], e: list[str]) -> Plan:
    """Modules at w and e; w makes it all, by its first that can."""
    bake = "bake" if "oven" in w else "bake cell"
    ice = "ice" if "tin" in w else "ice cell"
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in "we"],
            "modules": [standing("w", k) for k in w] + [standing("e", k) for k in e],
            "activity": [
                {"site": "w", "recipe": r, "period": "y", "quantity_per_yr": t}
                for r, t in ((bake, 100), (ice, 10))
            ],
            "flows": [
                flow("w", "west", 60),
                flow("w", "east", 40),
                flow("w", "west", 10, "cake"),
            ],
        },
    )


STANDS = [
    (["cell"], []),
    (["cell"], ["cell"]),
    (["oven", "tin"], []),
    (["oven", "tin"], ["oven"]),
    (["oven", "tin"], ["cell"]),
    (["cell"], ["tin"]),
]


@pytest.mark.parametrize(
    ("most", "by", "stands"),
    list(product([0, 1, 2], ["technology", "family"], STANDS)),
)
def test_rows_and_checker_agree_about_plans(most, by, stands):
    instance = standard(f"most={most}; by={by}", technologies=FAMILY)
    plan = stood(instance, *stands)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_counts_what_is_too_many():
    instance = standard("most=1")
    (violation,) = broken(instance, stood(instance, ["oven", "tin"], ["cell"]))
    assert (violation.where, violation.excess) == (("y",), 2)
    instance = standard("most=1; by=family", technologies=FAMILY)
    (violation,) = broken(instance, stood(instance, ["oven", "tin"], ["cell"]))
    assert str(violation) == "mine [y]: 1 families"
    # without families each technology is one of its own
    instance = standard("most=1; by=family")
    (violation,) = broken(instance, stood(instance, ["oven", "tin"], ["cell"]))
    assert violation.excess == 2


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("most=-1", "most"),
        ("most=1.5", "most"),
        ("", "most"),
        ("most=1; by=class", "by"),
        ("most=1; f=2", "f"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(standard(parameters))
