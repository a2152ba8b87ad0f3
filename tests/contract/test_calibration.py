"""Calibration files: what is read, and the one sentence for each thing wrong with them."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from crowdsafe.contract.calibration import read_calibration
from crowdsafe.errors import BadInput
from crowdsafe.resources import DEMO_SITE, resource
from tests.pinhole import Pinhole

GROUND = np.array([[3.0, 4.0], [0.5, 6.0], [5.5, 9.0], [1.0, 15.0], [8.0, 25.0]])


def _file(**changes: Any) -> dict[str, Any]:
    pinhole = Pinhole()
    content: dict[str, Any] = {
        "image_size_px": list(pinhole.size_px),
        "H_image_to_ground_m": pinhole.calibrated().homography.tolist(),
        "camera_position_m": [*pinhole.position_m, pinhole.height_m],
    }
    content.update(changes)
    return {key: value for key, value in content.items() if value is not None}


def _pairs(image: Any, ground: Any) -> list[dict[str, Any]]:
    return [
        {"image_px": list(px), "ground_m": list(m)} for px, m in zip(image, ground, strict=True)
    ]


def _write(folder: Path, content: Any) -> Path:
    path = folder / "mast.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_matrix_and_point_pairs_give_the_same_camera(tmp_path: Path) -> None:
    picture = Pinhole().picture_of(GROUND, height_m=0.0)
    _, by_matrix = read_calibration(_write(tmp_path, _file()))
    pairs = _pairs(picture, GROUND)
    _, by_points = read_calibration(_write(tmp_path, _file(H_image_to_ground_m=None, points=pairs)))
    for camera in (by_matrix, by_points):
        np.testing.assert_allclose(camera.to_ground(picture, height_m=0.0), GROUND, atol=1e-6)


LINE = [[0, 0], [1, 1], [2, 2], [3, 3]]
SQUARE = [[100, 0], [0, 0], [0, 100], [100, 100]]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"H_image_to_ground_m": None}, "give exactly one of H_image_to_ground_m, points and pose"),
        ({"points": _pairs(SQUARE, SQUARE)}, "give exactly one of H_image_to_ground_m, points"),
        (
            {"H_image_to_ground_m": None, "points": _pairs(LINE, SQUARE)},
            "point pairs: the picture points lie on one line",
        ),
        (
            {"H_image_to_ground_m": None, "points": _pairs(SQUARE, LINE)},
            "point pairs: the ground points lie on one line",
        ),
        (
            {"H_image_to_ground_m": None, "points": _pairs(SQUARE[:3], SQUARE[:3])},
            "point pairs: 3 given, expected at least 4",
        ),
        ({"H_image_to_ground_m": [[1, 0], [0, 1]]}, "H_image_to_ground_m"),
        ({"H_image_to_ground_m": [[0, 0, 0]] * 3}, "homography: it is degenerate"),
        ({"image_size_px": [0, 480]}, "image_size_px.0: .*greater than 0"),
        ({"image_size_px": [640.5, 480]}, "image_size_px.0"),
        ({"camera_position_m": [0, 0, -1]}, "camera height: -1 m, expected more than 0"),
        ({"camera_position_m": [0, 0]}, "camera_position_m"),
        ({"range_m": 0}, "range_m"),
        ({"min_px_per_m": 0}, "min_px_per_m: .*greater than 0"),
        ({"camera_position_m": [0, 2e5, 8]}, "camera_position_m.1"),
        (
            {"H_image_to_ground_m": None, "points": _pairs(SQUARE, [[4e5, 5.6e6]] * 4)},
            r"points.0.ground_m.0: .*less than or equal to 100000 \(got 400000.0\)",
        ),
        ({"masks": [[[0, 0], [10, 10]]]}, "masks.0: .*at least 3 items"),
        ({"masks": [[[0, 0], [9, 9], [9, 0], [0, 9]]]}, "masks: .*mask 1 crosses itself"),
        ({"masks": [[[0, 0], [5, 5], [9, 9]]]}, "masks: .*mask 1 crosses itself or has no area"),
        (
            {"masks": [[[0, 0], [9, 0], [9, 9]], [[9000, 0], [9001, 0], [9001, 9]]]},
            "mask 2 lies far outside the picture of 1280 × 720 px",
        ),
        ({"intrinsics": {"lens": {"model": "tsai", "kappa1": 0.1}}}, "focal_px is missing"),
        ({"intrinsics": {"focal_px": [0, 9]}}, "intrinsics.focal_px.0: .*greater than 0"),
        ({"intrinsics": {"focal_px": [5.6, 5.6]}}, "focal length: 5.6, 5.6 px, expected px"),
        (
            {"intrinsics": {"focal_px": [800, 800], "lens": {"model": "fisheye", "k1": 0.1}}},
            "intrinsics.lens: input tag 'fisheye'",
        ),
        (
            {"intrinsics": {"focal_px": [800, 800], "lens": {"model": "tsai", "k1": 0.1}}},
            "intrinsics.lens.tsai.kappa1: field required",
        ),
        ({"heigth": 3}, "heigth: extra inputs are not permitted"),
    ],
)
def test_a_wrong_calibration_is_one_sentence_that_names_file_and_field(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    path = _write(tmp_path, _file(**changes))
    with pytest.raises(BadInput, match=says) as refused:
        read_calibration(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("number", "says"), [("NaN", "NaN is no JSON number"), ("1e999", "finite number")]
)
def test_a_number_that_is_none_is_refused(tmp_path: Path, number: str, says: str) -> None:
    text = json.dumps(_file(camera_position_m=["HERE", 0, 5])).replace('"HERE"', number)
    with pytest.raises(BadInput, match=says):
        read_calibration(_write(tmp_path, text))


LENS = {"model": "brown_conrady", "k1": -0.2, "k2": 0.05, "p1": 0.001, "p2": -0.0005, "k3": 0.0}
INTRINSICS = {"focal_px": [900, 910], "centre_px": [650, 350], "lens": LENS}
ANGLES = {"position_m": [3, -2, 6], "pan_deg": 20, "tilt_deg": 30, "roll_deg": -4}


def _posed(pose: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "image_size_px": [1280, 720],
        "intrinsics": INTRINSICS,
        "pose": ANGLES if pose is None else pose,
        **changes,
    }
    return {key: value for key, value in content.items() if value is not None}


def test_lens_and_pose_are_a_camera_in_each_way_of_writing_them(tmp_path: Path) -> None:
    file, camera = read_calibration(_write(tmp_path, _posed()))
    pose = file.calibrated().pose
    assert pose is not None
    shift = -pose.rotation @ np.array(pose.position_m)
    vector, _ = cv2.Rodrigues(pose.rotation)
    heads = np.array([[300.0, 500.0], [900.0, 420.0], [640.0, 700.0]])
    ground = camera.to_ground(heads, height_m=1.7)
    assert np.isfinite(ground).all()
    for written in (
        {"rotation": pose.rotation.tolist(), "translation_m": shift.tolist()},
        {"rotation_vector": vector.ravel().tolist(), "translation_m": shift.tolist()},
    ):
        _, other = read_calibration(_write(tmp_path, _posed(written)))
        np.testing.assert_allclose(other.to_ground(heads, height_m=1.7), ground, atol=1e-9)
        assert other.position_m == pytest.approx((3.0, -2.0))
    inner = np.array([[900.0, 0.0, 650.0], [0.0, 910.0, 350.0], [0.0, 0.0, 1.0]])
    distortion = np.array([-0.2, 0.05, 0.001, -0.0005, 0.0])
    world = np.column_stack([ground, np.full(3, 1.7)])
    drawn, _ = cv2.projectPoints(world, vector, shift, inner, distortion)
    np.testing.assert_allclose(drawn[:, 0, :], heads, atol=1e-6)


def test_a_homography_with_a_lens_belongs_to_straight_px(tmp_path: Path) -> None:
    _, camera = read_calibration(_write(tmp_path, _posed()))
    content = _posed(pose=None)
    del content["pose"]
    content["H_image_to_ground_m"] = camera.homography.tolist()
    _, by_matrix = read_calibration(_write(tmp_path, content))
    heads = np.array([[300.0, 500.0], [900.0, 420.0], [640.0, 700.0]])
    np.testing.assert_allclose(
        by_matrix.to_ground(heads, height_m=1.7), camera.to_ground(heads, height_m=1.7), atol=1e-6
    )
    ground = camera.to_ground(heads, height_m=0.0)
    more = np.concatenate([ground, [[4.0, 14.0], [10.0, 20.0]]])
    del content["H_image_to_ground_m"]
    content["points"] = _pairs(camera.to_picture(more, height_m=0.0), more)
    _, by_points = read_calibration(_write(tmp_path, content))
    np.testing.assert_allclose(
        by_points.to_ground(heads, height_m=1.7), camera.to_ground(heads, height_m=1.7), atol=1e-4
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_posed(intrinsics=None), "intrinsics.focal_px is missing, a pose needs it"),
        (_posed(intrinsics={"centre_px": [640, 360]}), "intrinsics.focal_px is missing"),
        (_posed(camera_position_m=[0, 0, 6]), "give the pose or camera_position_m, not both"),
        (_posed({"position_m": [0, 0, 6], "pan_deg": 3}), "pose: .*give position_m, pan_deg, tilt"),
        (_posed({**ANGLES, "translation_m": [0, 0, 6]}), "pose: .*give position_m"),
        (_posed({**ANGLES, "tilt_deg": 95}), "pose.tilt_deg: .*less than or equal to 90"),
        (_posed({**ANGLES, "tilt_deg": -60}), "pose: the bottom of the picture shows no ground"),
        (_posed({**ANGLES, "position_m": [0, 0, -6]}), "camera height: -6 m"),
        (_posed({**ANGLES, "heading": 3}), "pose.heading: extra inputs"),
        (
            _posed({"rotation": [[1, 0, 0], [0, 1, 0], [0, 0.2, 1]], "translation_m": [0, 0, 6]}),
            "rotation: its rows are not",
        ),
        (_posed({"rotation": None, "translation_m": [0, 0, 6]}), "pose: .*give position_m"),
        (_posed({"rotation_vector": [1.6, 0, 0], "roll_deg": 3, "translation_m": [0, 0, 6]}),
         "pose: .*give position_m"),
        (
            _posed(intrinsics={**INTRINSICS, "lens": {"model": "brown_conrady", "k1": -3.0}}),
            "lens: its distortion folds back",
        ),
    ],
)  # fmt: skip
def test_a_wrong_pose_is_one_sentence_that_names_file_and_field(
    tmp_path: Path, content: dict[str, Any], says: str
) -> None:
    path = _write(tmp_path, content)
    with pytest.raises(BadInput, match=says) as refused:
        read_calibration(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_a_position_may_be_left_out_where_the_picture_tells_it(tmp_path: Path) -> None:
    _, camera = read_calibration(_write(tmp_path, _file(camera_position_m=None)))
    pinhole = Pinhole()
    assert camera.position_m == pytest.approx(pinhole.position_m, abs=1e-6)
    assert camera.height_m == pytest.approx(pinhole.height_m)
    down = Pinhole(tilt_deg=90.0)
    content = _file(
        camera_position_m=None, H_image_to_ground_m=down.calibrated().homography.tolist()
    )
    path = _write(tmp_path, content)
    with pytest.raises(BadInput, match=r"straight down, .* give camera_position_m") as refused:
        read_calibration(path)
    assert str(refused.value).startswith(f"{path}: ")
    known = {**content, "intrinsics": {"focal_px": [800, 800]}}
    _, by_focal_length = read_calibration(_write(tmp_path, known))
    assert by_focal_length.height_m == pytest.approx(down.height_m)


def test_masks_and_limits_are_read(tmp_path: Path) -> None:
    masks = [[[0, 0], [90, 0], [90, 80]], [[-20, 300], [60, 300], [60, 700], [-20, 700]]]
    file, _ = read_calibration(_write(tmp_path, _file(masks=masks, min_px_per_m=25)))
    assert [[list(point) for point in mask] for mask in file.masks] == masks
    assert file.min_px_per_m == 25.0
    plain, _ = read_calibration(_write(tmp_path, _file()))
    assert (plain.masks, plain.min_px_per_m) == ((), None)


@pytest.mark.parametrize(
    ("residual", "known_m"),
    [
        ({"mean": 0.026, "p95": 0.06, "max": 0.22}, 0.026),
        ({"mean": 0.026, "rms": 0.031}, 0.031),
        ({"mean": "small"}, None),
        ({"mean": -1.0}, None),
        ({"note": "measured with a tape"}, None),
        (None, None),
    ],
)
def test_the_residual_that_a_file_tells_is_the_cameras(
    tmp_path: Path, residual: dict[str, Any] | None, known_m: float | None
) -> None:
    file, camera = read_calibration(_write(tmp_path, _file(residual_m=residual)))
    assert file.known_residual_m == known_m
    assert camera.residual_m == (known_m or 0.0)


def test_pairs_bring_their_own_spread_and_no_residual(tmp_path: Path) -> None:
    pairs = _pairs(Pinhole().picture_of(GROUND, height_m=0.0), GROUND)
    _, camera = read_calibration(
        _write(tmp_path, _file(H_image_to_ground_m=None, points=pairs, residual_m={"mean": 0.5}))
    )
    assert camera.residual_m == 0.0
    assert camera.spread is not None
    assert camera.spread.homographies.shape == (8, 2, 3, 3)


def test_more_pairs_than_anybody_clicks_are_refused(tmp_path: Path) -> None:
    pairs = _pairs([[n, n * n % 700] for n in range(201)], [[n, n] for n in range(201)])
    path = _write(tmp_path, _file(H_image_to_ground_m=None, points=pairs))
    with pytest.raises(BadInput, match=r"points: .*at most 200 items"):
        read_calibration(path)


def test_the_demos_calibration_reads() -> None:
    file, camera = read_calibration(resource(DEMO_SITE) / "cameras" / "view_001.json")
    assert camera.image_size_px == (768, 576)
    assert camera.height_m == pytest.approx(7.066, abs=0.01)
    assert file.calibrated().pose is not None
