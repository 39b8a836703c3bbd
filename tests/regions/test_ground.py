import pytest

from dmopt.errors import InstanceError
from dmopt.regions.ground import crs_for, mean_degrees, metric_crs


@pytest.mark.parametrize(
    ("lon", "lat", "country", "part", "crs"),
    [
        (-1.5, 53.8, "GB", "ENG", "EPSG:27700"),
        (-5.93, 54.6, "GB", "NIR", "EPSG:32630"),
        (36.8, -1.3, "KE", "", "EPSG:32737"),
        (-77.0, -12.0, "PE", "", "EPSG:32718"),
        (178.4, -18.1, "FJ", "", "EPSG:32760"),
        (-179.9, -16.8, "FJ", "", "EPSG:32701"),
    ],
)
def test_the_grid_is_the_usual_one_of_the_place(lon, lat, country, part, crs):
    assert crs_for(lon, lat, 20, country, part) == crs


def test_a_region_over_the_edge_of_its_strip_gets_a_grid_of_its_own():
    # at 70 degrees north a degree is 38 km; 100 km is 2.6 degrees, the spare is 0.9
    assert crs_for(17.9, 70.0, 100).startswith("+proj=tmerc")
    assert crs_for(15.0, 70.0, 100) == "EPSG:32633"


def test_the_middle_of_points_on_both_sides_of_the_antimeridian_is_between_them():
    import numpy as np

    lon, lat = mean_degrees(np.array([179.0, -179.0]), np.array([-17.0, -16.0]))
    assert abs(lon) == pytest.approx(180.0)
    assert lat == pytest.approx(-16.5)


@pytest.mark.parametrize("text", ["EPSG:4326", "EPSG:2263", "nonsense"])
def test_degrees_feet_and_nonsense_are_refused(text):
    with pytest.raises(InstanceError, match="--crs"):
        metric_crs(text)
