"""Exclusive territory: slack, binding, the rows, rows and checker, bad parameters."""

from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.run import solve
from tests.line import TABLES, Rows, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import working
from tests.rules.on_paper import rows
from tests.rules.plans import flow
from tests.rules.solved import cost

DEAR = {"modes": changed("modes", cost_per_tkm=1)}
"""Both bake then: 140; w alone 70 + 40 t x 10 km = 470."""


def placed(table: str, *districts: str) -> Rows:
    return [
        row | {"district": d} for row, d in zip(TABLES[table], districts, strict=True)
    ]


ONE: dict[str, Rows] = {
    "zones": placed("zones", "D", "D"),
    "sites": placed("sites", "D", "D"),
}
TWO: dict[str, Rows] = {
    "zones": placed("zones", "W", "E"),
    "sites": placed("sites", "W", "E"),
}


def exclusive(
    parameters: str, tables: dict[str, Rows] = ONE, **columns: object
) -> Instance:
    (row,) = rule("exclusive_territory", parameters)
    return line(rules=[row | columns], **tables)


def test_a_slack_rule_changes_nothing():
    # w alone serves both towns: 50 + 20 + 40 t x 10 km x 0.1
    assert cost(exclusive("")) == pytest.approx(110)
    assert cost(exclusive("own=no; within_km=10", TWO)) == pytest.approx(110)


@PATHS
def test_one_territory_has_one_producer(path):
    assert cost(line(**ONE, **DEAR), path) == pytest.approx(140)
    assert cost(exclusive("", ONE | DEAR), path) == pytest.approx(470)


@PATHS
def test_two_territories_may_have_two(path):
    assert cost(exclusive("", TWO | DEAR), path) == pytest.approx(140)


@PATHS
@pytest.mark.parametrize("parameters", ["own=yes", "within_km=5"])
def test_what_is_far_or_from_elsewhere_stays_away(parameters, path):
    assert cost(exclusive(parameters, TWO), path) == pytest.approx(140)


@PATHS
def test_a_territory_without_a_site_of_its_own_gets_nothing(path):
    for tables in (
        TWO | {"sites": placed("sites", "W", "")},
        TWO | {"sites": [TWO["sites"][0], TWO["sites"][1] | {"in_region": False}]},
    ):
        alone = exclusive("own=yes", tables)
        assert solve(alone, path=path, gap=0).status == "infeasible"


def test_places_without_a_district_are_in_no_territory():
    nowhere = {"zones": placed("zones", "", "")}
    assert cost(exclusive("own=yes", nowhere | DEAR)) == pytest.approx(140)


def test_the_districts_of_a_rule_choose_the_territories():
    # the west must get all from w: w alone, 110; the east all from e: e alone, 130
    assert cost(exclusive("own=yes", TWO, districts="W")) == pytest.approx(110)
    assert cost(exclusive("own=yes", TWO, districts="E")) == pytest.approx(130)


@PATHS
def test_a_soft_rule_is_paid_for_where_that_is_cheaper(path):
    # one site too many
    assert cost(exclusive("", ONE | DEAR, soft_price=100), path) == pytest.approx(240)
    assert cost(exclusive("", ONE | DEAR, soft_price=500), path) == pytest.approx(470)
    # 40 t from elsewhere or too far, at 0.5 each
    for parameters in ("own=yes", "within_km=5"):
        soft = exclusive(parameters, TWO, soft_price=0.5)
        assert cost(soft, path) == pytest.approx(130)
        soft = exclusive(parameters, TWO, soft_price=1)
        assert cost(soft, path) == pytest.approx(140)


@PATHS
def test_only_sites_are_paid_for_and_not_what_makes_them_count(path):
    # in units of 100 t: 0.4 units from the second site, yet it is one too many
    tables = ONE | {
        "modes": DEAR["modes"],
        "commodities": changed("commodities", t_per_unit=100),
        "demand": [
            row | {"quantity_per_yr": row["quantity_per_yr"] / 100}
            for row in TABLES["demand"]
        ],
        "technologies": changed("technologies", capacity_per_yr=1),
    }
    assert cost(exclusive("", tables, soft_price=100), path) == pytest.approx(240)


def with_cake() -> dict[str, Rows]:
    """The east wants 5 cakes, which e's oven makes; a baker far off sells some."""
    cake = {"commodity": "cake"}
    return ONE | {
        "commodities": [*TABLES["commodities"], cake | {"unmet_price": 100}],
        "demand": [
            *TABLES["demand"],
            cake | {"zone": "east", "quantity_per_yr": 5},
        ],
        "recipes": [*TABLES["recipes"], {"recipe": "whisk", "technology": "oven"}],
        "recipe_items": [
            *TABLES["recipe_items"],
            cake | {"recipe": "whisk", "quantity": 1},
        ],
        "lanes": [
            *TABLES["lanes"],
            TABLES["lanes"][0] | cake,
            TABLES["lanes"][0] | cake | {"origin": "supplier"},
        ],
        "suppliers": [{"supplier": "baker", "x": 90_000, "y": 0}],
        "supplies": [cake | {"supplier": "baker", "price": 1}],
    }


def cakes(instance: Instance, origin: str) -> Plan:
    plan = working(instance, {"w": 100})
    flows = [*plan.tables["flows"].to_dict("records"), flow(origin, "east", 5, "cake")]
    return make_plan(instance, {**plan.tables, "flows": flows})


def test_one_producer_brings_all_covered_products():
    everything = exclusive("", with_cake())
    (found,) = broken(everything, cakes(everything, "e"))
    assert (found.where, found.excess) == (("D", "y"), 1)
    assert broken(everything, cakes(everything, "w")) == []
    bread = exclusive("", with_cake(), products="bread")
    assert broken(bread, cakes(bread, "e")) == []


def test_suppliers_are_no_producers():
    instance = exclusive("own=yes; within_km=20", with_cake())
    assert broken(instance, cakes(instance, "baker")) == []
    # the oven is full of bread, so 5 cakes are bought at 1 each
    assert cost(instance) == pytest.approx(115)


def test_the_rows_are_those_on_paper():
    instance = exclusive("own=yes; within_km=10", ONE | DEAR)
    assert rows(instance) == {"one[D,y]": "serves[w,D,y] + serves[e,D,y]  <=  1"}
    problem = make_problem(instance, make_rules(instance))
    side, arcs = problem.layer.side, problem.arcs
    # to w: 60 x + 40 x <= 100 serves, and so for e
    for n, site in enumerate(("w", "e")):
        weight = dict(
            zip(
                zip(arcs.origin, arcs.destination, strict=True),
                side.x.toarray()[n],
                strict=True,
            )
        )
        assert weight == {
            (o, z): t * (o == site)
            for o in ("w", "e")
            for z, t in (("west", 60), ("east", 40))
        }
        assert sorted(side.given.toarray()[n])[-1] == 100
    assert list(side.most) == [0, 0]


def test_hard_rows_shut_what_is_far_or_from_elsewhere():
    for parameters in ("own=yes", "within_km=5"):
        instance = exclusive(parameters, TWO)
        arcs = make_problem(instance, make_rules(instance)).arcs
        assert list(zip(arcs.origin, arcs.destination, strict=True)) == [
            ("w", "west"),
            ("e", "east"),
        ]


@pytest.mark.parametrize("from_w", [0, 10, 40, 60, 90, 100])
@pytest.mark.parametrize(
    ("parameters", "tables", "sound"),
    [
        ("", ONE, {0, 100}),
        ("", TWO, {0, 10, 40, 60, 90, 100} - {10, 40, 90}),
        ("own=yes", TWO, {60}),
        ("within_km=5", ONE, set()),
        ("within_km=5", TWO, {60}),
    ],
)
def test_rows_and_checker_agree_about_plans(parameters, tables, sound, from_w):
    instance = exclusive(parameters, tables)
    made: dict[str, Any] = {"w": from_w, "e": 100 - from_w}
    plan = working(instance, made)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (from_w in sound)


def test_the_checker_says_what_is_too_much():
    instance = exclusive("own=yes; within_km=5", TWO)
    found = broken(instance, working(instance, {"w": 90, "e": 10}))
    assert [str(v) for v in found] == [
        "mine [E, bread, y]: 30 units/yr from elsewhere",
        "mine [E, bread, y]: 30 units/yr from too far",
        "mine [E, y]: 1 sites too many",
    ]


def test_a_site_outside_the_region_has_no_territory_of_its_own():
    outside = [TWO["sites"][0], TWO["sites"][1] | {"in_region": False}]
    lanes = [*TABLES["lanes"], TABLES["lanes"][0] | {"origin": "site_outside"}]
    instance = exclusive("own=yes", TWO | {"sites": outside, "lanes": lanes})
    (found,) = broken(instance, working(instance, {"w": 60, "e": 40}))
    assert str(found) == "mine [E, bread, y]: 40 units/yr from elsewhere"
    assert solve(instance, path="exact", gap=0).status == "infeasible"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("own=perhaps", "own"),
        ("within_km=-1", "within_km"),
        ("within_km=far", "within_km"),
        ("radius_km=3", "radius_km"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(exclusive(parameters))
