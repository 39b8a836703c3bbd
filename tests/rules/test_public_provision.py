"""Public provision: slack, binding, the row, rows and checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.plan.plan import make_plan
from dmopt.rules import make_rules
from tests.line import TABLES, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import means, working
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost

# The hub costs 200, paid over 20 years, half of it public; joining 40 more.
HUB = {
    "fixed_cost_per_yr": 0,
    "fee_per_yr": 0,
    "capital_cost": 200,
    "connection_cost": 40,
    "public_share": 0.5,
}


def provided(
    parameters: str, tables: dict | None = None, **columns: object
) -> Instance:
    (row,) = rule("public_provision", parameters)
    own = {"fixed_cost_per_yr": 30}
    given = means("power", hub=HUB, own=own) | (tables or {})
    return line(rules=[row | columns], **given)


def test_a_slack_rule_changes_nothing():
    # w alone with the hub: 110 + (200 + 40) / 20, public 100 + 20
    assert cost(provided("budget=120")) == pytest.approx(122)


@PATHS
def test_without_enough_public_money_the_site_provides_for_itself(path):
    # w alone with its own: 110 + 30
    assert cost(provided("budget=119"), path) == pytest.approx(140)


def test_other_kinds_are_not_counted():
    other = {"infrastructure": "school", "kind": "skills", "reach": "region"}
    tables = means("power", hub=HUB, own={"fixed_cost_per_yr": 30})
    tables["infrastructure"].append(other)
    assert cost(provided("budget=0; kinds=skills", tables)) == pytest.approx(122)
    assert cost(provided("budget=0; kinds=power", tables)) == pytest.approx(140)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 20 over the budget at 0.5: 122 + 10 < 140
    assert cost(provided("budget=100", soft_price=0.5)) == pytest.approx(132)
    assert cost(provided("budget=100", soft_price=1)) == pytest.approx(140)


def test_the_row_is_the_one_on_paper():
    tables = means("power", hub=HUB)
    tables["locations"][0]["cost_factor"] = 1.5
    assert rows(provided("budget=90", tables)) == {
        "budget[y]": "150.0*built[hub,h,y] + 20.0*connecting[w,hub,h,y] + "
        "20.0*connecting[e,hub,h,y]  <=  90.0"
    }


def test_where_it_is_dearer_to_build_more_is_spent():
    # 1.5 x 100 and 20 to join
    tables = means("power", hub=HUB)
    tables["locations"][0]["cost_factor"] = 1.5
    for budget, excess in ((160, [10]), (170, [])):
        instance = provided(f"budget={budget}", tables)
        plan = working(instance, {"w": 100}, [("hub", "h")], ["w"])
        assert [v.excess for v in broken(instance, plan)] == excess
        assert admits(instance, plan) == (not excess)


@pytest.mark.parametrize("budget", [0, 119, 120, 139, 140])
@pytest.mark.parametrize("uses", [["w"], ["w", "e"], []])
def test_rows_and_checker_agree_about_plans(budget, uses):
    instance = provided(f"budget={budget}", {"periods": TWO_YEARS})
    steps = [("hub", "h")] if uses else [("own", "at_w"), ("own", "at_e")]
    made = {"w": 60, "e": 40} if len(uses) != 1 else {"w": 100}
    plan = working(instance, made, steps, uses)
    violations = broken(instance, plan)
    spent = 100 + 20 * len(uses) if uses else 0
    assert admits(instance, plan) == (violations == []) == (spent <= budget)
    for violation in violations:
        # nothing is built or joined in the second year
        assert violation.where == ("y",)
        assert violation.excess == pytest.approx(spent - budget)
        assert violation.unit == "money"


def test_who_joins_later_is_paid_for_later():
    instance = provided("budget=0", {"periods": TWO_YEARS}, periods="z")
    plan = working(instance, {"w": 100}, [("hub", "h")], ["w"])
    assert broken(instance, plan) == []
    later = plan.tables["uses"].query("period == 'z'")
    plan = make_plan(instance, {**plan.tables, "uses": later})
    (violation,) = broken(instance, plan)
    assert str(violation) == "mine [z]: 20 money"


@pytest.mark.parametrize(
    ("district", "place", "spent"),
    # w, which joins for 20, is in the North, and so is the hub of 100, or it is not
    [("North", "North", 120), ("North", "South", 20), ("South", "South", 100)],
)
def test_a_district_pays_for_what_stands_and_joins_there(district, place, spent):
    north = [TABLES["sites"][0] | {"district": "North"}, TABLES["sites"][1]]
    zones = [row | {"district": "South"} for row in TABLES["zones"]]
    tables = means("power", hub=HUB) | {"sites": north, "zones": zones}
    tables["locations"][0]["district"] = place
    plans = []
    for budget in (spent - 1, spent):
        instance = provided(f"budget={budget}", tables, districts=district)
        plan = working(instance, {"w": 100}, [("hub", "h")], ["w"])
        plans.append(admits(instance, plan))
        assert sum(v.excess for v in broken(instance, plan)) == spent - budget
    assert plans == [False, True]


def test_it_says_nothing_where_nothing_is_public():
    instance = line(rules=rule("public_provision", "budget=0"))
    assert cost(instance) == pytest.approx(110)
    assert rows(instance) == {}


def test_it_holds_in_the_periods_it_covers():
    years = {"periods": TWO_YEARS}
    for columns, covered in (({}, {"y", "z"}), ({"periods": "z"}, {"z"})):
        assert periods(provided("budget=1", years, **columns)) == covered


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "budget: Field required"),
        ("budget=-1", "budget: Input should be greater than or equal to 0"),
        ("budget=inf", "budget: Input should be a finite number"),
        ("budget=1; kinds=powr", "'powr'"),
        ("budget=1; kind=power", "kind"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(provided(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(provided("budget=250000; kinds=power"))
    assert only.kind.sentence() == (
        "At most 250,000 of public money is spent on infrastructure for power in a "
        "period."
    )
