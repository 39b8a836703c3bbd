"""Least distance: slack, binding, the row, distances, the checker, bad parameters."""

from functools import partial

import numpy as np
import pytest

from dmopt.data.areas import area_km
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

# A school 3 km north of w; homes from 2 to 4 km east of it.
SCHOOL = {
    "area": "hill",
    "name": "Hill School",
    "kind": "school",
    "reason": "children",
    "x": 0,
    "y": 3_000,
}
HOMES = {
    "area": "homes",
    "kind": "homes",
    "geometry": "POLYGON ((2000 -1000, 4000 -1000, 4000 1000, 2000 1000, 2000 -1000))",
}
AREAS = [SCHOOL, HOMES]

kept_away = partial(near_areas, "least_distance", AREAS)


def test_a_slack_rule_changes_nothing():
    # w is 3 km from the school and 2 km from the homes: not nearer
    assert cost(kept_away("km=3; kinds=school")) == pytest.approx(110)
    assert cost(kept_away("km=2; kinds=homes")) == pytest.approx(110)


@PATHS
def test_bread_is_baked_away_from_the_school(path):
    # e alone: 50 + 20 + 60 t x 10 km x 0.1
    assert cost(kept_away("km=3.1; kinds=school"), path) == pytest.approx(130)


def test_any_of_the_kinds_counts():
    assert cost(kept_away("km=2.5; kinds=school")) == pytest.approx(110)
    assert cost(kept_away("km=2.5; kinds=school, homes")) == pytest.approx(130)


def test_only_the_sizes_named_keep_away():
    micro = changed("technologies", size_class="micro")
    plant = [*micro, micro[0] | {"technology": "kiln", "size_class": "plant"}]
    two = {
        "technologies": plant,
        "recipes": [*TABLES["recipes"], {"recipe": "fire", "technology": "kiln"}],
        "recipe_items": [
            {"recipe": recipe, "commodity": "bread", "quantity": 1}
            for recipe in ("bake", "fire")
        ],
    }
    instance = kept_away("km=5; kinds=school; size_classes=plant", **two)
    assert rows(instance) == {"away[w,y]": "modules[w,kiln,y]  <=  0"}
    assert broken(instance, working(instance, {"w": 100})) == []
    # a micro oven may stand there: the site is not shut
    (only,) = make_rules(instance)
    assert only.reasons(instance) == {}


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one oven too near at 15: 110 + 15 < 130
    parameters = "km=5; kinds=school"
    assert cost(kept_away(parameters, 15)) == pytest.approx(125)
    assert cost(kept_away(parameters, 25)) == pytest.approx(130)


def test_the_row_is_the_one_on_paper():
    assert rows(kept_away("km=5; kinds=school")) == {
        "away[w,y]": "modules[w,oven,y]  <=  0"
    }


@pytest.mark.parametrize(("km", "near"), [(3, []), (5, ["w"]), (11, ["w", "e"])])
@pytest.mark.parametrize("made", [{"w": 100}, {"e": 100}, {"w": 60, "e": 40}])
def test_rows_and_checker_agree_about_plans(km, near, made):
    instance = kept_away(f"km={km}; kinds=school")
    plan = working(instance, made)
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == [])
    assert [v.where for v in violations] == sorted((s, "y") for s in near if s in made)
    for violation in violations:
        assert (violation.excess, violation.unit) == (1, "modules too near")


def test_it_says_what_each_site_is_too_near_to():
    instance = kept_away("km=5; kinds=school, homes")
    (only,) = make_rules(instance)
    assert only.kind.reasons(instance, only.where) == {
        "w": "2 km from homes (homes); 3 km from Hill School (school): children"
    }


def test_a_committed_site_too_near_leaves_no_plan():
    decided = {
        "sites": changed("sites", "w", status="committed"),
        "standing_modules": [{"site": "w", "technology": "oven", "modules": 1}],
    }
    parameters = "km=5; kinds=school"
    hard = kept_away(parameters, **decided)
    assert solve(hard, path="exact").status == "infeasible"
    assert cost(kept_away(parameters, 15, **decided)) == pytest.approx(125)


def test_distances_are_to_the_nearest_point_of_the_outline():
    inside = TABLES["sites"][1] | {"site": "in", "x": 3_000, "y": 0}
    corner = TABLES["sites"][1] | {"site": "corner", "x": 7_000, "y": 5_000}
    instance = line(areas=AREAS, sites=[*TABLES["sites"], inside, corner])
    km = area_km(instance, ["w", "e", "in", "corner"], ["homes", "hill"])
    # from the corner 3 km west and 4 km south: 5 km
    assert km.homes.to_list() == pytest.approx([2, 6, 0, 5])
    assert km.hill.to_list() == pytest.approx(
        [3, np.hypot(10, 3), np.hypot(3, 3), np.hypot(7, 2)]
    )


def test_distances_on_the_globe_are_great_circles():
    # at 60 degrees north a degree of longitude is half as long as one of latitude,
    # 111.195 km: an outline from 0.2 to 0.4 degrees east, 0.5 north, is nearest at its
    # side, due east
    outline = "POLYGON ((0.2 59.5, 0.4 59.5, 0.4 60.5, 0.2 60.5, 0.2 59.5))"
    # a slope from (0, 0.1) to (0.2, 0): half as wide on the ground, so 0.1 by 0.1
    slope = "POLYGON ((0 60.1, 0.2 60, 0.2 60.1, 0 60.1))"
    globe = {"crs": "EPSG:4326", "distance": "great_circle"}
    here = [row | {"x": 0, "y": 60} for row in TABLES["sites"]]
    zones = [row | {"x": 0, "y": 60} for row in TABLES["zones"]]
    areas = [
        {"area": "side", "kind": "homes", "geometry": outline},
        {"area": "slope", "kind": "homes", "geometry": slope},
        {"area": "point", "kind": "homes", "x": 0, "y": 60.1},
    ]
    instance = line(globe, sites=here, zones=zones, areas=areas)
    (km, _) = area_km(instance, ["w", "e"], ["side", "slope", "point"]).to_numpy()
    assert km == pytest.approx(
        [0.2 * 111.195 / 2, 0.1 * 111.195 / np.sqrt(2), 11.1195], rel=2e-3
    )


def test_great_circles_are_measured_in_projected_coordinates_too():
    instance = line({"distance": "great_circle"}, areas=AREAS)
    km = area_km(instance, ["w"], ["hill", "homes"]).to_numpy()
    # the grid at its false origin is some per cent off the ground
    assert km == pytest.approx(np.array([[3, 2]]), rel=0.05)


def test_it_holds_in_the_periods_it_covers():
    for covers, covered in (("", {"y", "z"}), ("z", {"z"})):
        assert (
            periods(kept_away("km=5; kinds=school", covers=covers, periods=TWO_YEARS))
            == covered
        )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("km=1; kinds=scool", "(nearest: school)"),
        ("km=1", "kinds: Field required"),
        ("km=1; kinds=", "kinds"),
        ("km=-1; kinds=school", "km: Input should be greater than or equal to 0"),
        ("km=1; kinds=school; size_classes=huge", "'huge'"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(kept_away(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(kept_away("km=0.5; kinds=school, homes"))
    assert only.kind.sentence() == (
        "No module stands nearer than 0.5 km to a place of kind school or homes."
    )
