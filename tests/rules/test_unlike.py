"""Unlike: slack, binding, the row, rows and checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.plans import baked
from tests.rules.solved import cost, solved


def unlike(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("unlike", parameters)
    return line(rules=[row | columns], **tables or {})


@pytest.mark.parametrize("parameters", ["sites=e; least=2", "sites=w; least=0"])
def test_a_slack_rule_changes_nothing(parameters):
    # w alone, 110, is in two sites otherwise than e alone
    assert cost(unlike(parameters)) == pytest.approx(110)


@PATHS
def test_the_next_best_plan_is_another_one(path):
    # not w alone: e alone 130, both 140
    assert cost(unlike("sites=w; least=1"), path) == pytest.approx(130)


@PATHS
def test_as_many_sites_as_asked_are_otherwise(path):
    # two others than none: both
    assert cost(unlike("least=2"), path) == pytest.approx(140)
    assert cost(unlike("sites=w, e; least=2"), path) is None


def test_two_of_them_leave_what_neither_is_like():
    both = [*rule("unlike", "sites=w; least=1"), *rule("unlike", "sites=e; least=1")]
    both[1]["id"] = "other"
    assert cost(line(rules=both)) == pytest.approx(140)


def test_a_site_that_is_open_for_nothing_is_no_difference():
    # e would cost nothing to keep open, its oven 50: w and an idle e are as w alone
    free = {"sites": changed("sites", "e", fixed_cost_per_yr=0)}
    plan = solved(unlike("sites=w; least=1", free)).plan
    assert set(plan.tables["modules"].site) != {"w"}
    idle = baked(unlike("sites=w; least=1"), "w", opened="e")
    assert [v.excess for v in broken(idle.instance, idle)] == [1]
    assert not admits(idle.instance, idle)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # w alone and one site too like at 15: 125 < 130
    assert cost(unlike("sites=w; least=1", soft_price=15)) == pytest.approx(125)
    assert cost(unlike("sites=w; least=1", soft_price=25)) == pytest.approx(130)


def test_the_row_is_the_one_on_paper():
    assert rows(unlike("sites=w; least=2")) == {
        "unlike[y]": "2  <=  nobody + 1 - works[w,y] + works[e,y]"
    }


def test_an_excluded_site_of_the_other_plan_is_otherwise_for_certain():
    shut = {"sites": changed("sites", "e", status="excluded")}
    # it worked there and cannot here; w still may
    assert cost(unlike("sites=w, e; least=1", shut)) == pytest.approx(110)
    assert cost(unlike("sites=w, e; least=2", shut)) is None


@pytest.mark.parametrize("ovens", ["w", "e", "we"])
@pytest.mark.parametrize("least", [0, 1, 2, 3])
@pytest.mark.parametrize("sites", ["", "w", "w, e"])
def test_rows_and_checker_agree_about_plans(ovens, least, sites):
    instance = unlike(f"sites={sites}; least={least}")
    plan = baked(instance, ovens)
    otherwise = len(set(ovens) ^ set(sites.replace(", ", "")))
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == []) == (otherwise >= least)
    for each in violations:
        assert str(each) == f"mine [y]: {least - otherwise} sites too like"


@pytest.mark.parametrize("ovens", ["w", "e", "we"])
@pytest.mark.parametrize("sites", ["", "w", "w, e"])
def test_of_those_left_only_the_other_plans_sites_count(ovens, sites):
    instance = unlike(f"sites={sites}; least=1; counts=left")
    plan = baked(instance, ovens)
    left = set(sites.replace(", ", "")) - set(ovens)
    assert admits(instance, plan) == (broken(instance, plan) == []) == bool(left)


def test_more_sites_are_no_difference_where_only_those_left_count():
    # at 1 a t-km both cost 140, e alone 670: that is unlike w in that w is left
    dear = {"modes": changed("modes", cost_per_tkm=1)}
    assert cost(unlike("sites=w; least=1", dear)) == pytest.approx(140)
    assert cost(unlike("sites=w; least=1; counts=left", dear)) == pytest.approx(670)


def test_sites_elsewhere_are_not_counted():
    districts = {"sites": [row | {"district": row["site"]} for row in TABLES["sites"]]}
    only_east = unlike("sites=w; least=1", districts, districts="e")
    # in the east none worked in the other plan: e has to work
    assert broken(only_east, baked(only_east, "w")) != []
    assert cost(only_east) == pytest.approx(130)


def test_it_holds_in_the_periods_it_covers():
    years = {"periods": TWO_YEARS}
    for columns, covered in (({}, {"y", "z"}), ({"periods": "z"}, {"z"})):
        assert periods(unlike("sites=w; least=1", years, **columns)) == covered


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("sites=w", "least: Field required"),
        ("sites=w, x; least=1", "'x'"),
        ("least=-1", "least: Input should be greater than or equal to 0"),
        ("least=some", "least: Input should be a valid integer"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(unlike(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (one,) = make_rules(unlike("sites=w, e; least=1"))
    assert one.kind.sentence() == (
        "At least 1 site is otherwise than in a plan in which only w, e work."
    )
    (left,) = make_rules(unlike("sites=w, e; least=1; counts=left"))
    assert left.kind.sentence() == "Of w, e at least 1 does not work."
    (two,) = make_rules(unlike("least=2"))
    assert two.kind.sentence() == (
        "At least 2 sites are otherwise than in a plan in which no site works."
    )
