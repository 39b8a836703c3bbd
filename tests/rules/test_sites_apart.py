"""Sites apart: slack, binding, the row, rows and checker, bad parameters."""

import random

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from dmopt.rules.planning.sites_apart import SitesApart
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import working
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost

DEAR = {"modes": changed("modes", cost_per_tkm=1)}
"""At 1 a t-km both open, 140; w alone 70 + 400."""


def apart(
    parameters: str, soft_price: float | None = None, covers: str = "", **tables
) -> Instance:
    (row,) = rule("sites_apart", parameters)
    row |= {"soft_price": soft_price, "periods": covers}
    return line(rules=[row], **DEAR | tables)


def test_a_slack_rule_changes_nothing():
    # w and e are 10 km apart: not nearer
    assert cost(line(**DEAR)) == pytest.approx(140)
    assert cost(apart("km=10")) == pytest.approx(140)


@PATHS
def test_sites_too_near_do_not_both_work(path):
    assert cost(apart("km=10.1"), path) == pytest.approx(470)


def test_only_sites_of_the_class_keep_apart():
    sites = changed("sites", "w", **{"class": "barn"})
    sites = [sites[0], sites[1] | {"class": "shed"}]
    for classes, asked in (("barn", 140), ("barn, shed", 470)):
        instance = apart(f"km=11; classes={classes}", sites=sites)
        assert cost(instance) == pytest.approx(asked)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one pair at 300: 140 + 300 < 470
    assert cost(apart("km=11", 300)) == pytest.approx(440)
    assert cost(apart("km=11", 340)) == pytest.approx(470)


def test_the_row_is_the_one_on_paper():
    assert rows(apart("km=11")) == {"apart[w,e,y]": "works[w,y] + works[e,y]  <=  1"}


def test_a_site_that_is_open_and_idle_may_be_near():
    instance = apart("km=11")
    plan = working(instance, {"w": 100})
    plan.tables["opened"].loc[1] = ["e", "y"]
    assert broken(instance, plan) == []
    assert admits(instance, plan)


@pytest.mark.parametrize("km", [10, 10.5])
@pytest.mark.parametrize("made", [{"w": 100}, {"e": 100}, {"w": 60, "e": 40}])
@pytest.mark.parametrize("inside", [True, False])
def test_rows_and_checker_agree_about_plans(km, made, inside):
    outside = TABLES["lanes"] + [TABLES["lanes"][0] | {"origin": "site_outside"}]
    sites = changed("sites", "e", in_region=inside)
    instance = apart(f"km={km}", sites=sites, lanes=outside)
    plan = working(instance, made)
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == [])
    assert bool(violations) == (km > 10 and len(made) == 2 and inside)
    for violation in violations:
        assert str(violation) == "mine [w, e, y]: 1 sites too near"


@pytest.mark.parametrize("km", [0, 20, 40, 25_000])
@pytest.mark.parametrize("distance", ["projected", "great_circle"])
def test_the_rows_know_every_pair_that_the_checker_knows(km, distance):
    chance = random.Random(7)
    sites = [
        {"site": f"s{n}", "x": chance.uniform(4e5, 5e5), "y": chance.uniform(3e5, 4e5)}
        for n in range(12)
    ]
    zones = [row | {"x": row["x"] + 4e5, "y": 3e5} for row in TABLES["zones"]]
    (only,) = rule("sites_apart", f"km={km}")
    instance = line({"distance": distance}, sites=sites, zones=zones, rules=[only])
    every = working(instance, {row["site"]: 1.0 for row in sites})
    found = {v.where for v in broken(instance, every)}
    stated = set(rows(instance))
    assert stated == {f"apart[{','.join(where)}]" for where in found}
    if km in (20, 40):
        assert 0 < len(found) < 66
    else:
        assert len(found) == (0 if km == 0 else 66)


def test_it_holds_in_the_periods_it_covers():
    for covers, covered in (("", {"y", "z"}), ("z", {"z"})):
        assert periods(apart("km=11", covers=covers, periods=TWO_YEARS)) == covered


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "km: Field required"),
        ("km=-1", "km: Input should be greater than or equal to 0"),
        ("km=1; classes=barn", "'barn'"),
        ("km=near", "km: Input should be a valid number"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(apart(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    assert SitesApart(km=2.5, classes="barn").sentence() == (
        "No two sites of class barn in the region that work are nearer than 2.5 km to "
        "each other."
    )
