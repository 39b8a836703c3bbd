"""Connected volume: slack, binding, the rows, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.facility_plans import FROM_BOTH, plan_of
from tests.rules.solved import cost

# Ovens make 60 t, so both stand: 140. A net for the region costs 8 a year and 3 for
# each user, a line of its own 15 at w. Bread is worth 2 a tonne: w sends 120, e 80.
VOLUME = {
    "technologies": changed("technologies", capacity_per_yr=60),
    "commodities": changed("commodities", price=2),
    "infrastructure": [
        {
            "infrastructure": "net",
            "kind": "data",
            "reach": "region",
            "fixed_cost_per_yr": 8,
            "fee_per_yr": 3,
        },
        {
            "infrastructure": "leased",
            "kind": "data",
            "reach": "site",
            "fixed_cost_per_yr": 15,
        },
    ],
    "locations": [
        {"infrastructure": "net", "location": "n"},
        {"infrastructure": "leased", "location": "w", "site": "w"},
    ],
}


def volume(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("connected_volume", parameters)
    return line(rules=[row | columns], **VOLUME | (tables or {}))


def test_a_slack_rule_changes_nothing():
    assert cost(line(**VOLUME)) == pytest.approx(140)
    assert cost(volume("share=0")) == pytest.approx(140)


@MODEL_PATHS
def test_so_much_is_made_at_connected_sites(path):
    # 60 % is what w makes: the net with one user; more takes both
    assert cost(volume("share=60 %"), path) == pytest.approx(151)
    assert cost(volume("share=61 %"), path) == pytest.approx(154)
    only_line = {"locations": VOLUME["locations"][1:]}
    assert cost(volume("share=60 %", only_line), path) == pytest.approx(155)
    assert cost(volume("share=61 %", only_line), path) is None


def two_products(by: str, share: str) -> Instance:
    """A cake is worth 10 and made at e only; ovens make 100 t, so w bakes all bread."""
    tables = {
        "commodities": [
            TABLES["commodities"][0] | {"price": 1},
            {"commodity": "cake", "price": 10},
        ],
        "demand": [
            *TABLES["demand"],
            {"zone": "east", "commodity": "cake", "quantity_per_yr": 20},
        ],
        "sites": [
            TABLES["sites"][0],
            TABLES["sites"][1] | {"class": "cakes"},
        ],
        "technologies": [
            *TABLES["technologies"],
            {"technology": "mixer", "capacity_per_yr": 20, "site_classes": "cakes"},
        ],
        "recipes": [*TABLES["recipes"], {"recipe": "mix", "technology": "mixer"}],
        "recipe_items": [
            *TABLES["recipe_items"],
            {"recipe": "mix", "commodity": "cake", "quantity": 1},
        ],
        "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "cake"}],
        "infrastructure": [VOLUME["infrastructure"][1]],
        "locations": [VOLUME["locations"][1]],
    }
    return volume(f"share={share}; by={by}", tables)


def test_the_measure_decides_who_counts():
    # with w baking all: 130 and the line. By value bread is 100 of 300, by number
    # 100 of 120; only w can be connected
    assert cost(two_products("units", "0.8")) == pytest.approx(145)
    assert cost(two_products("value", "0.3")) == pytest.approx(145)
    assert cost(two_products("value", "0.35")) is None


def test_without_prices_units_count():
    free = {"commodities": TABLES["commodities"]}
    assert cost(volume("share=60 %", free)) == pytest.approx(151)
    assert cost(volume("share=60 %", free, soft_price=0.1)) == pytest.approx(146)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 140 of 200 asked: at 0.1 each 14 without any, 2 with w, 0 with both
    assert cost(volume("share=70 %", soft_price=0.1)) == pytest.approx(153)
    assert cost(volume("share=70 %", soft_price=0.05)) == pytest.approx(147)
    assert cost(volume("share=70 %", soft_price=1)) == pytest.approx(154)


def test_the_rows_are_those_on_paper():
    instance = volume("share=0.7")
    m = build(instance, Scope(instance), make_rules(instance))
    rows = m.rule["mine"]

    def text(row) -> str:
        return str(row.expr).replace("rule[mine].means.", "")

    assert text(rows.seen["y"]) == (
        "0.7*(2.0*output[w,bread,y] + 2.0*output[e,bread,y])"
        " - (qc[w,y] + qc[e,y])  <=  0"
    )
    assert text(rows.means.of_it["e", "y"]) == "qc[e,y]  <=  2.0*output[e,bread,y]"
    # an oven makes 60 t, worth 120
    assert text(rows.means.through["w", "y"]) == (
        "qc[w,y] - 120.0*(steps[leased,w,y] + uses[w,net,n,y])  <=  0"
    )


def test_no_more_than_all_demand_is_made():
    big = {"technologies": changed("technologies", capacity_per_yr=900)}
    instance = volume("share=0.7", big)
    m = build(instance, Scope(instance), make_rules(instance))
    assert "- 200.0*" in str(m.rule["mine"].means.through["w", "y"].expr)


PLANS = [
    ({}, []),
    ({("net", "n"): 1}, []),
    ({("net", "n"): 1}, ["w"]),
    ({("net", "n"): 1}, ["e"]),
    ({("net", "n"): 1}, ["w", "e"]),
    ({("leased", "w"): 1}, []),
    ({("leased", "w"): 1, ("net", "n"): 1}, ["e"]),
]


@pytest.mark.parametrize("share", ["0.4", "0.6", "1"])
@pytest.mark.parametrize(("steps", "users"), PLANS)
def test_rows_and_checker_agree_about_plans(steps, users, share):
    instance = volume(f"share={share}")
    plan = plan_of(instance, FROM_BOTH, steps, [(s, "net", "n") for s in users])
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_the_checker_says_what_is_broken():
    instance = volume("share=70 %")
    plan = plan_of(instance, FROM_BOTH, {("leased", "w"): 1})
    # 140 asked, w sends 120
    (violation,) = broken(instance, plan)
    assert str(violation) == "mine [y]: 20 money/yr not connected"
    instance = volume("share=70 %; by=units")
    (violation,) = broken(instance, plan)
    assert str(violation) == "mine [y]: 10 units/yr not connected"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "share"),
        ("share=2", "share"),
        ("share=1; by=t", "by"),
        ("share=1; kind=dta", "'dta'.*nearest: data"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(volume(parameters))


def test_without_such_infrastructure_nothing_is_asked():
    bare = line(rules=rule("connected_volume", "share=1"))
    assert cost(bare) == pytest.approx(110)
    assert broken(bare, plan_of(bare)) == []
