"""Eligible range: slack, binding, the rows, rows and checker about plans, faults."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import rows
from tests.rules.plans import flow, standing
from tests.rules.solved import cost

PLANT = {"site": "plant", "x": 20_000, "y": 0, "in_region": False}
FROM_PLANT = TABLES["lanes"][0] | {"origin": "site_outside"}


def ranged(parameters: str, traits: str = "perishable", **columns: object) -> Instance:
    """With a plant outside the region, 20 km out, that is free to keep."""
    (row,) = rule("eligible_range", parameters)
    return line(
        rules=[row | columns],
        commodities=changed("commodities", traits=traits),
        sites=[*TABLES["sites"], PLANT],
        lanes=[*TABLES["lanes"], FROM_PLANT],
    )


@pytest.mark.parametrize(
    "parameters",
    [
        "traits=perishable",
        "traits=digital, perishable",
        "traits=digital; products=bread",
    ],
)
def test_a_slack_rule_changes_nothing(parameters):
    # w alone: 50 + 20 + 40 t x 10 km x 0.1
    assert cost(ranged(parameters)) == pytest.approx(110)


@PATHS
def test_what_does_not_suit_is_made_outside(path):
    # plant alone: 50 + 60 t x 20 km x 0.1 + 40 t x 10 km x 0.1
    assert cost(ranged("traits=digital"), path) == pytest.approx(210)


@PATHS
def test_or_nowhere(path):
    nowhere = ranged("traits=digital; sites_in=all")
    assert solve(nowhere, path=path, gap=0).status == "infeasible"


@PATHS
def test_what_is_committed_is_not_asked(path):
    # w is decided and bakes for both towns: 50 + 20 + 40
    decided = [TABLES["sites"][0] | {"status": "committed"}, TABLES["sites"][1]]
    stands = [{"site": "w", "technology": "oven", "modules": 1}]
    row = rule("eligible_range", "traits=digital")
    goods = changed("commodities", traits="perishable")
    instance = line(
        rules=row, commodities=goods, sites=decided, standing_modules=stands
    )
    assert cost(instance, path) == pytest.approx(110)
    plan = solve(instance, path=path, gap=0).plan
    assert admits(instance, plan) and broken(instance, plan) == []


def test_where_no_product_has_a_trait_nothing_is_asked():
    assert cost(ranged("traits=digital; sites_in=all", "")) == pytest.approx(110)


def test_what_the_rule_does_not_cover_may_be_made():
    tables = {
        "commodities": [
            *changed("commodities", traits="perishable"),
            {"commodity": "cake", "unmet_price": 1},
        ],
        "demand": [
            *TABLES["demand"],
            {"zone": "east", "commodity": "cake", "quantity_per_yr": 10},
        ],
    }
    (row,) = rule("eligible_range", "products=cake")
    # cakes are not made: 110 + 10
    assert cost(line(rules=[row | {"products": "cake"}], **tables)) == pytest.approx(
        120
    )


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 100 t not eligible at 0.5: 110 + 50; at 2 the plant makes them
    assert cost(ranged("traits=digital", soft_price=0.5)) == pytest.approx(160)
    assert cost(ranged("traits=digital", soft_price=2)) == pytest.approx(210)


def test_the_rows_are_those_on_paper():
    assert rows(ranged("traits=digital")) == {
        "eligible[w,bread,y]": "output[w,bread,y]  <=  0",
        "eligible[e,bread,y]": "output[e,bread,y]  <=  0",
    }
    assert "eligible[plant,bread,y]" in rows(ranged("traits=digital; sites_in=all"))
    assert rows(ranged("traits=perishable")) == {}


def made(instance: Instance, amounts: dict[tuple[str, str], float]) -> Plan:
    sites: dict[str, float] = {}
    for (s, _), t in amounts.items():
        sites[s] = sites.get(s, 0) + t
    return make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in sites],
            "modules": [standing(s) for s in sites],
            "activity": [
                {"site": s, "recipe": "bake", "period": "y", "quantity_per_yr": t}
                for s, t in sites.items()
            ],
            "flows": [flow(s, z, t) for (s, z), t in amounts.items()],
        },
    )


AT_PLANT = {("plant", "west"): 60.0, ("plant", "east"): 40.0}
AT_W = {("w", "west"): 60.0, ("w", "east"): 40.0}
PARTED = {("w", "west"): 60.0, ("plant", "east"): 40.0}


@pytest.mark.parametrize(
    ("parameters", "amounts", "said"),
    [
        ("traits=digital", AT_PLANT, []),
        ("traits=digital", AT_W, ["mine [w, bread, y]: 100 units/yr not eligible"]),
        ("traits=digital", PARTED, ["mine [w, bread, y]: 60 units/yr not eligible"]),
        (
            "traits=digital; sites_in=all",
            PARTED,
            [
                "mine [w, bread, y]: 60 units/yr not eligible",
                "mine [plant, bread, y]: 40 units/yr not eligible",
            ],
        ),
        ("traits=perishable; sites_in=all", PARTED, []),
        ("traits=digital; products=bread", AT_W, []),
    ],
)
def test_rows_and_checker_agree_about_plans(parameters, amounts, said):
    instance = ranged(parameters)
    plan = made(instance, amounts)
    assert [str(v) for v in broken(instance, plan)] == said
    assert admits(instance, plan) == (said == [])


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("traits=personalized", r"'personalized'.*nearest: personalised"),
        ("traits=digital, fresh", r"'fresh', expected one of standard"),
        ("products=breads", r"'breads'.*nearest: bread"),
        ("", "name traits or products"),
        ("traits=digital; sites_in=town", "sites_in"),
        ("trait=digital", "trait"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(ranged(parameters))
