"""Number and size classes: slack, binding, the rows, the checker, bad parameters."""

from itertools import product

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.plans import baked, standing
from tests.rules.solved import solved

# w alone serves both towns: 110; both with an oven: 140; e open but empty: 130


def counted(
    parameters: str, columns: dict | None = None, **tables: list[dict]
) -> Instance:
    (row,) = rule("count_and_classes", parameters)
    return line(rules=[row | (columns or {})], **tables)


DISTRICTS = [
    TABLES["sites"][0] | {"district": "old"},
    TABLES["sites"][1] | {"district": "new"},
]
KILN = {
    "technology": "kiln",
    "capacity_per_yr": 100,
    "fixed_cost_per_yr": 25,
    "size_class": "plant",
}
SIZES = {
    "technologies": [*changed("technologies", size_class="micro"), KILN],
    "recipes": [*TABLES["recipes"], {"recipe": "fire", "technology": "kiln"}],
    "recipe_items": [
        *TABLES["recipe_items"],
        {"recipe": "fire", "commodity": "bread", "quantity": 1},
    ],
}
"""With a kiln, a plant that bakes for less: w alone 25 + 20 + 40 = 85, both 90."""


@pytest.mark.parametrize(
    "parameters",
    ["", "least=1; most=1", "most=2; per=product", "least=9; per=district"],
)
def test_a_slack_rule_changes_nothing(parameters):
    # no site is in a district: there is none to have nine
    assert solved(counted(parameters)).cost == pytest.approx(110)


@MODEL_PATHS
@pytest.mark.parametrize("per", ["all", "product"])
def test_at_least_two_put_an_oven_at_both(path, per):
    instance = counted(f"least=2; per={per}")
    assert solved(instance, path).cost == pytest.approx(140)


@MODEL_PATHS
def test_at_most_one_works_though_two_would_be_best(path):
    # at 1 a t-km both 140, w alone 70 + 400
    dear = changed("modes", cost_per_tkm=1)
    assert solved(counted("most=1", modes=dear), path).cost == pytest.approx(470)


def test_each_district_has_its_own():
    assert solved(counted("least=1; per=district", sites=DISTRICTS)).cost == (
        pytest.approx(140)
    )
    gone = [DISTRICTS[0], DISTRICTS[1] | {"status": "excluded"}]
    assert solved(counted("least=1; per=district", sites=gone)).cost == (
        pytest.approx(110)
    )


@MODEL_PATHS
def test_modules_of_another_class_are_shut_out(path):
    assert solved(line(**SIZES)).cost == pytest.approx(85)
    only = counted("size_classes=micro", **SIZES)
    assert solved(only, path).cost == pytest.approx(110)
    both = counted("size_classes=micro, plant", **SIZES)
    assert solved(both, path).cost == pytest.approx(85)


def test_what_is_committed_is_not_asked_for_its_class_nor_counted_as_another():
    sites = [TABLES["sites"][0] | {"status": "committed"}, TABLES["sites"][1]]
    stands = [{"site": "w", "technology": "kiln", "modules": 1}]
    tables = SIZES | {"sites": sites, "standing_modules": stands}
    assert solved(counted("size_classes=micro", **tables)).cost == pytest.approx(85)
    # an oven at e for the east besides the kiln at w: 25 + 20 + 50 + 20
    one = counted("size_classes=micro; least=1; most=1", **tables)
    assert solved(one).cost == pytest.approx(115)


def test_a_plant_outside_counts_unless_only_the_region_is_asked():
    # plant alone: 50 + 60 x 20 x 0.1 + 40 x 10 x 0.1 = 210
    plant = {"site": "plant", "x": 20_000, "y": 0, "in_region": False}
    lanes = [TABLES["lanes"][0], TABLES["lanes"][0] | {"origin": "site_outside"}]
    tables = {"sites": [*TABLES["sites"], plant], "lanes": lanes}
    inside = counted("most=0; within=region", **tables)
    assert solved(inside).cost == pytest.approx(210)
    assert solved(counted("most=0", **tables)).status == "infeasible"


def test_only_covered_periods_are_asked_for():
    # a year with a kiln for 85, one with ovens at both for 140
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    instance = counted(
        "least=2; size_classes=micro", {"periods": "z"}, periods=periods, **SIZES
    )
    assert solved(instance).cost == pytest.approx(112.5)


def test_a_number_nobody_can_reach_is_infeasible():
    assert solved(counted("least=3")).status == "infeasible"


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    assert solved(counted("least=2", {"soft_price": 20})).cost == pytest.approx(130)
    assert solved(counted("least=2", {"soft_price": 40})).cost == pytest.approx(140)
    # both work at 1 a t-km, one too many
    dear = changed("modes", cost_per_tkm=1)
    soft = counted("most=1", {"soft_price": 9}, modes=dear)
    assert solved(soft).cost == pytest.approx(149)
    # 100 t from a kiln of another class at 0.05 each
    soft = counted("size_classes=micro", {"soft_price": 0.05}, **SIZES)
    assert solved(soft).cost == pytest.approx(90)


def test_the_rows_are_those_on_paper():
    instance = counted(
        "least=1; most=1; size_classes=micro; per=district",
        **(SIZES | {"sites": DISTRICTS}),
    )
    rows = build(instance, Scope(instance), make_rules(instance)).rule["mine"]
    text = {
        f"{family}[{','.join(key)}]": str(row.expr).replace("rule[mine].", "")
        for family in ("classes", "least", "most")
        for key, row in getattr(rows, family).items()
    }
    assert text == {
        "classes[w,bread,y]": "activity[w,fire,y]  <=  0",
        "classes[e,bread,y]": "activity[e,fire,y]  <=  0",
        "least[old,y]": "1  <=  nobody + means.works[w,y]",
        "least[new,y]": "1  <=  nobody + means.works[e,y]",
        "most[old,y]": "nobody + means.works[w,y]  <=  1",
        "most[new,y]": "nobody + means.works[e,y]  <=  1",
    }


def kilns(instance: Instance, kilns: str, ovens: str) -> Plan:
    """Kilns and ovens standing, the first of them all bakes."""
    site, recipe = (kilns[0], "fire") if kilns else (ovens[0], "bake")
    plan = baked(instance, site)
    tables = {name: table.to_dict("records") for name, table in plan.tables.items()}
    tables["opened"] = [{"site": s, "period": "y"} for s in {*kilns, *ovens}]
    tables["modules"] = [standing(s, "kiln") for s in kilns]
    tables["modules"] += [standing(s) for s in ovens]
    tables["activity"][0]["recipe"] = recipe
    return make_plan(instance, tables)


@pytest.mark.parametrize(
    ("parameters", "stands"),
    list(
        product(
            [
                "least=2; size_classes=plant",
                "most=1; per=product",
                "least=1; most=1; per=district",
                "size_classes=micro",
            ],
            [("w", ""), ("we", ""), ("w", "e"), ("w", "w"), ("", "e"), ("", "we")],
        )
    ),
)
def test_rows_and_checker_agree_about_plans(parameters, stands):
    instance = counted(parameters, **(SIZES | {"sites": DISTRICTS}))
    plan = kilns(instance, *stands)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_tells_what_is_wrong_and_by_how_much():
    parameters = "least=2; size_classes=micro; per=district"
    instance = counted(parameters, **(SIZES | {"sites": DISTRICTS}))
    found = broken(instance, kilns(instance, "w", ""))
    assert [(each.where, each.excess, each.unit) for each in found] == [
        (("w", "bread", "y"), 100, "units/yr of other classes"),
        (("new", "y"), 2, "sites"),
        (("old", "y"), 2, "sites"),
    ]
    instance = counted("most=1")
    (violation,) = broken(instance, baked(instance, "we"))
    assert str(violation) == "mine [all, y]: 1 sites"


def test_an_open_site_without_an_oven_does_not_work():
    instance = counted("least=2")
    (violation,) = broken(instance, baked(instance, "w", "e"))
    assert violation.excess == 1


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("least=3; most=2", "least = 3 is above most = 2"),
        ("least=-1", "least"),
        ("most=1.5", "most"),
        ("per=zone", "per"),
        ("within=outside", "within"),
        ("size_classes=mirco", "'mirco'.*one of"),
        ("kinds=micro", "kinds"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(counted(parameters, **SIZES))
