"""Cameras from point pairs, homographies and poses, and what is refused."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdsafe.domain.camera.calibration import (
    Calibration,
    camera_from_homography,
    camera_from_pairs,
    camera_from_pose,
)
from crowdsafe.domain.camera.distortion import BrownConrady
from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.camera.pose import LARGEST_MISFIT, Pose, pixel_misfit
from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput
from tests.domain.camera.lens_camera import LensCamera
from tests.pinhole import Pinhole

_PINHOLE = Pinhole(height_m=7.0, tilt_deg=25.0, focal_px=1000.0, position_m=(2.0, -1.0))
GROUND = np.array([[-2.0, 7.0], [6.5, 7.5], [7.0, 19.0], [-3.0, 18.0], [2.0, 11.0], [3.0, 24.0]])


def _from_pairs(
    image: Points, ground: Points = GROUND, *, pinhole: Pinhole = _PINHOLE, **more: object
) -> Calibration:
    return camera_from_pairs(
        image_px=image,
        ground_m=ground,
        image_size_px=pinhole.size_px,
        **more,  # type: ignore[arg-type]
    )


def _clicked(sd_px: float = 0.0, *, pinhole: Pinhole = _PINHOLE, seed: int = 0) -> Points:
    noise = np.random.default_rng(seed).normal(0.0, 1.0, GROUND.shape)
    clicked: Points = pinhole.picture_of(GROUND, height_m=0.0) + sd_px * noise
    return clicked


@pytest.mark.parametrize("how_many", [4, 6])
def test_pairs_alone_give_the_whole_camera(how_many: int) -> None:
    calibration = _from_pairs(_clicked()[:how_many], GROUND[:how_many])
    camera, pose = calibration.camera, calibration.pose
    assert pose is not None
    assert calibration.focal_px == pytest.approx((1000.0, 1000.0))
    assert camera.position_m == pytest.approx((2.0, -1.0))
    assert camera.height_m == pytest.approx(7.0)
    assert (pose.tilt_deg, pose.roll_deg) == pytest.approx((25.0, 0.0), abs=1e-6)
    assert not calibration.position_given
    heads = _PINHOLE.picture_of(GROUND, height_m=1.7)
    np.testing.assert_allclose(camera.to_ground(heads, height_m=1.7), GROUND, atol=1e-6)


def test_an_estimated_height_is_as_uncertain_as_it_is_said_to_be() -> None:
    said = _from_pairs(_clicked()).height_sd_m
    assert said is not None
    # Six exact pairs: the clicks are taken to be √(4·2²/8) px off.
    heights = [
        _from_pairs(_clicked(np.sqrt(2.0), seed=seed)).camera.height_m for seed in range(300)
    ]
    assert said == pytest.approx(np.std(heights), rel=0.2)


def test_pairs_through_a_bent_lens_give_the_camera_back() -> None:
    drawn = LensCamera()
    ground = drawn.ground(seed=1, how_many=12)
    calibration = camera_from_pairs(
        image_px=drawn.picture_of(ground, height_m=0.0),
        ground_m=ground,
        image_size_px=drawn.size_px,
        lens=drawn.lens,
    )
    others = drawn.ground(seed=2, how_many=50)
    heads = drawn.picture_of(others, height_m=1.7)
    np.testing.assert_allclose(calibration.camera.to_ground(heads, height_m=1.7), others, atol=1e-5)
    assert calibration.focal_px == drawn.focal_px
    straight = camera_from_pairs(
        image_px=drawn.picture_of(ground, height_m=0.0),
        ground_m=ground,
        image_size_px=drawn.size_px,
        position_m=drawn.position_m,
    )
    assert straight.fit is not None
    assert straight.fit.rms_m > 0.05


def test_a_given_position_is_taken_and_the_picture_still_says_its_own() -> None:
    calibration = _from_pairs(_clicked(), position_m=(2.0, -1.0, 9.0))
    assert calibration.position_given
    assert calibration.camera.height_m == 9.0
    assert calibration.pose is not None
    assert calibration.pose.position_m[2] == pytest.approx(7.0)
    assert calibration.height_sd_m is None


def test_straight_down_needs_its_position_and_has_a_camera_with_it() -> None:
    down = Pinhole(height_m=9.0, tilt_deg=90.0, focal_px=900.0, position_m=(2.0, 12.0))
    image = down.picture_of(GROUND[:5] * 0.3 + (1.0, 8.0), height_m=0.0)
    ground = GROUND[:5] * 0.3 + (1.0, 8.0)
    with pytest.raises(BadInput, match="give camera_position_m"):
        _from_pairs(image, ground, pinhole=down)
    calibration = _from_pairs(image, ground, pinhole=down, position_m=(2.0, 12.0, 9.0))
    assert calibration.pose is None
    assert calibration.focal_px is None
    heads = down.picture_of(ground, height_m=1.7)
    np.testing.assert_allclose(calibration.camera.to_ground(heads, height_m=1.7), ground, atol=1e-6)
    lens = Lens((900.0, 900.0), (640.0, 360.0))
    known = _from_pairs(image, ground, pinhole=down, lens=lens)
    assert known.camera.height_m == pytest.approx(9.0)


def test_pairs_that_say_too_little_of_the_height_are_refused() -> None:
    # A small square far away: two px are metres of height.
    ground = np.array([[0.0, 30.0], [2.0, 30.0], [2.0, 33.0], [0.0, 33.0]])
    pinhole = Pinhole(height_m=6.0, tilt_deg=12.0, focal_px=1500.0)
    image = pinhole.picture_of(ground, height_m=0.0)
    with pytest.raises(BadInput, match=r"height.* give camera_position_m"):
        _from_pairs(image, ground, pinhole=pinhole)
    given = _from_pairs(image, ground, pinhole=pinhole, position_m=(3.0, -2.0, 6.0))
    assert given.camera.height_m == 6.0


def test_a_height_that_is_told_worse_than_to_a_quarter_is_refused() -> None:
    pinhole = Pinhole(height_m=6.0, tilt_deg=12.0, focal_px=1500.0)
    ground = np.array([[0.0, 14.0], [2.0, 14.0], [2.0, 16.0], [0.0, 16.0]])
    with pytest.raises(BadInput, match=r"tell its height only as 6\.0 ± 1\.6 m, give camera_pos"):
        _from_pairs(pinhole.picture_of(ground, height_m=0.0), ground, pinhole=pinhole)
    wider = np.array([[0.0, 14.0], [3.0, 14.0], [3.0, 17.0], [0.0, 17.0]])
    taken = _from_pairs(pinhole.picture_of(wider, height_m=0.0), wider, pinhole=pinhole)
    assert taken.height_sd_m == pytest.approx(0.74, abs=0.01)


def test_clicks_are_no_reason_to_call_a_camera_none() -> None:
    # Its two conditions contradict each other by more than a homography's of its own may.
    pinhole = Pinhole(height_m=6.0, tilt_deg=12.0, focal_px=1500.0)
    ground = np.array([[0.0, 14.0], [4.0, 14.0], [4.0, 18.0], [0.0, 18.0]])
    exact = pinhole.picture_of(ground, height_m=0.0)
    taken, larger = 0, 0
    for seed in range(60):
        clicked = exact + np.random.default_rng(seed).normal(0.0, 2.0, exact.shape)
        with suppress(BadInput):
            homography = _from_pairs(clicked, ground, pinhole=pinhole).camera.homography
            taken += 1
            larger += abs(pixel_misfit(homography, centre_px=(640.0, 360.0))) > LARGEST_MISFIT
    assert taken >= 54
    assert larger >= 3


def test_a_homography_gives_its_position_too() -> None:
    exact = _PINHOLE.calibrated()
    for scale in (1.0, -1e-9, 1e9):
        calibration = camera_from_homography(
            homography=scale * exact.homography, image_size_px=exact.image_size_px
        )
        assert calibration.camera.position_m == pytest.approx(exact.position_m)
        assert calibration.camera.height_m == pytest.approx(exact.height_m)
        heads = _PINHOLE.picture_of(GROUND, height_m=1.7)
        np.testing.assert_allclose(
            calibration.camera.to_ground(heads, height_m=1.7), GROUND, atol=1e-6
        )


def test_the_optical_centre_may_be_elsewhere() -> None:
    shift = np.array([[1.0, 0.0, 90.0], [0.0, 1.0, -60.0], [0.0, 0.0, 1.0]])
    moved = _PINHOLE.calibrated().homography @ shift
    known = camera_from_homography(
        homography=moved, image_size_px=_PINHOLE.size_px, centre_px=(550.0, 420.0)
    )
    assert known.camera.height_m == pytest.approx(7.0)
    unknown = camera_from_homography(homography=moved, image_size_px=_PINHOLE.size_px)
    assert abs(unknown.camera.height_m - 7.0) > 0.05


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ([[np.nan, 3.0], [9.0, 0.0], [0.0, 8.0], [7.0, 6.0]], "not a finite number"),
        ([[2600.0, 3.0], [9.0, 0.0], [0.0, 8.0], [7.0, 6.0]], r"pair 1 is at \(2600, 3\) px, far"),
        ([[9.0, 0.0], [7.0, -721.0], [0.0, 8.0], [7.0, 6.0]], r"pair 2 is at \(7, -721\) px, far"),
        ([[0.0, 0.0], [9.0, 0.0], [0.0, 8.0]], "3 given"),
        ([[100.0, 100.0]] * 4, "pair 1 and pair 2 have the same picture point"),
    ],
)
def test_pairs_that_cannot_be_are_refused(image: list[list[float]], says: str) -> None:
    ground = np.array([[0.0, 0.0], [9.0, 0.0], [8.0, 9.0], [0.0, 8.0]])[: len(image)]
    with pytest.raises(BadInput, match=says):
        _from_pairs(np.array(image), ground)


def test_pairs_a_little_outside_the_picture_are_fine() -> None:
    ground = np.array([[-6.0, 8.0], [9.0, 6.0], [7.0, 19.0], [-3.0, 18.0]])
    image = _PINHOLE.picture_of(ground, height_m=0.0)
    assert (image < 0).any()
    assert (image > _PINHOLE.size_px).any()
    assert _from_pairs(image, ground).camera.height_m == pytest.approx(7.0)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (1, 3), (2, 4)])
def test_exchanged_pairs_are_refused_and_one_is_named(first: int, second: int) -> None:
    image = _clicked()
    image[[first, second]] = image[[second, first]]
    with pytest.raises(BadInput, match=r"look for exchanged|look first at pair|mirrored"):
        _from_pairs(image)
    with pytest.raises(BadInput, match=r"above the horizon|contradict each other"):
        _from_pairs(image, position_m=(2.0, -1.0, 7.0))


def test_four_pairs_in_the_wrong_order_put_one_above_the_horizon() -> None:
    image = _clicked()[[1, 0, 2, 3]]
    with pytest.raises(BadInput, match="would lie above the horizon"):
        _from_pairs(image, GROUND[:4])


def test_ground_that_is_mirrored_is_refused_with_and_without_a_position() -> None:
    for more in ({}, {"position_m": (-1.0, 2.0, 7.0)}):
        with pytest.raises(BadInput, match="mirrored, as seen from below"):
            _from_pairs(_clicked(), GROUND[:, ::-1], **more)
        with pytest.raises(BadInput, match="mirrored, as seen from below"):
            camera_from_homography(
                homography=_PINHOLE.calibrated().homography[[1, 0, 2]],
                image_size_px=_PINHOLE.size_px,
                **more,  # type: ignore[arg-type]
            )


def test_the_wrong_pair_is_named_where_no_camera_fits() -> None:
    ground = GROUND.copy()
    ground[2] += (0.5, 5.0)
    ground[2, 0] -= 6.0
    with pytest.raises(BadInput, match="pair 3"):
        _from_pairs(_clicked(0.5), ground)


def test_millimetres_are_no_metres() -> None:
    with pytest.raises(BadInput, match="camera height: 7000 m, expected more than 0 and at most"):
        _from_pairs(_clicked(), 1000.0 * GROUND)
    pose = Pose.from_angles(position_m=(0.0, 0.0, 6000.0), pan_deg=0.0, tilt_deg=40.0)
    with pytest.raises(BadInput, match="camera height: 6000 m"):
        camera_from_pose(
            lens=Lens((900.0, 900.0), (640.0, 360.0)), pose=pose, image_size_px=(1280, 720)
        )


def test_a_focal_length_in_millimetres_is_refused() -> None:
    lens = Lens((5.6, 5.6), (640.0, 360.0))
    with pytest.raises(BadInput, match=r"focal length: 5\.6, 5\.6 px, expected px and not mill"):
        _from_pairs(_clicked(), lens=lens)
    with pytest.raises(BadInput, match="focal length"):
        camera_from_pose(lens=lens, pose=LensCamera().pose, image_size_px=(1280, 720))


@pytest.mark.parametrize(
    ("pose", "says"),
    [
        ({"tilt_deg": -40.0}, "shows no ground"),
        ({"tilt_deg": 10.0, "roll_deg": 180.0}, "shows no ground"),
        ({"position_m": (0.0, 0.0, -6.0)}, "camera height: -6 m"),
        ({"position_m": (0.0, 0.0, 0.0)}, "camera height: 0 m"),
        ({"position_m": (0.0, 0.0, np.nan)}, "camera height: nan m"),
    ],
)
def test_a_camera_that_sees_no_ground_is_refused(pose: dict[str, object], says: str) -> None:
    values: dict[str, object] = {
        "position_m": (0.0, 0.0, 6.0), "pan_deg": 30.0, "tilt_deg": 30.0, **pose
    }  # fmt: skip
    with pytest.raises(BadInput, match=says):
        camera_from_pose(
            lens=Lens((900.0, 900.0), (640.0, 360.0)),
            pose=Pose.from_angles(**values),  # type: ignore[arg-type]
            image_size_px=(1280, 720),
        )


def test_an_optical_centre_far_outside_the_picture_is_refused() -> None:
    lens = Lens((900.0, 900.0), (6400.0, 360.0))
    with pytest.raises(BadInput, match=r"optical centre: .* far outside"):
        _from_pairs(_clicked(), lens=lens)
    with pytest.raises(BadInput, match=r"optical centre: .* far outside"):
        camera_from_pose(lens=lens, pose=LensCamera().pose, image_size_px=(1280, 720))
    with pytest.raises(BadInput, match=r"optical centre: .* far outside"):
        _from_pairs(_clicked(), centre_px=(640.0, -9000.0))


def test_a_pair_where_the_lens_is_not_known_is_named() -> None:
    lens = Lens((900.0, 900.0), (640.0, 360.0), BrownConrady(-0.38))
    image = _clicked()
    image[3] = (5.0, 10.0)
    with pytest.raises(BadInput, match="pair 4 lies where the lens's distortion folds back"):
        _from_pairs(image, lens=lens)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), how_many=st.integers(4, 8), given_position=st.booleans())
def test_any_pairs_are_refused_or_a_camera_that_can_be_used(
    seed: int, how_many: int, given_position: bool
) -> None:
    generator = np.random.default_rng(seed)
    image = generator.uniform((0, 0), (1280, 720), size=(how_many, 2))
    ground = generator.uniform((-30, -30), (30, 30), size=(how_many, 2))
    try:
        calibration = _from_pairs(
            image, ground, position_m=(0.0, 0.0, 8.0) if given_position else None
        )
    except BadInput:
        return
    there = calibration.camera.to_ground(image, height_m=0.0)
    assert np.isfinite(there).all()
    assert np.isfinite(calibration.camera.height_m)
