"""Local content: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.flows.arcs import candidate_arcs
from dmopt.formulation.scope import Scope
from dmopt.plan.plan import Plan, make_plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from tests.line import TABLES, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import TWO_YEARS
from tests.rules.plans import baked, flow
from tests.rules.solved import solved

# A tonne of bread takes 1 t of flour (value 1.5 a t) and 0.1 t of salt (10 a t). At
# w's door a mill of the region sells flour at 2, a port from far away flour at 1 and
# salt at 5.
#   w alone, all from the port   110 + 100 t x 1 + 10 t x 5 = 260
# Each tonne of flour from the mill instead costs 1 more.
GOODS = [
    *TABLES["commodities"],
    {"commodity": "flour", "t_per_unit": 1, "price": 1.5},
    {"commodity": "salt", "t_per_unit": 1, "price": 10},
]
ITEMS = [
    *TABLES["recipe_items"],
    {"recipe": "bake", "commodity": "flour", "quantity": -1},
    {"recipe": "bake", "commodity": "salt", "quantity": -0.1},
]
INWARD = [
    TABLES["lanes"][0] | {"commodity": c, "origin": "supplier", "destination": "site"}
    for c in ("flour", "salt")
]
BOUGHT = {
    "commodities": GOODS,
    "recipe_items": ITEMS,
    "suppliers": [
        {"supplier": "mill", "in_region": True, "x": 0, "y": 0},
        {"supplier": "port", "in_region": False, "x": 0, "y": 0},
    ],
    "supplies": [
        {"supplier": "mill", "commodity": "flour", "price": 2},
        {"supplier": "port", "commodity": "flour", "price": 1},
        {"supplier": "port", "commodity": "salt", "price": 5},
    ],
    "lanes": [*TABLES["lanes"], *INWARD],
}


def bought(parameters: str, columns: dict | None = None, **tables: list) -> Instance:
    (row,) = rule("local_content", parameters)
    return line(**(BOUGHT | {"rules": [row | (columns or {})]} | tables))


def test_a_slack_rule_changes_nothing():
    assert solved(bought("share=0")).cost == pytest.approx(260)


@PATHS
@pytest.mark.parametrize(
    ("parameters", "more"),
    [
        ("share=50 %; by=t", 55),  # of 100 t flour + 10 t salt
        ("share=50 %", 125 / 1.5),  # of 150 + 100 in value, in tonnes at 1.5
        ("share=60 %; by=value", 100),  # all flour
    ],
)
def test_so_much_of_it_comes_from_the_mill(parameters, more, path):
    result = solved(bought(parameters), path)
    assert result.cost == pytest.approx(260 + more)
    assert broken(result.plan.instance, result.plan) == []


@pytest.mark.parametrize("path", ["exact", "coarse"])
def test_salt_is_not_sold_nearby_so_not_all_can_be_local(path):
    assert solved(bought("share=61 %"), path).status == "infeasible"
    assert solved(bought("share=1"), path).status == "infeasible"


def test_what_has_no_price_does_not_count_in_value():
    free = [GOODS[0], GOODS[1], GOODS[2] | {"price": 0}]
    assert solved(bought("share=1", commodities=free)).cost == pytest.approx(360)


def test_a_site_outside_the_region_buys_where_it_likes():
    sites = [TABLES["sites"][0] | {"in_region": False}, TABLES["sites"][1]]
    lanes = [TABLES["lanes"][0] | {"origin": "site_outside"}, *INWARD]
    outside = bought("share=50 %", sites=sites, lanes=lanes)
    assert solved(outside).cost == pytest.approx(260)


def test_sites_of_other_districts_buy_where_they_like():
    sites = [
        TABLES["sites"][0] | {"district": "old"},
        TABLES["sites"][1] | {"district": "new"},
    ]
    new = bought("share=50 %; by=t", {"districts": "new"}, sites=sites)
    assert solved(new).cost == pytest.approx(260)
    old = bought("share=50 %; by=t", {"districts": "old"}, sites=sites)
    # as much as w's 55; e would be 20 dearer, and its flour comes 10 km
    assert solved(old).cost == pytest.approx(315)


def with_toys() -> dict[str, list]:
    """A printer makes a toy for the west from a tonne of plastic, by way of thread;
    plastic is worth 4 and costs 3 from the port, 7 from the mill."""
    inward = INWARD[0] | {"commodity": "plastic"}
    makers = {"capacity_per_yr": 5, "fixed_cost_per_yr": 0}
    between = TABLES["lanes"][0] | {"commodity": "toy"}
    return {
        "commodities": [
            *GOODS,
            {"commodity": "toy"},
            {"commodity": "thread"},
            {"commodity": "plastic", "t_per_unit": 1, "price": 4},
        ],
        "demand": [
            *TABLES["demand"],
            {"zone": "west", "commodity": "toy", "quantity_per_yr": 1},
        ],
        "technologies": [
            *TABLES["technologies"],
            {"technology": "printer"} | makers,
            {"technology": "spinner"} | makers,
        ],
        "recipes": [
            *TABLES["recipes"],
            {"recipe": "print", "technology": "printer"},
            {"recipe": "spin", "technology": "spinner"},
        ],
        "recipe_items": [
            *ITEMS,
            {"recipe": "print", "commodity": "toy", "quantity": 1},
            {"recipe": "print", "commodity": "thread", "quantity": -1},
            {"recipe": "spin", "commodity": "thread", "quantity": 1},
            {"recipe": "spin", "commodity": "plastic", "quantity": -1},
        ],
        "supplies": [
            *BOUGHT["supplies"],
            {"supplier": "mill", "commodity": "plastic", "price": 7},
            {"supplier": "port", "commodity": "plastic", "price": 3},
        ],
        "lanes": [*BOUGHT["lanes"], inward, between],
    }


@pytest.mark.parametrize(
    ("product", "more"),
    [
        ("bread", 55 + 3),  # plastic from the port
        ("toy", 2),  # half of the plastic at 7 instead of 3
    ],
)
def test_only_what_goes_into_products_covered_counts(product, more):
    instance = bought("share=50 %; by=t", {"products": product}, **with_toys())
    result = solved(instance)
    plastic = 0 if product == "bread" else 3
    assert result.cost == pytest.approx(260 + more + plastic)
    assert broken(instance, result.plan) == []
    other = bought("share=1; by=t", {"products": product}, **with_toys())
    (found,) = broken(other, result.plan)
    # bread: 55 of 110 t from nearby; toys: half a tonne of one
    assert found.excess == pytest.approx(55 if product == "bread" else 0.5)


def test_the_row_is_the_one_on_paper():
    # half of the value less what is local: flour 1.5 (0.5 - 1), 1.5 x 0.5, salt 5
    instance = bought("share=50 %")
    problem = make_problem(instance, make_rules(instance))
    side = problem.layer.side
    arcs = problem.arcs[problem.arcs.destination_kind == "site"]
    keys = zip(arcs.origin, arcs.destination, arcs.commodity, strict=True)
    row = dict(zip(keys, side.y.toarray()[0], strict=True))
    assert {key: w for key, w in row.items() if key[1] == "w"} == {
        ("mill", "w", "flour"): -0.75,
        ("port", "w", "flour"): 0.75,
        ("port", "w", "salt"): 5,
    }
    assert list(side.most) == [0]


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 50 % of 110 t: 55 t short at 0.5 each, or 1 more for each tonne from the mill
    for price, cost in ((0.5, 260 + 27.5), (2, 315)):
        instance = bought("share=50 %; by=t", {"soft_price": price})
        assert solved(instance).cost == pytest.approx(cost)


def supplied(instance: Instance, mill: float) -> Plan:
    """So much flour from the mill, the rest from the port."""
    flows = [
        flow(supplier, "w", t, goods)
        for supplier, t, goods in (
            ("mill", mill, "flour"),
            ("port", 100 - mill, "flour"),
            ("port", 10, "salt"),
        )
        if t
    ]
    return baked(instance, "w", flows=flows)


@pytest.mark.parametrize("mill", [0, 50, 55, 56, 100])
def test_rows_and_checker_agree_about_plans(mill):
    instance = bought("share=50 %; by=t")
    plan = supplied(instance, mill)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (mill >= 55)
    if found:
        (violation,) = found
        assert violation.where == ("y",)
        assert violation.excess == pytest.approx(55 - mill)


def test_the_checker_says_what_is_short():
    instance = bought("share=50 %")
    # half of 150 + 100, less 50 t at 1.5
    (found,) = broken(instance, supplied(instance, 50))
    assert str(found) == "mine [y]: 50 GBP/yr short from nearby"


def test_only_periods_covered_are_in_rows():
    instance = bought("share=1", {"periods": "z"}, periods=TWO_YEARS)
    (one,) = make_rules(instance)
    (rows,) = one.flow_rows(None, instance, candidate_arcs(instance, Scope(instance)))
    assert {label[-1] for label in rows.label} == {"z"}
    flows = [flow("port", "w", 1, "flour") | {"period": t} for t in "yz"]
    (found,) = one.check(instance, make_plan(instance, {"flows": flows}))
    assert found.where[-1] == "z"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "share"),
        ("share=2", "share"),
        ("share=0.5; by=units", "by"),
        ("share=0.5; within=5", "within"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(bought(parameters))
