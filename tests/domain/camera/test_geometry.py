"""Geometry against a pinhole camera whose every number is known."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.camera.geometry import (
    GroundCamera,
    Points,
    homography_from_points,
    largest_polygon,
    polygonal,
)
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

GROUND = np.array([[3.0, 4.0], [0.5, 6.0], [5.5, 9.0], [1.0, 15.0], [8.0, 25.0]])
CAMERAS = [
    Pinhole(),
    Pinhole(height_m=2.5, tilt_deg=8.0, position_m=(0.0, 0.0)),
    Pinhole(height_m=30.0, tilt_deg=70.0),
    Pinhole(height_m=12.0, tilt_deg=45.0, focal_px=2400.0, size_px=(3840, 2160)),
]


@pytest.mark.parametrize("pinhole", CAMERAS)
@pytest.mark.parametrize("height_m", [0.0, 1.2, 1.7])
def test_a_head_comes_back_to_its_foot(pinhole: Pinhole, height_m: float) -> None:
    picture = pinhole.picture_of(GROUND, height_m=height_m)
    ground = pinhole.calibrated().to_ground(picture, height_m=height_m)
    assert np.abs(ground - GROUND).max() < 1e-6


@pytest.mark.parametrize("pinhole", CAMERAS)
def test_point_pairs_give_the_camera_back(pinhole: Pinhole) -> None:
    picture = pinhole.picture_of(GROUND, height_m=0.0)
    fitted = homography_from_points(image_px=picture, ground_m=GROUND)
    exact = pinhole.calibrated().homography
    elsewhere = pinhole.picture_of(np.array([[2.0, 7.5], [4.0, 12.0]]), height_m=0.0)
    camera = GroundCamera(fitted, pinhole.position_m, pinhole.height_m, pinhole.size_px)
    np.testing.assert_allclose(fitted, exact / exact[2, 2], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(
        camera.to_ground(elsewhere, height_m=0.0), [[2.0, 7.5], [4.0, 12.0]], atol=1e-6
    )


@given(
    x=st.floats(-5, 10),
    y=st.floats(1, 60),
    height_m=st.floats(2.0, 40.0),
    tilt_deg=st.floats(10.0, 80.0),
    head_m=st.floats(0.0, 1.9),
)
def test_any_head_of_any_camera_comes_back(
    x: float, y: float, height_m: float, tilt_deg: float, head_m: float
) -> None:
    pinhole = Pinhole(height_m=height_m, tilt_deg=tilt_deg)
    point = np.array([[x, y]])
    ground = pinhole.calibrated().to_ground(
        pinhole.picture_of(point, height_m=head_m), height_m=head_m
    )
    # Under a head just below the camera, the ray is so flat that a rounding is a length.
    if np.isfinite(ground).all():
        assert np.abs(ground - point).max() < 1e-4


def test_a_head_taken_for_a_foot_lands_behind_the_person() -> None:
    pinhole = Pinhole(height_m=8.0)
    picture = pinhole.picture_of(GROUND, height_m=1.7)
    off = pinhole.calibrated().to_ground(picture, height_m=0.0) - GROUND
    # By similar triangles: distance · z / (h − z).
    away = GROUND - np.array(pinhole.position_m)
    np.testing.assert_allclose(off, away * 1.7 / (8.0 - 1.7), atol=1e-9)


def test_the_sign_of_a_homography_does_not_matter() -> None:
    pinhole = Pinhole()
    camera = pinhole.calibrated()
    turned = GroundCamera(
        -camera.homography, camera.position_m, camera.height_m, camera.image_size_px
    )
    picture = pinhole.picture_of(GROUND, height_m=1.7)
    np.testing.assert_allclose(turned.to_ground(picture, height_m=1.7), GROUND, atol=1e-6)
    view, turned_view = (each.view_polygon(height_m=0, range_m=50) for each in (camera, turned))
    assert turned_view.area == pytest.approx(view.area)


def test_what_is_on_or_above_the_horizon_is_nowhere() -> None:
    pinhole = Pinhole(tilt_deg=10.0)
    width, height = pinhole.size_px
    horizon_y = height / 2 - pinhole.focal_px * np.tan(np.radians(pinhole.tilt_deg))
    points = np.array([[width / 2, horizon_y], [width / 2, horizon_y - 50], [width / 2, height]])
    ground = pinhole.calibrated().to_ground(points, height_m=0.0)
    assert np.isnan(ground[:2]).all()
    assert np.isfinite(ground[2]).all()


def test_a_nan_point_stays_nan() -> None:
    ground = Pinhole().calibrated().to_ground(np.array([[np.nan, 3.0]]), height_m=0.0)
    assert np.isnan(ground).all()


def test_no_points_give_no_points() -> None:
    assert Pinhole().calibrated().to_ground(np.zeros((0, 2)), height_m=1.7).shape == (0, 2)


@pytest.mark.parametrize("height_m", [0.0, 1.7])
def test_the_view_holds_exactly_what_shows_in_the_picture(height_m: float) -> None:
    pinhole = Pinhole(tilt_deg=20.0)
    view = pinhole.calibrated().view_polygon(height_m=height_m, range_m=40.0)
    generator = np.random.default_rng(7)
    ground = generator.uniform((-30, -1), (35, 45), size=(2000, 2))
    picture = pinhole.picture_of(ground, height_m=height_m)
    in_picture = ((picture >= 0) & (picture <= pinhole.size_px)).all(axis=1)
    in_range = np.hypot(*(ground - pinhole.position_m).T) <= 40.0
    points = shapely.points(ground)
    # The disc is a polygon of many sides, so its rim is left out.
    certain = shapely.distance(points, view.exterior) > 0.1
    assert certain.sum() > 1900
    np.testing.assert_array_equal(
        shapely.contains(view, points)[certain], (in_picture & in_range)[certain]
    )


def test_the_view_reaches_to_the_horizon_only_as_far_as_the_range() -> None:
    pinhole = Pinhole(tilt_deg=5.0)
    view = pinhole.calibrated().view_polygon(height_m=0.0, range_m=25.0)
    farthest = np.hypot(*(shapely.get_coordinates(view) - pinhole.position_m).T).max()
    assert farthest == pytest.approx(25.0, abs=0.05)


def test_a_view_straight_down_is_the_pictures_rectangle() -> None:
    pinhole = Pinhole(height_m=10.0, tilt_deg=90.0, focal_px=1000.0, size_px=(1000, 500))
    view = pinhole.calibrated().view_polygon(height_m=0.0, range_m=100.0)
    assert view.area == pytest.approx(10.0 * 5.0, rel=1e-6)
    assert view.bounds == pytest.approx((-2.0, -4.5, 8.0, 0.5), abs=1e-6)


def _camera(homography: object, *, height_m: float = 5.0) -> GroundCamera:
    return GroundCamera(np.asarray(homography, dtype=np.float64), (0.0, 0.0), height_m, (640, 480))


@pytest.mark.parametrize(
    ("homography", "height_m", "says"),
    [
        (np.eye(2), 5.0, "3 × 3"),
        (np.full((3, 3), np.nan), 5.0, "finite"),
        (np.zeros((3, 3)), 5.0, "degenerate"),
        ([[1, 0, 0], [2, 0, 0], [0, 0, 1]], 5.0, "degenerate"),
        (np.eye(3), 0.0, "more than 0"),
        (np.eye(3), -2.0, "more than 0"),
        (np.eye(3), np.nan, "more than 0"),
        (np.eye(3), np.inf, "more than 0"),
        ([[1, 0, 0], [0, 1, 0], [0, 1, -480]], 5.0, "horizon"),
    ],
)
def test_a_camera_that_cannot_be_is_refused(homography: object, height_m: float, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        _camera(homography, height_m=height_m)


@pytest.mark.parametrize("height_m", [5.0, 6.0, -0.1, float("nan")])
def test_a_head_not_below_the_camera_is_refused(height_m: float) -> None:
    with pytest.raises(BadInput, match="below the camera's"):
        _camera(np.eye(3)).to_ground(np.zeros((1, 2)), height_m=height_m)


def test_only_areas_are_kept_of_a_mixed_shape() -> None:
    square, small = shapely.box(0, 0, 2, 2), shapely.box(5, 5, 6, 6)
    mixed = shapely.GeometryCollection([square, small, shapely.Point(9, 9)])
    assert largest_polygon(mixed).equals(square)
    assert polygonal(mixed).area == pytest.approx(5.0)
    assert largest_polygon(shapely.Point(0, 0)).is_empty
    assert polygonal(shapely.Point(0, 0)).is_empty


def _across(pinhole: Pinhole, ground_m: Points) -> Points:
    """Level unit vectors square to the line of sight to each of (n, 2) ground points."""
    away = ground_m - np.array(pinhole.position_m)
    turned = np.column_stack([-away[:, 1], away[:, 0]])
    across: Points = turned / np.linalg.norm(away, axis=1)[:, None]
    return across


@pytest.mark.parametrize("pinhole", CAMERAS)
@pytest.mark.parametrize("height_m", [0.0, 1.7])
def test_px_per_m_is_what_a_short_stick_across_the_view_measures(
    pinhole: Pinhole, height_m: float
) -> None:
    half_m = 1e-4 * _across(pinhole, GROUND)
    ends = [pinhole.picture_of(GROUND + side * half_m, height_m=height_m) for side in (-1, 1)]
    measured = np.linalg.norm(ends[1] - ends[0], axis=1) / 2e-4
    middle = pinhole.picture_of(GROUND, height_m=height_m)
    px_per_m = pinhole.calibrated().px_per_m(middle, height_m=height_m)
    np.testing.assert_allclose(px_per_m, measured, rtol=1e-5)


def test_px_per_m_in_the_middle_is_the_focal_length_over_the_distance() -> None:
    pinhole = Pinhole(height_m=6.7, tilt_deg=30.0, focal_px=800.0)
    distance_m = (6.7 - 1.7) / np.sin(np.radians(30.0))
    px_per_m = pinhole.calibrated().px_per_m(np.array([[640.0, 360.0]]), height_m=1.7)
    assert px_per_m[0] == pytest.approx(800.0 / distance_m)


def test_px_per_m_of_a_camera_that_looks_straight_down_is_the_same_everywhere() -> None:
    pinhole = Pinhole(height_m=11.7, tilt_deg=90.0, focal_px=1000.0, size_px=(1000, 500))
    # The middle is straight below, where no direction is away from the camera.
    everywhere = np.array([[500.0, 250.0], [0.0, 0.0], [1000.0, 0.0], [700.0, 500.0]])
    px_per_m = pinhole.calibrated().px_per_m(everywhere, height_m=1.7)
    np.testing.assert_allclose(px_per_m, 100.0, rtol=1e-6)


def test_px_per_m_exactly_below_the_camera_is_no_division_by_nothing() -> None:
    camera = _camera([[0.01, 0.0, -3.2], [0.0, 0.01, -2.4], [0.0, 0.0, 1.0]])
    px_per_m = camera.px_per_m(np.array([[320.0, 240.0], [400.0, 240.0]]), height_m=1.0)
    np.testing.assert_allclose(px_per_m, 100.0 / (1.0 - 1.0 / 5.0))


def test_px_per_m_is_nan_on_and_above_the_horizon_and_nowhere_else() -> None:
    # The horizon is exactly row 120: there the homogeneous divisor is 0.
    camera = _camera([[1.0, 0.0, -320.0], [0.0, 0.0, 400.0], [0.0, 0.01, -1.2]])
    rows = np.array([[320.0, 0.0], [320.0, 119.0], [320.0, 120.0], [320.0, 300.0], [0.0, 480.0]])
    known = np.isfinite(camera.px_per_m(rows, height_m=1.7))
    assert known.tolist() == [False, False, False, True, True]


def test_px_per_m_does_not_care_for_the_sign_of_a_homography() -> None:
    camera = Pinhole().calibrated()
    turned = GroundCamera(
        -camera.homography, camera.position_m, camera.height_m, camera.image_size_px
    )
    picture = Pinhole().picture_of(GROUND, height_m=1.7)
    np.testing.assert_allclose(
        turned.px_per_m(picture, height_m=1.7), camera.px_per_m(picture, height_m=1.7)
    )


@given(
    near_m=st.floats(3.0, 50.0),
    farther_m=st.floats(0.1, 50.0),
    height_m=st.floats(2.5, 30.0),
    tilt_deg=st.floats(5.0, 60.0),
)
def test_px_per_m_falls_with_distance(
    near_m: float, farther_m: float, height_m: float, tilt_deg: float
) -> None:
    pinhole = Pinhole(height_m=height_m, tilt_deg=tilt_deg, position_m=(0.0, 0.0))
    ground = np.array([[0.0, near_m], [0.0, near_m + farther_m]])
    picture = pinhole.picture_of(ground, height_m=1.7)
    near, far = pinhole.calibrated().px_per_m(picture, height_m=1.7)
    # What lies behind the camera is not in the picture; what is hardly below the horizon is NaN.
    if np.isfinite(near) and np.isfinite(far):
        assert far < near


def test_no_points_have_no_px_per_m() -> None:
    assert Pinhole().calibrated().px_per_m(np.zeros((0, 2)), height_m=1.7).shape == (0,)
