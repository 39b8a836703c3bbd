"""Requires: slack, binding, the rows, rows and checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import means, working
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost


def needing(parameters: str, tables: dict | None = None, **columns: object) -> Instance:
    (row,) = rule("requires", parameters)
    given = means("data", limited=False) if tables is None else tables
    return line(rules=[row | columns], **given)


def test_a_slack_rule_changes_nothing():
    # e is not open anyhow
    assert cost(needing("site=e; needs_site=w")) == pytest.approx(110)
    assert cost(needing("site=e; needs_infrastructure=hub")) == pytest.approx(110)


@PATHS
def test_a_site_needs_another(path):
    # w with e open, 20 more, as dear as e alone
    assert cost(needing("site=w; needs_site=e"), path) == pytest.approx(130)


@PATHS
@pytest.mark.parametrize(("name", "asked"), [("hub", 120), ("own", 122)])
def test_a_site_needs_infrastructure(path, name, asked):
    # the hub costs 10 to keep, w's own 12
    instance = needing(f"site=w; needs_infrastructure={name}")
    assert cost(instance, path) == pytest.approx(asked)


def test_infrastructure_elsewhere_does_not_help():
    tables = means("data", limited=False)
    tables["locations"] = tables["locations"][2:]
    # only e can have its own: e alone, 130
    instance = needing("site=w; needs_infrastructure=own", tables)
    assert rows(instance) == {"infrastructure_first[w,own,y]": "open[w,y]  <=  0"}
    assert cost(instance) == pytest.approx(130)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # 5 for the missing step, 10 for the hub
    need = "site=w; needs_infrastructure=hub"
    assert cost(needing(need, soft_price=5)) == pytest.approx(115)
    assert cost(needing(need, soft_price=11)) == pytest.approx(120)
    assert cost(needing("site=w; needs_site=e", soft_price=5)) == pytest.approx(115)


def test_the_rows_are_those_on_paper():
    assert rows(needing("site=w; needs_site=e; needs_infrastructure=hub")) == {
        "site_first[w,e,y]": "open[w,y] - open[e,y]  <=  0",
        "infrastructure_first[w,hub,y]": "open[w,y] - steps[hub,h,y]  <=  0",
    }


def test_a_site_that_needs_an_excluded_one_stays_shut():
    tables = {"sites": changed("sites", "e", status="excluded")}
    instance = needing("site=w; needs_site=e", tables)
    assert rows(instance) == {"site_first[w,e,y]": "open[w,y]  <=  0"}
    assert rows(needing("site=e; needs_site=w", tables)) == {}


REACHES = {
    "region": ({"reach": "region"}, {}, True),
    "near": ({"reach": "radius", "radius_km": 2}, {"x": 0, "y": 2_000}, True),
    "far": ({"reach": "radius", "radius_km": 2}, {"x": 0, "y": 2_100}, False),
    "district": ({"reach": "district"}, {"district": "North"}, True),
    "other": ({"reach": "district"}, {"district": "South"}, False),
}


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("stands", [True, False])
def test_rows_and_checker_agree_about_what_reaches(reach, stands):
    cells, place, reached = REACHES[reach]
    tables = means("data", hub=cells, limited=False)
    tables["locations"][0] |= place
    tables["sites"] = changed("sites", "w", district="North")
    instance = needing("site=w; needs_infrastructure=hub", tables)
    plan = working(instance, {"w": 100}, [("hub", "h")] if stands else [])
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == []) == (stands and reached)
    for violation in violations:
        assert str(violation) == "mine [w, hub, y]: 1 steps missing"


@pytest.mark.parametrize("step", [("own", "at_w"), ("own", "at_e"), ("hub", "h")])
def test_rows_and_checker_agree_about_what_is_its_own(step):
    instance = needing("site=w; needs_infrastructure=own")
    plan = working(instance, {"w": 100}, [step])
    assert admits(instance, plan) == (broken(instance, plan) == [])
    assert admits(instance, plan) == (step == ("own", "at_w"))


@pytest.mark.parametrize("made", [{"w": 100}, {"e": 100}, {"w": 60, "e": 40}])
def test_rows_and_checker_agree_about_sites(made):
    instance = needing("site=w; needs_site=e")
    plan = working(instance, made)
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == []) == ("e" in made)
    for violation in violations:
        assert str(violation) == "mine [w, e, y]: 1 sites missing"


def test_a_rule_that_does_not_cover_the_site_says_nothing():
    tables = {"sites": [row | {"district": row["site"]} for row in TABLES["sites"]]}
    instance = needing("site=w; needs_site=e", tables, districts="e")
    assert cost(instance) == pytest.approx(110)
    assert broken(instance, working(instance, {"w": 100})) == []


def test_it_holds_in_the_periods_it_covers():
    years = {"periods": TWO_YEARS}
    for columns, covered in (({}, {"y", "z"}), ({"periods": "z"}, {"z"})):
        assert (
            periods(
                needing(
                    "site=w; needs_site=e; needs_infrastructure=hub",
                    means("data") | years,
                    **columns,
                )
            )
            == covered
        )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("site=w", "needs_site or needs_infrastructure must be given"),
        ("needs_site=w", "site: Field required"),
        ("site=w; needs_site=w", "needs_site = w is the site itself"),
        ("site=x; needs_site=w", "'x'"),
        ("site=w; needs_site=x", "'x'"),
        ("site=w; needs_infrastructure=hup", "(nearest: hub)"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(needing(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(needing("site=w; needs_site=e; needs_infrastructure=hub"))
    assert only.kind.sentence() == (
        "w is open only where e is open and hub stands within its reach."
    )
