"""No site without capacity: slack, binding, the row, the checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.plan.verify import verify
from dmopt.rules import make_rules
from tests.line import line, rule
from tests.paths import MODEL_PATHS
from tests.rules.admits import admits, broken
from tests.rules.facility_plans import plan_of
from tests.rules.solved import cost

# An oven takes 10 kW. At w each step of grid gives 10 kW for 5 a year, up to three;
# e has 100 kW. w alone 110 + 5, e alone 130.
POWER = {
    "services": [{"service": "kw", "kind": "power"}],
    "technology_needs": [{"technology": "oven", "service": "kw", "per_module": 10}],
    "site_services": [{"site": "e", "service": "kw", "base": 100}],
    "infrastructure": [
        {
            "infrastructure": "grid",
            "kind": "power",
            "reach": "site",
            "fixed_cost_per_yr": 5,
        }
    ],
    "infrastructure_services": [
        {"infrastructure": "grid", "service": "kw", "per_step": 10}
    ],
    "locations": [
        {"infrastructure": "grid", "location": "g", "site": "w", "max_steps": 3}
    ],
}


def own(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("service_reserve", parameters)
    return line(rules=[row | columns], **POWER | (tables or {}))


def shared(parameters: str, per_step: float | None = 12, **columns: object) -> Instance:
    """The grid is one step that both sites can draw on; w has 1 kW besides."""
    tables = {
        "site_services": [
            {"site": "e", "service": "kw", "base": 100},
            {"site": "w", "service": "kw", "base": 1},
        ],
        "infrastructure": [POWER["infrastructure"][0] | {"reach": "region"}],
        "infrastructure_services": [
            {"infrastructure": "grid", "service": "kw", "per_step": per_step}
        ],
        "locations": [{"infrastructure": "grid", "location": "g"}],
    }
    return own(parameters, tables, **columns)


def test_a_slack_rule_changes_nothing():
    assert cost(line(**POWER)) == pytest.approx(115)
    assert cost(own("reserve=0")) == pytest.approx(115)


@MODEL_PATHS
@pytest.mark.parametrize(
    ("reserve", "expected"),
    [
        ("20 %", 120),  # 12 kW: a second step
        ("2", 125),  # 30 kW: the third
        ("2.01", 130),  # 30.1 kW: w cannot, e has 100 kW
        ("10", None),  # 110 kW: nobody can
    ],
)
def test_a_reserve_takes_more_steps_or_another_site(reserve, expected, path):
    found = cost(own(f"reserve={reserve}"), path)
    assert found == (None if expected is None else pytest.approx(expected))


@MODEL_PATHS
def test_a_site_may_draw_its_reserve_though_it_never_needs_it(path):
    # 13 kW of 1 and 12 at w; with 31 % e, as the step gives no more
    assert cost(shared("reserve=0.3"), path) == pytest.approx(115)
    assert cost(shared("reserve=0.31"), path) == pytest.approx(130)


def test_rules_with_different_reserves_hold_together():
    both = [
        *rule("service_reserve", "reserve=0.1", "one"),
        *rule("service_reserve", "reserve=0.3", "two"),
    ]
    tables = {name: list(t.to_dict("records")) for name, t in shared("").tables.items()}
    assert cost(line(**tables | {"rules": both})) == pytest.approx(115)
    assert cost(line(**tables | {"rules": both[::-1]})) == pytest.approx(115)


def test_infrastructure_that_gives_as_much_as_asked_gives_the_reserve_too():
    assert cost(shared("reserve=5", per_step=None)) == pytest.approx(115)
    blank = [{"infrastructure": "grid", "service": "kw"}]
    tables = {"infrastructure_services": blank}
    assert cost(own("reserve=5", tables)) == pytest.approx(115)


def test_other_kinds_and_services_without_a_limit_ask_nothing():
    assert cost(own("reserve=10; kinds=land,water")) == pytest.approx(115)
    free = [POWER["services"][0] | {"limited": False}]
    assert cost(own("reserve=10", {"services": free})) == pytest.approx(110)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 2 kW short at 1 each: 115 + 2 < 120; at 3 each the second step
    assert cost(own("reserve=0.2", soft_price=1)) == pytest.approx(117)
    assert cost(own("reserve=0.2", soft_price=3)) == pytest.approx(120)
    # of the shared step 12 at most: 1.5 x 10 - 1 - 12
    assert cost(shared("reserve=0.5", soft_price=1)) == pytest.approx(117)


def test_the_row_is_the_one_on_paper():
    instance = shared("reserve=0.5")
    m = build(instance, Scope(instance), make_rules(instance))
    assert str(m.rule["mine"].enough["w", "kw", "y"].expr) == (
        "15.0*modules[w,oven,y]  <=  1.0 + draw[w,grid,g,kw,y]"
    )
    # the core's 9 kW, and half of what an oven takes
    assert str(m.draw_from["w", "grid", "g", "kw", "y"].expr) == (
        "draw[w,grid,g,kw,y] - 9.0*uses[w,grid,g,y] - 5.0*uses[w,grid,g,y]  <=  0.0"
    )


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_rows_and_checker_agree_about_own_steps(steps):
    instance = own("reserve=0.5")
    plan = plan_of(instance, steps={("grid", "g"): steps})
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (steps >= 2)
    for violation in found:
        assert str(violation) == "mine [w, kw, y]: 5 units/yr short of the reserve"


@pytest.mark.parametrize("drawn", [9, 10, 10.9, 11])
def test_rows_and_checker_agree_about_draws(drawn):
    # 12 kW are asked, 1 is there
    instance = shared("reserve=0.2")
    at = ("w", "grid", "g")
    plan = plan_of(
        instance, steps={at[1:]: 1}, uses=[at], draws={(*at, "kw"): float(drawn)}
    )
    found = broken(instance, plan)
    assert admits(instance, plan) == (found == []) == (drawn >= 11)
    assert [v.excess for v in found] == pytest.approx([11 - drawn] * len(found))
    assert verify(instance, plan) == []


def late(parameters: str, per_step: float | None, reach: str) -> Instance:
    """The grid takes half the year to set up; w has 6 kW."""
    grid = POWER["infrastructure"][0] | {"setup_yr": 0.5, "reach": reach}
    location = {"infrastructure": "grid", "location": "g", "max_steps": 3}
    if reach == "site":
        location["site"] = "w"
    (row,) = rule("service_reserve", parameters)
    tables = {
        "infrastructure": [grid],
        "locations": [location],
        "site_services": [{"site": "w", "service": "kw", "base": 6}],
        "infrastructure_services": [
            {"infrastructure": "grid", "service": "kw", "per_step": per_step}
        ],
        "rules": [row],
    }
    return line({"decision_year": 2030}, **POWER | tables)


@pytest.mark.parametrize("reach", ["site", "region"])
@pytest.mark.parametrize("per_step", [10, None])
@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("reserve", [0.1, 0.5])
def test_rows_and_checker_agree_about_what_is_only_partly_there(
    reserve, steps, per_step, reach
):
    instance = late(f"reserve={reserve}", per_step, reach)
    at = ("w", "grid", "g")
    common = reach == "region"
    drawn = 4.0 if per_step is None else 5.0
    plan = plan_of(
        instance,
        steps={at[1:]: steps},
        uses=[at] if common else [],
        draws={(*at, "kw"): drawn} if common else {},
    )
    assert verify(instance, plan) == []
    assert admits(instance, plan) == (broken(instance, plan) == [])


def test_a_site_outside_the_region_needs_no_reserve():
    sites = [{"site": "w", "x": 0, "y": 0, "fixed_cost_per_yr": 20, "in_region": False}]
    lanes = [
        {
            "commodity": "bread",
            "mode": "van",
            "origin": "site_outside",
            "destination": "zone",
        }
    ]
    tables = {"sites": sites, "lanes": lanes, "site_services": []}
    assert cost(own("reserve=10", tables)) == pytest.approx(115)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "reserve"),
        ("reserve=-0.1", "reserve"),
        ("reserve=some", "reserve"),
        ("reserve=0; kinds=power,heat", "'heat' is none of energy, power"),
        ("reserve=0; share=1", "share"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(own(parameters))


def test_the_sentence_has_its_figures():
    (one,) = make_rules(own("reserve=20 %"))
    assert one.kind.sentence() == (
        "Each site in the region has the power, land, water that it needs "
        "and 20 % more."
    )
