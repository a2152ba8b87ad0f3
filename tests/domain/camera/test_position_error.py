"""The error of ground points against what many disturbed points do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.camera.calibration import camera_from_pairs
from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.camera.position_error import position_error
from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput
from tests.domain.camera.lens_camera import LensCamera
from tests.pinhole import Pinhole

_DRAWS = 20_000
GROUND = np.array([[3.0, 4.0], [0.5, 8.0], [5.5, 12.0], [-3.0, 17.0], [8.0, 25.0]])


def _covariances(off: Points) -> Points:
    """(n, 2, 2) mean squares of (draws, n, 2)."""
    squares: Points = np.einsum("dni,dnj->nij", off, off) / len(off)
    return squares


def _along_across(camera: GroundCamera, ground: Points, off: Points) -> tuple[Points, Points]:
    away = ground - np.array(camera.position_m)
    toward = away / np.hypot(*away.T)[:, None]
    aside = np.column_stack([-toward[:, 1], toward[:, 0]])
    along, across = (
        np.sqrt(((off * unit).sum(axis=2) ** 2).mean(axis=0)) for unit in (toward, aside)
    )
    return along, across


@pytest.mark.parametrize("bent", [False, True])
@pytest.mark.parametrize("height_m", [0.0, 1.7])
def test_pixels_and_heights_spread_as_many_draws_do(bent: bool, height_m: float) -> None:
    generator = np.random.default_rng(11)
    camera = LensCamera(tilt_deg=30.0).calibration().camera if bent else Pinhole().calibrated()
    picture = camera.to_picture(GROUND, height_m=height_m)
    height_sd_m = 0.1 if height_m else 0.0
    error = position_error(camera, picture, height_m=height_m, pixel_sd_px=0.8)
    # A person taller than thought shows higher in the picture, and is projected from the same z.
    heights = height_m + height_sd_m * generator.normal(size=_DRAWS)
    off = np.empty((_DRAWS, len(GROUND), 2))
    plane = np.array(camera.position_m) + (GROUND - np.array(camera.position_m)) * (
        camera.height_m / (camera.height_m - heights[:, None, None])
    )
    for number in range(len(GROUND)):
        at = camera.to_picture(plane[:, number], height_m=0.0)
        at = at + 0.8 * generator.normal(size=at.shape)
        off[:, number] = camera.to_ground(at, height_m=height_m) - GROUND[number]
    along, across = _along_across(camera, GROUND, off)
    np.testing.assert_allclose(error.along_m, along, rtol=0.05)
    np.testing.assert_allclose(error.across_m, across, rtol=0.05)
    np.testing.assert_allclose(error.sd_m, np.sqrt((off**2).sum(axis=2).mean(axis=0)), rtol=0.05)
    measured = _covariances(off)
    scale = np.trace(measured, axis1=1, axis2=2)[:, None, None]
    np.testing.assert_allclose(error.covariance_m2 / scale, measured / scale, atol=0.03)


@pytest.mark.parametrize("bent", [False, True])
@pytest.mark.parametrize("position_given", [False, True])
def test_a_calibrations_spread_is_what_many_calibrations_do(
    bent: bool, position_given: bool
) -> None:
    drawn = LensCamera(tilt_deg=30.0, pan_deg=0.0)
    truth = drawn.calibration().camera if bent else Pinhole().calibrated()
    corners = np.array(
        [[0.0, 4.0], [5.0, 5.0], [-2.0, 14.0], [9.0, 14.0], [3.0, 9.0], [4.0, 20.0], [1.0, 7.0]]
    )
    clicked = truth.to_picture(corners, height_m=0.0)
    position_m = (*truth.position_m, truth.height_m) if position_given else None

    def calibrated(image_px: Points) -> GroundCamera:
        return camera_from_pairs(
            image_px=image_px,
            ground_m=corners,
            image_size_px=truth.image_size_px,
            lens=truth.lens,
            position_m=position_m,
        ).camera

    heads = truth.to_picture(GROUND[:4], height_m=1.7)
    camera = calibrated(clicked)
    error = position_error(camera, heads, height_m=1.7, height_sd_m=0.0, pixel_sd_px=0.0)
    generator = np.random.default_rng(12)
    # Seven exact pairs have 6 degrees of freedom, the prior of 2 px counts as 4: √(4·2²/10).
    sd_px = np.sqrt(1.6)
    off = np.array(
        [
            calibrated(clicked + sd_px * generator.normal(size=clicked.shape)).to_ground(
                heads, height_m=1.7
            )
            - GROUND[:4]
            for _ in range(300)
        ]
    )
    along, across = _along_across(truth, GROUND[:4], off)
    np.testing.assert_allclose(error.along_m, along, rtol=0.15)
    np.testing.assert_allclose(error.across_m, across, rtol=0.15)


def test_the_formula_of_a_head_in_the_middle_of_the_picture() -> None:
    # Depression φ, distance d to the head's level, s = (h − z)/sin φ along the ray: a px is s/f
    # across and s/(f·sin φ) along; a metre of height is d/(h − z) along.
    pinhole = Pinhole(height_m=6.7, tilt_deg=30.0, focal_px=800.0)
    error = position_error(
        pinhole.calibrated(), np.array([[640.0, 360.0]]), height_m=1.7, height_sd_m=0.1
    )
    ray_m = 5.0 / np.sin(np.radians(30.0))
    by_height = 0.1 / np.tan(np.radians(30.0))
    assert error.across_m[0] == pytest.approx(ray_m / 800.0)
    assert error.along_m[0] == pytest.approx(np.hypot(ray_m / 800.0 / 0.5, by_height))


@given(
    near_m=st.floats(4.0, 40.0),
    farther_m=st.floats(0.5, 40.0),
    tilt_deg=st.floats(10.0, 50.0),
    height_m=st.floats(3.0, 20.0),
)
def test_the_error_grows_with_distance(
    near_m: float, farther_m: float, tilt_deg: float, height_m: float
) -> None:
    pinhole = Pinhole(height_m=height_m, tilt_deg=tilt_deg, position_m=(0.0, 0.0))
    ground = np.array([[0.0, near_m], [0.0, near_m + farther_m]])
    camera = pinhole.calibrated()
    error = position_error(camera, camera.to_picture(ground, height_m=1.7), height_m=1.7)
    near, far = error.sd_m
    if np.isfinite(far):
        assert near < far


def test_the_sources_add_up() -> None:
    camera = Pinhole().calibrated()
    picture = camera.to_picture(GROUND, height_m=1.7)

    def squares(**sources: float) -> Points:
        values = {"pixel_sd_px": 0.0, "height_sd_m": 0.0, "residual_m": 0.0, **sources}
        return position_error(camera, picture, height_m=1.7, **values).sd_m ** 2  # type: ignore[arg-type]

    together = squares(pixel_sd_px=1.5, height_sd_m=0.12, residual_m=0.07)
    alone = squares(pixel_sd_px=1.5) + squares(height_sd_m=0.12) + squares(residual_m=0.07)
    np.testing.assert_allclose(together, alone)
    np.testing.assert_allclose(squares(residual_m=0.07), 0.07**2)


def test_a_camera_brings_its_own_residual() -> None:
    plain = Pinhole().calibrated()
    known = GroundCamera(
        plain.homography, plain.position_m, plain.height_m, plain.image_size_px, residual_m=0.3
    )
    picture = plain.to_picture(GROUND, height_m=0.0)
    without, of_camera = (
        position_error(camera, picture, height_m=0.0).sd_m for camera in (plain, known)
    )
    np.testing.assert_allclose(of_camera, np.hypot(without, 0.3))


def test_feet_have_no_spread_of_height_and_heads_have() -> None:
    camera = Pinhole().calibrated()
    for height_m, spread_m in ((0.0, 0.0), (1.7, 0.1)):
        picture = camera.to_picture(GROUND, height_m=height_m)
        by_default = position_error(camera, picture, height_m=height_m)
        said = position_error(camera, picture, height_m=height_m, height_sd_m=spread_m)
        np.testing.assert_allclose(by_default.sd_m, said.sd_m)


def test_px_of_another_resolution_are_scaled_and_each_point_may_have_its_own() -> None:
    camera = Pinhole().calibrated()
    picture = camera.to_picture(GROUND, height_m=0.0)
    sds = np.array([0.5, 1.0, 2.0, 3.0, 1.5])
    of_calibrated = position_error(camera, picture, height_m=0.0, pixel_sd_px=sds)
    of_double = position_error(
        camera, picture, height_m=0.0, pixel_sd_px=2 * sds, picture_size_px=(2560, 1440)
    )
    np.testing.assert_allclose(of_double.sd_m, of_calibrated.sd_m)
    one = position_error(camera, picture[2:3], height_m=0.0, pixel_sd_px=2.0)
    assert of_calibrated.sd_m[2] == pytest.approx(one.sd_m[0])


def test_the_sky_has_no_error_and_no_points_have_none() -> None:
    camera = Pinhole(tilt_deg=5.0).calibrated()
    error = position_error(camera, np.array([[640.0, 0.0], [640.0, 700.0]]), height_m=1.7)
    assert np.isfinite(error.sd_m).tolist() == [False, True]
    assert np.isnan(error.sd_m[0])
    assert np.isnan(error.covariance_m2[0]).all()
    empty = position_error(camera, np.zeros((0, 2)), height_m=1.7)
    assert (empty.sd_m.shape, empty.covariance_m2.shape) == ((0,), (0, 2, 2))


def test_ground_that_a_calibration_cannot_tell_from_the_sky_is_endlessly_uncertain() -> None:
    pinhole = Pinhole(tilt_deg=12.0, height_m=5.0, position_m=(0.0, 0.0))
    corners = np.array([[-2.0, 9.0], [2.0, 9.0], [2.0, 12.0], [-2.0, 12.5]])
    camera = camera_from_pairs(
        image_px=pinhole.picture_of(corners, height_m=0.0),
        ground_m=corners,
        image_size_px=pinhole.size_px,
        position_m=(0.0, 0.0, 5.0),
    ).camera
    horizon_y = 360.0 - 800.0 * np.tan(np.radians(12.0))
    places = np.array([[640.0, horizon_y + 4.0], [640.0, 500.0]])
    error = position_error(camera, places, height_m=0.0)
    assert np.isposinf(error.sd_m).tolist() == [True, False]
    assert np.isposinf(error.covariance_m2[0]).all()
    assert np.isfinite(error.covariance_m2[1]).all()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"height_sd_m": -0.1}, "height_sd_m: -0.1"),
        ({"pixel_sd_px": np.nan}, "pixel_sd_px: nan"),
        ({"pixel_sd_px": np.array([1.0, -1.0])}, "pixel_sd_px"),
        ({"residual_m": np.inf}, "residual_m: inf"),
        ({"height_m": 99.0}, "height over ground: 99.0 m"),
    ],
)
def test_what_is_no_standard_deviation_is_refused(wrong: dict[str, object], says: str) -> None:
    values: dict[str, object] = {"height_m": 1.7, **wrong}
    with pytest.raises(BadInput, match=says):
        position_error(Pinhole().calibrated(), np.full((2, 2), 600.0), **values)  # type: ignore[arg-type]
