"""A camera with a bent lens: to the ground and back, sizes, view and horizon, against OpenCV."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.camera.calibration import camera_from_pose
from crowdsafe.domain.camera.distortion import BrownConrady, TsaiRadial
from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.camera.pose import Pose
from crowdsafe.errors import BadInput
from tests.domain.camera.lens_camera import LensCamera
from tests.pinhole import Pinhole

CAMERAS = {
    "mast": LensCamera(),
    "wide": LensCamera(focal_px=(620.0, 620.0), distortion=(-0.25, 0.06, 0.001, 0.0, -0.004)),
    "pincushion": LensCamera(distortion=(0.2, 0.05, 0.0, 0.001, 0.0)),
    "down": LensCamera(tilt_deg=85.0, pan_deg=200.0, roll_deg=10.0),
}


@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("height_m", [0.0, 1.7])
def test_what_opencv_draws_comes_back_to_where_it_stands(name: str, height_m: float) -> None:
    drawn = CAMERAS[name]
    ground = drawn.ground(seed=4, how_many=60)
    picture = drawn.picture_of(ground, height_m=height_m)
    camera = drawn.calibration().camera
    np.testing.assert_allclose(camera.to_ground(picture, height_m=height_m), ground, atol=1e-6)
    np.testing.assert_allclose(camera.to_picture(ground, height_m=height_m), picture, atol=1e-6)


def test_without_its_lens_a_camera_is_metres_off() -> None:
    drawn = CAMERAS["mast"]
    ground = drawn.ground(seed=4, how_many=200)
    picture = drawn.picture_of(ground, height_m=0.0)
    straight = Lens(drawn.focal_px, drawn.centre_px)
    camera = camera_from_pose(lens=straight, pose=drawn.pose, image_size_px=drawn.size_px).camera
    off = camera.to_ground(picture, height_m=0.0) - ground
    assert np.hypot(*off.T).max() > 1.0


@given(
    x=st.floats(-20, 20),
    y=st.floats(-20, 60),
    height_m=st.floats(0.0, 1.9),
    kappa1=st.floats(-0.2, 0.3),
    tilt_deg=st.floats(5.0, 80.0),
)
def test_ground_that_shows_in_any_tsai_camera_comes_back(
    x: float, y: float, height_m: float, kappa1: float, tilt_deg: float
) -> None:
    lens = Lens((900.0, 940.0), (630.0, 370.0), TsaiRadial(kappa1))
    pose = Pose.from_angles(position_m=(0.0, 0.0, 6.0), pan_deg=10.0, tilt_deg=tilt_deg)
    camera = camera_from_pose(lens=lens, pose=pose, image_size_px=(1280, 720)).camera
    ground = np.array([[x, y]])
    picture = camera.to_picture(ground, height_m=height_m)
    if np.isfinite(picture).all():
        again = camera.to_ground(picture, height_m=height_m)
        assert np.hypot(*(again - ground)[0]) < 1e-6 * max(1.0, float(np.hypot(x, y)) ** 2)


@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("height_m", [0.0, 1.7])
def test_px_per_m_is_what_a_short_stick_across_the_view_measures(
    name: str, height_m: float
) -> None:
    drawn = CAMERAS[name]
    ground = drawn.ground(seed=5, how_many=40)
    away = ground - np.array(drawn.position_m[:2])
    across = np.column_stack([-away[:, 1], away[:, 0]]) / np.hypot(*away.T)[:, None]
    ends = [drawn.picture_of(ground + side * 1e-3 * across, height_m=height_m) for side in (-1, 1)]
    measured = np.hypot(*(ends[1] - ends[0]).T) / 2e-3
    middle = drawn.picture_of(ground, height_m=height_m)
    px_per_m = drawn.calibration().camera.px_per_m(middle, height_m=height_m)
    np.testing.assert_allclose(px_per_m, measured, rtol=1e-4)


@pytest.mark.parametrize("name", CAMERAS)
def test_the_slope_is_what_a_small_step_measures(name: str) -> None:
    drawn = CAMERAS[name]
    camera = drawn.calibration().camera
    points = drawn.picture_of(drawn.ground(seed=6, how_many=40), height_m=1.7)
    slope = camera.slope_m_px(points, height_m=1.7)
    for axis in range(2):
        step = 1e-3 * np.eye(2)[axis]
        sides = [camera.to_ground(points + sign * step, height_m=1.7) for sign in (-1, 1)]
        np.testing.assert_allclose(slope[:, :, axis], (sides[1] - sides[0]) / 2e-3, rtol=1e-4)


@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("height_m", [0.0, 1.7])
def test_the_view_holds_exactly_what_opencv_draws_into_the_picture(
    name: str, height_m: float
) -> None:
    drawn = CAMERAS[name]
    view = drawn.calibration().camera.view_polygon(height_m=height_m, range_m=35.0)
    ground = np.random.default_rng(8).uniform((-34, -34), (38, 34), size=(4000, 2))
    # OpenCV also draws what is behind the camera, and what is so far aside that it folds in.
    ahead = np.column_stack([ground, np.full(len(ground), height_m)]) - np.array(drawn.position_m)
    seen = ahead @ drawn.pose.rotation.T
    aside = np.hypot(*(seen[:, :2] / seen[:, 2:]).T)
    in_front = (seen[:, 2] > 0) & (aside < drawn.lens.distortion.limit_radius)  # type: ignore[union-attr]
    picture = drawn.picture_of(ground, height_m=height_m)
    in_picture = ((picture >= 0) & (picture <= drawn.size_px)).all(axis=1) & in_front
    in_range = np.hypot(*(ground - drawn.position_m[:2]).T) <= 35.0
    points = shapely.points(ground)
    # The borders are polygons of many sides, so their rims are left out.
    certain = shapely.distance(points, view.exterior) > 0.15
    assert certain.sum() > 3500
    assert (in_picture & in_range).sum() > 20
    np.testing.assert_array_equal(
        shapely.contains(view, points)[certain], (in_picture & in_range)[certain]
    )


def test_the_horizon_is_where_far_ground_shows() -> None:
    drawn = LensCamera(tilt_deg=12.0)
    camera = drawn.calibration().camera
    horizon = camera.horizon_px()
    assert len(horizon) > 50
    angles = np.radians(drawn.pan_deg + np.linspace(-25, 25, 21))
    far = 1e7 * np.column_stack([np.sin(angles), np.cos(angles)])
    picture = drawn.picture_of(far, height_m=0.0)
    inside = picture[((picture >= 0) & (picture <= drawn.size_px)).all(axis=1)]
    assert len(inside) > 10
    line = shapely.LineString(horizon)
    assert max(line.distance(shapely.Point(point)) for point in inside) < 0.05
    # It is bent: a straight line between its ends is px away from its middle.
    chord = shapely.LineString(horizon[[0, -1]])
    assert chord.distance(shapely.Point(horizon[len(horizon) // 2])) > 5.0
    below, above = horizon + np.array([0.0, 8.0]), horizon - np.array([0.0, 1.0])
    assert np.isfinite(camera.to_ground(below, height_m=0.0)).all()
    assert np.isnan(camera.to_ground(above, height_m=0.0)).all()


def test_a_camera_that_looks_down_has_no_horizon_in_its_picture() -> None:
    assert CAMERAS["down"].calibration().camera.horizon_px().shape == (0, 2)
    flat = GroundCamera(np.diag([0.01, -0.01, 1.0]), (0.0, 0.0), 5.0, (640, 480))
    assert flat.horizon_px().shape == (0, 2)


def test_a_plain_camera_has_a_way_back_too() -> None:
    pinhole = Pinhole()
    ground = np.array([[3.0, 4.0], [0.5, 6.0], [5.5, 9.0], [8.0, 25.0]])
    for height_m in (0.0, 1.7):
        np.testing.assert_allclose(
            pinhole.calibrated().to_picture(ground, height_m=height_m),
            pinhole.picture_of(ground, height_m=height_m),
            atol=1e-8,
        )


def test_what_is_behind_the_camera_is_in_no_picture() -> None:
    for camera in (Pinhole().calibrated(), CAMERAS["wide"].calibration().camera):
        behind = np.array([[3.0, -30.0], [np.nan, 4.0]])
        assert np.isnan(camera.to_picture(behind, height_m=1.7)).all()
        assert camera.to_picture(np.zeros((0, 2)), height_m=0.0).shape == (0, 2)


def test_what_is_far_aside_is_not_folded_into_the_picture() -> None:
    camera = camera_from_pose(
        lens=Lens((900.0, 900.0), (640.0, 360.0), BrownConrady(-0.35)),
        pose=Pose.from_angles(position_m=(0.0, 0.0, 6.0), pan_deg=0.0, tilt_deg=20.0),
        image_size_px=(1280, 720),
    ).camera
    aside = np.array([[10.0, 5.0], [25.0, 8.0], [60.0, 9.0]])
    picture = camera.to_picture(aside, height_m=0.0)
    assert np.isnan(picture).all()


def test_where_the_lens_is_not_known_there_is_no_view() -> None:
    # It folds at 0.62·900 = 560 px in the picture, whose corners are 734 px away.
    camera = camera_from_pose(
        lens=Lens((900.0, 900.0), (640.0, 360.0), BrownConrady(-0.38)),
        pose=Pose.from_angles(position_m=(0.0, 0.0, 6.0), pan_deg=0.0, tilt_deg=60.0),
        image_size_px=(1280, 720),
    ).camera
    corners = np.array([[0.0, 0.0], [1280.0, 0.0], [0.0, 720.0], [1280.0, 720.0]])
    assert np.isnan(camera.to_ground(corners, height_m=0.0)).all()
    assert np.isnan(camera.px_per_m(corners, height_m=0.0)).all()
    view = camera.view_polygon(height_m=0.0, range_m=100.0)
    inside = np.random.default_rng(3).uniform((0, 0), (1280, 720), size=(2000, 2))
    ground = camera.to_ground(inside, height_m=0.0)
    known = np.isfinite(ground).all(axis=1)
    assert 0.5 < known.mean() < 0.9
    certain = np.hypot(*(inside - (640.0, 360.0)).T) < 0.55 * 900
    assert known[certain].all()
    assert shapely.contains_xy(view, ground[certain]).all()


def test_a_lens_that_folds_back_before_the_bottom_of_the_picture_is_refused() -> None:
    with pytest.raises(BadInput, match="folds back before the bottom of the picture"):
        camera_from_pose(
            lens=Lens((500.0, 500.0), (640.0, 360.0), BrownConrady(-0.9)),
            pose=Pose.from_angles(position_m=(0.0, 0.0, 6.0), pan_deg=0.0, tilt_deg=40.0),
            image_size_px=(1280, 720),
        )


def test_heads_have_the_size_that_opencv_draws() -> None:
    drawn = CAMERAS["wide"]
    view = HeadView(camera=drawn.calibration().camera, height_m=1.7, range_m=60.0)
    ground = drawn.ground(seed=9, how_many=20)
    middle = drawn.picture_of(ground, height_m=1.7)
    sizes = view.sizes_px(middle * 0.5, picture_size_px=(640, 360))
    px_per_m = drawn.calibration().camera.px_per_m(middle, height_m=1.7)
    np.testing.assert_allclose(sizes, 0.5 * 0.19 * px_per_m)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"image_size_px": (0, 480)}, "picture size: 0 × 480 px"),
        ({"image_size_px": (640, -480)}, "picture size: 640 × -480 px"),
        ({"residual_m": -0.1}, "residual: -0.1 m"),
        ({"residual_m": np.nan}, "residual: nan m"),
        ({"position_m": (np.nan, 0.0)}, "camera position"),
    ],
)
def test_a_camera_that_cannot_be_is_refused(changes: dict[str, object], says: str) -> None:
    values: dict[str, object] = {
        "homography": Pinhole().calibrated().homography,
        "position_m": (0.0, 0.0),
        "height_m": 5.0,
        "image_size_px": (640, 480),
        **changes,
    }
    with pytest.raises(BadInput, match=says):
        GroundCamera(**values)  # type: ignore[arg-type]
