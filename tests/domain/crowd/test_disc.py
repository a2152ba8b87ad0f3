"""The part of a disc that lies on the ground, against closed formulas and polygons."""

from math import acos, pi, sqrt

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.domain.crowd.disc import disc_areas

FULL_M2 = pi * 1.5**2
SQUARE = shapely.box(0, 0, 10, 10)
STREETS = shapely.union_all([SQUARE, shapely.box(12, 3, 20, 9)]) - shapely.box(3, 3, 5, 5)


def _area(x: float, y: float, ground: Polygon | MultiPolygon, radius_m: float = 1.5) -> float:
    return float(disc_areas(np.array([[x, y]]), radius_m=radius_m, ground=ground)[0])


@pytest.mark.parametrize(
    ("x", "y", "area_m2"),
    [
        (5.0, 5.0, FULL_M2),
        (1.5, 5.0, FULL_M2),
        # On the edge a half, on a corner a quarter, outside by the radius nothing.
        (0.0, 5.0, FULL_M2 / 2),
        (10.0, 5.0, FULL_M2 / 2),
        (4.0, 10.0, FULL_M2 / 2),
        (0.0, 0.0, FULL_M2 / 4),
        (10.0, 10.0, FULL_M2 / 4),
        (11.5, 5.0, 0.0),
        (40.0, 5.0, 0.0),
        (-0.3, 5.0, 1.5**2 * acos(0.2) - 0.3 * sqrt(1.5**2 - 0.3**2)),
    ],
)
def test_discs_on_a_square(x: float, y: float, area_m2: float) -> None:
    assert _area(x, y, SQUARE) == pytest.approx(area_m2, abs=1e-5)


def test_a_disc_around_all_ground_has_all_of_it() -> None:
    assert _area(5.0, 5.0, SQUARE, radius_m=8.0) == pytest.approx(100.0)
    assert _area(5.0, 5.0, SQUARE, radius_m=5.0) == pytest.approx(25 * pi)


def test_the_way_round_of_an_outline_does_not_matter() -> None:
    back = Polygon(shapely.get_coordinates(SQUARE)[::-1])
    assert _area(0.4, 0.2, back) == pytest.approx(_area(0.4, 0.2, SQUARE))


@given(x=st.floats(-2, 22), y=st.floats(-2, 12), radius_m=st.floats(0.3, 6))
def test_discs_agree_with_polygons_of_many_corners(x: float, y: float, radius_m: float) -> None:
    circle = shapely.Point(x, y).buffer(radius_m, quad_segs=512)
    exact = _area(x, y, STREETS, radius_m)
    assert exact == pytest.approx(circle.intersection(STREETS).area, abs=1e-5 * radius_m**2)


def test_where_there_is_no_ground_there_is_no_area() -> None:
    assert _area(0.0, 0.0, Polygon()) == 0
    assert disc_areas(np.zeros((0, 2)), radius_m=1.5, ground=SQUARE).shape == (0,)
