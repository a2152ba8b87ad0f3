"""Picture to ground against a camera whose geometry is known exactly."""

import numpy as np
import pytest
import shapely

from crowdsafe.domain.geometry import GroundCamera, homography_from_points
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

_PINHOLE = Pinhole()
_GROUND = np.array([[3.0, 5.0], [-4.0, 12.0], [9.0, 20.0], [2.5, 40.0]])


@pytest.mark.parametrize("height_m", [0.0, 1.7, 2.5])
def test_a_head_comes_back_to_its_foot(height_m: float) -> None:
    image = _PINHOLE.to_image(_GROUND, height_m=height_m)
    ground = _PINHOLE.camera().to_ground(image, height_m=height_m)
    assert ground == pytest.approx(_GROUND, abs=1e-9)


def test_a_head_taken_for_a_foot_lands_behind_the_person() -> None:
    image = _PINHOLE.to_image(_GROUND, height_m=1.7)
    off = _PINHOLE.camera().to_ground(image, height_m=0) - _GROUND
    away = _GROUND - np.array(_PINHOLE.position_m)
    # By similar triangles: distance · z / (h − z).
    assert off == pytest.approx(away * 1.7 / (8.0 - 1.7), abs=1e-9)


def test_what_is_on_or_above_the_horizon_has_no_place_on_the_ground() -> None:
    horizon_v = 270 - 700 * np.tan(np.radians(30))
    ground = _PINHOLE.camera().to_ground(
        np.array([[480.0, horizon_v], [480.0, horizon_v - 50], [480.0, 270.0]]), height_m=0
    )
    assert np.isnan(ground[:2]).all()
    assert np.isfinite(ground[2]).all()


def test_the_sign_of_a_homography_does_not_matter() -> None:
    camera = _PINHOLE.camera()
    turned = GroundCamera(-camera.homography, camera.position_m, camera.height_m, (960, 540))
    image = _PINHOLE.to_image(_GROUND, height_m=1.7)
    assert turned.to_ground(image, height_m=1.7) == pytest.approx(_GROUND)
    assert turned.view_polygon(height_m=0, range_m=50).area == pytest.approx(
        camera.view_polygon(height_m=0, range_m=50).area
    )


def test_the_view_is_the_ground_that_shows_in_the_picture() -> None:
    view = _PINHOLE.camera().view_polygon(height_m=1.7, range_m=40)
    rng = np.random.default_rng(5)
    points = rng.uniform([-40, -10], [40, 45], (4000, 2))
    image = _PINHOLE.to_image(points, height_m=1.7)
    ahead = points[:, 1] > -2 + 0.5
    shows = ahead & (image >= 0).all(axis=1) & (image <= (960, 540)).all(axis=1)
    shows &= np.hypot(*(points - np.array([3.0, -2.0])).T) <= 40
    inside = shapely.contains_xy(view, points[:, 0], points[:, 1])
    # The disc of the range is a polygon of 128 corners: its edge is off by a few cm.
    assert np.count_nonzero(shows != inside) <= 4
    assert np.count_nonzero(shows) > 300


@pytest.mark.parametrize("height_m", [-0.1, 8.0, 9.0])
def test_nothing_stands_below_the_ground_or_above_the_camera(height_m: float) -> None:
    with pytest.raises(BadInput, match="below the camera's 8"):
        _PINHOLE.camera().to_ground(np.zeros((1, 2)), height_m=height_m)


def test_a_homography_is_found_again_from_points() -> None:
    image = _PINHOLE.to_image(_GROUND, height_m=0)
    homography = homography_from_points(image_px=image, ground_m=_GROUND)
    expected = _PINHOLE.camera().homography
    assert homography == pytest.approx(expected / expected[2, 2], rel=1e-6)


@pytest.mark.parametrize(
    ("ground", "says"),
    [
        ([[0, 0], [1, 1], [2, 2], [3, 3]], "lie on one line"),
        ([[0, 0], [1, 1], [2, 2], [5, 0]], "lie on one line"),
        ([[0, 0], [1, 0], [1, 0], [0, 1]], "repeat each other"),
        ([[0, 0], [1, 0], [0, 1]], "3 given, expected at least 4"),
    ],
)
def test_points_that_fix_no_homography_are_refused(ground: list[list[float]], says: str) -> None:
    image = [[10.0, 10.0], [90.0, 12.0], [95.0, 80.0], [8.0, 85.0]][: len(ground)]
    with pytest.raises(BadInput, match=says):
        homography_from_points(image_px=image, ground_m=ground)
    if len(ground) == 4:
        with pytest.raises(BadInput, match="picture points lie on one line"):
            homography_from_points(image_px=ground, ground_m=image)


def test_points_that_do_not_pair_up_are_refused() -> None:
    with pytest.raises(BadInput, match="do not pair up"):
        homography_from_points(image_px=np.zeros((4, 2)), ground_m=np.zeros((5, 2)))


def test_a_degenerate_camera_is_refused() -> None:
    good = _PINHOLE.camera().homography
    for homography, height_m, says in (
        (np.ones((3, 3)), 8.0, "degenerate"),
        (good * np.nan, 8.0, "finite numbers"),
        (good, 0.0, "expected more than 0"),
        (good, float("nan"), "expected more than 0"),
    ):
        with pytest.raises(BadInput, match=says):
            GroundCamera(homography, (0.0, 0.0), height_m, (960, 540))
