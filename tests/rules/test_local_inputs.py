"""Local inputs: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.cake import with_cake
from tests.rules.facility_plans import FROM_BOTH, plan_of
from tests.rules.solved import cost

# A tonne of bread takes half a sack of flour, worth 3. The mill beside w sells it at 2,
# the docks 100 km off at 1; flour weighs nothing, so moving it is free.
# w alone 110 and 50 sacks: 160 from the docks.
FLOUR = {
    "commodities": [*TABLES["commodities"], {"commodity": "flour", "price": 3}],
    "recipe_items": [
        *TABLES["recipe_items"],
        {"recipe": "bake", "commodity": "flour", "quantity": -0.5},
    ],
    "suppliers": [
        {"supplier": "mill", "x": 0, "y": 0},
        {"supplier": "docks", "x": -100_000, "y": 0},
    ],
    "supplies": [
        {"supplier": "mill", "commodity": "flour", "price": 2},
        {"supplier": "docks", "commodity": "flour", "price": 1},
    ],
    "lanes": [
        *TABLES["lanes"],
        {
            "commodity": "flour",
            "mode": "van",
            "origin": "supplier",
            "destination": "site",
        },
    ],
}
SMALL = {"technologies": changed("technologies", capacity_per_yr=60)}
"""Ovens that make 60 t: both sites are needed."""


def local(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("local_inputs", parameters)
    return line(rules=[row | columns], **FLOUR | (tables or {}))


def test_a_slack_rule_changes_nothing():
    assert cost(line(**FLOUR)) == pytest.approx(160)
    assert cost(local("share=1; within_km=200")) == pytest.approx(160)
    assert cost(local("share=0; within_km=10")) == pytest.approx(160)


@PATHS
def test_so_much_comes_from_the_mill(path):
    # 30 of 50 sacks at 1 more
    assert cost(local("share=60 %; within_km=20"), path) == pytest.approx(190)
    assert cost(local("share=100 %; within_km=20"), path) == pytest.approx(210)


@PATHS
def test_each_site_has_to_or_all_together(path):
    # w takes 30 of 50 sacks, from the mill beside it; e is 10 km away
    asked = "share=60 %; within_km=5"
    together = local(asked, SMALL)
    assert cost(together, path) == pytest.approx(140 + 30 * 2 + 20)
    assert cost(local(asked + "; per=site", SMALL), path) is None


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # the docks save 1 on a sack worth 3: 50 x 3 x 0.2 = 30 < 50 < 50 x 3 x 0.5
    asked = "share=1; within_km=20"
    assert cost(local(asked, soft_price=0.2)) == pytest.approx(190)
    assert cost(local(asked, soft_price=0.5)) == pytest.approx(210)


def two_inputs(parameters: str, flour: dict, salt: dict) -> Instance:
    """Flour, and as much salt, which nobody near sells and costs 1."""
    salt_items = {"recipe": "bake", "commodity": "salt", "quantity": -0.5}
    tables = {
        "commodities": [
            *TABLES["commodities"],
            {"commodity": "flour"} | flour,
            {"commodity": "salt"} | salt,
        ],
        "recipe_items": [*FLOUR["recipe_items"], salt_items],
        "supplies": [
            *FLOUR["supplies"],
            {"supplier": "docks", "commodity": "salt", "price": 1},
        ],
        "lanes": [*FLOUR["lanes"], FLOUR["lanes"][-1] | {"commodity": "salt"}],
        "modes": changed("modes", cost_per_tkm=0),
    }
    return local(parameters, tables)


@pytest.mark.parametrize(
    ("by", "flour", "salt", "near"),
    [
        ("value", {"price": 3}, {"price": 1}, 2 / 3),  # half of 200 in 150
        ("value", {"t_per_unit": 4}, {"t_per_unit": 1}, 2.5 / 4),
        ("t", {"t_per_unit": 4, "price": 1}, {"t_per_unit": 1, "price": 9}, 2.5 / 4),
        ("value", {}, {}, 1),  # by units: half of 100 are all the sacks of flour
        ("t", {"price": 3}, {"price": 1}, 1),
    ],
)
def test_inputs_are_measured_by_value_weight_or_number(by, flour, salt, near):
    # all from the docks and no cost of vans: 70 + 100; near, a sack of flour is 1 more
    instance = two_inputs(f"share=0.5; within_km=20; by={by}", flour, salt)
    result = solve(instance, path="exact", gap=0)
    assert result.cost == pytest.approx(170 + 50 * near)
    assert broken(instance, result.plan) == []


def test_only_inputs_of_covered_products_count():
    cake = with_cake(FLOUR)
    asked = "share=1; within_km=20"
    assert cost(local(asked, cake, products="cake")) == pytest.approx(160)
    assert cost(local(asked, cake, products="bread")) == pytest.approx(210)


def test_inputs_of_intermediates_count():
    # bread takes dough, which the site makes of flour
    dough = {
        "commodities": [*FLOUR["commodities"], {"commodity": "dough"}],
        "technologies": [
            *TABLES["technologies"],
            {"technology": "mixer", "capacity_per_yr": 100},
        ],
        "recipes": [*TABLES["recipes"], {"recipe": "mix", "technology": "mixer"}],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "bake", "commodity": "dough", "quantity": -1},
            {"recipe": "mix", "commodity": "dough", "quantity": 1},
            {"recipe": "mix", "commodity": "flour", "quantity": -0.5},
        ],
    }
    instance = local("share=60 %; within_km=20", dough)
    result = solve(instance, path="exact", gap=0)
    assert result.cost == pytest.approx(190)
    lax = local("share=0; within_km=20", dough)
    (violation,) = broken(instance, solve(lax, path="exact", gap=0).plan)
    # all 150 from the docks, 60 of them may be
    assert str(violation) == "mine [region, y]: 90 money/yr of inputs from too far"


def test_the_row_is_the_one_on_paper():
    # 3 a sack: -1.8 near + 1.2 far <= 0
    instance = local("share=0.4; within_km=20; per=site")
    problem = make_problem(instance, make_rules(instance))
    side, arcs = problem.layer.side, problem.arcs
    moved = arcs[arcs.destination_kind == "site"]
    ends = list(zip(moved.origin, moved.destination, strict=True))
    rows = [dict(zip(ends, row, strict=True)) for row in side.y.toarray()]
    at_w, at_e = sorted(rows, key=lambda row: row["mill", "w"])
    nothing = dict.fromkeys(ends, 0)
    assert at_w == pytest.approx(nothing | {("mill", "w"): -1.8, ("docks", "w"): 1.2})
    assert at_e == pytest.approx(nothing | {("mill", "e"): -1.8, ("docks", "e"): 1.2})
    assert list(side.most) == [0, 0]


def bought(instance: Instance, mill_to_w: float, mill_to_e: float):
    amounts = [
        ("mill", "w", mill_to_w),
        ("docks", "w", 30 - mill_to_w),
        ("mill", "e", mill_to_e),
        ("docks", "e", 20 - mill_to_e),
    ]
    flows = [
        {
            "origin": o,
            "destination": d,
            "commodity": "flour",
            "mode": "van",
            "quantity_per_yr": n,
        }
        for o, d, n in amounts
        if n
    ]
    return plan_of(instance, FROM_BOTH, flows=flows)


@pytest.mark.parametrize("per", ["region", "site"])
@pytest.mark.parametrize(
    ("mill_to_w", "mill_to_e"), [(0, 0), (30, 0), (15, 10), (9, 19)]
)
def test_rows_and_checker_agree_about_plans(mill_to_w, mill_to_e, per):
    instance = local(f"share=50 %; within_km=20; per={per}")
    plan = bought(instance, mill_to_w, mill_to_e)
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_what_is_broken():
    instance = local("share=50 %; within_km=20; per=site")
    # e: 20 sacks from the docks are worth 60, half of that may be
    (violation,) = broken(instance, bought(instance, 30, 0))
    assert str(violation) == "mine [e, y]: 30 money/yr of inputs from too far"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("share=1.5; within_km=5", "share"),
        ("within_km=5", "share"),
        ("share=1", "within_km"),
        ("share=1; within_km=-5", "within_km"),
        ("share=1; within_km=5; by=units", "by"),
        ("share=1; within_km=5; per=zone", "per"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(local(parameters))


def test_without_suppliers_nothing_is_asked():
    assert cost(line(rules=rule("local_inputs", "share=1; within_km=1"))) == (
        pytest.approx(110)
    )
