import numpy as np
import pytest
import shapely

from dmopt.regions.hexes import area_km2, cell_of, centres_km, outlines


def test_hexagons_neither_overlap_nor_leave_gaps():
    cells = outlines(centres_km(3.0, 20.0), 3.0)
    whole = shapely.union_all(shapely.set_precision(cells, 1e-6))
    assert whole.area == pytest.approx(len(cells) * area_km2(3.0), rel=1e-4)
    assert shapely.get_num_interior_rings(whole) == 0


def test_the_area_is_that_of_a_hexagon():
    # width 2 across flats: side 2 / sqrt 3, area 3 sqrt 3 / 2 side^2 = 2 sqrt 3
    assert area_km2(2.0) == pytest.approx(2 * np.sqrt(3))
    one = outlines(np.zeros((1, 2)), 2.0)[0]
    assert one.area == pytest.approx(2 * np.sqrt(3))


def test_a_point_is_in_the_hexagon_that_holds_it():
    points = np.random.default_rng(0).uniform(-10, 10, (500, 2))
    cells = outlines(cell_of(points, 3.0), 3.0)
    assert shapely.distance(cells, shapely.points(points)).max() < 1e-6


def test_centres_are_neighbours_at_one_width():
    centres = centres_km(3.0, 12.0)
    gap = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    assert gap.min(axis=1) == pytest.approx(3.0)
