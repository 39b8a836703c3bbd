"""Licence: slack, binding, the rows, rows and checker about plans, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import Plan
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import means, working
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost

DEAR = {"fixed_cost_per_yr": 30}


def licensed(
    parameters: str, tables: dict | None = None, **columns: object
) -> Instance:
    (row,) = rule("licence", parameters)
    given = {"commodities": changed("commodities", price=2)} | (
        means("licence") if tables is None else tables
    )
    return line(rules=[row | columns], **given)


def test_a_slack_rule_changes_nothing():
    # w alone, its own licence: 110 + 12
    assert cost(line(**means("licence"))) == pytest.approx(122)
    assert cost(licensed("form=site")) == pytest.approx(122)


@PATHS
def test_under_a_hub_licence_the_dearer_hub_is_used(path):
    # w alone: 110 + 10 + 5
    assert cost(licensed("form=hub"), path) == pytest.approx(125)


@PATHS
def test_under_site_licences_the_cheaper_hub_is_not(path):
    # w alone: with the hub 125, with its own 110 + 30
    tables = means("licence", own=DEAR)
    assert cost(line(**tables), path) == pytest.approx(125)
    assert cost(licensed("form=site", tables), path) == pytest.approx(140)


@PATHS
@pytest.mark.parametrize(("below", "asked"), [(200, 110), (120, 140), (118, 141)])
def test_small_sites_are_exempt(path, below, asked):
    # a tonne is worth 2 and licences cost 45 and more: w and e make 60 and 40 t
    # without, 140; at 59 t w leaves one to e, 10 km x 0.1; all 100 t at w: 110
    dear = {"fixed_cost_per_yr": 45}
    tables = means("licence", hub=dear, own=dear, limited=False)
    instance = licensed(f"form=exempt; exempt_below_per_yr={below}", tables)
    assert cost(instance, path) == pytest.approx(asked)


def test_a_licence_frees_from_the_limit():
    # w alone with its own: 110 + 12 < 140
    tables = means("licence", limited=False)
    small = licensed("form=exempt; exempt_below_per_yr=120", tables)
    assert cost(small) == pytest.approx(122)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # hub: 1 licence missing at 2; site: 1 missing and 1 shared used, at 6 each
    assert cost(licensed("form=hub", soft_price=2)) == pytest.approx(124)
    assert cost(licensed("form=hub", soft_price=4)) == pytest.approx(125)
    dear = means("licence", own=DEAR)
    assert cost(licensed("form=site", dear, soft_price=6)) == pytest.approx(137)
    # exempt: 200 - 120 too much at 0.1 each
    free = means("licence", limited=False)
    exempt = "form=exempt; exempt_below_per_yr=120"
    assert cost(licensed(exempt, free, soft_price=0.1)) == pytest.approx(118)


def test_the_rows_are_those_on_paper():
    assert (
        rows(licensed("form=hub"))["shared[w,y]"]
        == "works[w,y] - uses[w,hub,h,y]  <=  0"
    )
    assert rows(licensed("form=site")) == {
        "own[w,y]": "works[w,y] - steps[own,at_w,y]  <=  0",
        "own[e,y]": "works[e,y] - steps[own,at_e,y]  <=  0",
        "alone[w,y]": "uses[w,hub,h,y]  <=  1 - works[w,y]",
        "alone[e,y]": "uses[e,hub,h,y]  <=  1 - works[e,y]",
    }
    # all an oven makes is worth 200
    exempt = licensed("form=exempt; exempt_below_per_yr=120")
    assert rows(exempt)["exempt[w,y]"] == (
        "2.0*activity[w,bake,y] - 80.0*(uses[w,hub,h,y] + steps[own,at_w,y])  <=  120.0"
    )


PLANS = {
    "own": ([("own", "at_w")], []),
    "hub": ([("hub", "h")], ["w"]),
    "both": ([("own", "at_w"), ("hub", "h")], ["w"]),
    "hub of the other": ([("own", "at_w"), ("hub", "h")], []),
    "none": ([], []),
}


def alone(instance: Instance, which: str) -> Plan:
    steps, uses = PLANS[which]
    return working(instance, {"w": 100}, steps, uses)


@pytest.mark.parametrize("which", PLANS)
@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("hub", {"own": [1], "hub of the other": [1], "none": [1]}),
        ("site", {"hub": [1, 1], "both": [1], "none": [1]}),
        ("exempt; exempt_below_per_yr=199", {"none": [1], "hub of the other": []}),
        ("exempt; exempt_below_per_yr=200", {}),
    ],
)
def test_rows_and_checker_agree_about_plans(form, found, which):
    instance = licensed(f"form={form}", means("licence", limited=False))
    plan = working(instance, {"w": 100}, *PLANS[which], draws=0)
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == [])
    assert [v.excess for v in violations] == pytest.approx(found.get(which, []))
    assert all(v.where == ("w", "y") for v in violations)


def test_the_checker_says_what_is_missing():
    instance = licensed("form=hub")
    (violation,) = broken(instance, alone(instance, "own"))
    assert str(violation) == "mine [w, y]: 1 shared licences missing"


def test_sites_outside_and_other_products_are_left_alone():
    plant = [TABLES["sites"][0] | {"in_region": False}, TABLES["sites"][1]]
    outside = TABLES["lanes"] + [TABLES["lanes"][0] | {"origin": "site_outside"}]
    tables = means("licence") | {"sites": plant, "lanes": outside}
    instance = licensed("form=hub", tables)
    assert broken(instance, alone(instance, "own")) == []
    assert list(rows(instance)) == ["shared[e,y]"]
    cake = {
        "commodities": [*TABLES["commodities"], {"commodity": "cake"}],
        "demand": [
            *TABLES["demand"],
            {"zone": "west", "commodity": "cake", "quantity_per_yr": 0},
        ],
    }
    instance = licensed("form=hub", means("licence") | cake, products="cake")
    assert broken(instance, alone(instance, "own")) == []
    assert cost(instance) == pytest.approx(122)


def test_it_says_nothing_where_nothing_needs_a_licence():
    for form in ("hub", "site", "exempt; exempt_below_per_yr=1"):
        assert cost(licensed(f"form={form}", {})) == pytest.approx(110)


def test_a_committed_site_without_a_licence_to_have_leaves_no_plan():
    committed = {
        "sites": changed("sites", "w", status="committed"),
        "standing_modules": [{"site": "w", "technology": "oven", "modules": 1}],
    }
    tables = means("licence", limited=False) | committed
    tables["locations"] = tables["locations"][1:]
    assert solve(licensed("form=hub", tables), path="exact").status == "infeasible"


@pytest.mark.parametrize(
    "parameters", ["form=hub", "form=site", "form=exempt; exempt_below_per_yr=1"]
)
def test_it_holds_in_the_periods_it_covers(parameters):
    tables = means("licence") | {
        "periods": TWO_YEARS,
        "commodities": changed("commodities", price=2),
    }
    for columns, covered in (({}, {"y", "z"}), ({"periods": "z"}, {"z"})):
        assert periods(licensed(parameters, tables, **columns)) == covered


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("form=spoke", "form: Input should be 'hub', 'site' or 'exempt'"),
        ("", "form: Field required"),
        ("form=exempt", "exempt_below_per_yr goes with form = exempt"),
        ("form=hub; exempt_below_per_yr=5", "exempt_below_per_yr goes with form"),
        ("form=exempt; exempt_below_per_yr=-1", "greater than or equal to 0"),
        ("form=hub; kind=license", "(nearest: licence)"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(licensed(parameters))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("form=hub", "needs a licence uses a shared one."),
        ("form=site", "has its own and uses no shared one."),
        ("form=exempt; exempt_below_per_yr=20000", "make more than 20,000 a year"),
    ],
)
def test_it_speaks_plainly(parameters, said):
    (only,) = make_rules(licensed(parameters))
    assert said in only.kind.sentence()
