"""Burden limit: slack, binding, the row itself, the checker, bad parameters."""

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

# A van takes 2 t and 4 drops of 1 t, so a tonne is half a trip: the west gets 30 trips.
# A lorry takes 10 t, a tenth of a trip each, and costs half as much again for each km.
#   all by van: w alone 50 + 20 + 40 t x 10 km x 0.1 = 110
MODES = [
    TABLES["modes"][0] | {"payload_t": 2, "drops_per_trip": 4},
    {"mode": "lorry", "cost_per_tkm": 0.15, "speed_kmh": 20, "payload_t": 10},
]
LANES = [TABLES["lanes"][0] | {"mode": mode} for mode in ("van", "lorry")]


def limited(parameters: str, columns: dict | None = None, **tables: list) -> Instance:
    (row,) = rule("burden_limit", parameters)
    given = {"modes": MODES, "lanes": LANES, "rules": [row | (columns or {})]}
    return line(**(given | tables))


@pytest.mark.parametrize("most", [30, 1000])
def test_a_slack_rule_changes_nothing(most):
    instance = limited(f"most_trips_per_yr={most}")
    assert solved(instance).cost == pytest.approx(110)


@PATHS
def test_half_as_many_trips_send_some_of_it_by_lorry(path):
    # east: v + l = 40 with v / 2 + l / 10 <= 10: v = 15, l = 25, each 10 km
    #   70 + 15 x 1 + 25 x 1.5 = 122.5; at w's door a lorry costs no more
    result = solved(limited("most_trips_per_yr=10"), path)
    assert result.cost == pytest.approx(122.5)
    assert broken(result.plan.instance, result.plan) == []


def test_no_trips_at_all_are_infeasible_where_demand_must_be_met():
    assert solved(limited("most_trips_per_yr=0")).status == "infeasible"


def test_a_mode_that_says_no_payload_and_no_drops_makes_no_trips():
    instance = limited("most_trips_per_yr=0", modes=TABLES["modes"], lanes=LANES[:1])
    assert solved(instance).cost == pytest.approx(110)


def test_only_zones_covered_are_spared():
    zones = [
        TABLES["zones"][0] | {"district": "old"},
        TABLES["zones"][1] | {"district": "new"},
    ]
    for district, cost in (("old", 110), ("new", 122.5)):
        instance = limited("most_trips_per_yr=10", {"districts": district}, zones=zones)
        assert solved(instance).cost == pytest.approx(cost)


def test_the_row_is_the_one_on_paper():
    # east: half a trip for a tonne by van, a tenth by lorry; the dearer stays
    instance = limited("most_trips_per_yr=10")
    problem = make_problem(instance, make_rules(instance))
    side, arcs = problem.layer.side, problem.arcs
    east = dict(
        zip(
            zip(arcs.origin, arcs.destination, arcs["mode"], strict=True),
            side.x.toarray()[1],
            strict=True,
        )
    )
    assert {key: trips for key, trips in east.items() if trips} == {
        ("w", "east", "van"): 20,
        ("e", "east", "van"): 20,
        ("w", "east", "lorry"): 4,
        ("e", "east", "lorry"): 4,
    }
    assert list(side.most) == [10, 10]


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # west by lorry, 6 trips. East by van: 20 trips, 10 too many. A tonne by lorry
    # instead costs 0.5 more and saves 0.4 trips: worth it above 1.25 a trip
    for price, cost in ((1, 110 + 10), (2, 122.5)):
        instance = limited("most_trips_per_yr=10", {"soft_price": price})
        result = solved(instance)
        assert result.cost == pytest.approx(cost)


def brought(instance: Instance, **modes: float) -> Plan:
    """The east gets so much by each mode, the west all by lorry."""
    flows = [flow("w", "west", 60, mode="lorry")]
    flows += [flow("w", "east", t, mode=mode) for mode, t in modes.items() if t]
    return make_plan(instance, {**baked(instance, "w").tables, "flows": flows})


@pytest.mark.parametrize("van", [0, 10, 15, 15.5, 40])
def test_rows_and_checker_agree_about_plans(van):
    instance = limited("most_trips_per_yr=10")
    plan = brought(instance, van=van, lorry=40 - van)
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (van <= 15)
    if found:
        (violation,) = found
        assert violation.where == ("east", "y")
        # van / 2 + (40 - van) / 10 - 10
        assert violation.excess == pytest.approx(0.4 * van - 6)


def test_the_checker_counts_drops_where_they_make_more_trips():
    # four drops of a quarter of a tonne: a tonne is a trip, though a van takes two
    goods = [TABLES["commodities"][0] | {"units_per_drop": 0.25}]
    instance = limited("most_trips_per_yr=10", commodities=goods)
    (found,) = [
        each
        for each in broken(instance, brought(instance, van=40))
        if each.where[0] == "east"
    ]
    assert str(found) == "mine [east, y]: 30 trips/yr too many"


def test_only_periods_covered_are_in_rows():
    instance = limited("most_trips_per_yr=0", {"periods": "z"}, periods=TWO_YEARS)
    (one,) = make_rules(instance)
    (rows,) = one.flow_rows(None, instance, candidate_arcs(instance, Scope(instance)))
    assert {label[-1] for label in rows.label} == {"z"}
    flows = [flow("w", "west", 1) | {"period": t} for t in "yz"]
    (found,) = one.check(instance, make_plan(instance, {"flows": flows}))
    assert found.where[-1] == "z"


def test_only_products_covered_count():
    goods = [*TABLES["commodities"], {"commodity": "cake", "t_per_unit": 1}]
    tables = {
        "commodities": goods,
        "demand": [
            *TABLES["demand"],
            {"zone": "east", "commodity": "cake", "quantity_per_yr": 40},
        ],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "bake", "commodity": "cake", "quantity": 0.4},
        ],
        "lanes": [*LANES, LANES[0] | {"commodity": "cake"}],
    }
    # east: 20 trips of bread and 20 of cake
    for product, excess in (("bread", 5), ("cake", 5), ("", 25)):
        instance = limited("most_trips_per_yr=15", {"products": product}, **tables)
        plan = baked(instance, "w", flows=[flow("w", "east", 40, "cake")])
        found = [v for v in broken(instance, plan) if v.where[0] == "east"]
        assert [each.excess for each in found] == [pytest.approx(excess)]
        (one,) = make_rules(instance)
        arcs = candidate_arcs(instance, Scope(instance))
        (rows,) = one.flow_rows(None, instance, arcs)
        named = [product] if product else ["bread", "cake"]
        assert sorted(set(arcs.commodity[rows.row >= 0])) == named


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "most_trips_per_yr"),
        ("most_trips_per_yr=-1", "most_trips_per_yr"),
        ("most_trips_per_yr=many", "most_trips_per_yr"),
        ("most_trips=5", "most_trips"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(limited(parameters))
