"""Emission cap: slack, binding, the row itself, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from tests.line import TABLES, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import TWO_YEARS
from tests.rules.plans import baked, flow
from tests.rules.solved import solved

# A van emits 1 kg a tkm: 10 kg for a tonne from town to town. A bike emits nothing and
# costs twice as much. A tonne of bread takes 10 kWh of 0.5 kg and 2 kg beside, a tonne
# of flour comes with 3 kg from the mill at w's door; an oven takes 100 kWh a year.
#   w alone   110, and 400 on the way + 100 x (5 + 2 + 3) + 50 = 1,450 kg
MODES = [
    TABLES["modes"][0] | {"kg_per_tkm": 1.0},
    {"mode": "bike", "cost_per_tkm": 0.2, "speed_kmh": 10},
]
TABLES_HERE = {
    "modes": MODES,
    "lanes": [
        *(TABLES["lanes"][0] | {"mode": mode} for mode in ("van", "bike")),
        {"commodity": "flour", "mode": "van", "origin": "supplier",
         "destination": "site"},
    ],
    "commodities": [*TABLES["commodities"], {"commodity": "flour"}],
    "recipes": [{"recipe": "bake", "technology": "oven", "emissions_kg": 2}],
    "recipe_items": [
        *TABLES["recipe_items"],
        {"recipe": "bake", "commodity": "flour", "quantity": -1},
    ],
    "services": [{"service": "kwh", "limited": False, "emissions_kg": 0.5}],
    "recipe_needs": [{"recipe": "bake", "service": "kwh", "per_unit": 10}],
    "technology_needs": [{"technology": "oven", "service": "kwh", "per_module": 100}],
    "suppliers": [{"supplier": "mill", "x": 0, "y": 0}],
    "supplies": [{"supplier": "mill", "commodity": "flour", "price": 0,
                  "emissions_kg": 3}],
}  # fmt: skip


def capped(most: float, **columns: str | float) -> Instance:
    (row,) = rule("emission_cap", f"most_t_per_yr={most}")
    return line(**TABLES_HERE, rules=[row | columns])


@pytest.mark.parametrize("most", [1.45, 100])
def test_a_slack_rule_changes_nothing(most):
    assert solved(capped(most)).cost == pytest.approx(110)


@PATHS
def test_what_is_too_much_goes_by_bike(path):
    # 250 kg less: 25 t by bike, 10 km each at 0.1 more a tkm
    result = solved(capped(1.2), path)
    assert result.cost == pytest.approx(110 + 25)
    assert broken(result.plan.instance, result.plan) == []


def test_below_what_baking_emits_there_is_no_plan():
    assert solved(capped(1.04)).status == "infeasible"


def test_what_is_made_elsewhere_emits_as_much():
    far = [each | {"in_region": False} for each in TABLES["sites"]]
    lanes = [
        each | {"origin": "site_outside"} if each["origin"] == "site_inside" else each
        for each in TABLES_HERE["lanes"]
    ]
    (row,) = rule("emission_cap", "most_t_per_yr=1.2")
    tables = TABLES_HERE | {"sites": far, "lanes": lanes}
    assert solved(line(**tables, rules=[row])).cost == pytest.approx(135)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # a tonne by bike costs 1 more and saves 0.01 t: worth it above 100 a tonne
    for price, cost in ((99, 110 + 99 * 0.25), (101, 135)):
        result = solved(capped(1.2, soft_price=price))
        assert result.cost == pytest.approx(cost)


def test_the_row_is_the_one_on_paper():
    instance = capped(1.2)
    problem = make_problem(instance, make_rules(instance))
    side, arcs, column = problem.layer.side, problem.arcs, problem.decisions.column
    assert list(side.most) == [1.2]
    (by_arc,) = side.x.toarray()
    zones = arcs[arcs.destination_kind == "zone"]
    keys = zip(zones.origin, zones.destination, zones["mode"], strict=True)
    # west wants 60 t, east 40
    assert {k: t for k, t in zip(keys, by_arc, strict=True) if t} == pytest.approx(
        {("w", "east", "van"): 0.4, ("e", "west", "van"): 0.6}
    )
    # w's flour comes 0 km, e's 10 km, none of which weighs anything
    assert list(side.y.toarray()[0]) == pytest.approx([0.003, 0.003])
    (given,) = side.given.toarray()
    assert given[column["activity"]["w", "bake", "y"]] == pytest.approx(-0.007)
    assert given[column["modules"]["e", "oven", "y"]] == pytest.approx(-0.05)
    assert (given != 0).sum() == 4


def brought(instance: Instance, bike: float) -> Plan:
    """The east gets so much by bike, and the rest by van."""
    modes = (("bike", bike), ("van", 40 - bike))
    flows = [flow("w", "east", t, mode=mode) for mode, t in modes if t]
    plan = baked(instance, "w", flows=[flow("mill", "w", 100, "flour"), *flows])
    table = plan.tables["flows"]
    first = (table["mode"] == "van") & (table.destination == "east")
    kept = table[~(first & (table.quantity_per_yr == 40) & (bike > 0))]
    tables = {**plan.tables, "flows": kept.drop_duplicates()}
    return Plan(instance, tables)


@pytest.mark.parametrize("bike", [0, 20, 25, 30, 40])
def test_rows_and_checker_agree_about_plans(bike):
    instance = capped(1.2)
    plan = brought(instance, bike)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (bike >= 25)
    if found:
        (violation,) = found
        assert violation.where == ("y",)
        assert violation.excess == pytest.approx(0.25 - 0.01 * bike)
        assert str(violation).endswith("t CO2e/yr too much")


def test_only_periods_covered_are_capped():
    (row,) = rule("emission_cap", "most_t_per_yr=0")
    tables = TABLES_HERE | {"periods": TWO_YEARS}
    instance = line(**tables, rules=[row | {"periods": "z"}])
    problem = make_problem(instance, make_rules(instance))
    assert len(problem.layer.side.most) == 1
    assert solved(instance).status == "infeasible"


@pytest.mark.parametrize("column", ["districts", "products"])
def test_it_holds_for_everything_or_not_at_all(column):
    zones = [each | {"district": "here"} for each in TABLES["zones"]]
    (row,) = rule("emission_cap", "most_t_per_yr=1")
    cell = {"districts": "here", "products": "bread"}[column]
    tables = TABLES_HERE | {"zones": zones}
    with pytest.raises(InstanceError, match=f"{column}.*a blank cell"):
        make_rules(line(**tables, rules=[row | {column: cell}]))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "most_t_per_yr"),
        ("most_t_per_yr=-1", "most_t_per_yr"),
        ("most_t_per_yr=many", "most_t_per_yr"),
        ("most_kg=5", "most_kg"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(line(**TABLES_HERE, rules=rule("emission_cap", parameters)))


@PATHS
@pytest.mark.parametrize(
    ("price", "cost"), [(84, 110 + 84 * 1.45), (99, 140 + 99 * 1.1), (300, 150 + 315)]
)
def test_soft_at_nothing_it_is_a_price_on_every_tonne(path, price, cost):
    # two ovens save 0.35 t for 30; above 200 a tonne one and bikes save 0.05 t more
    result = solved(capped(0, soft_price=price), path)
    assert result.cost == pytest.approx(cost)


def test_soft_at_nothing_it_needs_no_row_and_the_better_mode_alone():
    instance = capped(0, soft_price=101)
    problem = make_problem(instance, make_rules(instance))
    assert not len(problem.layer.side.most)
    to_zone = problem.arcs[problem.arcs.destination_kind == "zone"]
    assert set(to_zone[to_zone.km > 0]["mode"]) == {"bike"}
    cheap = capped(0, soft_price=99)
    arcs = make_problem(cheap, make_rules(cheap)).arcs
    assert set(arcs["mode"]) == {"van"}
