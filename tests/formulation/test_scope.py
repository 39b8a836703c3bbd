"""What is possible at all: placements, items, reach."""

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope
from tests.line import TABLES, changed, line

CLASSES = [
    {"site": "w", "x": 0, "y": 0, "class": "yard", "district": "north"},
    {"site": "e", "x": 10_000, "y": 0, "class": "shop", "district": "south"},
]


def most_modules(**tables: list) -> dict[tuple[str, str], int]:
    return Scope(line(**tables)).most_modules


def ovens(**cells: object) -> list:
    return changed("technologies", **({"max_modules": 5} | cells))


def test_a_technology_of_no_class_may_stand_everywhere():
    assert most_modules(sites=CLASSES, technologies=ovens()) == {
        ("w", "oven"): 5,
        ("e", "oven"): 5,
    }


def test_classes_limit_where_it_may_stand():
    yards = ovens(site_classes="yard")
    assert most_modules(sites=CLASSES, technologies=yards) == {("w", "oven"): 5}
    both = ovens(site_classes=" yard ;shop")
    assert set(most_modules(sites=CLASSES, technologies=both)) == {
        ("w", "oven"),
        ("e", "oven"),
    }


# an oven takes 3 kW
POWER = {
    "services": [{"service": "kw", "kind": "power"}],
    "technology_needs": [{"technology": "oven", "service": "kw", "per_module": 3}],
    "technologies": ovens(),
}


def test_a_site_takes_the_modules_that_its_service_is_enough_for():
    has = [{"site": "w", "service": "kw", "base": 7}]
    # w: 7 kW / 3 kW = 2 ovens; e has no power
    assert most_modules(site_services=has, **POWER) == {("w", "oven"): 2}


def test_what_need_not_be_limited_does_not_limit():
    free = POWER | {"services": [{"service": "kw", "limited": False}]}
    assert most_modules(**free) == {("w", "oven"): 5, ("e", "oven"): 5}


def test_infrastructure_in_reach_adds_room_with_all_its_steps():
    grid = {
        "infrastructure": [{"infrastructure": "grid", "reach": "site"}],
        "infrastructure_services": [
            {"infrastructure": "grid", "service": "kw", "per_step": 4}
        ],
        "locations": [
            {"infrastructure": "grid", "location": "g", "site": "e", "max_steps": 2}
        ],
    }
    # e: 2 steps of 4 kW / 3 kW = 2 ovens
    assert most_modules(**POWER, **grid) == {("e", "oven"): 2}
    any_amount = [{"infrastructure": "grid", "service": "kw"}]
    grid["infrastructure_services"] = any_amount
    assert most_modules(**POWER, **grid) == {("e", "oven"): 5}


def test_an_excluded_site_has_no_placements_and_makes_nothing():
    scope = Scope(line(sites=changed("sites", "w", status="excluded")))
    assert list(scope.sites.index) == ["e"]
    assert set(scope.most_modules) == {("e", "oven")}
    assert set(scope.makes) == {("e", "bread")}


def test_a_committed_site_has_what_comes_and_nothing_else():
    scope = Scope(
        line(
            sites=changed("sites", "w", status="committed"),
            technologies=ovens(site_classes=""),
            standing_modules=[{"site": "w", "technology": "oven", "modules": 7}],
        )
    )
    assert scope.committed == {"w"}
    assert scope.most_modules == {("w", "oven"): 7, ("e", "oven"): 5}


def test_what_stands_may_stay_though_it_may_not_be_placed_anew():
    existing = [CLASSES[0] | {"status": "existing"}, CLASSES[1]]
    standing = [{"site": "w", "technology": "oven", "modules": 2}]
    shops = ovens(site_classes="shop")
    found = most_modules(sites=existing, technologies=shops, standing_modules=standing)
    assert found == {("w", "oven"): 2, ("e", "oven"): 5}


def test_recipes_make_and_take_where_their_technology_may_stand():
    # oven bakes bread from flour at w and e
    scope = Scope(
        line(
            commodities=[*TABLES["commodities"], {"commodity": "flour"}],
            recipe_items=[
                *TABLES["recipe_items"],
                {"recipe": "bake", "commodity": "flour", "quantity": -0.8},
            ],
            suppliers=[{"supplier": "mill", "x": 20_000, "y": 0}],
            supplies=[{"supplier": "mill", "commodity": "flour", "price": 1}],
            lanes=[
                *TABLES["lanes"],
                {
                    "commodity": "flour",
                    "mode": "van",
                    "origin": "supplier",
                    "destination": "site",
                },
            ],
        )
    )
    assert scope.makes == {("w", "bread"): ["bake"], ("e", "bread"): ["bake"]}
    assert scope.takes == {("w", "flour"): ["bake"], ("e", "flour"): ["bake"]}
    assert scope.sold_to_zones == frozenset()


def test_what_suppliers_bring_to_zones_is_sold_to_zones():
    direct = TABLES["lanes"][0] | {"origin": "supplier"}
    scope = Scope(
        line(
            suppliers=[{"supplier": "mill", "x": 20_000, "y": 0}],
            supplies=[{"supplier": "mill", "commodity": "bread", "price": 1}],
            lanes=[*TABLES["lanes"], direct],
        )
    )
    assert scope.sold_to_zones == {"bread"}


def reaching(reach: str, radius_km: float | None = None, **location: object) -> set:
    """Sites that infrastructure of this reach at this location can serve."""
    outside = {"site": "out", "x": 10_000, "y": 0, "district": "south"}
    shut = outside | {"site": "shut", "status": "excluded"}
    instance: Instance = line(
        sites=[*CLASSES, outside | {"in_region": False}, shut],
        infrastructure=[
            {"infrastructure": "hub", "reach": reach, "radius_km": radius_km}
        ],
        locations=[{"infrastructure": "hub", "location": "here"} | location],
    )
    found = Scope(instance).reach
    assert {(i, l) for _, i, l in found} <= {("hub", "here")}
    return {s for s, _, _ in found}


def test_reach_of_a_site_is_that_site():
    assert reaching("site", site="e") == {"e"}


def test_reach_of_a_radius_is_straight_and_knows_no_region():
    # 4 km east of w: w is 4 km off, e and out 6 km
    assert reaching("radius", 4, x=4000, y=0) == {"w"}
    assert reaching("radius", 6, x=4000, y=0) == {"w", "e", "out"}
    assert reaching("radius", 3.9, x=4000, y=0) == set()


def test_a_radius_starts_at_the_site_where_the_location_has_no_point():
    assert reaching("radius", 1, site="w") == {"w"}


def test_reach_of_a_district_is_its_sites_in_the_region():
    assert reaching("district", district="south") == {"e"}
    assert reaching("district", site="w") == {"w"}


def test_reach_of_the_region_is_every_site_in_it():
    assert reaching("region") == {"w", "e"}
