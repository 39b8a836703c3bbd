"""Either or: slack, binding, the rows, rows and checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import working
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost

DEAR = {"modes": changed("modes", cost_per_tkm=1)}
"""At 1 a t-km both open, 140; w alone 70 + 400, e alone 70 + 600."""


def choice(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("either_or", parameters)
    return line(rules=[row | columns], **tables or {})


def test_a_slack_rule_changes_nothing():
    assert cost(choice("sites=w, e")) == pytest.approx(110)
    assert cost(choice("sites=w, e; most=2", DEAR)) == pytest.approx(140)


@PATHS
def test_only_one_of_two_is_open(path):
    assert cost(choice("sites=w, e", DEAR), path) == pytest.approx(470)


@PATHS
def test_one_that_has_to_be_open_is(path):
    # w alone and 20 to keep e open
    assert cost(choice("sites=e; least=1"), path) == pytest.approx(130)


def test_none_of_them_may_be_open():
    assert cost(choice("sites=w; most=0")) == pytest.approx(130)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one site too many at 300: 140 + 300 < 470; one too few at 15: 110 + 15 < 130
    assert cost(choice("sites=w, e", DEAR, soft_price=300)) == pytest.approx(440)
    assert cost(choice("sites=w, e", DEAR, soft_price=340)) == pytest.approx(470)
    assert cost(choice("sites=e; least=1", soft_price=15)) == pytest.approx(125)


def test_the_rows_are_those_on_paper():
    assert rows(choice("sites=e, w; least=1; most=2")) == {
        "least[y]": "1  <=  open[w,y] + open[e,y] + nobody",
        "most[y]": "open[w,y] + open[e,y] + nobody  <=  2",
    }
    assert list(rows(choice("sites=w"))) == ["most[y]"]


def test_what_only_an_excluded_site_could_meet_is_infeasible():
    excluded = {"sites": changed("sites", "e", status="excluded")}
    instance = choice("sites=e; least=1", excluded)
    assert solve(instance, path="exact").status == "infeasible"


@pytest.mark.parametrize("made", [{"w": 100}, {"e": 100}, {"w": 60, "e": 40}])
@pytest.mark.parametrize(
    ("parameters", "excess"),
    [
        ("sites=w, e", {"we": 1}),
        ("sites=w, e; most=0", {"w": 1, "e": 1, "we": 2}),
        ("sites=w, e, w; least=2; most=2", {"w": 1, "e": 1}),
        ("sites=e; least=1", {"w": 1}),
    ],
)
def test_rows_and_checker_agree_about_plans(parameters, excess, made):
    instance = choice(parameters)
    plan = working(instance, made)
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == [])
    assert [v.excess for v in violations] == [
        each for each in [excess.get("".join(made))] if each
    ]
    for violation in violations:
        assert (violation.where, violation.unit) == (("y",), "sites")


def test_sites_elsewhere_are_not_counted():
    districts = {"sites": [row | {"district": row["site"]} for row in TABLES["sites"]]}
    instance = choice("sites=w, e; most=0", districts, districts="w")
    assert broken(instance, working(instance, {"e": 100})) == []
    assert cost(instance) == pytest.approx(130)


def test_it_holds_in_the_periods_it_covers():
    years = {"periods": TWO_YEARS}
    for columns, covered in (({}, {"y", "z"}), ({"periods": "z"}, {"z"})):
        assert periods(choice("sites=w, e; least=1", years, **columns)) == covered


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "sites: Field required"),
        ("sites=", "sites"),
        ("sites=w, x", "'x'"),
        ("sites=w, e; least=2", "least = 2 is above most = 1"),
        ("sites=w; least=2; most=2", "least = 2 is above the number of sites"),
        ("sites=w; most=few", "most: Input should be a valid integer"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(choice(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(choice("sites=w, e; least=1; most=2"))
    assert only.kind.sentence() == "Of w, e at least 1 and at most 2 are open."
