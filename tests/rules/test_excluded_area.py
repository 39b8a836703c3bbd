"""Excluded area: slack, binding, the row, reasons, the checker, bad parameters."""

from functools import partial

import pytest

from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, changed, line
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import working
from tests.rules.near_areas import near_areas
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost


def square(x: float, half: float = 1_000) -> str:
    low, high = x - half, x + half
    corners = ((low, -half), (high, -half), (high, half), (low, half), (low, -half))
    return f"POLYGON (({', '.join(f'{a} {b}' for a, b in corners)}))"


FLOOD = {
    "area": "tame",
    "name": "Flood plain of the Tame",
    "kind": "flood",
    "reason": "may flood once in 100 years",
    "geometry": square(0),
}
MILL = {"area": "mill", "kind": "heritage", "geometry": square(10_000)}
MARSH = {"area": "marsh", "kind": "flood", "geometry": square(-500)}
PUMP = {"area": "pump", "kind": "flood", "x": 10_000, "y": 0}
AREAS = [FLOOD, MILL, MARSH, PUMP]

shut = partial(near_areas, "excluded_area", AREAS)


def test_a_slack_rule_changes_nothing():
    # e is not open anyhow
    assert cost(shut("kinds=heritage")) == pytest.approx(110)


@PATHS
def test_no_site_opens_on_the_flood_plain(path):
    # e alone: 50 + 20 + 60 t x 10 km x 0.1
    assert cost(shut("kinds=flood"), path) == pytest.approx(130)


def test_areas_can_be_named_besides():
    assert cost(shut("areas=tame")) == pytest.approx(130)
    both = shut("kinds=heritage; areas=tame")
    assert solve(both, path="exact").status == "infeasible"


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one site at 15: 110 + 15 < 130
    assert cost(shut("kinds=flood", 15)) == pytest.approx(125)
    assert cost(shut("kinds=flood", 25)) == pytest.approx(130)


def test_the_row_is_the_one_on_paper():
    assert rows(shut("kinds=flood")) == {"shut[w,y]": "open[w,y]  <=  0"}


def test_a_site_on_the_edge_is_inside():
    edge = changed("sites", "w", x=1_000)
    assert list(rows(shut("areas=tame", sites=edge))) == ["shut[w,y]"]
    outside = changed("sites", "w", x=1_001)
    assert rows(shut("areas=tame", sites=outside)) == {}


@pytest.mark.parametrize("x", [0, 1_000, 1_001])
@pytest.mark.parametrize("parameters", ["kinds=flood", "areas=tame", "kinds=heritage"])
@pytest.mark.parametrize("made", [{"w": 100}, {"w": 60, "e": 40}])
def test_rows_and_checker_agree_about_plans(x, parameters, made):
    instance = shut(parameters, sites=changed("sites", "w", x=x))
    plan = working(instance, made)
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == [])
    for violation in violations:
        s = "e" if "heritage" in parameters else "w"
        assert str(violation) == f"mine [{s}, y]: 1 sites in an excluded area"


def test_every_site_that_is_excluded_has_its_reason():
    sites = [
        *changed("sites", "e", status="excluded"),
        TABLES["sites"][0] | {"site": "n", "y": 5_000},
    ]
    instance = shut("kinds=flood, heritage", sites=sites)
    (only,) = make_rules(instance)
    assert only.kind.reasons(instance, only.where) == {
        "w": "Flood plain of the Tame (flood): may flood once in 100 years; "
        "marsh (flood)",
        "e": "mill (heritage)",
    }


def test_an_existing_site_closes():
    stood = {
        "sites": changed("sites", status="existing", closing_cost=7),
        "standing_modules": [
            {"site": s, "technology": "oven", "modules": 1} for s in ("w", "e")
        ],
    }
    # e alone and 7 to close w: 130 + 7; without the rule 110 + 7 to close e
    assert cost(line(**stood)) == pytest.approx(117)
    assert cost(shut("kinds=flood", **stood)) == pytest.approx(137)


def test_a_committed_site_inside_leaves_no_plan():
    decided = changed("sites", "w", status="committed")
    instance = shut("kinds=flood", sites=decided)
    assert solve(instance, path="exact").status == "infeasible"
    # open, w costs 20; e alone 130; 15 for the site
    paid = shut("kinds=flood", 15, sites=decided)
    assert cost(paid) == pytest.approx(165)


def test_it_holds_in_the_periods_it_covers():
    for covers, covered in (("", {"y", "z"}), ("z", {"z"})):
        assert periods(shut("kinds=flood", covers=covers, periods=TWO_YEARS)) == covered


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "kinds or areas must be given"),
        ("kinds=flod", "(nearest: flood)"),
        ("areas=tane", "(nearest: tame)"),
        ("kinds=flood; why=wet", "why"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(shut(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(shut("kinds=flood, heritage; areas=marsh"))
    assert only.kind.sentence() == (
        "No site in an area of kind flood or heritage or marsh is open."
    )
