"""Poses: angles, rotations, and what a homography tells of them."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.camera.pose import (
    Pose,
    focal_from_homography,
    pixel_misfit,
    pose_from_homography,
    refuse_mirrored,
)
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

_MIDDLE = (640.0, 360.0)
_BOTTOM = (640.0, 720.0)


def test_the_angles_mean_what_they_say() -> None:
    at = (1.0, 2.0, 5.0)
    level = Pose.from_angles(position_m=at, pan_deg=90.0, tilt_deg=0.0)
    right, down, ahead = level.rotation
    np.testing.assert_allclose(ahead, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(right, [0, -1, 0], atol=1e-12)
    np.testing.assert_allclose(down, [0, 0, -1], atol=1e-12)
    tilted = Pose.from_angles(position_m=at, pan_deg=0.0, tilt_deg=30.0)
    np.testing.assert_allclose(tilted.rotation[2], [0, np.sqrt(0.75), -0.5], atol=1e-12)
    # Rolled clockwise by a quarter, its right side is where its bottom was.
    rolled = Pose.from_angles(position_m=at, pan_deg=0.0, tilt_deg=0.0, roll_deg=90.0)
    np.testing.assert_allclose(rolled.rotation[0], [0, 0, -1], atol=1e-12)


@given(
    pan_deg=st.floats(0.0, 359.9),
    tilt_deg=st.floats(-89.0, 89.0),
    roll_deg=st.floats(-179.0, 179.0),
)
def test_angles_come_back(pan_deg: float, tilt_deg: float, roll_deg: float) -> None:
    pose = Pose.from_angles(
        position_m=(0.0, 0.0, 5.0), pan_deg=pan_deg, tilt_deg=tilt_deg, roll_deg=roll_deg
    )
    np.testing.assert_allclose(pose.rotation @ pose.rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(pose.rotation) == pytest.approx(1.0)
    turned = (pose.pan_deg - pan_deg + 180.0) % 360.0 - 180.0
    assert turned == pytest.approx(0.0, abs=1e-6)
    assert pose.tilt_deg == pytest.approx(tilt_deg, abs=1e-6)
    assert pose.roll_deg == pytest.approx(roll_deg, abs=1e-6)


def test_straight_down_the_pan_is_where_the_top_of_the_picture_is() -> None:
    pose = Pose.from_angles(position_m=(0.0, 0.0, 5.0), pan_deg=70.0, tilt_deg=90.0)
    assert pose.pan_deg == pytest.approx(70.0)
    assert pose.roll_deg == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("vector", [(0.3, -1.2, 2.0), (0.0, 0.0, 0.0), (np.pi, 0.0, 0.0)])
def test_a_rotation_vector_turns_as_opencv_says(vector: tuple[float, float, float]) -> None:
    matrix, _ = cv2.Rodrigues(np.array(vector))
    for rotation in (np.array(vector), matrix):
        pose = Pose.from_rotation(rotation=rotation, translation_m=[1.0, 2.0, 3.0])
        np.testing.assert_allclose(pose.rotation, matrix, atol=1e-12)
        np.testing.assert_allclose(
            pose.rotation @ np.array(pose.position_m) + [1.0, 2.0, 3.0], 0.0, atol=1e-12
        )


@pytest.mark.parametrize(
    ("rotation", "says"),
    [
        ([[1, 0, 0], [0, 1, 0], [0, 0.1, 1]], "not of length 1 and square"),
        (np.diag([2.0, 2.0, 2.0]), "not of length 1 and square"),
        (np.diag([1.0, 1.0, -1.0]), "it mirrors"),
        ([np.nan, 0.0, 0.0], "finite"),
    ],
)
def test_what_is_no_rotation_is_refused(rotation: object, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Pose.from_rotation(rotation=rotation, translation_m=[0.0, 0.0, 0.0])  # type: ignore[arg-type]


def test_a_pose_and_a_pinhole_camera_see_the_same_ground() -> None:
    pinhole = Pinhole()
    pose = Pose.from_angles(
        position_m=(*pinhole.position_m, pinhole.height_m), pan_deg=0.0, tilt_deg=pinhole.tilt_deg
    )
    lens = Lens((pinhole.focal_px, pinhole.focal_px), _MIDDLE)
    np.testing.assert_allclose(pose.homography(lens), pinhole.calibrated().homography, atol=1e-12)


@given(
    pan_deg=st.floats(0.0, 359.0),
    tilt_deg=st.floats(3.0, 75.0),
    roll_deg=st.floats(-30.0, 30.0),
    focal_px=st.floats(300.0, 5000.0),
    height_m=st.floats(2.0, 40.0),
    scale=st.sampled_from([1.0, -3.0, 1e-4]),
)
def test_a_homography_tells_focal_length_and_pose(
    pan_deg: float, tilt_deg: float, roll_deg: float, focal_px: float, height_m: float, scale: float
) -> None:
    pose = Pose.from_angles(
        position_m=(40.0, -7.0, height_m), pan_deg=pan_deg, tilt_deg=tilt_deg, roll_deg=roll_deg
    )
    homography = scale * pose.homography(Lens((focal_px, focal_px), _MIDDLE))
    ahead = (640.0, 360.0)
    found_px = focal_from_homography(homography, centre_px=_MIDDLE)
    found = pose_from_homography(
        homography, focal_px=(found_px, found_px), centre_px=_MIDDLE, ground_px=ahead
    )
    assert found_px == pytest.approx(focal_px, rel=1e-5)
    np.testing.assert_allclose(found.position_m, pose.position_m, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found.rotation, pose.rotation, atol=1e-5)


def test_straight_down_tells_no_height_but_with_a_focal_length_it_does() -> None:
    pose = Pose.from_angles(position_m=(1.0, 2.0, 8.0), pan_deg=33.0, tilt_deg=90.0)
    homography = pose.homography(Lens((900.0, 900.0), _MIDDLE))
    with pytest.raises(BadInput, match=r"straight down, .* give camera_position_m"):
        focal_from_homography(homography, centre_px=_MIDDLE)
    found = pose_from_homography(
        homography, focal_px=(900.0, 900.0), centre_px=_MIDDLE, ground_px=_BOTTOM
    )
    np.testing.assert_allclose(found.position_m, (1.0, 2.0, 8.0), atol=1e-9)


@pytest.mark.parametrize(("tilt_deg", "told"), [(82.0, False), (78.0, True)])
def test_nearly_straight_down_tells_too_little(tilt_deg: float, told: bool) -> None:
    pose = Pose.from_angles(position_m=(1.0, 2.0, 8.0), pan_deg=33.0, tilt_deg=tilt_deg)
    homography = pose.homography(Lens((900.0, 900.0), _MIDDLE))
    if told:
        assert focal_from_homography(homography, centre_px=_MIDDLE) == pytest.approx(900.0)
    else:
        with pytest.raises(BadInput, match="within 8 degrees of straight down"):
            focal_from_homography(homography, centre_px=_MIDDLE)


def test_a_picture_that_was_sheared_is_no_camera() -> None:
    pose = Pose.from_angles(position_m=(1.0, 2.0, 8.0), pan_deg=33.0, tilt_deg=40.0)
    shear = np.array([[1.0, 0.8, -0.8 * 360.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    homography = pose.homography(Lens((900.0, 900.0), _MIDDLE)) @ shear
    with pytest.raises(BadInput, match="no camera with square pixels"):
        focal_from_homography(homography, centre_px=_MIDDLE)
    assert abs(pixel_misfit(homography, centre_px=_MIDDLE)) > 0.3
    unsheared = homography @ np.linalg.inv(shear)
    assert pixel_misfit(unsheared, centre_px=_MIDDLE) == pytest.approx(0.0, abs=1e-9)


def test_ground_with_x_and_y_exchanged_is_mirrored() -> None:
    homography = Pinhole().calibrated().homography
    refuse_mirrored(homography, ground_px=_BOTTOM)
    for sign in (1.0, -1.0):
        exchanged = sign * homography[[1, 0, 2]]
        with pytest.raises(BadInput, match="mirrored, as seen from below"):
            refuse_mirrored(exchanged, ground_px=_BOTTOM)
        with pytest.raises(BadInput, match="mirrored, as seen from below"):
            pose_from_homography(
                exchanged, focal_px=(800.0, 800.0), centre_px=_MIDDLE, ground_px=_BOTTOM
            )


def test_a_camera_in_the_ground_has_no_homography() -> None:
    pose = Pose.from_angles(position_m=(1.0, 2.0, 0.0), pan_deg=0.0, tilt_deg=40.0)
    with pytest.raises(BadInput, match="camera height: 0 m"):
        pose.homography(Lens((900.0, 900.0), _MIDDLE))
