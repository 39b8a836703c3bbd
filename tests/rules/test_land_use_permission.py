"""Land-use permission: slack, binding, the rows, rows and checker, bad parameters."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from tests.line import TABLES, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import working
from tests.rules.on_paper import TWO_YEARS, periods, rows
from tests.rules.solved import cost

LAND = [
    TABLES["sites"][0] | {"land_use": "town_centre"},
    TABLES["sites"][1] | {"land_use": "light_industrial"},
]


def permitted(
    parameters: str, soft_price: float | None = None, covers: str = "", **tables
) -> Instance:
    (row,) = rule("land_use_permission", parameters)
    row |= {"soft_price": soft_price, "periods": covers}
    return line(rules=[row], **{"sites": LAND} | tables)


def test_a_slack_rule_changes_nothing():
    both = permitted("land_uses=town_centre, light_industrial")
    assert cost(both) == pytest.approx(110)


@PATHS
def test_ovens_keep_to_the_estate(path):
    # e alone: 50 + 20 + 60 t x 10 km x 0.1
    assert cost(permitted("land_uses=light_industrial"), path) == pytest.approx(130)


def test_other_sizes_go_where_they_like():
    # a kiln is as good as an oven and 1 a year dearer
    micro = changed("technologies", size_class="micro")
    kiln = {"technology": "kiln", "size_class": "plant", "fixed_cost_per_yr": 51}
    two = {
        "technologies": [*micro, micro[0] | kiln],
        "recipes": [*TABLES["recipes"], {"recipe": "fire", "technology": "kiln"}],
        "recipe_items": [
            {"recipe": recipe, "commodity": "bread", "quantity": 1}
            for recipe in ("bake", "fire")
        ],
    }
    for sizes, asked in (("plant", 110), ("micro", 111), ("micro, plant", 130)):
        parameters = f"land_uses=light_industrial; size_classes={sizes}"
        assert cost(permitted(parameters, **two)) == pytest.approx(asked)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    # one oven not permitted at 15: 110 + 15 < 130
    use = "land_uses=light_industrial"
    assert cost(permitted(use, soft_price=15)) == pytest.approx(125)
    assert cost(permitted(use, soft_price=25)) == pytest.approx(130)


def test_the_row_is_the_one_on_paper():
    assert rows(permitted("land_uses=light_industrial")) == {
        "permitted[w,y]": "modules[w,oven,y]  <=  0"
    }


@pytest.mark.parametrize("cells", [{}, {"land_use": ""}, {"in_region": False}])
@pytest.mark.parametrize(
    ("parameters", "refused"),
    [
        ("land_uses=light_industrial", [{}]),
        ("land_uses=light_industrial; outside=no", [{}, {"in_region": False}]),
        ("land_uses=light_industrial; blank_allowed=no", [{}, {"land_use": ""}]),
        ("land_uses=town_centre, light_industrial", []),
    ],
)
def test_rows_and_checker_agree_about_plans(parameters, refused, cells):
    outside = TABLES["lanes"] + [TABLES["lanes"][0] | {"origin": "site_outside"}]
    sites = [LAND[0] | cells, LAND[1]]
    instance = permitted(parameters, sites=sites, lanes=outside)
    plan = working(instance, {"w": 100})
    violations = broken(instance, plan)
    assert admits(instance, plan) == (violations == []) == (cells not in refused)
    for violation in violations:
        assert str(violation) == "mine [w, y]: 1 modules not permitted"


def test_an_existing_site_has_to_give_up_what_is_not_permitted():
    stood = {
        "sites": [LAND[0] | {"status": "existing"}, LAND[1]],
        "standing_modules": [{"site": "w", "technology": "oven", "modules": 1}],
    }
    instance = permitted("land_uses=light_industrial", **stood)
    assert cost(instance) == pytest.approx(130)


def test_a_committed_site_is_left_alone():
    decided = {
        "sites": [LAND[0] | {"status": "committed"}, LAND[1]],
        "standing_modules": [{"site": "w", "technology": "oven", "modules": 1}],
    }
    instance = permitted("land_uses=light_industrial", **decided)
    assert cost(instance) == pytest.approx(110)
    assert broken(instance, working(instance, {"w": 100})) == []


def test_it_holds_in_the_periods_it_covers():
    for covers, covered in (("", {"y", "z"}), ("z", {"z"})):
        assert (
            periods(
                permitted(
                    "land_uses=light_industrial", covers=covers, periods=TWO_YEARS
                )
            )
            == covered
        )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("land_uses=town_center", "'town_center' is not one of town_centre, light"),
        ("land_uses=town_center", "(nearest: town_centre)"),
        ("land_uses=", "at least 1 item"),
        ("", "land_uses: Field required"),
        ("land_uses=rural; outside=maybe", "outside: Input should be a valid boolean"),
        ("land_uses=rural; size_classes=huge", "'huge'"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match="rules, row 2") as error:
        make_rules(permitted(parameters))
    assert said in str(error.value)


def test_it_speaks_plainly():
    (only,) = make_rules(permitted("land_uses=town_centre, rural; outside=no"))
    assert only.kind.sentence() == (
        "Modules stand only at sites in the region for town centre or rural or "
        "without a land use, none outside it."
    )
