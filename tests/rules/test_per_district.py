"""Sites per district: slack, binding, the rows, rows and checker, bad parameters."""

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
"""At 1 a t-km both open, 140; w alone 70 + 400."""


def districts(west: str, east: str, **cells: object) -> list[dict]:
    """Sites in districts, with cells of e changed."""
    w, e = TABLES["sites"]
    return [w | {"district": west}, e | {"district": east} | cells]


APART, TOGETHER = districts("West", "East"), districts("Town", "Town")


def shared_out(
    parameters: str, sites: list[dict], tables: dict | None = None, **columns: object
) -> Instance:
    (row,) = rule("per_district", parameters)
    return line(rules=[row | columns], sites=sites, **tables or {})


def test_a_slack_rule_changes_nothing():
    assert cost(shared_out("least=1", TOGETHER)) == pytest.approx(110)
    assert cost(shared_out("most=1", APART, DEAR)) == pytest.approx(140)


@PATHS
def test_each_district_has_a_site_that_works(path):
    # both with an oven: open and idle is not enough
    assert cost(shared_out("least=1", APART), path) == pytest.approx(140)


@PATHS
def test_no_district_has_more_than_one(path):
    assert cost(shared_out("most=1", TOGETHER, DEAR), path) == pytest.approx(470)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one site too few at 20: 110 + 20 < 140; one too many at 300: 140 + 300 < 470
    assert cost(shared_out("least=1", APART, soft_price=20)) == pytest.approx(130)
    assert cost(shared_out("least=1", APART, soft_price=40)) == pytest.approx(140)
    many = shared_out("most=1", TOGETHER, DEAR, soft_price=300)
    assert cost(many) == pytest.approx(440)


def test_the_rows_are_those_on_paper():
    assert rows(shared_out("least=1; most=2", TOGETHER)) == {
        "least[Town,y]": "1  <=  works[w,y] + works[e,y] + nobody",
        "most[Town,y]": "works[w,y] + works[e,y] + nobody  <=  2",
    }


def test_a_district_without_a_site_to_open_is_not_asked():
    excluded = districts("West", "East", status="excluded")
    assert list(rows(shared_out("least=1", excluded))) == ["least[West,y]"]
    outside = districts("West", "East", in_region=False)
    assert list(rows(shared_out("least=1", outside))) == ["least[West,y]"]
    assert cost(shared_out("least=1", outside)) == pytest.approx(110)
    nowhere = districts("", "East")
    assert list(rows(shared_out("least=1", nowhere))) == ["least[East,y]"]


def test_a_district_whose_sites_cannot_hold_an_oven_leaves_no_plan():
    barn = districts("West", "East", **{"class": "barn"})
    barn[0] |= {"class": "shed"}
    sheds = {"technologies": changed("technologies", site_classes="shed")}
    instance = shared_out("least=1", barn, sheds)
    assert solve(instance, path="exact").status == "infeasible"
    soft = shared_out("least=1", barn, sheds, soft_price=3)
    assert cost(soft) == pytest.approx(113)


@pytest.mark.parametrize("made", [{"w": 100}, {"e": 100}, {"w": 60, "e": 40}])
@pytest.mark.parametrize(
    ("parameters", "sites", "found"),
    [
        ("least=1", APART, {"w": {"East": 1}, "e": {"West": 1}}),
        ("least=2", TOGETHER, {"w": {"Town": 1}, "e": {"Town": 1}}),
        ("least=3", TOGETHER, {"w": {"Town": 2}, "e": {"Town": 2}, "we": {"Town": 1}}),
        ("most=1", TOGETHER, {"we": {"Town": 1}}),
        (
            "most=0",
            APART,
            {"w": {"West": 1}, "e": {"East": 1}, "we": {"East": 1, "West": 1}},
        ),
        ("least=1; most=1", APART, {"w": {"East": 1}, "e": {"West": 1}}),
    ],
)
def test_rows_and_checker_agree_about_plans(parameters, sites, found, made):
    instance = shared_out(parameters, sites)
    plan = working(instance, made)
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == [])
    expected = found.get("".join(made), {})
    assert {v.where: v.excess for v in violations} == {
        (d, "y"): excess for d, excess in expected.items()
    }
    assert {v.unit for v in violations} <= {"sites"}


def test_an_open_site_without_an_oven_does_not_count():
    instance = shared_out("least=1", APART)
    plan = working(instance, {"w": 100})
    plan.tables["opened"].loc[1] = ["e", "y"]
    (violation,) = broken(instance, plan)
    assert str(violation) == "mine [East, y]: 1 sites"
    assert not admits(instance, plan)
    most = shared_out("most=1", TOGETHER)
    assert broken(most, plan) == []
    assert admits(most, plan)


def test_only_covered_districts_are_asked():
    instance = shared_out("least=1", APART, districts="West")
    assert list(rows(instance)) == ["least[West,y]"]
    assert broken(instance, working(instance, {"w": 100})) == []


def test_it_holds_in_the_periods_it_covers():
    years = {"periods": TWO_YEARS}
    for columns, covered in (({}, {"y", "z"}), ({"periods": "z"}, {"z"})):
        assert (
            periods(shared_out("least=1; most=1", APART, years, **columns)) == covered
        )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "least or most must be given"),
        ("least=2; most=1", "least = 2 is above most = 1"),
        ("least=-1", "least: Input should be greater than or equal to 0"),
        ("most=1.5", "most: Input should be a valid integer"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(shared_out(parameters, APART))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(shared_out("least=1; most=3", APART))
    assert only.kind.sentence() == (
        "The number of working sites in each district is at least 1 and at most 3."
    )
