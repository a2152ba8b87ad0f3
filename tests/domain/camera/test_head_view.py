"""Sizes of heads against a pinhole camera whose every number is known."""

import numpy as np
import pytest

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.camera.head_view import HEAD_M, HeadView
from tests.pinhole import Pinhole

_PINHOLE = Pinhole(height_m=8.0, tilt_deg=15.0, focal_px=1200.0, position_m=(3.0, -2.0))


def _view(pinhole: Pinhole = _PINHOLE, *, range_m: float = 60.0) -> HeadView:
    return HeadView(camera=pinhole.calibrated(), height_m=1.7, range_m=range_m)


def _heads(ground_m: Points) -> Points:
    return _PINHOLE.picture_of(ground_m, height_m=1.7)


@pytest.mark.parametrize("away_m", [10.0, 25.0, 59.0])
def test_a_head_is_as_large_as_it_is_drawn(away_m: float) -> None:
    ground = np.array([[3.0, -2.0 + away_m]])
    side = np.array([HEAD_M / 2, 0.0])
    left, right = _heads(ground - side)[0], _heads(ground + side)[0]
    size = _view().sizes_px(_heads(ground), picture_size_px=_PINHOLE.size_px)
    assert size[0] == pytest.approx(right[0] - left[0], rel=1e-4)


@pytest.mark.parametrize("times", [0.25, 0.5, 2.0])
def test_another_resolution_scales_the_heads(times: float) -> None:
    width, height = _PINHOLE.size_px
    places = _heads(np.array([[3.0, 12.0], [-4.0, 30.0], [8.0, 45.0]]))
    calibrated = _view().sizes_px(places, picture_size_px=(width, height))
    other = _view().sizes_px(
        places * times, picture_size_px=(round(width * times), round(height * times))
    )
    np.testing.assert_allclose(other, calibrated * times, rtol=1e-9)


def test_nobody_is_counted_beyond_the_range_in_any_direction() -> None:
    angles = np.radians([-30.0, 0.0, 25.0])
    toward = np.column_stack([np.sin(angles), np.cos(angles)])
    for away_m, counted in ((39.9, True), (40.1, False)):
        sizes = _view(range_m=40.0).sizes_px(
            _heads(toward * away_m + np.array(_PINHOLE.position_m)),
            picture_size_px=_PINHOLE.size_px,
        )
        assert np.isfinite(sizes).tolist() == [counted] * 3


def test_the_sky_has_no_heads_and_sizes_grow_down_the_picture() -> None:
    rows = np.arange(0.0, 721.0)
    column = np.column_stack([np.full_like(rows, 640.0), rows])
    sizes = _view(range_m=1e6).sizes_px(column, picture_size_px=_PINHOLE.size_px)
    horizon = 360 - 1200 * np.tan(np.radians(15.0))
    assert np.isnan(sizes[rows <= horizon]).all()
    below = sizes[rows > horizon + 1]
    assert np.isfinite(below).all()
    assert (np.diff(below) > 0).all()


def test_all_heads_are_alike_to_a_camera_that_looks_straight_down() -> None:
    down = Pinhole(height_m=6.7, tilt_deg=90.0, focal_px=900.0)
    corners = np.array([[0.0, 0.0], [1280.0, 0.0], [640.0, 360.0], [1280.0, 720.0]])
    sizes = _view(down).sizes_px(corners, picture_size_px=down.size_px)
    np.testing.assert_allclose(sizes, HEAD_M * 900.0 / 5.0, rtol=1e-6)


def test_no_places_have_no_sizes() -> None:
    assert _view().sizes_px(np.zeros((0, 2)), picture_size_px=(1280, 720)).shape == (0,)
